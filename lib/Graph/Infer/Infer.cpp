// The framework of inference: the registry, access to operands, the checks that all operators share.
#include "m2c/Graph/Infer.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Diagnostics.h"
#include "m2c/Graph/Sizes.h"
#include "m2c/IR/Symbols.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace m2c::graph {

const InferenceRegistry &InferenceRegistry::get() {
  static const InferenceRegistry registry = [] {
    InferenceRegistry r;
    addElementwiseInference(r);
    addMatMulInference(r);
    addConvInference(r);
    addPoolInference(r);
    addReduceInference(r);
    addNormalizeInference(r);
    addShapeInference(r);
    addLayoutInference(r);
    addIndexInference(r);
    addQuantizeInference(r);
    addRecurrentInference(r);
    addAttentionInference(r);
    addControlFlowInference(r);
    addImageInference(r);
    addRandomInference(r);
    addMicrosoftInference(r);
    addMlInference(r);
    addOwnInference(r);
    addStringInference(r);
    return r;
  }();
  return registry;
}

std::string formatShape(ArrayRef<int64_t> shape) { return formatDims(toDims(shape)); }

std::string formatShape(Operation *op, ArrayRef<Dim> shape) { return formatDims(shape, getSymbolNames(op)); }

std::string describe(Value value) {
  std::string text = ("'" + onnx::getValueName(value) + "'").str();
  if (auto type = dyn_cast<RankedTensorType>(value.getType()))
    text += " " + formatShape(value.getParentBlock()->getParentOp(), getDims(type));
  return text;
}

Type getElementType(MLIRContext *context, int64_t onnxType) {
  auto integer = [&](unsigned width, bool isUnsigned = false) -> Type {
    return IntegerType::get(context, width, isUnsigned ? IntegerType::Unsigned : IntegerType::Signless);
  };
  switch (onnxType) {
  case 1:
    return Float32Type::get(context);
  case 2:
    return integer(8, true);
  case 3:
    return integer(8);
  case 4:
    return integer(16, true);
  case 5:
    return integer(16);
  case 6:
    return integer(32);
  case 7:
    return integer(64);
  case 8:
    return onnx::StringType::get(context);
  case 9:
    return integer(1);
  case 10:
    return Float16Type::get(context);
  case 11:
    return Float64Type::get(context);
  case 12:
    return integer(32, true);
  case 13:
    return integer(64, true);
  case 14:
    return ComplexType::get(Float32Type::get(context));
  case 15:
    return ComplexType::get(Float64Type::get(context));
  case 16:
    return BFloat16Type::get(context);
  case 17:
    return Float8E4M3FNType::get(context);
  case 18:
    return Float8E4M3FNUZType::get(context);
  case 19:
    return Float8E5M2Type::get(context);
  case 20:
    return Float8E5M2FNUZType::get(context);
  case 21:
    return integer(4, true);
  case 22:
    return integer(4);
  case 23:
    return Float4E2M1FNType::get(context);
  case 24:
    return Float8E8M0FNUType::get(context);
  case 25:
    return integer(2, true);
  case 26:
    return integer(2);
  default:
    return {};
  }
}

int64_t getDataType(Type elementType) {
  for (int64_t onnxType = 1; Type type = getElementType(elementType.getContext(), onnxType); ++onnxType)
    if (type == elementType)
      return onnxType;
  return 0;
}

std::optional<SmallVector<int64_t>> Inference::ints(Value value) const {
  return value ? onnx::getConstantIntegers(value) : std::nullopt;
}

std::optional<SmallVector<double>> Inference::floats(Value value) const {
  return value ? onnx::getConstantFloats(value) : std::nullopt;
}

ArrayRef<Dim> Inference::shape(Value value) const {
  std::unique_ptr<Dims> &dims = shapes[value];
  if (!dims)
    dims = std::make_unique<Dims>(getDims(value));
  return *dims;
}

std::optional<Dims> Inference::knownDims(Value value) const {
  if (!value)
    return std::nullopt;
  std::optional<SizeTensor> sizes = getSizes(value);
  return sizes ? std::optional(sizes->values) : std::nullopt;
}

std::optional<Dims> Inference::dims(Value value) const {
  if (auto values = knownDims(value))
    return values;
  if (rank(value) != 1 || !shape(value)[0].isNumber())
    return std::nullopt;
  return Dims(shape(value)[0].getNumber(), Dim::unknown());
}

LogicalResult Inference::set(Value result, Type element, ArrayRef<Dim> shape) {
  if (!result)
    return success();
  for (const Dim &dim : shape)
    if (dim.isNumber() && dim.getNumber() < 0)
      return error() << "its result '" << onnx::getValueName(result) << "' would have a dimension of size "
                     << dim.getNumber();
  auto declared = dyn_cast<TensorType>(result.getType());
  Dims merged(shape);
  if (declared && !isa<onnx::UnknownType>(declared.getElementType()) && declared.getElementType() != element)
    return error() << "its result '" << onnx::getValueName(result) << "' has element type " << element
                   << " but the model declares " << declared.getElementType();
  if (auto ranked = dyn_cast_or_null<RankedTensorType>(declared)) {
    Dims others = getDims(ranked);
    bool fits = others.size() == shape.size();
    for (size_t d = 0; fits && d < shape.size(); ++d) {
      if (merged[d].isUnknown())
        merged[d] = others[d];
      fits = !merged[d].isNumber() || !others[d].isNumber() || merged[d] == others[d];
    }
    if (!fits)
      return error() << "its result '" << onnx::getValueName(result) << "' has shape " << formatShape(op, shape)
                     << " but the model declares " << formatShape(op, others);
  }
  result.setType(getTensorType(merged, element));
  return success();
}

FailureOr<int64_t> Inference::axis(int64_t axis, int64_t rank, StringRef name) {
  if (auto normal = normalizeAxis(axis, rank))
    return *normal;
  return error() << name << " " << axis << " is outside [" << -rank << ", " << rank - 1 << "]";
}

FailureOr<SmallVector<int64_t>> Inference::axes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t a : axes) {
    FailureOr<int64_t> normal = axis(a, rank);
    if (failed(normal))
      return failure();
    if (llvm::is_contained(result, *normal))
      return error() << "axis " << a << " is given twice";
    result.push_back(*normal);
  }
  return result;
}

LogicalResult Inference::expectRank(Value value, int64_t least, int64_t most) {
  int64_t actual = rank(value);
  if (most < 0 ? actual == least : actual >= least && actual <= most)
    return success();
  auto diag = error() << describe(value) << " has rank " << actual << " but must have rank " << least;
  if (most == std::numeric_limits<int64_t>::max())
    diag << " or more";
  else if (most >= 0)
    diag << " to " << most;
  return diag;
}

LogicalResult Inference::expectSameElement(Value a, Value b) {
  if (element(a) == element(b))
    return success();
  return error() << "'" << onnx::getValueName(a) << "' has element type " << element(a) << " but '"
                 << onnx::getValueName(b) << "' has " << element(b);
}

LogicalResult Inference::expectSameDim(Value a, int64_t i, Value b, int64_t j) {
  if (unify(shape(a)[i], shape(b)[j]))
    return success();
  std::vector<std::string> names = getSymbolNames(op);
  return error() << "dimension " << i << " of " << describe(a) << " is " << shape(a)[i].str(names) << " but dimension "
                 << j << " of " << describe(b) << " is " << shape(b)[j].str(names);
}

std::optional<Dim> Inference::unify(const Dim &a, const Dim &b) {
  if (a == b || b.isUnknown())
    return a;
  if (a.isUnknown())
    return b;
  if (a.isNumber() && b.isNumber())
    return std::nullopt;
  addEquality(op, a, b);
  // A number is known at conversion; a shorter expression is nearer to the inputs.
  if (a.isNumber() || b.isNumber())
    return a.isNumber() ? a : b;
  return b.str().size() < a.str().size() ? b : a;
}

std::optional<Dims> Inference::broadcast(ArrayRef<Dim> a, ArrayRef<Dim> b, size_t *clash) {
  Dims result;
  size_t rank = std::max(a.size(), b.size());
  for (size_t d = 0; d < rank; ++d) {
    Dim x = d + a.size() < rank ? Dim(1) : a[d + a.size() - rank];
    Dim y = d + b.size() < rank ? Dim(1) : b[d + b.size() - rank];
    auto both = x == 1 ? y : y == 1 ? x : unify(x, y);
    if (!both) {
      if (clash)
        *clash = d;
      return std::nullopt;
    }
    result.push_back(*both);
  }
  return result;
}

FailureOr<Dims> Inference::broadcast(ValueRange values) {
  Dims result(shape(values.front()));
  for (Value value : values.drop_front()) {
    size_t clash = 0;
    auto both = broadcast(result, shape(value), &clash);
    if (!both) {
      auto diag = error() << "cannot broadcast ";
      llvm::interleave(values, [&](Value v) { diag << describe(v); }, [&] { diag << " and "; });
      return diag << " together: they differ in dimension " << clash << " of the result";
    }
    result = std::move(*both);
  }
  return result;
}

InFlightDiagnostic Inference::error() const { return emitNodeError(op); }

} // namespace m2c::graph
