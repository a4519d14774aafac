// Upgrades of operators on shapes and indices: attributes that became inputs.
#include "m2c/Import/Upgrade.h"

using namespace mlir;
using namespace m2c::importer;

/// Opset 5.
static LogicalResult shapeToInput(Node &node) {
  if (std::optional<SmallVector<int64_t>> shape = node.takeInts("shape"))
    node.setOperand(1, node.makeInts(*shape));
  return success();
}

/// Opset 13: Squeeze and Unsqueeze.
static LogicalResult axesToInput(Node &node) {
  if (std::optional<SmallVector<int64_t>> axes = node.takeInts("axes"))
    node.setOperand(1, node.makeInts(*axes));
  return success();
}

/// Opset 10.
static LogicalResult sliceToInputs(Node &node) {
  static constexpr StringRef kNames[] = {"starts", "ends", "axes"};
  for (auto [i, name] : llvm::enumerate(kNames))
    if (std::optional<SmallVector<int64_t>> values = node.takeInts(name))
      node.setOperand(i + 1, node.makeInts(*values));
  return success();
}

/// Opset 2: the name of the pads.
static LogicalResult renamePaddings(Node &node) {
  if (std::optional<SmallVector<int64_t>> pads = node.takeInts("paddings"))
    node.attributes.set("pads", node.builder.getDenseI64ArrayAttr(*pads));
  return success();
}

/// Opset 11.
static LogicalResult padsToInputs(Node &node) {
  std::optional<SmallVector<int64_t>> pads = node.takeInts("pads");
  float value = node.takeFloat("value", 0);
  if (pads)
    node.setOperand(1, node.makeInts(*pads));
  if (pads && value != 0 && node.operand(0))
    node.setOperand(2, node.makeScalarLike(value, node.operand(0)));
  return success();
}

/// Opset 13.
static LogicalResult splitToInput(Node &node) {
  if (std::optional<SmallVector<int64_t>> split = node.takeInts("split"))
    node.setOperand(1, node.makeInts(*split));
  return success();
}

/// Opset 18: the number of equal parts is said.
static LogicalResult countParts(Node &node) {
  if (!node.operand(1))
    node.setInt("num_outputs", node.outputs.size());
  return success();
}

/// Opset 6: one repeat for each dimension.
static LogicalResult refuseOldTile(Node &node) {
  return node.error() << "Tile of opset 1 to 5 is not known to m2c; convert the model to opset 6 or later";
}

/// Opset 10.
static LogicalResult countToInput(Node &node) {
  if (node.attributes.get("k"))
    node.setOperand(1, node.makeInts(node.takeInt("k", 0)));
  return success();
}

/// Opset 11 has another name for it.
static LogicalResult renameScatter(Node &node) {
  node.opType = "ScatterElements";
  return success();
}

ArrayRef<Upgrade> m2c::importer::getShapeUpgrades() {
  static const Upgrade kUpgrades[] = {
      {"Pad", 2, renamePaddings},     {"Pad", 11, padsToInputs},
      {"Reshape", 5, shapeToInput},   {"Scatter", kNewestOpset + 1, renameScatter},
      {"Slice", 10, sliceToInputs},   {"Split", 13, splitToInput},
      {"Split", 18, countParts},      {"Squeeze", 13, axesToInput},
      {"Tile", 6, refuseOldTile},     {"TopK", 10, countToInput},
      {"Unsqueeze", 13, axesToInput},
  };
  return kUpgrades;
}
