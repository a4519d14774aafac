// What the printer knows of a model once its kernels are printed: the parts of the generated files.
#pragma once

#include "m2c/Emit/Cpp/Printer.h"
#include "m2c/Emit/EmitCpp.h"
#include "m2c/IR/Symbols.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseSet.h"
#include <deque>

namespace m2c::emit {

/// An input or output.
struct TensorArgument {
  std::string name;     ///< as a C++ identifier
  std::string onnxName; ///< as in the model
  std::string element;  ///< C++ type of an element
  Dims shape;
  bool isOutput = false;
  bool isState = false; ///< the instance's, not the caller's
  mlir::Type elementType;
  std::optional<Dim> room; ///< of an output whose shape the run finds: its largest size, unknown without a bound

  Dim size() const { return product(shape); }
  /// Whether the run finds its shape in data.
  bool isFound() const { return room.has_value(); }
  /// "float32[1,784]", symbolic dimensions by their names in C++.
  std::string describe(llvm::ArrayRef<std::string> symbols) const;
};

/// A constant that a kernel reads.
struct WeightBlock {
  std::string name, element, note;
  llvm::SmallVector<int64_t> shape;
  mlir::Type elementType;
  int64_t offset = 0;
  llvm::StringRef bytes; ///< the module's, or ModelParts::ownBytes
};

/// A size that the caller of run states, a named dimension of the inputs; or one that grows with a state.
struct SizeArgument {
  std::string name;          ///< as a C++ identifier
  std::string onnxName;      ///< as in the model
  int64_t bound;             ///< -1 for none
  Dim next = Dim::unknown(); ///< of a size that the instance holds: its value after a run

  bool isHeld() const { return !next.isUnknown(); }
};

/// The memory of an input that is an output of the run before.
struct StateBlock {
  size_t input, output; ///< positions among the arguments
  int64_t bytes;        ///< of the largest, or of each of the two that change places
  bool isShared;        ///< the output is written where the input lies
  bool isHeld;          ///< empty at first, and grows
  int64_t offset = 0;   ///< into the instance's memory of states
};

/// A size that the run finds: a variable of run_kernels.
struct FoundSizeVariable {
  unsigned symbol;
  std::string name;
  Dim bound; ///< unknown for none
  std::string node;
};

/// A part of the arena whose size depends on symbols: as large as the largest of `bytes`. Its name is a symbol.
struct ArenaPart {
  std::string name;
  Dims bytes;
};

/// A buffer of the arena.
struct ArenaBlock {
  std::string name, element;
  Dims shape; ///< planned at its largest where the run finds it
  mlir::Type elementType;
  int64_t offset = 0;
  unsigned first = 0, last = 0; ///< the calls between which it lives
};

/// A kernel's function, printed.
struct KernelText {
  std::string name, comment, text;
};

struct ModelParts {
  std::string name;
  std::vector<TensorArgument> arguments; ///< inputs, then outputs
  std::vector<WeightBlock> weights;
  std::deque<std::string> ownBytes; ///< of the weights that are not bytes in the module
  std::vector<ArenaBlock> arena;
  std::vector<SizeArgument> sizes;
  std::vector<StateBlock> states;
  int64_t stateBytes = 0;
  std::vector<FoundSizeVariable> found;
  unsigned growingParts = 0;    ///< of memory outside the arena, for buffers of found sizes without a bound
  std::vector<ArenaPart> parts; ///< behind arenaBytes
  std::vector<SizeCheck> checks;
  bool isSplit = false; ///< whether threads share the work of a kernel
  Dims scratch;         ///< of each call of such a kernel, the bytes that every part needs for itself
  int64_t arenaBytes = 0, weightBytes = 0;
  bool weightsAreArrays = true;
  std::string weightsMark; ///< by which the program knows its file of weights; empty where they are arrays
  std::string structs;     ///< the kernels' shapes
  std::vector<KernelText> kernels;
  std::string calls; ///< the body of the function that runs them
  FileState file;

  /// Whether the run finds the size of this symbol in data.
  bool isFound(unsigned symbol) const {
    return llvm::any_of(found, [&](const FoundSizeVariable &size) { return size.symbol == symbol; });
  }
};

/// The tensors that the caller of run passes.
std::vector<TensorArgument> getCallerTensors(const ModelParts &model);
/// The sizes that the caller of run states.
std::vector<SizeArgument> getCallerSizes(const ModelParts &model);

/// Prints the kernels and calls of the module's public function.
mlir::FailureOr<ModelParts> collectModel(mlir::ModuleOp module, const EmitOptions &options, const Language &language);

/// "float32[1,784]"
std::string describeTensor(mlir::Type elementType, llvm::ArrayRef<Dim> shape, llvm::ArrayRef<std::string> symbols = {});
inline std::string describeTensor(mlir::Type elementType, llvm::ArrayRef<int64_t> shape) {
  return describeTensor(elementType, toDims(shape));
}

/// The bytes of a memref.global, as they lie in memory: the module's own, or made and kept in `made`.
mlir::FailureOr<llvm::StringRef> getConstantBytes(mlir::memref::GlobalOp global, std::deque<std::string> &made);
/// A C++ array initialiser's elements.
std::string printArray(const WeightBlock &block);
/// All blocks, each at its offset, and behind them the mark by which the program knows its file.
WeightsFile makeWeightsFile(ModelParts &&model);
/// The mark of these blocks: 32 characters that depend on all bytes.
std::string getWeightsMark(llvm::ArrayRef<WeightBlock> weights);
constexpr int64_t weightsMarkBytes = 32;
/// Every block begins at a multiple of this, a cache line.
constexpr int64_t weightsAlignment = 64;

/// `text` without what would end a comment's line.
std::string inComment(llvm::StringRef text);

/// The parameters of a function of sizes: "std::size_t batch, std::size_t sequence"; "" for a model without.
std::string sizeParameters(llvm::ArrayRef<SizeArgument> sizes, llvm::StringRef type);
/// Their names: "batch, sequence".
std::string sizeNames(llvm::ArrayRef<SizeArgument> sizes);

/// The most bytes that a part needs for itself, of those known at conversion.
int64_t getScratchBytes(const ModelParts &model);
/// The bytes of the arena for the largest sizes; -1 if a size that it depends on has no bound.
int64_t getMostArenaBytes(const ModelParts &model);
/// A heading across the page.
std::string printRule(const std::string &title);
/// All symbols as kernels count, by their numbers: stated sizes are unsigned, found ones are not.
std::vector<std::string> castSymbols(const ModelParts &model);
/// The offsets of the arena's buffers.
void printArena(const ModelParts &model, CodeWriter &code);
/// The weights file inside the object file, under a name that only this program sees.
void printEmbedding(const ModelParts &model, const EmitOptions &options, CodeWriter &code);
/// Whether the run finds the shape of an output.
bool hasFoundOutput(const ModelParts &model);
/// The text of a check's message and what it compares; `error` is the character array that gets the message.
void printSizeCheck(const ModelParts &model, const SizeCheck &check, llvm::StringRef error, CodeWriter &code);
/// Assigns sizes that are found, and makes the checks and stores the output shapes that are complete with them; `known`
/// are the symbols found so far.
mlir::LogicalResult printDefinition(kernel::DefineSizesOp op, const ModelParts &model,
                                    llvm::SmallDenseSet<unsigned> &known, Printer &printer);
/// Memory of the instance for a buffer of a found size; `name` is the variable that points there.
void printReserve(kernel::ReserveOp op, llvm::StringRef name, Printer &printer);
/// The parameters of the function that runs the kernels, `more` before the tensors.
std::string printPointerParameters(const ModelParts &model, llvm::ArrayRef<std::string> more = {});
/// The kernels' functions, and the one that calls them.
void printKernels(const ModelParts &model, llvm::ArrayRef<std::string> more, CodeWriter &code);
/// What run and the C functions check sizes with.
void printArgumentHelpers(const ModelParts &model, CodeWriter &code);
/// The class template of run's arguments.
std::string printTensorClass(const ModelParts &model);
/// tensor<const float, 784>
std::string printParameterType(const TensorArgument &tensor);
/// ", const float* x, size_t x_count ...", for C.
std::string printCParameters(const ModelParts &model);
/// The name, extents and size of each tensor as members of the class.
void printTensorMembers(const ModelParts &model, CodeWriter &code);

// What a class with states has besides (State.cpp); nothing for models without.
/// Declarations in its public part.
void printStateInterface(const ModelParts &model, CodeWriter &code);
/// Its members, a line each.
std::string printStateMembers(const ModelParts &model);
/// The functions' definitions.
void printStateFunctions(const ModelParts &model, CodeWriter &code);
/// At the begin of run: the sizes that the instance holds.
void printHeldSizes(const ModelParts &model, CodeWriter &code);
/// The pointer to a state's input or output in this run.
std::string printStatePointer(const ModelParts &model, size_t argument);
/// At the end of run: outputs become inputs.
void printStateStep(const ModelParts &model, CodeWriter &code);

std::string printHeaderFile(const ModelParts &model, const EmitOptions &options);
mlir::FailureOr<std::string> printSourceFile(ModelParts &model, const EmitOptions &options, mlir::Location loc);
/// The first lines of both files.
std::string printBanner(const ModelParts &model, const EmitOptions &options, llvm::StringRef file);
/// What a command line needs to know of the model, and main().
/// `profile`: the function that measures kernels; empty for none.
std::string printMain(const ModelParts &model, const EmitOptions &options, llvm::StringRef profile = "");

} // namespace m2c::emit
