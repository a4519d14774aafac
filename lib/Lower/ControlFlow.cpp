// Branches and loops: If, Loop and Scan.
//
// What a branch yields is stored to one place for both branches, and what a loop carries goes back into the iteration's
// argument, so that bufferization finds one buffer for each value. A Loop whose condition is always true is an scf.for,
// any other an scf.while; outputs by trip are inserted into a tensor that the loop carries.
#include "ControlFlow.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace m2c;

namespace {

/// The same op with converted types.
template <class Op>
struct ConvertRegionOp : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    const TypeConverter &converter = *this->getTypeConverter();
    SmallVector<Type> types;
    if (failed(converter.convertTypes(op->getResultTypes(), types)))
      return failure();
    Operation *converted = Operation::create(op.getLoc(), op->getName(), types, adaptor.getOperands(),
                                             op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
                                             /*successors=*/{}, op->getNumRegions());
    rewriter.insert(converted);
    for (auto [from, to] : llvm::zip_equal(op->getRegions(), converted->getRegions())) {
      rewriter.inlineRegionBefore(from, to, to.end());
      if (failed(rewriter.convertRegionTypes(&to, converter)))
        return failure();
    }
    rewriter.replaceOp(op, converted->getResults());
    return success();
  }
};

/// The one element of a tensor.
Value extractScalar(OpBuilder &builder, Location loc, Value tensor) {
  SmallVector<Value> indices(tensorType(tensor).getRank());
  for (Value &index : indices)
    index = arith::ConstantIndexOp::create(builder, loc, 0);
  return tensor::ExtractOp::create(builder, loc, tensor, indices);
}

bool isTrue(Value value) {
  ElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)))
    return false;
  std::optional<double> splat = onnx::getSplat(elements);
  return splat && *splat != 0;
}

/// `value` written to `place`; `place` itself where it is that already.
Value store(OpBuilder &builder, Location loc, Value value, Value place) {
  if (value == place)
    return place;
  return linalg::CopyOp::create(builder, loc, value, place).getResult(0);
}

/// What `value` is a view of.
Value getViewed(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::ExtractSliceOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

struct Lowering {
  IRRewriter rewriter;

  void lowerIf(onnx::IfOp op) {
    Location loc = op.getLoc();
    rewriter.setInsertionPoint(op);
    SmallVector<Value> places;
    for (Value result : op->getResults()) {
      SmallVector<Value> sizes;
      for (const Dim &dim : getDims(result))
        if (!dim.isNumber())
          sizes.push_back(cast<Value>(createSize(rewriter, loc, dim)));
      // No tensor.empty, of which each use would get its own.
      places.push_back(bufferization::AllocTensorOp::create(rewriter, loc, tensorType(result), sizes));
    }
    auto branch = scf::IfOp::create(rewriter, loc, op->getResultTypes(), extractScalar(rewriter, loc, op.getCond()),
                                    /*addThenBlock=*/false, /*addElseBlock=*/false);
    branch.getThenRegion().takeBody(op.getThenBranch());
    branch.getElseRegion().takeBody(op.getElseBranch());
    for (Region &region : branch->getRegions()) {
      Operation *yield = region.front().getTerminator();
      rewriter.setInsertionPoint(yield);
      SmallVector<Value> stored;
      for (auto [value, place] : llvm::zip_equal(yield->getOperands(), places))
        stored.push_back(store(rewriter, yield->getLoc(), value, place));
      rewriter.replaceOpWithNewOp<scf::YieldOp>(yield, stored);
    }
    rewriter.replaceOp(op, branch);
  }

  /// The body of a loop ends: what it yields from `first` on goes back into `states`, first the carried values, then
  /// the slices of outputs at `positions`. Erases the yield.
  SmallVector<Value> endBody(Operation *yield, unsigned first, unsigned carried, ValueRange states,
                             ArrayRef<Value> positions) {
    Location loc = yield->getLoc();
    rewriter.setInsertionPoint(yield);
    SmallVector<Value> next(states.size());
    // All that reads the old states comes before the first is overwritten.
    for (unsigned i = carried; i < states.size(); ++i) {
      Value slice = yield->getOperand(first + i);
      SmallVector<OpFoldResult> sizes = getSizes(rewriter, loc, slice);
      sizes.insert(sizes.begin(), rewriter.getIndexAttr(1));
      SmallVector<OpFoldResult> offsets(sizes.size(), rewriter.getIndexAttr(0)),
          strides(sizes.size(), rewriter.getIndexAttr(1));
      offsets[0] = positions[i - carried];
      next[i] = tensor::InsertSliceOp::create(rewriter, loc, slice, states[i], offsets, sizes, strides);
    }
    SmallVector<Value> values;
    for (unsigned i = 0; i < carried; ++i) {
      Value value = yield->getOperand(first + i);
      bool isOldState = value != states[i] && llvm::is_contained(states, getViewed(value));
      values.push_back(isOldState ? store(rewriter, loc, value, createEmpty(rewriter, loc, tensorType(value))) : value);
    }
    for (unsigned i = 0; i < carried; ++i)
      next[i] = store(rewriter, loc, values[i], states[i]);
    rewriter.eraseOp(yield);
    return next;
  }

  void lowerLoop(onnx::LoopOp op) {
    Location loc = op.getLoc();
    rewriter.setInsertionPoint(op);
    Block &body = op.getBody().front();
    Operation *yield = body.getTerminator();
    unsigned carried = op.getVInitial().size();
    SmallVector<Value> starts(op.getVInitial());
    for (Value output : op->getResults().drop_front(carried))
      starts.push_back(createEmpty(rewriter, loc, tensorType(output)));
    Value limit, zero = arith::ConstantIndexOp::create(rewriter, loc, 0),
                 one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    if (op.getM())
      limit =
          arith::IndexCastOp::create(rewriter, loc, rewriter.getIndexType(), extractScalar(rewriter, loc, op.getM()));
    auto inlineBody = [&](Block *into, Value trip, ValueRange states) {
      rewriter.setInsertionPointToEnd(into);
      Value number = arith::IndexCastOp::create(rewriter, loc, rewriter.getI64Type(), trip);
      SmallVector<Value> arguments{
          tensor::FromElementsOp::create(rewriter, loc, tensorType(body.getArgument(0)), number),
          // The body runs only where the condition holds.
          arith::ConstantOp::create(rewriter, loc, DenseElementsAttr::get(tensorType(body.getArgument(1)), true))};
      llvm::append_range(arguments, states);
      rewriter.inlineBlockBefore(&body, into, into->end(), arguments);
    };

    bool isCounted = limit && isTrue(yield->getOperand(0)) && (!op.getCond() || isTrue(op.getCond()));
    if (isCounted) {
      auto loop = scf::ForOp::create(rewriter, loc, zero, limit, one, starts);
      ValueRange states = loop.getRegionIterArgs();
      inlineBody(loop.getBody(), loop.getInductionVar(), states);
      SmallVector<Value> positions(states.size() - carried, loop.getInductionVar());
      SmallVector<Value> next = endBody(yield, 1, carried, states, positions);
      rewriter.setInsertionPointToEnd(loop.getBody());
      scf::YieldOp::create(rewriter, loc, next);
      rewriter.replaceOp(op, loop);
      return;
    }

    // Carries the number of the trip and the condition behind the states: what is not used inside goes, and
    // bufferization wants each state in its place.
    SmallVector<Value> inits = starts;
    inits.push_back(zero);
    inits.push_back(op.getCond() ? extractScalar(rewriter, loc, op.getCond())
                                 : arith::ConstantIntOp::create(rewriter, loc, 1, 1).getResult());
    auto loop = scf::WhileOp::create(rewriter, loc, ValueRange(inits).getTypes(), inits, nullptr, nullptr);
    ValueRange before = loop.getBeforeArguments(), states = ValueRange(loop.getAfterArguments()).drop_back(2);
    Value trip = loop.getAfterArguments()[states.size()];
    rewriter.setInsertionPointToEnd(loop.getBeforeBody());
    Value goesOn = before.back();
    if (limit) {
      Value isLeft = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::slt, before[states.size()], limit);
      goesOn = arith::AndIOp::create(rewriter, loc, isLeft, goesOn);
    }
    scf::ConditionOp::create(rewriter, loc, goesOn, before);
    inlineBody(loop.getAfterBody(), trip, states);
    rewriter.setInsertionPoint(yield);
    Value nextTrip = arith::AddIOp::create(rewriter, loc, trip, one),
          condition = extractScalar(rewriter, loc, yield->getOperand(0));
    SmallVector<Value> positions(states.size() - carried, trip);
    SmallVector<Value> next = endBody(yield, 1, carried, states, positions);
    next.append({nextTrip, condition});
    rewriter.setInsertionPointToEnd(loop.getAfterBody());
    scf::YieldOp::create(rewriter, loc, next);
    rewriter.replaceOp(op, loop.getResults().drop_back(2));
  }

  /// Moves a dimension to the front or, `back`, from there.
  Value moveAxis(Location loc, Value value, int64_t axis, bool back) {
    int64_t rank = tensorType(value).getRank();
    SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    permutation.erase(permutation.begin() + (back ? 0 : axis));
    permutation.insert(permutation.begin() + (back ? axis : 0), back ? 0 : axis);
    return axis == 0 ? value : createTranspose(rewriter, loc, value, permutation);
  }

  void lowerScan(onnx::ScanOp op) {
    Location loc = op.getLoc();
    rewriter.setInsertionPoint(op);
    Block &body = op.getBody().front();
    Operation *yield = body.getTerminator();
    unsigned inputs = op.getNumScanInputs(), carried = op->getNumOperands() - inputs;
    auto entry = [](std::optional<ArrayRef<int64_t>> list, unsigned i) { return list ? (*list)[i] : int64_t(0); };
    auto axisOf = [&](std::optional<ArrayRef<int64_t>> axes, unsigned i, Value value) {
      int64_t axis = entry(axes, i);
      return axis < 0 ? axis + tensorType(value).getRank() : axis;
    };
    // Trips run along the first dimension of everything: then slices are contiguous.
    SmallVector<Value> slicedInputs, starts(op->getOperands().take_front(carried));
    for (auto [i, input] : llvm::enumerate(op->getOperands().drop_front(carried)))
      slicedInputs.push_back(moveAxis(loc, input, axisOf(op.getScanInputAxes(), i, input), /*back=*/false));
    Dim trips = getDims(slicedInputs.front())[0];
    for (auto [i, output] : llvm::enumerate(op->getResults().drop_front(carried))) {
      Dims dims = getDims(output);
      dims.erase(dims.begin() + axisOf(op.getScanOutputAxes(), i, output));
      dims.insert(dims.begin(), trips);
      starts.push_back(createEmpty(rewriter, loc, getTensorType(dims, tensorType(output).getElementType())));
    }
    Value count = getValueOrCreateConstantIndexOp(rewriter, loc, createSize(rewriter, loc, trips)),
          zero = arith::ConstantIndexOp::create(rewriter, loc, 0),
          one = arith::ConstantIndexOp::create(rewriter, loc, 1);
    auto loop = scf::ForOp::create(rewriter, loc, zero, count, one, starts);
    ValueRange states = loop.getRegionIterArgs();
    rewriter.setInsertionPointToEnd(loop.getBody());
    // A direction of 1 goes from the last slice to the first.
    auto positionOf = [&](std::optional<ArrayRef<int64_t>> directions, unsigned i) -> Value {
      if (entry(directions, i) == 0)
        return loop.getInductionVar();
      Value last = arith::SubIOp::create(rewriter, loc, count, one);
      return arith::SubIOp::create(rewriter, loc, last, loop.getInductionVar());
    };
    SmallVector<Value> arguments(states.take_front(carried)), positions;
    for (auto [i, input] : llvm::enumerate(slicedInputs)) {
      SmallVector<OpFoldResult> sizes = createSizes(rewriter, loc, getDims(input)),
                                offsets(sizes.size(), rewriter.getIndexAttr(0)),
                                strides(sizes.size(), rewriter.getIndexAttr(1));
      sizes[0] = rewriter.getIndexAttr(1);
      offsets[0] = positionOf(op.getScanInputDirections(), i);
      arguments.push_back(tensor::ExtractSliceOp::create(rewriter, loc, tensorType(body.getArgument(carried + i)),
                                                         input, offsets, sizes, strides));
    }
    for (unsigned i = carried; i < states.size(); ++i)
      positions.push_back(positionOf(op.getScanOutputDirections(), i - carried));
    rewriter.inlineBlockBefore(&body, loop.getBody(), loop.getBody()->end(), arguments);
    SmallVector<Value> next = endBody(yield, 0, carried, states, positions);
    rewriter.setInsertionPointToEnd(loop.getBody());
    scf::YieldOp::create(rewriter, loc, next);
    rewriter.setInsertionPoint(op);
    SmallVector<Value> results(loop.getResults().take_front(carried));
    for (auto [i, output] : llvm::enumerate(loop.getResults().drop_front(carried)))
      results.push_back(moveAxis(loc, output, axisOf(op.getScanOutputAxes(), i, output), /*back=*/true));
    rewriter.replaceOp(op, results);
  }
};

} // namespace

bool lower::isControlFlow(Operation *op) { return isa<onnx::IfOp, onnx::LoopOp, onnx::ScanOp, onnx::YieldOp>(op); }

void lower::populateControlFlowPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<ConvertRegionOp<onnx::IfOp>, ConvertRegionOp<onnx::LoopOp>, ConvertRegionOp<onnx::ScanOp>,
               ConvertRegionOp<onnx::YieldOp>>(converter, patterns.getContext());
}

void lower::allowControlFlow(const OnnxTypeConverter &converter, ConversionTarget &target) {
  target.addDynamicallyLegalOp<onnx::IfOp, onnx::LoopOp, onnx::ScanOp, onnx::YieldOp>([&](Operation *op) {
    return converter.isLegal(op) &&
           llvm::all_of(op->getRegions(), [&](Region &region) { return converter.isLegal(&region); });
  });
}

LogicalResult lower::lowerControlFlow(ModuleOp module) {
  SmallVector<Operation *> ops; // inner ones first
  module.walk([&](Operation *op) {
    if (isControlFlow(op) && !isa<onnx::YieldOp>(op))
      ops.push_back(op);
  });
  Lowering lowering{IRRewriter(module.getContext())};
  bool hasErrors = false;
  for (Operation *op : ops) {
    bool isKnown = llvm::all_of(op->getResultTypes(), [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && allKnown(getDims(tensor));
    });
    if (!isKnown) {
      op->emitOpError("has a result whose shape depends on data");
      hasErrors = true;
    } else if (auto branch = dyn_cast<onnx::IfOp>(op)) {
      lowering.lowerIf(branch);
    } else if (auto loop = dyn_cast<onnx::LoopOp>(op)) {
      lowering.lowerLoop(loop);
    } else {
      lowering.lowerScan(cast<onnx::ScanOp>(op));
    }
  }
  return failure(hasErrors);
}
