// Inference of matrix products.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The product of any two tensors by MatMul's rules.
LogicalResult inferProduct(Inference &i, Value a, Value b, Type element) {
  if (i.rank(a) == 0 || i.rank(b) == 0)
    return i.error() << describe(i.rank(a) == 0 ? a : b) << " is a scalar but must have rank 1 or more";
  if (failed(i.expectSameDim(a, i.rank(a) - 1, b, i.rank(b) == 1 ? 0 : i.rank(b) - 2)))
    return failure();
  ArrayRef<Dim> x = i.shape(a), y = i.shape(b);
  ArrayRef<Dim> outerX = x.drop_back(std::min<size_t>(2, x.size())),
                outerY = y.drop_back(std::min<size_t>(2, y.size()));
  auto shape = i.broadcast(outerX, outerY);
  if (!shape)
    return i.error() << "cannot broadcast the outer dimensions of " << describe(a) << " and " << describe(b);
  if (x.size() > 1)
    shape->push_back(x[x.size() - 2]);
  if (y.size() > 1)
    shape->push_back(y.back());
  return i.set(0, element, *shape);
}

LogicalResult inferMatMul(MatMulOp op, Inference &i) {
  if (failed(i.expectSameElement(op.getA(), op.getB())))
    return failure();
  return inferProduct(i, op.getA(), op.getB(), i.element(op.getA()));
}

LogicalResult inferMatMulInteger(MatMulIntegerOp op, Inference &i) {
  return inferProduct(i, op.getA(), op.getB(), IntegerType::get(i.context(), 32));
}

LogicalResult inferIntegerMatMul(OwnIntegerMatMulOp op, Inference &i) {
  return inferProduct(i, op.getA(), op.getB(), IntegerType::get(i.context(), 32));
}

LogicalResult inferQLinearMatMul(QLinearMatMulOp op, Inference &i) {
  return inferProduct(i, op.getA(), op.getB(), i.element(op.getYZeroPoint()));
}

LogicalResult inferGemm(GemmOp op, Inference &i) {
  Value a = op.getA(), b = op.getB();
  if (failed(i.expectRank(a, 2)) || failed(i.expectRank(b, 2)) || failed(i.expectSameElement(a, b)) ||
      failed(i.expectSameDim(a, op.getTransA() ? 0 : 1, b, op.getTransB() ? 1 : 0)))
    return failure();
  Dims shape{i.shape(a)[op.getTransA() ? 1 : 0], i.shape(b)[op.getTransB() ? 0 : 1]};
  if (Value c = op.getC()) {
    auto both = i.broadcast(i.shape(c), shape);
    if (!both || both->size() != 2 || (asNumbers(shape) && !llvm::equal(*both, shape)))
      return i.error() << "C " << describe(c) << " cannot be broadcast to the product's shape "
                       << formatShape(op, shape);
  }
  return i.set(0, i.element(a), shape);
}

LogicalResult inferDet(DetOp op, Inference &i) {
  Value x = op.getX();
  if (failed(i.expectRank(x, 2, std::numeric_limits<int64_t>::max())) ||
      failed(i.expectSameDim(x, i.rank(x) - 1, x, i.rank(x) - 2)))
    return failure();
  return i.set(0, i.element(x), i.shape(x).drop_back(2));
}

/// Dimensions of each letter; those under an ellipsis are numbered from the right.
LogicalResult inferEinsum(EinsumOp op, Inference &i) {
  std::string equation = op.getEquation().str();
  llvm::erase(equation, ' ');
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (terms.size() != op->getNumOperands())
    return i.error() << "equation '" << op.getEquation() << "' has " << terms.size() << " terms but the node has "
                     << op->getNumOperands() << " inputs";
  llvm::StringMap<Dim> sizes;
  std::map<char, int> uses;
  Dims ellipsis;
  for (auto [term, operand] : llvm::zip(terms, op->getOperands())) {
    ArrayRef<Dim> shape = i.shape(operand);
    int64_t letters = llvm::count_if(term, llvm::isAlpha), hidden = int64_t(shape.size()) - letters;
    bool hasEllipsis = term.contains("...");
    if (hidden < 0 || (!hasEllipsis && hidden != 0))
      return i.error() << "term '" << term << "' of the equation has " << letters << " letters but "
                       << describe(operand) << " has rank " << shape.size();
    for (size_t c = 0, d = 0; c < term.size(); ++c) {
      if (term[c] == '.') {
        auto both = i.broadcast(ellipsis, shape.slice(d, hidden));
        if (!both)
          return i.error() << "cannot broadcast the dimensions of " << describe(operand) << " under '...'";
        ellipsis = *both;
        d += hidden;
        c += 2;
        continue;
      }
      ++uses[term[c]];
      auto [it, isNew] = sizes.try_emplace(term.substr(c, 1), shape[d]);
      Dim &size = it->second;
      auto both = size == 1 ? shape[d] : shape[d] == 1 ? size : i.unify(size, shape[d]);
      if (!both)
        return i.error() << "'" << term[c] << "' of the equation is " << size.str() << " but " << shape[d].str()
                         << " in " << describe(operand);
      size = *both;
      ++d;
    }
  }
  Dims shape;
  if (StringRef(equation).contains("->")) {
    for (size_t c = 0; c < right.size(); ++c) {
      if (right[c] == '.') {
        llvm::append_range(shape, ellipsis);
        c += 2;
        continue;
      }
      auto it = sizes.find(right.substr(c, 1));
      if (it == sizes.end())
        return i.error() << "'" << right[c] << "' of the equation's result is in no term";
      shape.push_back(it->second);
    }
  } else {
    llvm::append_range(shape, ellipsis);
    for (auto [letter, count] : uses)
      if (count == 1)
        shape.push_back(sizes.find(std::string(1, letter))->second);
  }
  return i.set(0, i.element(op->getOperand(0)), shape);
}

} // namespace

void addMatMulInference(InferenceRegistry &r) {
  r.add<MatMulOp>(inferMatMul);
  r.add<MatMulIntegerOp>(inferMatMulInteger);
  r.add<OwnIntegerMatMulOp>(inferIntegerMatMul);
  r.add<QLinearMatMulOp>(inferQLinearMatMul);
  r.add<GemmOp>(inferGemm);
  r.add<DetOp>(inferDet);
  r.add<EinsumOp>(inferEinsum);
}

} // namespace m2c::graph
