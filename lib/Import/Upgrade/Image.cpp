// Upgrades of sampling and signal operators.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Import/Upgrade.h"

using namespace mlir;
using namespace m2c::importer;

/// What Upsample and the first Resize did: output pixel i comes from floor(i / scale).
static void sampleFromCorner(Node &node) {
  node.setOperand(2, node.operand(1)); // scales; roi comes before them
  node.setOperand(1, {});
  node.setString("coordinate_transformation_mode", "asymmetric");
  node.setString("nearest_mode", "floor");
}

/// Opset 9.
static LogicalResult scalesToInput(Node &node) {
  if (std::optional<SmallVector<float>> scales = node.takeFloats("scales"))
    node.setOperand(1, node.makeFloats(*scales));
  return success();
}

/// Upsample ends with opset 10; linear was also called bilinear.
static LogicalResult upsampleToResize(Node &node) {
  std::string mode = node.takeString("mode", "nearest");
  node.setString("mode", mode == "bilinear" ? "linear" : mode);
  node.opType = "Resize";
  sampleFromCorner(node);
  return success();
}

/// Opset 11.
static LogicalResult resizeFromCorner(Node &node) {
  sampleFromCorner(node);
  return success();
}

/// At all times exporters write empty constants for what is absent.
static LogicalResult dropEmptyInputs(Node &node) {
  for (unsigned i : {1, 2, 3})
    if (ElementsAttr constant = m2c::onnx::getConstant(node.operand(i)); constant && constant.getNumElements() == 0)
      node.setOperand(i, {});
  return success();
}

/// Opset 16 changed the default.
static LogicalResult keepRoiAlignMode(Node &node) {
  if (!node.attributes.get("coordinate_transformation_mode"))
    node.setString("coordinate_transformation_mode", "output_half_pixel");
  return success();
}

/// Opset 20.
static LogicalResult renameGridSampleMode(Node &node) {
  std::string mode = node.takeString("mode", "bilinear");
  node.setString("mode", mode == "bilinear" ? "linear" : mode == "bicubic" ? "cubic" : mode);
  return success();
}

/// Opset 20: the axis is an input, and its default another one.
static LogicalResult dftAxisToInput(Node &node) {
  node.setOperand(2, node.makeScalar(node.takeInt("axis", 1)));
  return success();
}

ArrayRef<Upgrade> m2c::importer::getImageUpgrades() {
  static const Upgrade kUpgrades[] = {
      {"DFT", 20, dftAxisToInput},
      {"GridSample", 20, renameGridSampleMode},
      {"Resize", 11, resizeFromCorner},
      {"Resize", kNewestOpset + 1, dropEmptyInputs},
      {"RoiAlign", 16, keepRoiAlignMode},
      {"Upsample", 9, scalesToInput},
      {"Upsample", kNewestOpset + 1, upsampleToResize},
  };
  return kUpgrades;
}
