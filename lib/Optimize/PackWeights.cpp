// Rearranges the weights of contractions and convolutions into the panels that their kernels read in order.
//
// The packers are those of m2crt (pack.h), which the kernels' own tests use as well. How wide a panel is depends on the
// number of rows (one row streams wide panels, many rows share narrow ones), on the columns that would be padding, and
// on the target's vectors; the op records it.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <m2crt/winograd.h>

namespace m2c {
#define GEN_PASS_DEF_PACKWEIGHTSPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

RankedTensorType tensorType(Value value) { return cast<RankedTensorType>(value.getType()); }

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The attribute that makes `value`, if its bytes can be read and an element takes 4 or 8 of them.
ElementsAttr getConstant(Value value) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  auto elements = constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
  int64_t bytes = elements ? onnx::getElementBytes(elements.getElementType()) : 0;
  return bytes == 4 || bytes == 8 ? elements : ElementsAttr();
}

/// Calls pack(from, to) with the elements of `source` and of a new constant of `type` as integers of their size.
template <class Pack>
ElementsAttr pack(ElementsAttr source, RankedTensorType type, Pack pack) {
  std::optional<onnx::ConstantData> data = onnx::readConstant(source);
  if (!data)
    return {};
  onnx::ConstantBuffer buffer(type);
  if (onnx::getElementBytes(type.getElementType()) == 4)
    pack(data->as<uint32_t>().data(), buffer.as<uint32_t>().data());
  else
    pack(data->as<uint64_t>().data(), buffer.as<uint64_t>().data());
  return std::move(buffer).finish("packed");
}

struct PackWeights : m2c::impl::PackWeightsPassBase<PackWeights> {
  using PackWeightsPassBase::PackWeightsPassBase;

  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      if (auto contract = dyn_cast<kernel::ContractOp>(op))
        packContract(contract);
      if (auto conv = dyn_cast<kernel::ConvOp>(op))
        packConv(conv);
    });
  }

private:
  int64_t getPanel(int64_t rows, int64_t columns, Type element) {
    int64_t lanes = vectorBytes / onnx::getElementBytes(element);
    return m2crt::panel_width(rows, columns, static_cast<int>(lanes), static_cast<int>(vectorRegisters));
  }

  /// Makes the attribute `packed` the operand.
  void setOperand(Operation *op, OpOperand &operand, ElementsAttr packed) {
    OpBuilder builder(op);
    operand.set(arith::ConstantOp::create(builder, operand.get().getLoc(), cast<RankedTensorType>(packed.getType()),
                                          cast<TypedAttr>(packed)));
  }

  void packContract(kernel::ContractOp op) {
    ElementsAttr weights = getConstant(op.getRhs());
    AffineMap map = op.getMap(1);
    unsigned dims = map.getNumDims(), n = dims - 2, k = dims - 1;
    if (!weights || op.getPanel() || map.getNumResults() != 2 || !isa<RankedTensorType>(op.getInits()[0].getType()))
      return;
    SmallVector<int64_t> extents = op.getIterationShape();
    if (llvm::any_of(extents, [](int64_t extent) { return ShapedType::isDynamic(extent) || extent == 0; }))
      return;
    bool transposed = cast<AffineDimExpr>(map.getResult(0)).getPosition() == n;
    int64_t rows = extents[dims - 3], columns = extents[n], depth = extents[k];
    Type element = weights.getElementType();
    int64_t panel = getPanel(rows, columns, element);
    auto type = RankedTensorType::get({ceilDiv(columns, panel), depth, panel}, element);
    ElementsAttr &packed = done[{weights, panel * 2 + transposed}];
    if (!packed)
      packed = pack(weights, type, [&](const auto *from, auto *to) {
        m2crt::pack_panels(from, transposed ? 1 : columns, transposed ? depth : 1, depth, columns, panel, to);
      });
    if (!packed)
      return;
    setOperand(op, op.getRhsMutable(), packed);
    op.setPanel(static_cast<uint64_t>(panel));
  }

  void packConv(kernel::ConvOp op) {
    if (op.getPanel() || !isa<RankedTensorType>(op.getInits()[0].getType()))
      return;
    RankedTensorType filterType = tensorType(op.getFilter()), outType = tensorType(op.getInits()[0]);
    ArrayRef<int64_t> shape = filterType.getShape(), out = outType.getShape();
    auto groups = static_cast<int64_t>(op.getGroups());
    if (op.getWinogradTile())
      return packWinograd(op);
    if (!filterType.hasStaticShape() || !outType.hasStaticShape())
      return;
    int64_t columns = shape[0] / groups,
            panel = getPanel(out[0] * out[1] * out[2], columns, filterType.getElementType());
    auto type = RankedTensorType::get({groups, ceilDiv(columns, panel), shape[2], shape[3], shape[1], panel},
                                      filterType.getElementType());
    if (ElementsAttr weights = getConstant(op.getFilter())) {
      ElementsAttr &packed = done[{weights, -panel * groups}];
      if (!packed)
        packed = pack(weights, type, [&](const auto *from, auto *to) {
          m2crt::pack_filter(from, shape[0], shape[1], shape[2], shape[3], groups, panel, to);
        });
      if (!packed)
        return;
      setOperand(op, op.getFilterMutable(), packed);
    } else {
      OpBuilder builder(op);
      Value empty = tensor::EmptyOp::create(builder, op.getLoc(), type.getShape(), type.getElementType());
      auto packOp = kernel::PackOp::create(builder, op.getLoc(), TypeRange{type}, op.getFilter(), ValueRange{empty},
                                           "filter", static_cast<uint64_t>(panel), static_cast<uint64_t>(groups));
      op.getFilterMutable().assign(packOp->getResult(0));
    }
    op.setPanel(static_cast<uint64_t>(panel));
  }

  void packWinograd(kernel::ConvOp op) {
    RankedTensorType filterType = tensorType(op.getFilter());
    ArrayRef<int64_t> shape = filterType.getShape(), tile = *op.getWinogradTile();
    int64_t taps = op.getWinogradTaps();
    // Blocks of tiles have about as many rows as this.
    int64_t panel = getPanel(m2crt::winograd_block(1000, shape[1], taps, 4), shape[0], filterType.getElementType());
    ElementsAttr weights = getConstant(op.getFilter());
    std::optional<onnx::ConstantData> data = weights ? onnx::readConstant(weights) : std::nullopt;
    if (!data) {
      op.removeWinogradTileAttr();
      return packConv(op);
    }
    auto type = RankedTensorType::get({ceilDiv(shape[0], panel), taps, shape[1], panel}, filterType.getElementType());
    ElementsAttr &packed = doneWinograd[{weights, tile[0] * 16 + tile[1]}];
    if (!packed) {
      onnx::ConstantBuffer buffer(type);
      m2crt::pack_winograd(data->as<float>().data(), shape[0], shape[1], shape[2], shape[3], tile[0], tile[1], panel,
                           buffer.as<float>().data());
      packed = std::move(buffer).finish("winograd");
    }
    setOperand(op, op.getFilterMutable(), packed);
    op.setPanel(static_cast<uint64_t>(panel));
  }

  /// Filters transformed already: (weights, tile) -> result.
  DenseMap<std::pair<ElementsAttr, int64_t>, ElementsAttr> doneWinograd;
  /// What was packed already: (weights, how) -> result.
  DenseMap<std::pair<ElementsAttr, int64_t>, ElementsAttr> done;
};

} // namespace
