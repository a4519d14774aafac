// Launches of structured operations (linalg.generic and all named ones): a thread per element of the output; where
// elements are joined to one by an operation whose order does not matter, threads that share each sum; else a thread
// that goes through the terms in order.
#include "Functor.h"
#include "m2c/Emit/Access.h"
#include "m2c/Emit/Cpp/Combiner.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;
using cuda::Functor;
using utils::IteratorType;

namespace {

class Structured {
public:
  Structured(linalg::LinalgOp op, Printer &printer);
  LogicalResult print();

private:
  /// An operand: the body's argument that it feeds, and where its element lies, in the functor's terms.
  struct Access {
    BlockArgument argument;
    Value value;
    Buffer view; // empty for a scalar
    AffineExpr address;
  };

  void forEachAccess(llvm::function_ref<void(Access &)> f);
  int64_t step(const Access &access, unsigned dim) const;
  void merge();
  SmallVector<unsigned> getDims(IteratorType kind);
  int64_t count(ArrayRef<unsigned> dims) const;
  void defineIndices(ArrayRef<unsigned> dims, StringRef number, CodeWriter &code);
  void bindInputs(ExpressionPrinter &expressions, CodeWriter &code);
  std::string addressOf(const Access &access) { return printAffine(access.address, variables, {}); }
  std::string startOf(Access &output, ExpressionPrinter &expressions);
  ExpressionPrinter makeExpressions(CodeWriter &code);
  LogicalResult printMap();
  LogicalResult printSums(const Combiner &combiner);
  LogicalResult printInOrder();
  void launchMap(CodeWriter &code, int64_t elements);

  linalg::LinalgOp op;
  Printer &printer;
  Block &body;
  Functor functor;
  SmallVector<int64_t> ranges;
  SmallVector<IteratorType> iterators;
  llvm::BitVector indexed; // dimensions that the body asks for
  std::vector<Access> inputs, outputs;
  SmallVector<unsigned> live; // dimensions of more than one step, as far as not merged into another
  SmallVector<std::string> variables;
};

} // namespace

Structured::Structured(linalg::LinalgOp op, Printer &printer)
    : op(op), printer(printer), body(op->getRegion(0).front()), functor(printer, "element"),
      ranges(op.getStaticLoopRanges()), iterators(op.getIteratorTypesArray()), indexed(ranges.size()) {
  body.walk([&](linalg::IndexOp index) { indexed.set(index.getDim()); });
  for (OpOperand &operand : op->getOpOperands()) {
    Access access{op.getMatchingBlockArgument(&operand), operand.get(), Buffer(),
                  getAffineConstantExpr(0, op.getContext())};
    if (isa<MemRefType>(operand.get().getType())) {
      access.view = printer.buffer(operand.get());
      access.address = getAddress(access.view, op.getMatchingIndexingMap(&operand));
    }
    (op.isDpsInit(&operand) ? outputs : inputs).push_back(access);
  }
  for (const char *reserved : {"i", "o", "r", "total"})
    (void)functor.device().freshName(reserved);
  variables.assign(ranges.size(), "rt::idx{0}");
  for (unsigned dim = 0; dim < ranges.size(); ++dim)
    if (ranges[dim] != 1)
      live.push_back(dim);
  forEachAccess([&](Access &access) {
    for (unsigned dim = 0; dim < ranges.size(); ++dim)
      if (ranges[dim] == 1)
        access.address =
            access.address.replace(getAffineDimExpr(dim, op.getContext()), getAffineConstantExpr(0, op.getContext()));
    access.address = simplifyAffineExpr(access.address, ranges.size(), 0);
  });
  merge();
}

void Structured::forEachAccess(llvm::function_ref<void(Access &)> f) {
  for (Access &access : inputs)
    f(access);
  for (Access &access : outputs)
    f(access);
}

/// By how much the address grows with `dim`; a large number where it does so unevenly.
int64_t Structured::step(const Access &access, unsigned dim) const {
  return getCoefficient(access.address, dim, ranges.size()).value_or(std::numeric_limits<int32_t>::max()).getNumber();
}

/// Neighbouring dimensions are one where every operand goes through both as through one: less to divide.
void Structured::merge() {
  for (size_t at = 0; at + 1 < live.size();) {
    unsigned outer = live[at], inner = live[at + 1];
    bool together = iterators[outer] == iterators[inner] && !indexed.test(outer) && !indexed.test(inner);
    forEachAccess([&](Access &access) {
      std::optional<Dim> outerStep = getCoefficient(access.address, outer, ranges.size()),
                         innerStep = getCoefficient(access.address, inner, ranges.size());
      together &= outerStep && innerStep && *outerStep == *innerStep * ranges[inner];
    });
    if (!together) {
      ++at;
      continue;
    }
    forEachAccess([&](Access &access) {
      access.address = simplifyAffineExpr(
          access.address.replace(getAffineDimExpr(outer, op.getContext()), getAffineConstantExpr(0, op.getContext())),
          ranges.size(), 0);
    });
    ranges[inner] *= ranges[outer];
    live.erase(live.begin() + static_cast<ptrdiff_t>(at));
    at = at ? at - 1 : 0;
  }
}

/// The live dimensions of a kind, the one whose neighbours lie closest last: in the output, or what is reduced.
SmallVector<unsigned> Structured::getDims(IteratorType kind) {
  SmallVector<unsigned> dims;
  for (unsigned dim : live)
    if (iterators[dim] == kind)
      dims.push_back(dim);
  const std::vector<Access> &along = kind == IteratorType::parallel ? outputs : inputs;
  if (!along.empty())
    llvm::sort(dims, [&](unsigned a, unsigned b) {
      int64_t stepA = std::abs(step(along.front(), a)), stepB = std::abs(step(along.front(), b));
      return stepA != stepB ? stepA > stepB : a < b;
    });
  return dims;
}

int64_t Structured::count(ArrayRef<unsigned> dims) const {
  int64_t product = 1;
  for (unsigned dim : dims)
    product *= ranges[dim];
  return product;
}

/// const rt::idx i0 = i / 12, i1 = i % 12;
void Structured::defineIndices(ArrayRef<unsigned> dims, StringRef number, CodeWriter &code) {
  SmallVector<std::string> digits =
      cuda::splitIndex(number, llvm::map_to_vector(dims, [&](unsigned dim) { return ranges[dim]; }));
  std::string text;
  for (auto [dim, digit] : llvm::zip_equal(dims, digits)) {
    if (digit == number) {
      variables[dim] = number.str();
      continue;
    }
    variables[dim] = functor.device().freshName(number.str() + std::to_string(dim));
    StringRef plain = digit;
    if (plain.consume_front("("))
      plain.consume_back(")");
    text += (text.empty() ? "" : ", ") + variables[dim] + " = " + plain.str();
  }
  if (!text.empty())
    code.line("[[maybe_unused]] const rt::idx " + text + ";");
}

ExpressionPrinter Structured::makeExpressions(CodeWriter &code) {
  ExpressionPrinter expressions(functor.device(), code, functor.device().localNames(), /*inRegion=*/true);
  expressions.indexOf = [this](int64_t dim) { return Expression{variables[dim]}; };
  return expressions;
}

void Structured::bindInputs(ExpressionPrinter &expressions, CodeWriter &code) {
  for (Access &access : inputs) {
    if (access.argument.use_empty())
      continue;
    if (access.view.base.empty()) { // a scalar operand
      expressions.bind(access.argument, expressions.get(access.value));
      continue;
    }
    Expression loaded = expressions.load(functor.buffer(access.view), addressOf(access), 0);
    if (!access.argument.hasOneUse()) {
      std::string name = functor.device().freshName("x");
      code.line("const auto " + name + " = " + loaded.text + ";");
      loaded = {name};
    }
    expressions.bind(access.argument, loaded);
  }
}

std::string Structured::startOf(Access &output, ExpressionPrinter &expressions) {
  if (Value filled = getFilledValue(op, output.value))
    return printFilled(filled, expressions);
  return expressions.load(functor.buffer(output.view), addressOf(output), 0).text;
}

void Structured::launchMap(CodeWriter &code, int64_t elements) {
  CodeWriter function;
  function.open("__device__ void operator()([[maybe_unused]] rt::idx i) const {");
  function.line(StringRef(code.str()).rtrim());
  function.close();
  printer.require("map.h");
  printer.call("rt::map", {std::to_string(elements), functor.finish(function.str())});
}

LogicalResult Structured::printMap() {
  CodeWriter code;
  SmallVector<unsigned> dims = getDims(IteratorType::parallel);
  defineIndices(dims, "i", code);
  ExpressionPrinter expressions = makeExpressions(code);
  bindInputs(expressions, code);
  for (Access &access : outputs)
    if (!access.argument.use_empty())
      expressions.bind(access.argument, expressions.load(functor.buffer(access.view), addressOf(access), 0));
  if (failed(expressions.print(body)))
    return failure();
  SmallVector<std::string> values; // all are read before the first is written
  for (Value result : body.getTerminator()->getOperands()) {
    values.push_back(expressions.getStored(result, /*varying=*/false));
    if (outputs.size() > 1) {
      std::string name = functor.device().freshName("y");
      code.line("const auto " + name + " = " + values.back() + ";");
      values.back() = name;
    }
  }
  for (auto [access, value] : llvm::zip_equal(outputs, values))
    code.line(functor.buffer(access.view).elementAt(addressOf(access)) + " = " + value + ";");
  launchMap(code, count(dims));
  return success();
}

LogicalResult Structured::printSums(const Combiner &combiner) {
  SmallVector<unsigned> kept = getDims(IteratorType::parallel), summed = getDims(IteratorType::reduction);
  Access &output = outputs[0];
  std::string type = getScalarType(output.argument.getType());
  CodeWriter term, finish;
  defineIndices(kept, "o", term);
  defineIndices(summed, "r", term);
  ExpressionPrinter expressions = makeExpressions(term);
  expressions.skip(combiner.op);
  bindInputs(expressions, term);
  if (failed(expressions.print(body)))
    return failure();
  term.line("return " + expressions.get(combiner.term).text + ";");
  defineIndices(kept, "o", finish);
  ExpressionPrinter finishing = makeExpressions(finish);
  std::string start = startOf(output, finishing);
  std::string total = start == combiner.neutral ? "total" : "combine(" + start + ", total)";
  finish.line(functor.buffer(output.view).elementAt(addressOf(output)) + " = " + total + ";");
  // Neighbouring threads take what lies side by side: terms of a sum, or the same term of neighbouring sums.
  int score = 0;
  for (Access &access : inputs) {
    if (access.view.base.empty())
      continue;
    score += !kept.empty() && step(access, kept.back()) == 1;
    score -= !summed.empty() && step(access, summed.back()) == 1;
  }
  CodeWriter functions;
  functions.line("using type = " + type + ";");
  functions.line("static constexpr rt::idx outputs = " + std::to_string(count(kept)) +
                 ", terms = " + std::to_string(count(summed)) + ";");
  functions.line("static constexpr bool columns = " + std::string(score > 0 ? "true" : "false") + ";");
  functions.line("static __device__ type identity() { return " + combiner.neutral + "; }");
  functions.line("static __device__ type combine(type a, type b) { return " + combiner.functor + "{}(a, b); }");
  functions.open("__device__ type term([[maybe_unused]] rt::idx o, [[maybe_unused]] rt::idx r) const {");
  functions.line(StringRef(term.str()).rtrim());
  functions.close();
  functions.open("__device__ void finish([[maybe_unused]] rt::idx o, type total) const {");
  functions.line(StringRef(finish.str()).rtrim());
  functions.close();
  printer.require("map.h");
  printer.call("rt::reduce", {functor.finish(functions.str())});
  return success();
}

LogicalResult Structured::printInOrder() {
  CodeWriter code;
  SmallVector<unsigned> kept = getDims(IteratorType::parallel);
  defineIndices(kept, "i", code);
  ExpressionPrinter expressions = makeExpressions(code);
  SmallVector<std::string> totals;
  for (Access &access : outputs) {
    totals.push_back(functor.device().freshName("total"));
    code.line(getScalarType(access.argument.getType()) + " " + totals.back() + " = " + startOf(access, expressions) +
              ";");
    expressions.bind(access.argument, {totals.back()});
  }
  SmallVector<unsigned> summed;
  for (unsigned dim : live)
    if (iterators[dim] == IteratorType::reduction)
      summed.push_back(dim);
  for (unsigned dim : summed) {
    std::string &i = variables[dim] = functor.device().freshName("r");
    code.open("for (rt::idx " + i + " = 0; " + i + " < " + std::to_string(ranges[dim]) + "; ++" + i + ") {");
  }
  bindInputs(expressions, code);
  if (failed(expressions.print(body)))
    return failure();
  SmallVector<std::string> next;
  for (Value result : body.getTerminator()->getOperands()) {
    next.push_back(expressions.get(result).text);
    if (outputs.size() > 1) {
      std::string name = functor.device().freshName("next");
      code.line("const auto " + name + " = " + next.back() + ";");
      next.back() = name;
    }
  }
  for (auto [total, value] : llvm::zip_equal(totals, next))
    code.line(total + " = " + value + ";");
  for (size_t i = 0; i < summed.size(); ++i)
    code.close();
  for (auto [access, total] : llvm::zip_equal(outputs, totals))
    code.line(functor.buffer(access.view).elementAt(addressOf(access)) + " = " +
              (access.argument.getType().isInteger(1) ? "std::uint8_t{" + total + "}" : total) + ";");
  launchMap(code, count(kept));
  return success();
}

LogicalResult Structured::print() {
  printer.require("lanes.h");
  functor.capture(body);
  for (Access &access : inputs) // scalar operands
    if (access.view.base.empty())
      functor.capture(access.value);
  if (op.getNumReductionLoops() == 0)
    return printMap();
  std::optional<Combiner> combiner = outputs.size() == 1 ? findCombiner(body, outputs[0].argument) : std::nullopt;
  if (combiner)
    return printSums(*combiner);
  return printInOrder();
}

LogicalResult cuda::printStructured(Operation *op, Printer &printer) {
  auto structured = cast<linalg::LinalgOp>(op);
  if (op->getNumRegions() != 1 || structured.hasDynamicShape())
    return op->emitOpError("needs static shapes to be printed");
  if (isAbsorbedFill(op))
    return success();
  Structured nest(structured, printer);
  return printer.failed() ? failure() : nest.print();
}
