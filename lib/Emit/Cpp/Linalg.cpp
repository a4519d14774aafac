// Structured operations (linalg.generic and all named ones) as loop nests: plain loops outside, vectors of lanes
// inside.
#include "Loops.h"
#include "m2c/Emit/Access.h"
#include "m2c/Emit/Cpp/LoopNest.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

LoopNest::LoopNest(linalg::LinalgOp op, Printer &printer)
    : op(op), printer(printer), body(op->getRegion(0).front()), ranges(toDims(op.getStaticLoopRanges())),
      iterators(op.getIteratorTypesArray()), rank(ranges.size()), indexed(rank) {
  body.walk([&](linalg::IndexOp index) { indexed.set(index.getDim()); });
  for (OpOperand &operand : op->getOpOperands()) {
    Access access{op.getMatchingBlockArgument(&operand), Buffer(), getAffineConstantExpr(0, op.getContext()),
                  operand.get()};
    if (isa<MemRefType>(operand.get().getType())) {
      access.view = printer.buffer(operand.get());
      access.address = getAddress(access.view, op.getMatchingIndexingMap(&operand));
    }
    (op.isDpsInit(&operand) ? outputs : inputs).push_back(access);
    // A loop is as long as the dimension that it walks.
    if (!access.view.base.empty())
      for (auto [d, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
        if (auto dim = dyn_cast<AffineDimExpr>(expr); dim && ranges[dim.getPosition()].isUnknown())
          ranges[dim.getPosition()] = access.view.shape[d];
  }
  for (unsigned dim = 0; dim < rank; ++dim)
    live.push_back(dim);
  dropUnitDims();
  mergeDims();
  for (unsigned dim = 0; dim < rank; ++dim)
    variables.push_back(llvm::is_contained(live, dim) ? printer.freshName("i" + std::to_string(dim)) : "rt::idx{0}");
}

void LoopNest::forEachAccess(llvm::function_ref<void(Access &)> f) {
  for (Access &access : inputs)
    if (!access.argument.use_empty())
      f(access);
  for (Access &access : outputs)
    f(access);
}

/// Where a dimension counts to one, it is 0.
void LoopNest::dropUnitDims() {
  for (unsigned dim = 0; dim < rank; ++dim)
    if (ranges[dim] == 1)
      remove(dim);
}

void LoopNest::remove(unsigned dim) {
  AffineExpr zero = getAffineConstantExpr(0, op.getContext()), d = getAffineDimExpr(dim, op.getContext());
  forEachAccess([&](Access &access) {
    access.address = simplifyAffineExpr(access.address.replace(d, zero), rank, printer.state().symbols.size());
  });
  llvm::erase(live, dim);
}

std::optional<Dim> LoopNest::step(const Access &access, unsigned dim) const {
  return getCoefficient(access.address, dim, rank);
}

/// Two loops are one where every operand goes through both as through one: the outer's step is the inner's times its
/// length.
bool LoopNest::canMerge(unsigned outer, unsigned inner) {
  if (iterators[outer] != iterators[inner] || indexed.test(outer) || indexed.test(inner))
    return false;
  bool together = true;
  forEachAccess([&](Access &access) {
    std::optional<Dim> outerStep = step(access, outer), innerStep = step(access, inner);
    together &= outerStep && innerStep && *outerStep == *innerStep * ranges[inner];
  });
  return together;
}

void LoopNest::mergeDims() {
  for (bool changed = true; changed;) {
    changed = false;
    for (unsigned outer : SmallVector<unsigned>(live))
      for (unsigned inner : SmallVector<unsigned>(live))
        if (outer != inner && !changed && canMerge(outer, inner)) {
          Dim length = ranges[outer] * ranges[inner];
          remove(outer);
          ranges[inner] = length;
          changed = true;
        }
  }
}

/// The widest type of what differs by lane (before the lanes are chosen: of all).
Type LoopNest::widest() {
  SmallVector<Type> types;
  llvm::DenseSet<Value> varying;
  for (Access &access : inputs)
    if (!access.argument.use_empty() && (!lane || laneStep(access) != 0)) {
      types.push_back(access.argument.getType());
      varying.insert(access.argument);
    }
  for (Access &access : outputs) {
    types.push_back(access.argument.getType());
    varying.insert(access.argument);
  }
  for (Operation &op : body.without_terminator()) {
    auto index = dyn_cast<linalg::IndexOp>(op);
    if (index ? lane == index.getDim()
              : llvm::any_of(op.getOperands(), [&](Value value) { return varying.contains(value); }))
      for (Value result : op.getResults()) {
        varying.insert(result);
        if (!result.getType().isIndex()) // an even index is not a vector
          types.push_back(result.getType());
      }
  }
  return widestType(types);
}

/// How good `dim` is as the dimension of the lanes: consecutive elements count most; -1 where it cannot be.
int LoopNest::laneScore(unsigned dim) {
  bool parallel = iterators[dim] == utils::IteratorType::parallel;
  int score = 0;
  bool possible = true;
  for (Access &access : outputs) {
    std::optional<Dim> along = step(access, dim);
    possible &= along && (parallel ? *along != 0 : *along == 0);
    score += along && *along == 1 ? 4 : 0;
  }
  for (Access &access : inputs)
    if (!access.argument.use_empty()) {
      std::optional<Dim> along = step(access, dim);
      possible &= along.has_value();
      score += !along ? 0 : *along == 1 ? 4 : *along == 0 ? 1 : 0;
    }
  if (!possible)
    return -1;
  int64_t lanes = 32 / std::max(1u, widest().isIndex() ? 8 : (widest().getIntOrFloatBitWidth() + 7) / 8);
  return !ranges[dim].isNumber() || ranges[dim].getNumber() >= lanes ? score : score - 8 >= 0 ? score - 8 : 0;
}

std::optional<unsigned> LoopNest::chooseLanes() {
  std::optional<unsigned> best;
  int bestScore = -1;
  for (unsigned dim : live) {
    if (iterators[dim] == utils::IteratorType::reduction && !(combiner && outputs.size() == 1))
      continue;
    if (int score = laneScore(dim); score > bestScore || (score == bestScore && score >= 0)) {
      best = dim;
      bestScore = score;
    }
  }
  return best;
}

/// Which of the parallel loops, that over the lanes among them, is split where threads share the work.
void LoopNest::chooseSplit() {
  SmallVector<unsigned> dims;
  for (unsigned dim : live)
    if (iterators[dim] == utils::IteratorType::parallel)
      dims.push_back(dim);
  if (!Printer::isSplit(op) || dims.empty())
    return;
  split = dims[chooseSplitLoop(llvm::map_to_vector(dims, [&](unsigned dim) { return ranges[dim]; }))];
  if (split != lane)
    own = printOwnRange(printer, ranges[*split]);
}

void LoopNest::openLoops(utils::IteratorType kind, CodeWriter &code) {
  for (unsigned dim : live)
    if (iterators[dim] == kind && lane != dim)
      code.open("for (rt::idx " + variables[dim] + " = " + (split == dim ? own + ".begin" : "0") + "; " +
                variables[dim] + " < " + (split == dim ? own + ".end" : printer.text(ranges[dim])) + "; ++" +
                variables[dim] + ") {");
}

void LoopNest::closeLoops(utils::IteratorType kind, CodeWriter &code) {
  for (unsigned dim : live)
    if (iterators[dim] == kind && lane != dim)
      code.close();
}

std::string LoopNest::terms(const Access &access) {
  return printAffine(access.address, variables, printer.state().symbols);
}

Dim LoopNest::laneStep(const Access &access) { return lane ? *step(access, *lane) : Dim(0); }

void LoopNest::bindInputs(ExpressionPrinter &expressions, CodeWriter &code, bool varying) {
  for (Access &access : inputs) {
    if (access.argument.use_empty())
      continue;
    if (access.view.base.empty()) { // a scalar operand
      if (!varying)
        expressions.bind(access.argument, expressions.get(access.value));
      continue;
    }
    if ((laneStep(access) != 0) != varying)
      continue;
    Expression loaded = expressions.load(access.view, terms(access), laneStep(access));
    if (!access.argument.hasOneUse() || (!varying && lane)) {
      std::string name = printer.freshName("x");
      code.line("const auto " + name + " = " + loaded.text + ";");
      loaded = {name, Primary, varying};
    }
    expressions.bind(access.argument, loaded);
  }
}

Expression LoopNest::index(int64_t dim) {
  Expression value{variables[dim]};
  if (lane && static_cast<unsigned>(dim) == *lane) {
    value.varying = true;
    value.step = 1;
  }
  return value;
}

/// The lanes' dimension as vloop takes it: its length or, where it is split, the part's range in whole vectors.
std::string LoopNest::laneRange() {
  std::string length = printer.text(ranges[*lane]);
  if (split != lane)
    return length;
  printer.require("part.h");
  return "part.of(" + length + ", 64)";
}

/// The start of the lane loop: vloop<N>([&](auto lanes, rt::idx i) {.
std::string LoopNest::vectorLoop() {
  std::string type = getMemoryType(widest());
  std::string body = "[&](auto lanes, rt::idx " + variables[*lane] + ") {";
  if (!ranges[*lane].isNumber() || split == lane)
    return "rt::vloop" + (type == "float" ? "" : "<" + type + ">") + "(" + laneRange() + ", " + body;
  std::string arguments = printer.text(ranges[*lane]) + (type == "float" ? "" : ", " + type);
  return "rt::vloop<" + arguments + ">(" + body;
}

void LoopNest::storeResult(ExpressionPrinter &expressions, CodeWriter &code, unsigned i, std::string value) {
  Access &access = outputs[i];
  Dim along = laneStep(access);
  if (along == 0) {
    code.line(access.view.elementAt(terms(access)) + " = " + value + ";");
    return;
  }
  std::string pointer = access.view.pointer(terms(access));
  if (along == 1)
    code.line("rt::store(" + pointer + ", " + value + ");");
  else
    code.line("rt::store_strided(" + pointer + ", " + value + ", " + printer.text(along) + ");");
}

LogicalResult LoopNest::printParallel() {
  CodeWriter &code = printer.code();
  openLoops(utils::IteratorType::parallel, code);
  ExpressionPrinter expressions(printer, code, printer.localNames(), /*inRegion=*/true);
  expressions.indexOf = [&](int64_t dim) { return index(dim); };
  for (bool varying : {false, true}) {
    if (varying && lane)
      code.open(vectorLoop());
    if (varying && !lane)
      break;
    bindInputs(expressions, code, varying);
    for (Access &access : outputs)
      if (!access.argument.use_empty() && varying == (laneStep(access) != 0))
        expressions.bind(access.argument, expressions.load(access.view, terms(access), laneStep(access)));
    // What is still to come is marked as differing by lane.
    if (!varying && lane)
      for (auto *accesses : {&inputs, &outputs})
        for (Access &access : *accesses)
          if (!access.argument.use_empty() && laneStep(access) != 0)
            expressions.bind(access.argument, {"", Primary, true});
    if (failed(expressions.print(body,
                                 lane ? (varying ? ExpressionPrinter::Part::Varying : ExpressionPrinter::Part::Uniform)
                                      : ExpressionPrinter::Part::All)))
      return failure();
  }
  for (auto [i, result] : llvm::enumerate(body.getTerminator()->getOperands()))
    storeResult(expressions, code, i, expressions.getStored(result, lane.has_value()));
  if (lane)
    code.close("});");
  closeLoops(utils::IteratorType::parallel, code);
  return success();
}

LogicalResult LoopNest::print() {
  printer.require("lanes.h");
  bool hasReduction =
      llvm::any_of(live, [&](unsigned dim) { return iterators[dim] == utils::IteratorType::reduction; });
  bool accumulates = hasReduction || op.getNumReductionLoops() > 0;
  if (accumulates)
    combiner = outputs.size() == 1 ? findCombiner(body, outputs[0].argument) : std::nullopt;
  lane = chooseLanes();
  if (accumulates)
    return printReduction();
  chooseSplit();
  return printParallel();
}

static LogicalResult emitStructured(linalg::LinalgOp op, Printer &printer) {
  if (op->getNumRegions() != 1)
    return op->emitOpError("has no body to be printed");
  if (isAbsorbedFill(op))
    return success();
  LoopNest nest(op, printer);
  return printer.failed() ? failure() : nest.print();
}

LogicalResult m2c::emit::printStructured(Operation *op, Printer &printer) {
  return emitStructured(cast<linalg::LinalgOp>(op), printer);
}

static LogicalResult emitGeneric(linalg::GenericOp op, Printer &printer) { return printStructured(op, printer); }

void m2c::emit::registerLinalgEmitters(EmitterRegistry &registry) { registry.add(emitGeneric); }
