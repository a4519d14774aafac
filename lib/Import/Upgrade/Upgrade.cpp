// The steps of all families, run in order; and what steps are made of.
#include "m2c/Import/Upgrade.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "m2c/Dialect/Onnx/Schema.h"
#include "llvm/ADT/StringMap.h"

#define GET_OP_CLASSES
#include "m2c/Dialect/Onnx/Ops/Shape.h.inc"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

static const llvm::StringMap<SmallVector<Upgrade>> &getUpgrades() {
  static const llvm::StringMap<SmallVector<Upgrade>> upgrades = [] {
    llvm::StringMap<SmallVector<Upgrade>> map;
    for (ArrayRef<Upgrade> table : {getElementwiseUpgrades(), getNormalizeUpgrades(), getRecurrentUpgrades(),
                                    getReduceUpgrades(), getShapeUpgrades(), getImageUpgrades()})
      for (const Upgrade &upgrade : table)
        map[upgrade.opType].push_back(upgrade);
    return map;
  }();
  return upgrades;
}

LogicalResult m2c::importer::upgrade(Node &node) {
  // Those of com.microsoft that say what ONNX's newest ones say.
  if (node.domain == "com.microsoft" &&
      llvm::is_contained({"QuantizeLinear", "DequantizeLinear", "Trilu"}, node.opType)) {
    node.domain = "";
    node.opset = kNewestOpset;
  }
  if (!node.domain.empty())
    return success();
  if (node.opset < 6)
    node.attributes.erase("consumed_inputs"); // a hint for memory that opset 6 dropped
  // A step may rename the operator; the steps of its new name follow.
  auto steps = getUpgrades().find(node.opType);
  for (size_t i = 0; steps != getUpgrades().end() && i != steps->second.size(); ++i) {
    const Upgrade &step = steps->second[i];
    if (node.opset >= step.version)
      continue;
    if (failed(step.apply(node)))
      return failure();
    if (node.opType != step.opType) {
      steps = getUpgrades().find(node.opType);
      i = -1;
      node.opset = std::max(node.opset, step.version);
    }
  }
  return success();
}

//===- Node -===//

void Node::setOperand(unsigned i, Value value) {
  if (operands.size() <= i)
    operands.resize(i + 1);
  operands[i] = value;
}

/// Removes the attribute if it has the kind that is wanted.
template <class Attr>
static Attr take(NamedAttrList &attributes, StringRef name) {
  auto value = dyn_cast_or_null<Attr>(attributes.get(name));
  if (value)
    attributes.erase(name);
  return value;
}

int64_t Node::takeInt(StringRef name, int64_t otherwise) {
  auto value = take<IntegerAttr>(attributes, name);
  return value ? value.getInt() : otherwise;
}

float Node::takeFloat(StringRef name, float otherwise) {
  auto value = take<FloatAttr>(attributes, name);
  return value ? value.getValue().convertToFloat() : otherwise;
}

std::string Node::takeString(StringRef name, StringRef otherwise) {
  auto value = take<StringAttr>(attributes, name);
  return value ? value.str() : otherwise.str();
}

std::optional<SmallVector<int64_t>> Node::takeInts(StringRef name) {
  auto value = take<DenseI64ArrayAttr>(attributes, name);
  return value ? std::optional(llvm::to_vector(value.asArrayRef())) : std::nullopt;
}

std::optional<SmallVector<float>> Node::takeFloats(StringRef name) {
  auto value = take<DenseF32ArrayAttr>(attributes, name);
  return value ? std::optional(llvm::to_vector(value.asArrayRef())) : std::nullopt;
}

void Node::setInt(StringRef name, int64_t value) { attributes.set(name, builder.getI64IntegerAttr(value)); }

void Node::setString(StringRef name, StringRef value) { attributes.set(name, builder.getStringAttr(value)); }

static Value makeConstant(OpBuilder &builder, Location loc, ElementsAttr value) {
  return onnx::ConstantOp::create(builder, loc, value.getShapedType(), value);
}

Value Node::makeInts(ArrayRef<int64_t> values) {
  return makeConstant(builder, helperLoc, onnx::createConstant(builder.getContext(), values));
}

Value Node::makeScalar(int64_t value) {
  auto type = RankedTensorType::get({}, builder.getI64Type());
  return makeConstant(builder, helperLoc, onnx::createConstant<int64_t>(type, value));
}

Value Node::makeFloats(ArrayRef<float> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, builder.getF32Type());
  return makeConstant(builder, helperLoc, onnx::createConstant<float>(type, values));
}

Value Node::makeScalarLike(double value, Value like) {
  auto type = RankedTensorType::get({}, builder.getF32Type());
  Value scalar = makeConstant(builder, helperLoc, onnx::createConstant<float>(type, static_cast<float>(value)));
  auto wanted = dyn_cast<TensorType>(like.getType());
  if (wanted && wanted.getElementType().isF32())
    return scalar;
  return make("CastLike", {scalar, like});
}

Value Node::make(StringRef type, ValueRange inputs, ArrayRef<NamedAttribute> attrs) {
  OperationState state(helperLoc, onnx::getOperationName("", type));
  state.addOperands(inputs);
  state.addAttributes(attrs);
  state.addTypes(onnx::getUnknownType(builder.getContext()));
  return builder.create(state)->getResult(0);
}

NamedAttribute Node::intAttr(StringRef name, int64_t value) {
  return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
}
