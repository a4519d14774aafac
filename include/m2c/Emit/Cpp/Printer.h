// The C++ printer: what the emitter of an operation has at hand. There is one emitter per operation, registered by name
// in its family's file (lib/Emit/Cpp/<Family>.cpp):
//
//   LogicalResult emitPool(kernel::PoolOp op, Printer &printer) {
//     printer.require("pool.h");
//     Buffer x = printer.buffer(op.getInput()), y = printer.buffer(op.getInits()[0]);
//     std::string shape = printer.shapeStruct("pool", {{"in_h", x.shape[1]}, {"in_row", x.strides[1]}, ...});
//     printer.call("rt::max_pool<" + shape + ">", {x.pointer(), y.pointer(), printer.epilogue(op)});
//     return success();
//   }
//   void m2c::emit::registerPoolEmitters(EmitterRegistry &registry) { registry.add(emitPool); }
#pragma once

#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Parts.h"
#include "m2c/Emit/Cpp/Buffer.h"
#include "m2c/Emit/Cpp/CodeWriter.h"
#include "m2c/Emit/Names.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"
#include <functional>
#include <map>

namespace m2c::emit {

class Printer;

/// Which function prints which operation.
class EmitterRegistry {
public:
  using Emitter = std::function<mlir::LogicalResult(mlir::Operation *, Printer &)>;

  template <class Op>
  void add(mlir::LogicalResult (*emitter)(Op, Printer &)) {
    emitters[Op::getOperationName()] = [=](mlir::Operation *op, Printer &printer) {
      return emitter(mlir::cast<Op>(op), printer);
    };
  }
  /// Who prints the structured operations (linalg) that have no emitter of their own.
  void setStructured(Emitter emitter) { structured = std::move(emitter); }
  void add(llvm::StringRef name, Emitter emitter) { emitters[name] = std::move(emitter); }
  const Emitter *find(mlir::Operation *op) const;

private:
  llvm::StringMap<Emitter> emitters;
  Emitter structured;
};

/// One member of a shape struct: an integer, a truth value or other C++ text (`type` is then its type). A symbolic size
/// is a member that each call sets.
struct ShapeField {
  template <class Int>
    requires std::is_integral_v<Int>
  ShapeField(llvm::StringRef name, Int value)
      : name(name), type(std::is_same_v<Int, bool> ? "bool" : "rt::idx"),
        value(std::is_same_v<Int, bool> ? (value ? "true" : "false") : std::to_string(value)) {}
  ShapeField(llvm::StringRef name, const Dim &size)
      : name(name), type("rt::idx"), value(size.isNumber() ? std::to_string(size.getNumber()) : ""), size(size) {}
  ShapeField(llvm::StringRef name, llvm::StringRef type, llvm::StringRef value)
      : name(name), type(type), value(value) {}
  bool isSymbolic() const { return size.isSymbolic(); }
  std::string name, type, value;
  Dim size = 0;
};

/// A language that models are printed in. C++ is all defaults.
struct Language {
  const EmitterRegistry *registry = nullptr; ///< how operations are printed
  /// What every kernel gets before its operands: "rt::queue&" and "queue"; empty for nothing.
  std::string contextType, contextName;
  bool hasArrays = true; ///< whether kernels can read the program's arrays, as which small constants are printed
  /// The run-time header that stands for one of m2crt's; null: that one itself.
  llvm::StringRef (*getHeader)(llvm::StringRef) = nullptr;
  /// Prints an epilogue region as something that kernels can call; null: as a generic lambda.
  std::string (*printEpilogue)(kernel::KernelOpInterface op, Printer &printer) = nullptr;
};

/// What all functions of one generated file share.
struct FileState {
  const Language *language = nullptr;
  llvm::SetVector<llvm::StringRef> headers;     ///< m2crt headers used, such as "conv.h"
  llvm::SetVector<llvm::StringRef> userHeaders; ///< headers of the functions of custom operators
  NameScope names;                              ///< identifiers at namespace scope
  std::map<std::string, std::string> structs;   ///< members of a shape struct -> its name
  std::string structText;                       ///< their definitions, in order of first use, not printed yet
  std::vector<std::string> symbols;             ///< the C++ names of the sizes that only the run knows
};

/// Prints the operations of one function.
class Printer {
public:
  /// `outer` are names that the function must not hide.
  explicit Printer(FileState &file, const NameScope *outer = nullptr) : file(file), names(outer) {}

  // ---- for the emitters of operations ----

  /// The view that `memref` is. Reports and returns an empty buffer where it cannot be one.
  Buffer buffer(mlir::Value memref);
  /// A C++ expression for a scalar of the function (a constant, an argument, a loop's variable).
  std::string scalar(mlir::Value value);
  /// What the kernel calls for the op's epilogue region; in C++ a lambda: [&](auto acc, rt::idx, rt::idx i1) { ... },
  /// with one index per dimension of its domain (the dimensions of extra_maps, else of the first output). For an
  /// epilogue that does nothing:
  /// [](auto acc, auto...) { return acc; }.
  std::string epilogue(kernel::KernelOpInterface op);
  /// Whether the op's epilogue does anything.
  static bool hasEpilogue(kernel::KernelOpInterface op);
  /// The name of a struct at namespace scope with these static constexpr members. Equal ones are printed once.
  std::string shapeStruct(llvm::StringRef hint, llvm::ArrayRef<ShapeField> fields);
  /// Prints the call of a kernel for this shape: rt::function<shape>(arguments), or, where a size is symbolic,
  /// rt::function_sized(shape{sizes}, arguments). An error unless those are all among `open`.
  void callShaped(mlir::Operation *op, llvm::StringRef function, llvm::ArrayRef<ShapeField> fields,
                  llvm::ArrayRef<std::string> arguments, llvm::ArrayRef<llvm::StringRef> open = {});
  /// Whether an operation is split among threads: its function then has a parameter `part`, which kernels get behind
  /// their other arguments and loops take their range from.
  static bool isSplit(mlir::Operation *op) { return getParts(op).has_value(); }
  static void addPart(mlir::Operation *op, llvm::SmallVectorImpl<std::string> &arguments) {
    if (isSplit(op))
      arguments.push_back("part");
  }
  /// A size as C++.
  std::string text(const Dim &dim) { return printSize(dim, file.symbols); }
  /// Pastes m2crt/`header`, and what it includes, into the generated file. `header` outlives the printer.
  void require(llvm::StringRef header) {
    file.headers.insert(file.language->getHeader ? file.language->getHeader(header) : header);
  }
  /// Prints `function(arguments...);`, the language's context before the arguments, one line if it fits. Arguments may
  /// be lambdas of several lines.
  void call(llvm::StringRef function, llvm::ArrayRef<std::string> arguments);
  /// An identifier that nothing in this function has.
  std::string freshName(llvm::StringRef hint) { return names.unique(hint); }
  /// Prints an operation, or those of a block without its terminator.
  mlir::LogicalResult print(mlir::Operation *op);
  mlir::LogicalResult print(mlir::Block &block);

  CodeWriter &code() { return writer; }
  /// The name of the function being printed: a good first part of names for its shapes.
  std::string functionName;

  // ---- for who sets up the function ----

  void bind(mlir::Value memref, Buffer view) { buffers[memref] = std::move(view); }
  void bind(mlir::Value value, std::string expression) { scalars[value] = std::move(expression); }
  /// Whether an error was reported on the way.
  bool failed() const { return hasFailed; }
  FileState &state() { return file; }
  NameScope &localNames() { return names; }

private:
  Buffer makeView(mlir::Value memref);

  FileState &file;
  NameScope names;
  CodeWriter writer;
  llvm::DenseMap<mlir::Value, std::string> scalars;
  llvm::DenseMap<mlir::Value, Buffer> buffers;
  bool hasFailed = false;
};

// One per family; Registry.cpp calls them all.
void registerCallEmitters(EmitterRegistry &registry);
void registerContractEmitters(EmitterRegistry &registry);
void registerConvEmitters(EmitterRegistry &registry);
void registerPoolEmitters(EmitterRegistry &registry);
void registerResizeEmitters(EmitterRegistry &registry);
void registerRowsEmitters(EmitterRegistry &registry);      // softmax, normalize, arg_reduce
void registerRecurrentEmitters(EmitterRegistry &registry); // lstm, gru, rnn
void registerAttentionEmitters(EmitterRegistry &registry);
void registerTransposeEmitters(EmitterRegistry &registry);
void registerPackEmitters(EmitterRegistry &registry); // pack, pad_border
void registerLinalgEmitters(EmitterRegistry &registry);
void registerControlFlowEmitters(EmitterRegistry &registry);
void registerMemoryEmitters(EmitterRegistry &registry);

/// The emitters of all families.
const EmitterRegistry &getEmitterRegistry();

} // namespace m2c::emit
