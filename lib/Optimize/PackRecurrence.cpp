// Rearranges the recurrent weights of LSTM, GRU and RNN into the panels that the time loop reads in order
// (m2crt/recurrent.h).
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Optimize/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <m2crt/recurrent.h>

namespace m2c {
#define GEN_PASS_DEF_PACKRECURRENCEPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

struct PackRecurrence : m2c::impl::PackRecurrencePassBase<PackRecurrence> {
  using PackRecurrencePassBase::PackRecurrencePassBase;

  void runOnOperation() override {
    getOperation().walk([&](Operation *op) {
      if (auto lstm = dyn_cast<kernel::LstmOp>(op))
        pack(lstm, 4, false);
      if (auto gru = dyn_cast<kernel::GruOp>(op))
        pack(gru, 3, !gru.getLinearBeforeReset());
      if (auto rnn = dyn_cast<kernel::RnnOp>(op))
        pack(rnn, 1, false);
    });
  }

private:
  /// `split`: the last gate is multiplied by something else than the others, so it lies apart.
  template <class Op>
  void pack(Op op, int64_t gates, bool split) {
    auto type = dyn_cast<RankedTensorType>(op.getRecurrence().getType());
    if (op.getPanel() || !type || !type.hasStaticShape() || !type.getElementType().isF32())
      return;
    int64_t hidden = type.getDimSize(1), width = vectorBytes / 4;
    auto packedType =
        RankedTensorType::get({m2crt::packed_recurrence_size(gates, hidden, width, split)}, type.getElementType());
    OpBuilder builder(op);
    Location loc = op.getRecurrence().getLoc();
    Value packed;
    auto constant = op.getRecurrence().template getDefiningOp<arith::ConstantOp>();
    std::optional<onnx::ConstantData> data;
    if (auto elements = constant ? dyn_cast<ElementsAttr>(constant.getValue()) : ElementsAttr())
      data = onnx::readConstant(elements);
    if (data) {
      onnx::ConstantBuffer buffer(packedType);
      const float *from = data->as<float>().data();
      if (split)
        m2crt::pack_recurrence_split(from, buffer.as<float>().data(), gates, hidden, width);
      else
        m2crt::pack_recurrence(from, buffer.as<float>().data(), gates, hidden, width);
      packed = arith::ConstantOp::create(builder, loc, packedType, cast<TypedAttr>(std::move(buffer).finish("packed")));
    } else {
      Value empty = tensor::EmptyOp::create(builder, op.getLoc(), packedType.getShape(), packedType.getElementType());
      packed =
          kernel::PackOp::create(builder, op.getLoc(), TypeRange{packedType}, op.getRecurrence(), ValueRange{empty},
                                 split ? "recurrence_split" : "recurrence", static_cast<uint64_t>(width), 1)
              ->getResult(0);
    }
    op.getRecurrenceMutable().assign(packed);
    op.setPanel(static_cast<uint64_t>(width));
  }
};

} // namespace
