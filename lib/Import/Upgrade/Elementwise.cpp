// Upgrades of elementwise operators.
#include "m2c/Import/Upgrade.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace m2c::importer;

/// B with dimensions of size 1 behind its own, so that its first one stands at dimension `axis` of A. The ranks may be
/// unknown here; the arithmetic on shapes folds when they are known.
static Value alignAt(Node &node, Value a, Value b, int64_t axis) {
  Value shape = node.make("Shape", b);
  Value ones = node.make("Sub", {node.makeInts(-axis), node.make("Shape", shape)}); // counted from the end
  if (axis >= 0)
    ones = node.make("Add", {ones, node.make("Shape", node.make("Shape", a))});
  Value one = node.make("Concat", {shape, node.make("Expand", {node.makeInts(1), ones})}, node.intAttr("axis", 0));
  return node.make("Reshape", {b, one});
}

/// Opset 7: NumPy broadcasting instead of the attributes `broadcast` and `axis`.
static LogicalResult dropBroadcastAxis(Node &node) {
  node.takeInt("broadcast", 0);
  bool hasAxis = node.attributes.get("axis") != nullptr;
  int64_t axis = node.takeInt("axis", 0);
  if (hasAxis && node.operand(0) && node.operand(1))
    node.setOperand(1, alignAt(node, node.operand(0), node.operand(1), axis));
  return success();
}

/// Opset 7: the slope is broadcast from the right; before, it was one number or one per channel.
static LogicalResult alignSlope(Node &node) {
  if (node.operand(0) && node.operand(1))
    node.setOperand(1, alignAt(node, node.operand(0), node.operand(1), 1));
  return success();
}

/// Opset 6: `to` is a number.
static LogicalResult castToNumber(Node &node) {
  std::string name = node.takeString("to", "");
  int64_t number = llvm::StringSwitch<int64_t>(name)
                       .Case("FLOAT", 1)
                       .Case("UINT8", 2)
                       .Case("INT8", 3)
                       .Case("UINT16", 4)
                       .Case("INT16", 5)
                       .Case("INT32", 6)
                       .Case("INT64", 7)
                       .Case("STRING", 8)
                       .Case("BOOL", 9)
                       .Case("FLOAT16", 10)
                       .Case("DOUBLE", 11)
                       .Case("UINT32", 12)
                       .Case("UINT64", 13)
                       .Case("COMPLEX64", 14)
                       .Case("COMPLEX128", 15)
                       .Default(0);
  if (number == 0)
    return node.error() << "attribute 'to' is '" << name << "', which is no type";
  node.setInt("to", number);
  return success();
}

/// Opset 11: the limits are inputs.
static LogicalResult limitsToInputs(Node &node) {
  static constexpr StringRef kNames[] = {"min", "max"};
  for (auto [i, name] : llvm::enumerate(kNames))
    if (node.operand(0) && node.attributes.get(name))
      node.setOperand(i + 1, node.makeScalarLike(node.takeFloat(name, 0), node.operand(0)));
  return success();
}

ArrayRef<Upgrade> m2c::importer::getElementwiseUpgrades() {
  static const Upgrade kUpgrades[] = {
      {"Add", 7, dropBroadcastAxis},     {"And", 7, dropBroadcastAxis},  {"Cast", 6, castToNumber},
      {"Clip", 11, limitsToInputs},      {"Div", 7, dropBroadcastAxis},  {"Equal", 7, dropBroadcastAxis},
      {"Greater", 7, dropBroadcastAxis}, {"Less", 7, dropBroadcastAxis}, {"Mul", 7, dropBroadcastAxis},
      {"Or", 7, dropBroadcastAxis},      {"PRelu", 7, alignSlope},       {"Pow", 7, dropBroadcastAxis},
      {"Sub", 7, dropBroadcastAxis},     {"Xor", 7, dropBroadcastAxis},
  };
  return kUpgrades;
}
