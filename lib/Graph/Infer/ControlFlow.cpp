// Inference of branches and loops: their subgraphs are inferred in turn.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"
#include "m2c/IR/Symbols.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The type that covers both; null if there is none.
RankedTensorType join(Type a, Type b) {
  auto x = dyn_cast<RankedTensorType>(a), y = dyn_cast<RankedTensorType>(b);
  if (!x || !y || x.getRank() != y.getRank() || x.getElementType() != y.getElementType())
    return {};
  Dims shape = getDims(x), other = getDims(y);
  for (int64_t d = 0; d < x.getRank(); ++d)
    if (shape[d] != other[d])
      shape[d] = Dim::unknown();
  return getTensorType(shape, x.getElementType());
}

ValueRange yielded(Region &region) { return region.front().getTerminator()->getOperands(); }

/// Inference::set, but for sizes that only the model declares: what branches and loops store has exactly the size that
/// is inferred. Sizes that are found inside, perhaps others in each trip, mean nothing outside.
LogicalResult set(Inference &i, unsigned r, Type element, ArrayRef<Dim> given) {
  llvm::SmallDenseSet<unsigned> inside;
  i.op->walk([&](OwnFoundSizesOp op) { inside.insert_range(llvm::to_vector_of<unsigned>(op.getSymbols())); });
  Dims shape(given);
  for (Dim &dim : shape)
    if (dim.dependsOn([&](unsigned symbol) { return inside.contains(symbol); }))
      dim = Dim::unknown();
  if (failed(i.set(r, element, shape)))
    return failure();
  i.op->getResult(r).setType(getTensorType(shape, element));
  return success();
}

LogicalResult inferIf(IfOp op, Inference &i) {
  if (failed(inferBlock(op.getThenBranch().front(), i.evaluating, i.evaluated)) ||
      failed(inferBlock(op.getElseBranch().front(), i.evaluating, i.evaluated)))
    return failure();
  ValueRange a = yielded(op.getThenBranch()), b = yielded(op.getElseBranch());
  for (auto [name, values] : {std::pair("then_branch", a), std::pair("else_branch", b)})
    if (values.size() != op->getNumResults())
      return i.error() << name << " has " << values.size() << " outputs but the node has " << op->getNumResults();
  for (unsigned r = 0; r < op->getNumResults(); ++r)
    if (auto type = join(a[r].getType(), b[r].getType()))
      if (failed(set(i, r, type.getElementType(), getDims(type))))
        return failure();
  return success();
}

/// Infers `body` until the types of its first `carried` arguments from `firstArgument` cover what it yields from
/// `firstYield` on.
LogicalResult inferCarried(Inference &i, Block &body, unsigned firstArgument, unsigned firstYield, unsigned carried) {
  for (bool changed = true; changed;) {
    changed = false;
    // Nothing is replaced by a constant before the types are final.
    if (failed(inferBlock(body, /*evaluating=*/false, i.evaluated)))
      return failure();
    for (unsigned c = 0; c < carried; ++c) {
      Value argument = body.getArgument(firstArgument + c), next = body.getTerminator()->getOperand(firstYield + c);
      auto both = join(argument.getType(), next.getType());
      if (both && both != argument.getType()) {
        argument.setType(both);
        changed = true;
      }
    }
    if (changed) // types only ever get wider, so this ends; what was inferred from the narrow ones is forgotten
      for (Operation &inner : body.without_terminator())
        if (!isa<ConstantOp>(inner))
          for (Value result : inner.getResults())
            if (isa<TensorType>(result.getType()))
              result.setType(getUnknownType(i.context()));
  }
  return inferBlock(body, i.evaluating, i.evaluated);
}

std::optional<bool> getTruth(Value value) {
  auto constant = ConstantTensor::get(value);
  return constant && constant->size() == 1 ? std::optional(constant->getInt(0) != 0) : std::nullopt;
}

/// How often the body of a Loop runs, once it is inferred; unknown where only the run knows.
Dim getTrips(LoopOp op, const Inference &i) {
  std::optional<bool> begins = op.getCond() ? getTruth(op.getCond()) : true,
                      goesOn = getTruth(yielded(op.getBody())[0]);
  Dim limit = Dim::unknown();
  if (auto values = i.knownDims(op.getM()); values && values->size() == 1)
    limit = values->front().isNumber() ? Dim(std::max<int64_t>(values->front().getNumber(), 0)) : values->front();
  if (begins == false || limit == 0)
    return 0;
  bool atLeastOne = !op.getM() || (limit.isNumber() && limit.getNumber() > 0);
  if (begins == true && goesOn == false && atLeastOne)
    return 1;
  return begins == true && (goesOn == true || limit == 1) ? limit : Dim::unknown();
}

LogicalResult inferLoop(LoopOp op, Inference &i) {
  Block &body = op.getBody().front();
  unsigned carried = op.getVInitial().size();
  if (body.getNumArguments() != 2 + carried || body.getTerminator()->getNumOperands() != 1 + op->getNumResults() ||
      op->getNumResults() < carried)
    return i.error() << "the body has " << body.getNumArguments() << " inputs and "
                     << body.getTerminator()->getNumOperands() << " outputs, which do not fit " << carried
                     << " carried values and " << op->getNumResults() << " results";
  body.getArgument(0).setType(RankedTensorType::get({}, i.i64()));
  body.getArgument(1).setType(RankedTensorType::get({}, i.boolean()));
  for (auto [argument, initial] : llvm::zip(body.getArguments().drop_front(2), op.getVInitial()))
    argument.setType(initial.getType());
  if (i.evaluating && !body.getArgument(1).use_empty()) { // the body runs only where the condition holds
    OpBuilder builder(&body, body.begin());
    ElementsAttr holds = DenseElementsAttr::get(cast<RankedTensorType>(body.getArgument(1).getType()), true);
    body.getArgument(1).replaceAllUsesWith(ConstantOp::create(builder, op.getLoc(), holds.getShapedType(), holds));
  }
  if (failed(inferCarried(i, body, 2, 1, carried)))
    return failure();
  Dim trips = getTrips(op, i);
  if (trips.isSymbolic() && op->getNumResults() > carried)
    addAtMost(op, 0, trips);
  ValueRange out = body.getTerminator()->getOperands().drop_front();
  for (unsigned r = 0; r < op->getNumResults(); ++r) {
    auto type = dyn_cast<RankedTensorType>(r < carried ? body.getArgument(2 + r).getType() : out[r].getType());
    if (!type)
      continue;
    Dims shape = getDims(type);
    if (r >= carried)
      shape.insert(shape.begin(), trips); // a slice each
    if (failed(set(i, r, type.getElementType(), shape)))
      return failure();
  }
  return success();
}

LogicalResult inferScan(ScanOp op, Inference &i) {
  Block &body = op.getBody().front();
  int64_t inputs = op.getNumScanInputs(), carried = op->getNumOperands() - inputs;
  if (carried < 0 || body.getNumArguments() != op->getNumOperands() ||
      body.getTerminator()->getNumOperands() != op->getNumResults() || op->getNumResults() < carried)
    return i.error() << "the body does not fit " << carried << " states and " << inputs << " scan inputs";
  Dim trips = Dim::unknown();
  for (int64_t n = 0; n < op->getNumOperands(); ++n) {
    Value operand = op->getOperand(n);
    Dims shape(i.shape(operand));
    if (n >= carried) {
      auto axis = i.axis(op.getScanInputAxes() ? (*op.getScanInputAxes())[n - carried] : 0, i.rank(operand));
      if (failed(axis))
        return failure();
      std::optional<Dim> both = i.unify(trips, shape[*axis]);
      if (!both) {
        std::vector<std::string> names = getSymbolNames(op);
        return i.error() << "scan input " << describe(operand) << " has " << shape[*axis].str(names)
                         << " slices along axis " << *axis << " but the inputs before it have " << trips.str(names);
      }
      trips = *both;
      shape.erase(shape.begin() + *axis);
    }
    body.getArgument(n).setType(getTensorType(shape, i.element(operand)));
  }
  if (failed(inferCarried(i, body, 0, 0, carried)))
    return failure();
  for (int64_t r = 0; r < op->getNumResults(); ++r) {
    auto type = dyn_cast<RankedTensorType>(body.getTerminator()->getOperand(r).getType());
    if (!type)
      continue;
    Dims shape = getDims(type);
    if (r >= carried) {
      auto axis = i.axis(op.getScanOutputAxes() ? (*op.getScanOutputAxes())[r - carried] : 0, shape.size() + 1);
      if (failed(axis))
        return failure();
      shape.insert(shape.begin() + *axis, trips);
    }
    if (failed(set(i, r, type.getElementType(), shape)))
      return failure();
  }
  return success();
}

} // namespace

void addControlFlowInference(InferenceRegistry &r) {
  r.add<IfOp>(inferIf);
  r.add<LoopOp>(inferLoop);
  r.add<ScanOp>(inferScan);
}

} // namespace m2c::graph
