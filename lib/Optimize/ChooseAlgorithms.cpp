// Chooses how each convolution is computed: directly, or by Winograd's algorithm with one of its tiles.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Optimize/Passes.h"
#include "m2c/Target/CostModel.h"
#include "m2c/Target/PassTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <m2crt/winograd.h>

namespace m2c {
#define GEN_PASS_DEF_CHOOSEALGORITHMSPASS
#include "m2c/Optimize/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

/// The problem that `op` is, if it has more than one algorithm: float32 or 16-bit integers, static but for the batch,
/// stride 1, one group, constant filter. Images of an open batch pass one after the other.
std::optional<ConvProblem> getProblem(kernel::ConvOp op) {
  auto in = cast<ShapedType>(op.getInput().getType()), filter = cast<ShapedType>(op.getFilter().getType()),
       out = cast<ShapedType>(op.getInits().front().getType());
  auto isOne = [](int64_t extent) { return extent == 1; };
  bool isOpen = out.isDynamicDim(0), isInteger = in.getElementType().isInteger(16);
  if (!(in.getElementType().isF32() || isInteger) || ShapedType::isDynamicShape(out.getShape().drop_front()) ||
      !filter.hasStaticShape() || llvm::is_contained(out.getShape(), 0) || op.getPanel() || op.getGroups() != 1 ||
      !llvm::all_of(op.getStrides(), isOne) || !llvm::all_of(op.getDilations(), isOne) ||
      !op.getFilter().getDefiningOp<arith::ConstantOp>())
    return std::nullopt;
  ConvProblem problem{isOpen ? 1 : out.getDimSize(0), out.getDimSize(1),    out.getDimSize(2),
                      filter.getDimSize(1),           filter.getDimSize(0), op.getKernelShape()[0],
                      op.getKernelShape()[1]};
  problem.isInteger = isInteger;
  return problem;
}

/// Whether no sum of centred codes (at most 255) times this filter can leave what Winograd's algorithm on integers can
/// tell apart.
bool fitsIntegerWinograd(kernel::ConvOp op) {
  auto constant = cast<ElementsAttr>(op.getFilter().getDefiningOp<arith::ConstantOp>().getValue());
  std::optional<onnx::ConstantData> data = onnx::readConstant(constant);
  if (!data)
    return false;
  ArrayRef<int16_t> filter = data->as<int16_t>();
  int64_t channels = constant.getShapedType().getDimSize(0);
  size_t depth = filter.size() / static_cast<size_t>(channels);
  for (int64_t o = 0; o < channels; ++o) {
    int64_t sum = 0;
    for (int16_t weight : filter.slice(static_cast<size_t>(o) * depth, depth)) {
      if (std::abs(weight) > 255)
        return false;
      sum += 255 * std::abs(weight);
    }
    if (sum >= m2crt::winograd_integer_limit)
      return false;
  }
  return true;
}

/// Bytes of the constants that kernels read.
int64_t countWeightBytes(func::FuncOp function) {
  int64_t bytes = 0;
  function.walk([&](arith::ConstantOp op) {
    if (auto type = dyn_cast<ShapedType>(op.getType()); type && type.getElementType().isIntOrFloat())
      bytes += type.getNumElements() * ((type.getElementTypeBitWidth() + 7) / 8);
  });
  return bytes;
}

struct ChooseAlgorithms : m2c::impl::ChooseAlgorithmsPassBase<ChooseAlgorithms> {
  using ChooseAlgorithmsPassBase::ChooseAlgorithmsPassBase;

  LogicalResult initialize(MLIRContext *context) override { return parseTarget(march, context, target); }

  void runOnOperation() override {
    int64_t weightBytes = countWeightBytes(getOperation());
    getOperation().walk([&](kernel::ConvOp op) {
      std::optional<ConvProblem> problem = getProblem(op);
      if (!problem)
        return;
      problem->modelWeightBytes = weightBytes;
      ConvTile tile = chooseConvTile(*problem, target);
      if (tile.isDirect() || (problem->isInteger && !fitsIntegerWinograd(op)))
        return;
      op.setWinogradTile(ArrayRef<int64_t>{tile.h, tile.w});
    });
  }

private:
  Target target;
};

} // namespace
