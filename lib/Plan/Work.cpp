#include "m2c/Plan/Work.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Target/CostModel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace m2c;

namespace {

/// A product of sizes: the numbers multiplied, and what only the run knows.
struct Count {
  double number = 1;
  Dim open = 1;

  Count() = default;
  Count(double number) : number(number) {}
  Count &operator*=(const Dim &dim) {
    if (dim.isNumber())
      number *= static_cast<double>(dim.getNumber());
    else
      open *= dim;
    return *this;
  }
};

Count count(ArrayRef<Dim> dims) {
  Count result;
  for (const Dim &dim : dims)
    result *= dim;
  return result;
}

Count countElements(Value buffer) { return count(getBufferDims(buffer)); }

unsigned bitsOf(Value buffer) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  return element.isIndex() ? 64 : std::max(8u, element.getIntOrFloatBitWidth());
}

/// The bytes of a buffer whose size is known.
double bytesOf(Value buffer) {
  auto type = dyn_cast<MemRefType>(buffer.getType());
  if (!type || !type.hasStaticShape())
    return 0;
  return static_cast<double>(type.getNumElements()) * bitsOf(buffer) / 8;
}

double bytesOfOperands(Operation *op) {
  double bytes = 0;
  for (Value operand : op->getOperands())
    if (isa<MemRefType>(operand.getType()))
      bytes += bytesOf(operand);
  return bytes;
}

/// Cycles per vector of scalar code: of an epilogue or of a structured operation.
double cyclesOf(Block &block) {
  double cycles = 0;
  for (Operation &op : block.without_terminator())
    cycles += llvm::TypeSwitch<Operation *, double>(&op)
                  .Case<math::ExpOp, math::ErfOp, math::TanhOp, math::LogOp, math::SinOp, math::CosOp, math::PowFOp>(
                      [](Operation *) { return 12; })
                  .Case<arith::DivFOp, math::SqrtOp, math::RsqrtOp>([](Operation *) { return 5; })
                  .Case<memref::LoadOp>([](Operation *) { return 8; }) // lane by lane
                  .Default([](Operation *) { return 0.5; });
  return cycles;
}

double epilogueCycles(Operation *op) {
  Region *region = cast<kernel::KernelOpInterface>(op).getEpilogueRegion();
  return region && !region->empty() ? cyclesOf(region->front()) : 0;
}

/// Estimates one operation: what it does per element of an output of `elements`.
struct Estimator {
  const Target &target;

  Work make(const Count &elements, KernelProblem perElement, unsigned bits, double bytes = 0) const {
    perElement.multiplyAdds *= elements.number;
    perElement.vectorCycles *= elements.number / static_cast<double>(target.lanes(bits));
    perElement.bytes = bytes;
    perElement.bits = bits;
    return {elements.open, estimateCycles(perElement, target)};
  }

  /// `cycles` per vector of the elements of `buffer`.
  Work perVector(Operation *op, Value buffer, double cycles) const {
    return make(countElements(buffer), {.vectorCycles = cycles + epilogueCycles(op)}, bitsOf(buffer),
                bytesOfOperands(op));
  }

  Work of(kernel::ContractOp op) const {
    Dims extents = toDims(op.getIterationShape());
    const Value operands[] = {op.getLhs(), op.getRhs(), op.getInits()[0]};
    for (auto [i, operand] : llvm::enumerate(operands)) {
      Dims sizes = getBufferDims(operand);
      for (auto [d, expr] : llvm::enumerate(op.getMap(i).getResults()))
        if (Dim &extent = extents[cast<AffineDimExpr>(expr).getPosition()]; extent.isUnknown())
          extent = sizes[d];
    }
    double depth = extents.back().isNumber() ? static_cast<double>(extents.back().getNumber()) : 1;
    Count outputs = count(ArrayRef(extents).drop_back());
    if (!extents.back().isNumber())
      outputs *= extents.back();
    return make(outputs, {.multiplyAdds = depth, .vectorCycles = epilogueCycles(op)}, bitsOf(op.getInits()[0]),
                bytesOfOperands(op));
  }

  Work of(kernel::ConvOp op) const {
    Value out = op.getInits()[0];
    ArrayRef<int64_t> shape = cast<MemRefType>(out.getType()).getShape();
    int64_t channels = cast<MemRefType>(op.getInput().getType()).getShape().back();
    if (auto tile = op.getWinogradTile()) {
      ConvProblem problem{ShapedType::isDynamic(shape[0]) ? 1 : shape[0],
                          shape[1],
                          shape[2],
                          channels,
                          shape[3],
                          op.getKernelShape()[0],
                          op.getKernelShape()[1]};
      return {ShapedType::isDynamic(shape[0]) ? getBufferDims(out)[0] : Dim(1),
              estimateCycles(problem, ConvTile{(*tile)[0], (*tile)[1]}, target)};
    }
    auto depth = static_cast<double>(channels / static_cast<int64_t>(op.getGroups()) * op.getKernelShape()[0] *
                                     op.getKernelShape()[1]);
    return make(countElements(out), {.multiplyAdds = depth, .vectorCycles = epilogueCycles(op)}, bitsOf(out),
                bytesOf(op.getFilter()));
  }

  Work of(kernel::DepthwiseConvOp op) const {
    ArrayRef<int64_t> kernel = cast<MemRefType>(op.getFilter().getType()).getShape();
    return make(countElements(op.getInits()[0]),
                {.multiplyAdds = static_cast<double>(kernel[0] * kernel[1]),
                 .efficiency = 0.6,
                 .vectorCycles = epilogueCycles(op)},
                bitsOf(op.getInits()[0]), bytesOfOperands(op));
  }

  Work of(kernel::PoolOp op) const {
    auto taps = static_cast<double>(op.getKernelShape()[0] * op.getKernelShape()[1]);
    return perVector(op, op.getInits()[0], taps);
  }

  Work of(kernel::ResizeOp op) const {
    auto taps = [](Value table) { return static_cast<double>(cast<MemRefType>(table.getType()).getShape().back()); };
    return perVector(op, op.getInits()[0], taps(op.getYIndex()) * taps(op.getXIndex()) + 1);
  }

  Work of(kernel::AttentionOp op) const {
    auto extent = [&](Value operand, unsigned i, unsigned logical) {
      Dims dims = getBufferDims(operand);
      for (auto [physical, expr] : llvm::enumerate(op.getMap(i).getResults()))
        if (cast<AffineDimExpr>(expr).getPosition() == logical)
          return dims[physical];
      return Dim(1);
    };
    Count scores = countElements(op.getQuery());
    Dim width = extent(op.getQuery(), 0, 3), valueWidth = extent(op.getValue(), 2, 3);
    double widths =
        width.isNumber() && valueWidth.isNumber() ? static_cast<double>(width.getNumber() + valueWidth.getNumber()) : 1;
    if (width.isNumber())
      scores.number /= static_cast<double>(width.getNumber());
    scores *= extent(op.getKey(), 1, 2);
    return make(scores, {.multiplyAdds = widths, .efficiency = 0.8, .vectorCycles = 12 + epilogueCycles(op)}, 32);
  }

  template <class Op>
  Work recurrent(Op op, double gates) const {
    Dims projected = getBufferDims(op.getProjected());
    auto hidden = static_cast<double>(cast<MemRefType>(op.getInits().back().getType()).getShape().back());
    Count states = count({projected[0], projected[1]});
    states.number *= hidden;
    double steps = projected[0].isNumber() ? static_cast<double>(projected[0].getNumber()) : 1;
    return make(states, {.multiplyAdds = gates * hidden, .vectorCycles = 60}, 32, steps * bytesOf(op.getRecurrence()));
  }

  Work of(linalg::LinalgOp op) const {
    Dims ranges = toDims(op.getStaticLoopRanges());
    for (OpOperand &operand : op->getOpOperands())
      if (isa<MemRefType>(operand.get().getType())) {
        Dims sizes = getBufferDims(operand.get());
        for (auto [size, expr] : llvm::zip_equal(sizes, op.getMatchingIndexingMap(&operand).getResults()))
          if (auto dim = dyn_cast<AffineDimExpr>(expr); dim && ranges[dim.getPosition()].isUnknown())
            ranges[dim.getPosition()] = size;
      }
    if (!allKnown(ranges))
      return {};
    unsigned bits = 8;
    for (Value operand : op->getOperands())
      if (isa<MemRefType>(operand.getType()))
        bits = std::max(bits, bitsOf(operand));
    // A load for each input and a store come on top; a transpose goes through memory element by element.
    bool isTranspose = isa<linalg::TransposeOp>(op);
    double cycles = isTranspose ? static_cast<double>(target.lanes(bits)) / 2
                                : cyclesOf(op->getRegion(0).front()) + 0.5 * op->getNumOperands();
    return make(count(ranges), {.vectorCycles = cycles}, bits, bytesOfOperands(op));
  }
};

} // namespace

Work m2c::estimateWork(Operation *op, const Target &target) {
  Estimator estimate{target};
  return llvm::TypeSwitch<Operation *, Work>(op)
      .Case<kernel::ContractOp, kernel::ConvOp, kernel::DepthwiseConvOp, kernel::PoolOp, kernel::ResizeOp,
            kernel::AttentionOp>([&](auto op) { return estimate.of(op); })
      .Case([&](kernel::SoftmaxOp op) { return estimate.perVector(op, op.getInput(), 14); })
      .Case([&](kernel::NormalizeOp op) { return estimate.perVector(op, op.getInput(), 4); })
      .Case([&](kernel::ArgReduceOp op) { return estimate.perVector(op, op.getInput(), 4); })
      .Case([&](kernel::LstmOp op) { return estimate.recurrent(op, 4); })
      .Case([&](kernel::GruOp op) { return estimate.recurrent(op, 3); })
      .Case([&](kernel::RnnOp op) { return estimate.recurrent(op, 1); })
      .Case([&](scf::ExecuteRegionOp op) { // each kernel as often as it runs
        Work sum{1, 0};
        op.walk([&](kernel::KernelOpInterface inner) {
          auto runs = inner->getAttrOfType<IntegerAttr>(kernel::runsAttrName);
          sum.cycles += estimateWork(inner, target).cycles * (runs ? static_cast<double>(runs.getInt()) : 1);
        });
        return sum;
      })
      .Case([&](linalg::LinalgOp op) { return estimate.of(op); })
      .Default([](Operation *) { return Work(); });
}

Dim m2c::chooseParts(const Work &work) {
  constexpr int64_t most = 256;
  double parts = work.cycles / leastCyclesOfPart; // per unit of the amount
  if (work.amount.isUnknown() || parts <= 0)
    return 1;
  if (work.amount.isNumber())
    return std::clamp(static_cast<int64_t>(parts * static_cast<double>(work.amount.getNumber())), int64_t{1}, most);
  return parts >= 1 ? work.amount * std::min(static_cast<int64_t>(parts), most)
                    : work.amount.floorDiv(static_cast<int64_t>(std::ceil(1 / parts)));
}
