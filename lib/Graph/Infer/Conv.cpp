// Inference of convolutions.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include "m2c/Graph/Windows.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

constexpr int64_t kAnyRank = std::numeric_limits<int64_t>::max();

/// The checks that all convolutions share: ranks, and the kernel against `kernel_shape`.
LogicalResult checkFilter(Inference &i, Value x, Value w, WindowAttrs &attrs, ArrayRef<Dim> filter,
                          SmallVector<int64_t> &kernel) {
  if (failed(i.expectRank(x, 3, kAnyRank)))
    return failure();
  if (i.rank(w) != i.rank(x))
    return i.error() << "filter " << describe(w) << " has rank " << i.rank(w) << " but the input " << describe(x)
                     << " has rank " << i.rank(x);
  auto numbers = asNumbers(filter);
  if (!numbers && attrs.kernel.empty())
    return i.error() << "the size of its filter " << describe(w) << " must be known at conversion";
  if (!attrs.kernel.empty() && numbers && !llvm::equal(attrs.kernel, *numbers))
    return i.error() << "kernel_shape " << formatShape(attrs.kernel) << " contradicts the filter " << describe(w);
  if (numbers)
    kernel = *numbers;
  else
    kernel.assign(attrs.kernel.begin(), attrs.kernel.end());
  attrs.kernel = kernel;
  return success();
}

template <class Op>
LogicalResult inferForward(Op op, Inference &i, Value x, Value w, Value bias, Type element, WindowAttrs attrs) {
  SmallVector<int64_t> kernel;
  if (failed(checkFilter(i, x, w, attrs, i.shape(w).drop_front(2), kernel)))
    return failure();
  ArrayRef<Dim> in = i.shape(x), filter = i.shape(w);
  int64_t group = op.getGroup();
  if (group < 1 || (filter[0].isNumber() && filter[0].getNumber() % group != 0))
    return i.error() << "group " << group << " does not divide the " << filter[0].str() << " output channels of "
                     << describe(w);
  if (!i.unify(in[1], filter[1] * group))
    return i.error() << "input " << describe(x) << " has " << in[1].str() << " channels but filter " << describe(w)
                     << " in " << group << " groups takes " << (filter[1] * group).str();
  if (bias && (failed(i.expectRank(bias, 1)) || failed(i.expectSameDim(bias, 0, w, 0))))
    return failure();
  std::string problem;
  auto window = resolveWindow(attrs, in.drop_front(2), problem);
  if (!window)
    return i.error() << problem;
  Dims shape{in[0], filter[0]};
  llvm::append_range(shape, window->output);
  return i.set(0, element, shape);
}

LogicalResult inferConv(ConvOp op, Inference &i) {
  if (failed(i.expectSameElement(op.getX(), op.getW())))
    return failure();
  return inferForward(op, i, op.getX(), op.getW(), op.getB(), i.element(op.getX()), getWindowAttrs(op));
}

LogicalResult inferConvInteger(ConvIntegerOp op, Inference &i) {
  return inferForward(op, i, op.getX(), op.getW(), {}, IntegerType::get(i.context(), 32), getWindowAttrs(op));
}

LogicalResult inferIntegerConv(OwnIntegerConvOp op, Inference &i) {
  return inferForward(op, i, op.getX(), op.getW(), {}, IntegerType::get(i.context(), 32), getWindowAttrs(op));
}

LogicalResult inferQLinearConv(QLinearConvOp op, Inference &i) {
  return inferForward(op, i, op.getX(), op.getW(), op.getB(), i.element(op.getYZeroPoint()), getWindowAttrs(op));
}

LogicalResult inferDeformConv(DeformConvOp op, Inference &i) {
  return inferForward(op, i, op.getX(), op.getW(), op.getB(), i.element(op.getX()), getWindowAttrs(op));
}

LogicalResult inferConvTranspose(ConvTransposeOp op, Inference &i) {
  Value x = op.getX(), w = op.getW();
  WindowAttrs attrs = getWindowAttrs(op);
  SmallVector<int64_t> kernel;
  if (failed(i.expectSameElement(x, w)) || failed(checkFilter(i, x, w, attrs, i.shape(w).drop_front(2), kernel)) ||
      failed(i.expectSameDim(x, 1, w, 0)))
    return failure();
  int64_t group = op.getGroup();
  if (group < 1 || (i.shape(x)[1].isNumber() && i.shape(x)[1].getNumber() % group != 0))
    return i.error() << "group " << group << " does not divide the input channels of " << describe(x);
  std::string problem;
  auto window = resolveTransposedWindow(attrs, i.shape(x).drop_front(2), problem);
  if (!window)
    return i.error() << problem;
  Dims shape{i.shape(x)[0], i.shape(w)[1] * group};
  llvm::append_range(shape, window->output);
  return i.set(0, i.element(x), shape);
}

LogicalResult inferCausalConv(CausalConvWithStateOp op, Inference &i) {
  Value x = op.getInput(), w = op.getWeight();
  if (failed(i.expectRank(x, 3)) || failed(i.expectRank(w, 3)) || failed(i.setLike(x)))
    return failure();
  Dim taps = i.shape(w)[2];
  return i.set(1, i.element(x), {i.shape(x)[0], i.shape(x)[1], taps - 1});
}

} // namespace

void addConvInference(InferenceRegistry &r) {
  r.add<ConvOp>(inferConv);
  r.add<ConvIntegerOp>(inferConvInteger);
  r.add<OwnIntegerConvOp>(inferIntegerConv);
  r.add<QLinearConvOp>(inferQLinearConv);
  r.add<DeformConvOp>(inferDeformConv);
  r.add<ConvTransposeOp>(inferConvTranspose);
  r.add<CausalConvWithStateOp>(inferCausalConv);
}

} // namespace m2c::graph
