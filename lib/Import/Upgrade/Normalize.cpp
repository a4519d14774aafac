// Upgrades of normalisation, softmax, dropout and Gemm.
#include "m2c/Import/Upgrade.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace m2c::importer;

/// Opset 13: one axis. Before, the tensor was taken as a matrix, cut before `axis`, and each row was normalised: the
/// same for the last axis, else Flatten before and Reshape after it.
static LogicalResult flattenForSoftmax(Node &node) {
  int64_t axis = node.takeInt("axis", 1);
  Value input = node.operand(0);
  auto type = input ? dyn_cast<RankedTensorType>(input.getType()) : RankedTensorType();
  node.setInt("axis", -1);
  if (!input || axis == -1 || (type && axis == type.getRank() - 1))
    return success();
  Value shape = node.make("Shape", input);
  node.setOperand(0, node.make("Flatten", input, node.intAttr("axis", axis)));
  node.finish = [&node, shape](Value result) { return node.make("Reshape", {result, shape}); };
  return success();
}

/// Before opset 14 the number of outputs told training from inference, before 9 `spatial` was an attribute and before 7
/// `is_test`.
static LogicalResult inferenceBatchNorm(Node &node) {
  node.takeInt("is_test", 1);
  if (node.takeInt("spatial", 1) == 0)
    return node.error() << "it normalises each element by itself (attribute 'spatial' is 0), which m2c does not do";
  if (llvm::is_contained(ArrayRef(node.outputs).drop_front(std::min<size_t>(1, node.outputs.size())), true))
    return node.error() << "it makes statistics for training; export the model for inference";
  node.outputs.resize(std::min<size_t>(1, node.outputs.size()));
  return success();
}

/// Opset 12: `ratio` is an input, which counts in training only; opset 7: no `is_test`.
static LogicalResult inferenceDropout(Node &node) {
  node.takeFloat("ratio", 0.5f);
  node.takeInt("is_test", 1);
  return success();
}

/// Opset 7: C is always broadcast.
static LogicalResult dropBroadcast(Node &node) {
  node.takeInt("broadcast", 0);
  return success();
}

/// Opset 21: scale and bias are per channel, not per group.
static LogicalResult repeatPerChannel(Node &node) {
  auto groups = node.attributes.get("num_groups");
  if (!node.operand(0) || !node.operand(1) || !node.operand(2) || !isa_and_nonnull<IntegerAttr>(groups))
    return success(); // reported later
  Value count = node.makeInts(cast<IntegerAttr>(groups).getInt());
  Value channels = node.make("Shape", node.operand(0), {node.intAttr("start", 1), node.intAttr("end", 2)});
  Value shape = node.make("Concat", {count, node.make("Div", {channels, count})}, node.intAttr("axis", 0));
  for (unsigned i : {1, 2}) {
    Value column = node.make("Unsqueeze", {node.operand(i), node.makeInts(1)});
    node.setOperand(i, node.make("Reshape", {node.make("Expand", {column, shape}), node.makeInts(-1)}));
  }
  return success();
}

/// What onnxruntime called RMSNormalization before opset 23 had it, in ONNX's own domain.
static LogicalResult renameSimplifiedNorm(Node &node) {
  if (node.outputs.size() > 1 && node.outputs[1])
    return node.error() << "its output 'inv_std_var' is not supported";
  node.outputs.resize(1);
  node.opType = "RMSNormalization";
  return success();
}

ArrayRef<Upgrade> m2c::importer::getNormalizeUpgrades() {
  static const Upgrade kUpgrades[] = {
      {"BatchNormalization", 14, inferenceBatchNorm},
      {"Dropout", 12, inferenceDropout},
      {"Gemm", 7, dropBroadcast},
      {"GroupNormalization", 21, repeatPerChannel},
      {"Hardmax", 13, flattenForSoftmax},
      {"LogSoftmax", 13, flattenForSoftmax},
      {"SimplifiedLayerNormalization", kNewestOpset + 1, renameSimplifiedNorm},
      {"Softmax", 13, flattenForSoftmax},
  };
  return kUpgrades;
}
