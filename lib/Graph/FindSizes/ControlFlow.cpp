// The number of trips of loops.
#include "m2c/Graph/FindSizes.h"
#include "m2c/Graph/Sizes.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

bool isTrue(Value value) {
  auto constant = ConstantTensor::get(value);
  return constant && constant->size() == 1 && constant->getInt(0) != 0;
}

/// The loop without its outputs by trip, and how many trips it makes.
Value countTrips(LoopOp op, SizeComposer &c) {
  unsigned carried = op.getVInitial().size();
  auto counter = RankedTensorType::get({}, c.rewriter.getI64Type());
  OperationState state(op.getLoc(), LoopOp::getOperationName());
  state.addOperands(op->getOperands());
  state.addOperands(c.constant(counter.getElementType(), {}, 0));
  state.addTypes(ValueRange(op->getResults().take_front(carried)).getTypes());
  state.addTypes(counter);
  state.addAttribute("operandSegmentSizes",
                     c.rewriter.getDenseI32ArrayAttr({op.getM() ? 1 : 0, op.getCond() ? 1 : 0, int32_t(carried) + 1}));
  IRMapping mapping;
  Region *body = state.addRegion();
  op.getBody().cloneInto(body, mapping);
  Block &block = body->front();
  Operation *yield = block.getTerminator();
  BlockArgument trips = block.addArgument(counter, op.getLoc());
  OpBuilder::InsertionGuard guard(c.rewriter);
  c.rewriter.setInsertionPoint(yield);
  Value next = c.add(trips, 1);
  SmallVector<Value> yielded(yield->getOperands().take_front(1 + carried));
  yielded.push_back(next);
  yield->setOperands(yielded);
  c.rewriter.setInsertionPoint(op);
  return c.rewriter.create(state)->getResults().back();
}

/// The trip count where conversion knows it, and it is no way to say that there is none.
Dims getMost(LoopOp op) {
  constexpr int64_t kMost = 1 << 24;
  auto sizes = op.getM() ? getSizes(op.getM()) : std::nullopt;
  if (!sizes || sizes->values.size() != 1 || (sizes->values[0].isNumber() && sizes->values[0].getNumber() > kMost))
    return {};
  return sizes->values[0].isNumber() ? Dims{std::max<int64_t>(sizes->values[0].getNumber(), 0)} : sizes->values;
}

/// Outputs by trip need the number of trips: what the operand says, or, where the body decides when to end, what a
/// first run of the loop without these outputs counts.
Composed findLoop(LoopOp op, SizeComposer &c) {
  unsigned carried = op.getVInitial().size();
  if (op->getNumResults() == carried)
    return std::nullopt;
  auto output = dyn_cast<RankedTensorType>(op->getResult(carried).getType());
  bool goesOn = isTrue(op.getBody().front().getTerminator()->getOperand(0));
  bool isEndless = goesOn && (!op.getCond() || isTrue(op.getCond()));
  bool isCounted = isEndless && (!op.getM() || getSizes(op.getM())); // or never ends
  if (!output || !getDims(output).front().isUnknown() || isCounted)
    return std::nullopt;
  Value found;
  if (isEndless)
    found = c.find(c.max(c.list(op.getM()), c.ints(0)));
  else
    found = c.find(c.reshape(countTrips(op, c), {1}), getMost(op));
  Value trips = c.reshape(found, ArrayRef<int64_t>());
  auto loop = cast<LoopOp>(c.rewriter.clone(*op.getOperation()));
  loop.getMMutable().assign(trips);
  loop.getCondMutable().clear();
  if (!goesOn) {
    OpBuilder::InsertionGuard guard(c.rewriter);
    Operation *yield = loop.getBody().front().getTerminator();
    c.rewriter.setInsertionPoint(yield);
    yield->setOperand(0, c.constant(c.rewriter.getI1Type(), {}, 1));
  }
  return SmallVector<Value>(loop->getResults());
}

} // namespace

void addControlFlowFinders(FinderRegistry &r) { r.add<LoopOp>(findLoop); }

} // namespace m2c::graph
