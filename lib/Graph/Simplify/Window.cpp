// Windows of convolutions and pools: explicit attributes, padding taken over from Pad.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Rewrite.h"
#include "m2c/Graph/Windows.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// auto_pad and absent attributes -> explicit strides, dilations, pads and kernel_shape.
template <class Op>
struct ExplicitWindow : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    auto shape = getKnownDims(op.getX());
    if (!shape)
      return rewriter.notifyMatchFailure(op, "unknown shape");
    WindowAttrs attrs = getWindowAttrs(op);
    if constexpr (requires { op.getW(); }) {
      auto filter = getStaticShape(op.getW());
      if (!filter)
        return rewriter.notifyMatchFailure(op, "dynamic filter");
      attrs.kernel = filter->drop_front(2);
    }
    std::string problem;
    std::optional<Window> window = std::is_same_v<Op, ConvTransposeOp>
                                       ? resolveTransposedWindow(attrs, ArrayRef<Dim>(*shape).drop_front(2), problem)
                                       : resolveWindow(attrs, ArrayRef<Dim>(*shape).drop_front(2), problem);
    if (!window || !allKnown(window->output))
      return rewriter.notifyMatchFailure(op, problem);
    SmallVector<NamedAttribute> wanted{
        rewriter.getNamedAttr("strides", rewriter.getDenseI64ArrayAttr(window->strides)),
        rewriter.getNamedAttr("dilations", rewriter.getDenseI64ArrayAttr(window->dilations)),
        rewriter.getNamedAttr("pads", rewriter.getDenseI64ArrayAttr(window->pads)),
        rewriter.getNamedAttr("kernel_shape", rewriter.getDenseI64ArrayAttr(window->kernel))};
    bool changed = attrs.autoPad != "NOTSET";
    for (NamedAttribute attr : wanted)
      changed |= op->getAttr(attr.getName()) != attr.getValue();
    if (!changed)
      return rewriter.notifyMatchFailure(op, "explicit already");
    rewriter.modifyOpInPlace(op, [&] {
      for (NamedAttribute attr : wanted)
        op->setAttr(attr.getName(), attr.getValue());
      op.setAutoPad("NOTSET");
      if constexpr (std::is_same_v<Op, ConvTransposeOp>)
        op.removeOutputShapeAttr();
    });
    return success();
  }
};

/// Conv(Pad(x, zeros around the spatial dimensions)) -> Conv(x) with larger pads.
struct PadIntoConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvOp op, PatternRewriter &rewriter) const override {
    auto pad = op.getX().getDefiningOp<PadOp>();
    if (!pad || pad.getMode() != "constant" || op.getAutoPad() != "NOTSET" || !op.getPads())
      return rewriter.notifyMatchFailure(op, "operand is not a constant Pad");
    if (pad.getConstantValue() && getScalar(pad.getConstantValue()) != 0.0)
      return rewriter.notifyMatchFailure(op, "pads with something else than 0");
    auto values = getConstantIntegers(pad.getPads());
    auto shape = getStaticShape(pad.getData());
    if (!values || !shape)
      return rewriter.notifyMatchFailure(op, "pads are not constant");
    size_t rank = shape->size();
    SmallVector<int64_t> axes = identityPermutation(rank), pads(*op.getPads());
    if (pad.getAxes()) {
      auto given = getConstantIntegers(pad.getAxes());
      auto normal = given ? normalizeAxes(*given, rank) : std::nullopt;
      if (!normal)
        return rewriter.notifyMatchFailure(op, "axes are not constant");
      axes = *normal;
    }
    for (auto [n, axis] : llvm::enumerate(axes)) {
      int64_t before = (*values)[n], after = (*values)[n + axes.size()];
      if (before < 0 || after < 0 || (axis < 2 && (before != 0 || after != 0)))
        return rewriter.notifyMatchFailure(op, "crops, or pads batch or channels");
      if (axis >= 2) {
        pads[axis - 2] += before;
        pads[axis - 2 + rank - 2] += after;
      }
    }
    rewriter.modifyOpInPlace(op, [&] {
      op.setPads(pads);
      op.getXMutable().assign(pad.getData());
      op->setLoc(fuseLocs({pad, op}));
    });
    return success();
  }
};

} // namespace

void addWindowPatterns(RewritePatternSet &patterns) {
  patterns.add<ExplicitWindow<ConvOp>, ExplicitWindow<ConvTransposeOp>, ExplicitWindow<MaxPoolOp>,
               ExplicitWindow<AveragePoolOp>, PadIntoConv>(patterns.getContext());
}

} // namespace m2c::graph
