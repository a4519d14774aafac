// Rearranges the weights of contractions, convolutions and recurrences into the panels that their kernels read in
// order.
//
// The packers are those of m2crt (pack.h, winograd.h, recurrent.h), which the kernels' own tests use as well: run here
// on constants, or in the model, as a kernel.pack, on what only its caller knows. How wide a panel is depends on the
// number of rows (one row streams wide panels, many rows share narrow ones), on the columns that would be padding, and
// on the target's vectors; the op records it.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Tensors.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <m2crt/depthwise.h>
#include <m2crt/recurrent.h>
#include <m2crt/winograd.h>

namespace m2c {
#define GEN_PASS_DEF_PACKWEIGHTSPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

enum class Layout { Rows, Columns, Filter, RowPairs, Winograd, Recurrence, RecurrenceSplit };

/// What a packed constant depends on beside the weights.
struct Packing {
  Layout layout;
  int64_t panel = 0, groups = 1;
  std::array<int64_t, 2> tile = {};

  auto getKey(Attribute weights) const {
    return std::tuple(weights, static_cast<unsigned>(layout), panel, groups, tile[0], tile[1]);
  }
};

/// The attribute that makes `value`, if its bytes can be read and an element takes 4 or 8 of them, or is an integer of
/// 2.
ElementsAttr getConstant(Value value) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  auto elements = constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr();
  int64_t bytes = elements ? onnx::getElementBytes(elements.getElementType()) : 0;
  return bytes == 4 || bytes == 8 || (elements && elements.getElementType().isInteger(16)) ? elements : ElementsAttr();
}

using Packer = llvm::function_ref<void(const onnx::ConstantData &, onnx::ConstantBuffer &)>;

/// A packer that moves elements of 4 or 8 bytes: calls move(from, to) with them as integers.
template <class Move>
auto moving(RankedTensorType type, Move move) {
  return [=](const onnx::ConstantData &from, onnx::ConstantBuffer &to) {
    if (onnx::getElementBytes(type.getElementType()) == 4)
      move(from.as<uint32_t>().data(), to.as<uint32_t>().data());
    else
      move(from.as<uint64_t>().data(), to.as<uint64_t>().data());
  };
}

struct PackWeights : m2c::impl::PackWeightsPassBase<PackWeights> {
  using PackWeightsPassBase::PackWeightsPassBase;

  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      if (auto contract = dyn_cast<kernel::ContractOp>(op))
        packContract(contract);
      if (auto conv = dyn_cast<kernel::ConvOp>(op))
        packConv(conv);
      if (auto conv = dyn_cast<kernel::DepthwiseConvOp>(op))
        packDepthwise(conv);
      if (auto lstm = dyn_cast<kernel::LstmOp>(op))
        packRecurrence(lstm, 4, false);
      if (auto gru = dyn_cast<kernel::GruOp>(op)) // the last gate is multiplied by something else than the others
        packRecurrence(gru, 3, !gru.getLinearBeforeReset());
      if (auto rnn = dyn_cast<kernel::RnnOp>(op))
        packRecurrence(rnn, 1, false);
    });
  }

private:
  /// The rows that a panel is made for where the run gives their number: a panel for 8 suits more rows too, and costs
  /// one row a tenth; one for a single row is read in slices by the others, at half their speed where it is not in L1.
  static int64_t getRows(int64_t extent) { return ShapedType::isDynamic(extent) ? 8 : extent; }

  int64_t getPanel(int64_t rows, int64_t columns, Type element) {
    if (element.isInteger(16))
      return m2crt::pair_panel_width(rows, columns, static_cast<int>(vectorBytes / 4),
                                     static_cast<int>(vectorRegisters));
    if (wholeRows) {
      int64_t aligned = 16 / onnx::getElementBytes(element);
      return ceilDiv(columns, aligned) * aligned;
    }
    int64_t lanes = vectorBytes / onnx::getElementBytes(element);
    return m2crt::panel_width(rows, columns, static_cast<int>(lanes), static_cast<int>(vectorRegisters));
  }

  /// Makes the packed constant the operand. False where the weights are no constant.
  bool packConstant(OpOperand &operand, const Packing &packing, RankedTensorType type, Packer pack) {
    ElementsAttr weights = getConstant(operand.get());
    if (!weights)
      return false;
    ElementsAttr &packed = done[packing.getKey(weights)];
    if (!packed) {
      std::optional<onnx::ConstantData> data = onnx::readConstant(weights);
      if (!data)
        return false;
      onnx::ConstantBuffer buffer(type);
      pack(*data, buffer);
      packed = std::move(buffer).finish("packed");
    }
    OpBuilder builder(operand.getOwner());
    operand.set(arith::ConstantOp::create(builder, operand.get().getLoc(), type, cast<TypedAttr>(packed)));
    return true;
  }

  /// Packs a constant of 16-bit integers in pairs, with 8 bits if all have them: `shape` is that of the packed one,
  /// pack(from, to) packs. False where the weights are no constant.
  template <class Pack>
  bool packPairs(OpOperand &operand, const Packing &packing, ArrayRef<int64_t> shape, Pack pack) {
    ElementsAttr weights = getConstant(operand.get());
    std::optional<onnx::ConstantData> data = weights ? onnx::readConstant(weights) : std::nullopt;
    if (!data)
      return false;
    bool isSmall = llvm::all_of(data->as<int16_t>(), [](int16_t x) { return x == static_cast<int8_t>(x); });
    auto type = RankedTensorType::get(shape, IntegerType::get(&getContext(), isSmall ? 8 : 16));
    return packConstant(operand, packing, type, [&](const onnx::ConstantData &from, onnx::ConstantBuffer &to) {
      if (isSmall)
        pack(from.as<int16_t>().data(), to.as<int8_t>().data());
      else
        pack(from.as<int16_t>().data(), to.as<int16_t>().data());
    });
  }

  /// Packs in the model.
  static void packAtRunTime(OpOperand &operand, const Packing &packing, RankedTensorType type, StringRef format) {
    Operation *op = operand.getOwner();
    OpBuilder builder(op);
    Value empty = createEmpty(builder, op->getLoc(), type);
    operand.set(kernel::PackOp::create(builder, op->getLoc(), TypeRange{type}, operand.get(), ValueRange{empty}, format,
                                       static_cast<uint64_t>(packing.panel), static_cast<uint64_t>(packing.groups))
                    ->getResult(0));
  }

  void packContract(kernel::ContractOp op) {
    AffineMap map = op.getMap(1);
    unsigned dims = map.getNumDims(), n = dims - 2, k = dims - 1;
    if (op.getPanel() || map.getNumResults() != 2 || !isa<RankedTensorType>(op.getInits()[0].getType()))
      return;
    SmallVector<int64_t> extents = op.getIterationShape();
    if (ShapedType::isDynamic(extents[n]) || ShapedType::isDynamic(extents[k]))
      return;
    bool transposed = cast<AffineDimExpr>(map.getResult(0)).getPosition() == n;
    int64_t rows = getRows(extents[dims - 3]), columns = extents[n], depth = extents[k];
    Type element = tensorType(op.getRhs()).getElementType();
    int64_t panel = getPanel(rows, columns, element);
    if (element.isInteger(16)) {
      auto pack = [=](const int16_t *from, auto *to) {
        m2crt::pack_pair_panels(from, transposed ? 1 : columns, transposed ? depth : 1, depth, columns, panel, to);
      };
      if (packPairs(op.getRhsMutable(), {transposed ? Layout::Columns : Layout::Rows, panel},
                    {ceilDiv(columns, panel), ceilDiv(depth, 2), panel, 2}, pack))
        op.setPanel(static_cast<uint64_t>(panel));
      return;
    }
    auto type = RankedTensorType::get({ceilDiv(columns, panel), depth, panel}, element);
    auto move = [=](const auto *from, auto *to) {
      m2crt::pack_panels(from, transposed ? 1 : columns, transposed ? depth : 1, depth, columns, panel, to);
    };
    Packing packing{transposed ? Layout::Columns : Layout::Rows, panel};
    if (packConstant(op.getRhsMutable(), packing, type, moving(type, move)))
      op.setPanel(static_cast<uint64_t>(panel));
  }

  void packConv(kernel::ConvOp op) {
    RankedTensorType filterType = tensorType(op.getFilter());
    if (op.getPanel() || !isa<RankedTensorType>(op.getInits()[0].getType()) || !filterType.hasStaticShape())
      return;
    if (op.getWinogradTile()) {
      if (packWinograd(op))
        return;
      op.removeWinogradTileAttr();
    }
    ArrayRef<int64_t> shape = filterType.getShape(), out = tensorType(op.getInits()[0]).getShape();
    auto groups = static_cast<int64_t>(op.getGroups());
    int64_t columns = shape[0] / groups,
            panel = getPanel((ShapedType::isDynamic(out[0]) ? 1 : out[0]) * out[1] * out[2], columns,
                             filterType.getElementType());
    if (filterType.getElementType().isInteger(16)) {
      auto pack = [=](const int16_t *from, auto *to) {
        m2crt::pack_pair_filter(from, shape[0], shape[1], shape[2], shape[3], groups, panel, to);
      };
      if (packPairs(op.getFilterMutable(), {Layout::Filter, panel, groups},
                    {groups, ceilDiv(columns, panel), shape[2], shape[3], ceilDiv(shape[1], 2), panel, 2}, pack))
        op.setPanel(static_cast<uint64_t>(panel));
      return;
    }
    auto type = RankedTensorType::get({groups, ceilDiv(columns, panel), shape[2], shape[3], shape[1], panel},
                                      filterType.getElementType());
    auto move = [=](const auto *from, auto *to) {
      m2crt::pack_filter(from, shape[0], shape[1], shape[2], shape[3], groups, panel, to);
    };
    Packing packing{Layout::Filter, panel, groups};
    if (!packConstant(op.getFilterMutable(), packing, type, moving(type, move)))
      packAtRunTime(op.getFilterMutable(), packing, type, "filter");
    op.setPanel(static_cast<uint64_t>(panel));
  }

  /// Pairs of kernel rows for 16-bit integers; other filters are read as they are.
  void packDepthwise(kernel::DepthwiseConvOp op) {
    RankedTensorType type = tensorType(op.getFilter());
    if (!type.getElementType().isInteger(16))
      return;
    auto pairs = type.clone(IntegerType::get(&getContext(), 32));
    packConstant(op.getFilterMutable(), {Layout::RowPairs}, pairs,
                 [&](const onnx::ConstantData &from, onnx::ConstantBuffer &to) {
                   m2crt::pack_row_pairs(from.as<int16_t>().data(), type.getDimSize(0),
                                         type.getDimSize(1) * type.getDimSize(2), to.as<int32_t>().data());
                 });
  }

  bool packWinograd(kernel::ConvOp op) {
    RankedTensorType filterType = tensorType(op.getFilter());
    ArrayRef<int64_t> shape = filterType.getShape(), tile = *op.getWinogradTile();
    int64_t taps = op.getWinogradTaps();
    if (filterType.getElementType().isInteger(16)) {
      int64_t panel = getPanel(m2crt::winograd_block(1000, shape[1], taps, 2), shape[0], filterType.getElementType());
      auto type = RankedTensorType::get({ceilDiv(shape[0], panel), taps, ceilDiv(shape[1], 2), panel, 2},
                                        filterType.getElementType());
      if (!packConstant(op.getFilterMutable(), {Layout::Winograd, panel, 1, {tile[0], tile[1]}}, type,
                        [&](const onnx::ConstantData &from, onnx::ConstantBuffer &to) {
                          m2crt::pack_integer_winograd(from.as<int16_t>().data(), shape[0], shape[1], panel,
                                                       to.as<int16_t>().data());
                        }))
        return false;
      op.setPanel(static_cast<uint64_t>(panel));
      return true;
    }
    // Blocks of tiles have about as many rows as this.
    int64_t panel = getPanel(m2crt::winograd_block(1000, shape[1], taps, 4), shape[0], filterType.getElementType());
    auto type = RankedTensorType::get({ceilDiv(shape[0], panel), taps, shape[1], panel}, filterType.getElementType());
    auto transform = [&](const onnx::ConstantData &from, onnx::ConstantBuffer &to) {
      m2crt::pack_winograd(from.as<float>().data(), shape[0], shape[1], shape[2], shape[3], tile[0], tile[1], panel,
                           to.as<float>().data());
    };
    if (!packConstant(op.getFilterMutable(), {Layout::Winograd, panel, 1, {tile[0], tile[1]}}, type, transform))
      return false;
    op.setPanel(static_cast<uint64_t>(panel));
    return true;
  }

  /// `split`: the last gate's weights lie apart.
  template <class Op>
  void packRecurrence(Op op, int64_t gates, bool split) {
    auto from = dyn_cast<RankedTensorType>(op.getRecurrence().getType());
    if (op.getPanel() || !from || !from.hasStaticShape() || !from.getElementType().isF32())
      return;
    int64_t hidden = from.getDimSize(1), width = wholeRows ? ceilDiv(hidden, 4) * 4 : vectorBytes / 4;
    auto type =
        RankedTensorType::get({m2crt::packed_recurrence_size(gates, hidden, width, split)}, from.getElementType());
    auto move = [=](const auto *from, auto *to) {
      if (split)
        m2crt::pack_recurrence_split(from, to, gates, hidden, width);
      else
        m2crt::pack_recurrence(from, to, gates, hidden, width);
    };
    Packing packing{split ? Layout::RecurrenceSplit : Layout::Recurrence, width};
    if (!packConstant(op.getRecurrenceMutable(), packing, type, moving(type, move)))
      packAtRunTime(op.getRecurrenceMutable(), packing, type, split ? "recurrence_split" : "recurrence");
    op.setPanel(static_cast<uint64_t>(width));
  }

  /// What was packed already.
  DenseMap<decltype(Packing().getKey({})), ElementsAttr> done;
};

} // namespace
