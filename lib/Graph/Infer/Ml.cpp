// Inference of ai.onnx.ml: trees, linear models, support vector machines, preparation of features; of gradients.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Forest.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

Type f32(Inference &i) { return Float32Type::get(i.context()); }

/// Rows and features of X, [N, C] or one row [C].
FailureOr<std::pair<Dim, Dim>> getRows(Inference &i, Value x) {
  if (failed(i.expectRank(x, 1, 2)))
    return failure();
  ArrayRef<Dim> shape = i.shape(x);
  return shape.size() == 1 ? std::pair(Dim(1), shape[0]) : std::pair(shape[0], shape[1]);
}

/// An error where class labels are strings.
LogicalResult refuseStrings(Inference &i, std::optional<ArrayAttr> labels) {
  if (!labels || labels->empty())
    return success();
  return i.error() << "its labels are strings, which are not supported; export the model with integer labels";
}

/// An error unless a list has one value or one per feature of X.
LogicalResult expectPerFeature(Inference &i, Value x, StringRef name, int64_t size) {
  Dim features = i.rank(x) == 0 ? Dim(1) : i.shape(x).back();
  if (size == 1 || !features.isNumber() || size == features.getNumber())
    return success();
  return i.error() << name << " has " << size << " values but " << describe(x) << " has " << features.getNumber()
                   << " features";
}

LogicalResult inferScaler(MlScalerOp op, Inference &i) {
  for (auto [name, list] : {std::pair("offset", op.getOffset()), std::pair("scale", op.getScale())})
    if (list && !list->empty() && failed(expectPerFeature(i, op.getX(), name, list->size())))
      return failure();
  return i.set(0, f32(i), i.shape(op.getX()));
}

LogicalResult inferImputer(MlImputerOp op, Inference &i) {
  bool isFloat = isa<FloatType>(i.element(op.getX()));
  StringRef name = isFloat ? "imputed_value_floats" : "imputed_value_int64s";
  int64_t size = isFloat ? (op.getImputedValueFloats() ? op.getImputedValueFloats()->size() : 0)
                         : (op.getImputedValueInt64s() ? op.getImputedValueInt64s()->size() : 0);
  if (size == 0)
    return i.error() << name << " is missing, which " << describe(op.getX()) << " of type " << i.element(op.getX())
                     << " needs";
  return failed(expectPerFeature(i, op.getX(), name, size)) ? failure() : i.setLike(op.getX());
}

LogicalResult inferNormalizer(MlNormalizerOp op, Inference &i) {
  if (op.getNorm() != "MAX" && op.getNorm() != "L1" && op.getNorm() != "L2")
    return i.error() << "norm is '" << op.getNorm() << "'; MAX, L1 and L2 are possible";
  return i.set(0, f32(i), i.shape(op.getX()));
}

LogicalResult inferFeatureExtractor(MlArrayFeatureExtractorOp op, Inference &i) {
  ArrayRef<Dim> x = i.shape(op.getX());
  if (x.empty())
    return i.error() << describe(op.getX()) << " is a scalar, which has no features";
  Dims shape(x.drop_back());
  if (shape.empty())
    shape.push_back(1);
  shape.push_back(product(i.shape(op.getY())));
  return i.set(0, i.element(op.getX()), shape);
}

LogicalResult inferFeatureVectorizer(MlFeatureVectorizerOp op, Inference &i) {
  Dim rows = Dim::unknown(), features = 0;
  for (auto [n, x] : llvm::enumerate(op.getX())) {
    auto part = getRows(i, x);
    if (failed(part))
      return failure();
    if (auto sizes = op.getInputdimensions(); sizes && n < sizes->size() && !i.unify(part->second, (*sizes)[n]))
      return i.error() << "inputdimensions gives input " << n << " " << (*sizes)[n] << " features but " << describe(x)
                       << " has " << part->second.str();
    rows = rows.isUnknown() ? part->first : rows;
    features += part->second;
  }
  return i.set(0, f32(i), {rows, features});
}

LogicalResult inferLabelEncoder(MlLabelEncoderOp op, Inference &i) {
  Type element, key;
  if (auto keys = op.getKeysTensor())
    key = keys->getShapedType().getElementType();
  else if (op.getKeysFloats())
    key = f32(i);
  else if (op.getKeysInt64s())
    key = i.i64();
  if (!key)
    return i.error() << "its keys are strings, which are not supported";
  if (key != i.element(op.getX()))
    return i.error() << "its keys have type " << key << " but " << describe(op.getX()) << " has "
                     << i.element(op.getX());
  if (auto values = op.getValuesTensor())
    element = values->getShapedType().getElementType();
  else if (op.getValuesFloats())
    element = f32(i);
  else if (op.getValuesInt64s())
    element = i.i64();
  else if (op.getValuesStrings())
    return i.error() << "its values are strings, which are not supported";
  else
    return i.error() << "it has none of values_floats, values_int64s, values_strings and values_tensor";
  return i.set(0, element, i.shape(op.getX()));
}

LogicalResult inferOneHot(MlOneHotEncoderOp op, Inference &i) {
  if (!op.getCatsInt64s())
    return i.error() << "its categories are strings, which are not supported";
  Dims shape(i.shape(op.getX()));
  shape.push_back(static_cast<int64_t>(op.getCatsInt64s()->size()));
  return i.set(0, f32(i), shape);
}

/// Labels [N] and scores [N, E].
LogicalResult setClasses(Inference &i, Value x, int64_t scores) {
  auto rows = getRows(i, x);
  if (failed(rows) || failed(i.set(0u, i.i64(), {rows->first})))
    return failure();
  return i.set(1, f32(i), {rows->first, scores});
}

LogicalResult inferLinearClassifier(MlLinearClassifierOp op, Inference &i) {
  auto rows = getRows(i, op.getX());
  if (failed(rows) || failed(refuseStrings(i, op.getClasslabelsStrings())))
    return failure();
  if (!rows->second.isNumber())
    return i.unknown();
  int64_t coefficients = op.getCoefficients().size(), features = rows->second.getNumber();
  if (features < 1 || coefficients % features != 0)
    return i.error() << "there are " << coefficients << " coefficients, which is no multiple of the " << features
                     << " features of " << describe(op.getX());
  int64_t classes = coefficients / features, labels = op.getClasslabelsInts() ? op.getClasslabelsInts()->size() : 0;
  if (classes == 1 && labels == 2)
    classes = 2;
  if (classes > 1 && labels != 0 && labels != classes)
    return i.error() << "there are coefficients for " << classes << " classes but " << labels << " labels";
  int64_t intercepts = op.getIntercepts() ? op.getIntercepts()->size() : 0;
  if (intercepts != 0 && intercepts != coefficients / features)
    return i.error() << "there are coefficients for " << coefficients / features << " scores but " << intercepts
                     << " intercepts";
  return setClasses(i, op.getX(), classes);
}

LogicalResult inferLinearRegressor(MlLinearRegressorOp op, Inference &i) {
  auto rows = getRows(i, op.getX());
  if (failed(rows))
    return failure();
  int64_t coefficients = op.getCoefficients() ? op.getCoefficients()->size() : 0, targets = op.getTargets();
  if (rows->second.isNumber() && coefficients != rows->second.getNumber() * targets)
    return i.error() << "there are " << coefficients << " coefficients for " << targets << " targets of "
                     << rows->second.getNumber() << " features";
  return i.set(0, f32(i), {rows->first, targets});
}

/// One score per pair of classes, or per class with probabilities or without support vectors; a single score of two
/// classes is written twice.
LogicalResult inferSvmClassifier(MlSVMClassifierOp op, Inference &i) {
  if (failed(refuseStrings(i, op.getClasslabelsStrings())))
    return failure();
  int64_t classes = op.getClasslabelsInts() ? op.getClasslabelsInts()->size() : 1;
  bool isSvc = op.getVectorsPerClass() && !op.getVectorsPerClass()->empty();
  bool hasProbabilities = isSvc && op.getProbA() && !op.getProbA()->empty();
  int64_t scores = isSvc && !hasProbabilities ? classes * (classes - 1) / 2 : classes;
  if (scores == 1 && classes == 2)
    scores = 2;
  return setClasses(i, op.getX(), scores);
}

LogicalResult inferSvmRegressor(MlSVMRegressorOp op, Inference &i) {
  auto rows = getRows(i, op.getX());
  return failed(rows) ? failure() : i.set(0, f32(i), {rows->first, 1});
}

/// Trees want numbers of one type; integers are compared as floats.
template <class Op>
LogicalResult inferTreeEnsemble(Op op, Inference &i) {
  if (failed(i.expectRank(op.getX(), 2)) || failed(Forest::build(op, [&] { return i.error(); })))
    return failure();
  int64_t targets = op.getNTargets() ? int64_t(*op.getNTargets()) : 1;
  Type element = std::is_same_v<Op, MlTreeEnsembleOp> ? i.element(op.getX()) : f32(i);
  return i.set(0, element, {i.shape(op.getX())[0], targets});
}

LogicalResult inferTreeClassifier(MlTreeEnsembleClassifierOp op, Inference &i) {
  if (failed(i.expectRank(op.getX(), 2)) || failed(refuseStrings(i, op.getClasslabelsStrings())))
    return failure();
  if (!op.getClasslabelsInt64s() || op.getClasslabelsInt64s()->empty())
    return i.error() << "it has no classlabels_int64s";
  if (failed(Forest::build(op, [&] { return i.error(); })))
    return failure();
  return setClasses(i, op.getX(), op.getClasslabelsInt64s()->size());
}

/// A gradient has the type of the tensor that it is for.
LogicalResult inferGradient(TrainingGradientOp op, Inference &i) {
  if (op->getNumResults() > op.getXs().size())
    return i.error() << "it has " << op->getNumResults() << " outputs but xs names " << op.getXs().size() << " tensors";
  for (unsigned r = 0; r < op->getNumResults(); ++r)
    if (failed(i.set(r, i.element(op->getOperand(r)), i.shape(op->getOperand(r)))))
      return failure();
  return success();
}

} // namespace

void addMlInference(InferenceRegistry &r) {
  r.add<MlArrayFeatureExtractorOp>(inferFeatureExtractor);
  r.add<MlBinarizerOp>([](MlBinarizerOp op, Inference &i) { return i.setLike(op.getX()); });
  r.add<MlImputerOp>(inferImputer);
  r.add<MlScalerOp>(inferScaler);
  r.add<MlNormalizerOp>(inferNormalizer);
  r.add<MlFeatureVectorizerOp>(inferFeatureVectorizer);
  r.add<MlLabelEncoderOp>(inferLabelEncoder);
  r.add<MlOneHotEncoderOp>(inferOneHot);
  r.add<MlLinearClassifierOp>(inferLinearClassifier);
  r.add<MlLinearRegressorOp>(inferLinearRegressor);
  r.add<MlSVMClassifierOp>(inferSvmClassifier);
  r.add<MlSVMRegressorOp>(inferSvmRegressor);
  r.add<MlTreeEnsembleOp>(inferTreeEnsemble<MlTreeEnsembleOp>);
  r.add<MlTreeEnsembleRegressorOp>(inferTreeEnsemble<MlTreeEnsembleRegressorOp>);
  r.add<MlTreeEnsembleClassifierOp>(inferTreeClassifier);
  r.add<TrainingGradientOp>(inferGradient);
}

} // namespace m2c::graph
