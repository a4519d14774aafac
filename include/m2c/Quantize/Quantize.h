// Quantisation of a model's message: which values become integers, and the QuantizeLinear and DequantizeLinear nodes
// that say so.
#pragma once

#include "m2c/Import/ModelFile.h"
#include "m2c/Quantize/Histogram.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <optional>
#include <string>
#include <vector>

namespace m2c::quantize {

enum class WeightType { Int8, Int4, None };

struct Options {
  ActivationType activations = ActivationType::Uint8;
  WeightType weights = WeightType::Int8;
  int64_t blockSize = 32;                   ///< weights along the summed axis that share a scale, of WeightType::Int4
  bool searchesWeightScales = false;        ///< for the least squared error, instead of the largest element
  llvm::StringSet<> floatNodes;             ///< nodes that stay as they are, by name
  llvm::DenseSet<size_t> floatLayers;       ///< likewise, by number
  bool keepFirst = false, keepLast = false; ///< layers with weights that have none before or behind them
};

/// What a quantised layer is.
enum class LayerKind {
  Matrix, ///< Conv, ConvTranspose, Gemm, MatMul
  Join,   ///< reads quantised values and has an output with a scale of its own
  Move,   ///< its output has its input's scale
};

/// A node that is quantised, with those behind it that belong to it: bias and activation.
struct Layer {
  LayerKind kind = LayerKind::Matrix;
  size_t node = 0;                    ///< in the graph's order
  std::vector<size_t> parts;          ///< likewise
  std::vector<unsigned> activations;  ///< the inputs that become integers in each run
  std::optional<unsigned> weight;     ///< the input that is a constant
  std::optional<unsigned> weightAxis; ///< of its output channels; none: one scale for all
  std::optional<unsigned> sumAxis;    ///< of its products' sums
  std::optional<unsigned> bias;       ///< the input that becomes int32
  std::vector<std::string> outputs;   ///< those of the last node that have elements
  bool quantizesOutput = false;
};

/// What will be quantised.
struct Plan {
  std::vector<Layer> layers;
  std::vector<std::string> values;      ///< that become integers, in the graph's order
  llvm::StringSet<> made;               ///< those of them that a quantised layer makes: nothing reads the float
  llvm::StringMap<std::string> leaders; ///< of the values that share a scale: one for all
};

/// Refuses a model that is quantised, or that the options' nodes are not in, and raises its opset where that changes
/// nothing. Nodes are in order.
mlir::LogicalResult prepare(ModelFile &file, const Options &options, mlir::MLIRContext &context);

/// Puts each BatchNormalization behind a Conv, ConvTranspose or Gemm into its weights and bias; returns how many.
mlir::FailureOr<unsigned> foldBatchNormalization(ModelFile &file, mlir::MLIRContext &context);

/// The values whose types the plan asks for.
std::vector<std::string> listCandidates(const ModelFile &file);

/// `floats`: the candidates that are float32.
Plan makePlan(const ModelFile &file, const Options &options, const llvm::StringSet<> &floats);

/// Of a layer's node, for reports: its name or its first output's, its operator, and the values that it reads as
/// integers.
std::string getNodeName(const ModelFile &file, size_t node);
std::string getOperator(const ModelFile &file, size_t node);
std::vector<std::string> listActivations(const ModelFile &file, const Layer &layer);

/// One range for the values that share a scale: what all of them lie in.
void shareRanges(const Plan &plan, llvm::StringMap<Range> &ranges);

/// The model with QuantizeLinear and DequantizeLinear nodes. `ranges`: of the plan's values, shared.
mlir::FailureOr<ModelFile> rewrite(const ModelFile &file, const Plan &plan, const Options &options,
                                   const llvm::StringMap<Range> &ranges, mlir::MLIRContext &context);

/// The float model with a copy of each layer but moves that computes with integers and reads what the float layer
/// reads. `copies`: the layers' outputs and, beside them, the copies'.
mlir::FailureOr<ModelFile> isolate(const ModelFile &file, const Plan &plan, const Options &options,
                                   const llvm::StringMap<Range> &ranges,
                                   std::vector<std::pair<std::string, std::string>> &copies,
                                   mlir::MLIRContext &context);

/// The model with these values as outputs too.
ModelFile addOutputs(const ModelFile &file, mlir::ArrayRef<std::string> values);

/// The file's bytes. Where that is asked for, or the message has more than 2 GiB, large tensors lie in the file
/// `dataName` beside it, whose bytes are `data`.
mlir::LogicalResult serialize(const ModelFile &file, llvm::StringRef dataName, bool externalData,
                              mlir::MLIRContext &context, std::string &model, std::string &data);

/// Bytes of the file, and of others that hold data of its tensors.
uint64_t getModelBytes(const ModelFile &file);

} // namespace m2c::quantize
