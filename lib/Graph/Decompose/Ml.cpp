// Preparation of features and linear regression (ai.onnx.ml).
#include "Common.h"
#include "m2c/Graph/Rewrite.h"
#include <cmath>
#include <map>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// One value for all features, or one for each.
template <class T>
Value perFeature(Composer &c, Type element, ArrayRef<T> values) {
  SmallVector<int64_t> shape;
  if (values.size() != 1)
    shape.push_back(values.size());
  return c.constant(element, shape, toDoubles(values));
}

Value toFloat(Composer &c, Value value) { return c.cast(value, Float32Type::get(value.getContext())); }

Composed composeFeatureExtractor(MlArrayFeatureExtractorOp op, Composer &c) {
  Value x = op.getX(), indices = op.getY();
  if (Composer::shape(x).size() == 1)
    x = c.reshape(x, {1, Composer::shape(x)[0]});
  indices = c.reshape(indices, Composer::shape(op.getZ()).take_back(1));
  return {{c.make("Gather", {x, indices}, c.attr("axis", int64_t(Composer::shape(x).size()) - 1))}};
}

Composed composeBinarizer(MlBinarizerOp op, Composer &c) {
  Value x = op.getX();
  Value isAbove = c.make("Greater", {x, c.scalarLike(double(op.getThreshold()), x)});
  return {{c.cast(isAbove, Composer::element(x))}};
}

/// (x - offset) * scale
Composed composeScaler(MlScalerOp op, Composer &c) {
  Value y = toFloat(c, op.getX());
  if (op.getOffset() && !op.getOffset()->empty())
    y = c.sub(y, perFeature(c, Composer::element(y), *op.getOffset()));
  if (op.getScale() && !op.getScale()->empty())
    y = c.mul(y, perFeature(c, Composer::element(y), *op.getScale()));
  return {{y}};
}

/// Rows divided by their norm.
Composed composeNormalizer(MlNormalizerOp op, Composer &c) {
  Value x = toFloat(c, op.getX()), norm;
  int64_t axis = static_cast<int64_t>(Composer::shape(x).size()) - 1;
  if (op.getNorm() == "MAX")
    norm = c.reduce("ReduceMax", c.make("Abs", {x}), {axis});
  else
    norm = c.reduce(op.getNorm() == "L1" ? "ReduceL1" : "ReduceL2", x, {axis});
  return {{c.div(x, c.make("Max", {norm, c.scalarLike(1e-30, norm)}))}};
}

/// Missing values, which are NaN or equal to one number, are replaced.
Composed composeImputer(MlImputerOp op, Composer &c) {
  Value x = op.getX();
  Type element = Composer::element(x);
  bool isFloat = isa<FloatType>(element);
  auto imputed = isFloat ? perFeature(c, element, op.getImputedValueFloats().value_or(ArrayRef<float>()))
                         : perFeature(c, element, op.getImputedValueInt64s().value_or(ArrayRef<int64_t>()));
  Value isMissing;
  if (isFloat && std::isnan(op.getReplacedValueFloat()))
    isMissing = c.make("IsNaN", {x});
  else
    isMissing = c.make("Equal", {x, c.scalarLike(isFloat ? double(op.getReplacedValueFloat())
                                                         : static_cast<double>(op.getReplacedValueInt64()),
                                                 x)});
  return {{c.make("Where", {isMissing, imputed, x})}};
}

Composed composeFeatureVectorizer(MlFeatureVectorizerOp op, Composer &c) {
  SmallVector<Value> parts;
  for (Value x : op.getX()) {
    if (Composer::shape(x).size() == 1)
      x = c.reshape(x, {1, Composer::shape(x)[0]});
    parts.push_back(toFloat(c, x));
  }
  return {{c.make("Concat", parts, c.attr("axis", int64_t{1}))}};
}

/// x == category, for each
Composed composeOneHot(MlOneHotEncoderOp op, Composer &c) {
  Value x = op.getX();
  if (isa<FloatType>(Composer::element(x)))
    x = c.cast(x, c.rewriter.getI64Type());
  SmallVector<int64_t> column(Composer::shape(x));
  column.push_back(1);
  Value cats = c.cast(c.ints(*op.getCatsInt64s()), Composer::element(x));
  Value isEqual = c.make("Equal", {c.reshape(x, column), cats});
  return {{c.cast(isEqual, c.rewriter.getF32Type())}};
}

/// A table with ascending keys, the first of equal ones, and the default behind its values.
Composed composeLabelEncoder(MlLabelEncoderOp op, Composer &c) {
  std::optional<ConstantTensor> keys, values, otherwise;
  Type i64 = c.rewriter.getI64Type(), f32 = c.rewriter.getF32Type();
  auto floats = [&](ArrayRef<float> list) {
    return ConstantTensor::from<double>(f32, {int64_t(list.size())}, toDoubles(list));
  };
  auto integers = [&](ArrayRef<int64_t> list) {
    return ConstantTensor::from<int64_t>(i64, {int64_t(list.size())}, list);
  };
  if (op.getKeysTensor())
    keys = ConstantTensor::get(*op.getKeysTensor());
  else if (op.getKeysFloats())
    keys = floats(*op.getKeysFloats());
  else if (op.getKeysInt64s())
    keys = integers(*op.getKeysInt64s());
  if (op.getValuesTensor()) {
    values = ConstantTensor::get(*op.getValuesTensor());
    if (op.getDefaultTensor())
      otherwise = ConstantTensor::get(*op.getDefaultTensor());
  } else if (op.getValuesFloats()) {
    values = floats(*op.getValuesFloats());
    otherwise = floats(op.getDefaultFloat());
  } else {
    values = integers(op.getValuesInt64s().value_or(ArrayRef<int64_t>()));
    otherwise = integers(op.getDefaultInt64());
  }
  Value x = op.getX();
  if (!keys || !values || keys->size() != values->size() || keys->getElementType() != Composer::element(x))
    return std::nullopt;
  auto table = [&](auto key, auto value) {
    using Key = decltype(key);
    using Number = decltype(value);
    std::vector<Key> all = keys->values<Key>();
    std::vector<Number> numbers = values->values<Number>();
    std::map<Key, Number> sorted;
    std::optional<Number> ofNan;
    for (size_t i = 0; i < all.size(); ++i) {
      if (all[i] != all[i])
        ofNan = numbers[i];
      else
        sorted.emplace(all[i], numbers[i]);
    }
    std::vector<Key> sortedKeys;
    std::vector<Number> sortedValues;
    for (auto [k, v] : sorted) {
      sortedKeys.push_back(k);
      sortedValues.push_back(v);
    }
    sortedValues.push_back(otherwise ? otherwise->values<Number>().front() : Number());
    auto constant = [&](Type element, auto list) {
      using T = typename decltype(list)::value_type;
      return createConstant(c.rewriter, c.loc,
                            ConstantTensor::from<T>(element, {int64_t(list.size())}, ArrayRef<T>(list)), "table");
    };
    Value y = c.make("m2c.LookUp", {x, constant(keys->getElementType(), sortedKeys),
                                    constant(values->getElementType(), sortedValues)});
    if (ofNan) { // NaN is equal to no key
      Value found = c.constant(values->getElementType(), {}, static_cast<double>(*ofNan));
      y = c.make("Where", {c.make("IsNaN", {x}), found, y});
    }
    return y;
  };
  Value y = visitDomain(keys->getElementType(), [&](auto key) {
    return visitDomain(values->getElementType(), [&](auto value) { return table(key, value); });
  });
  return {{y}};
}

} // namespace

void addMlDecompositions(RewritePatternSet &patterns) {
  MLIRContext *context = patterns.getContext();
  patterns.add<Decomposition<MlArrayFeatureExtractorOp>>(context, composeFeatureExtractor);
  patterns.add<Decomposition<MlBinarizerOp>>(context, composeBinarizer);
  patterns.add<Decomposition<MlScalerOp>>(context, composeScaler);
  patterns.add<Decomposition<MlNormalizerOp>>(context, composeNormalizer);
  patterns.add<Decomposition<MlImputerOp>>(context, composeImputer);
  patterns.add<Decomposition<MlFeatureVectorizerOp>>(context, composeFeatureVectorizer);
  patterns.add<Decomposition<MlOneHotEncoderOp>>(context, composeOneHot);
  patterns.add<Decomposition<MlLabelEncoderOp>>(context, composeLabelEncoder);
}

} // namespace m2c::graph
