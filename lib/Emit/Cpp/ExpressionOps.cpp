// Scalar regions as C++ expressions: the operations that need more than a line of the table.
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Emit/Cpp/Expression.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

// ---- memory -------------------------------------------------------------------------------------------------------

Expression ExpressionPrinter::load(const Buffer &view, StringRef terms, const Dim &step) {
  bool isBool = view.elementType.isInteger(1);
  if (step == 0) {
    std::string element = view.elementAt(terms);
    return isBool ? Expression{element + " != 0", Relational} : Expression{element};
  }
  usesLanes = true;
  std::string pointer = view.pointer(terms);
  Expression loaded{step == 1 ? "rt::load(lanes, " + pointer + ")"
                              : "rt::load_strided(lanes, " + pointer + ", " + printer.text(step) + ")"};
  loaded.varying = true;
  if (isBool)
    return {"(" + loaded.text + " != 0)", Primary, true, std::nullopt};
  return loaded;
}

static std::string addTerm(const std::string &sum, const std::string &term) {
  return sum.empty() ? term : sum + " + " + term;
}

Expression ExpressionPrinter::printLoad(memref::LoadOp op) {
  Buffer view = printer.buffer(op.getMemref());
  std::string terms, gathered;
  Dim step = 0;
  for (auto [index, stride, extent] : llvm::zip_equal(op.getIndices(), view.strides, view.shape)) {
    if (extent == 1)
      continue;
    if (std::optional<int64_t> constant = getConstantIntValue(index)) {
      if (Dim moved = stride * *constant; moved.isNumber())
        view.offset += moved.getNumber();
      else
        terms = addTerm(terms, printer.text(moved));
      continue;
    }
    Expression position = get(index);
    bool isGather = position.varying && !position.step;
    std::string scaled = position.text;
    if (stride != 1)
      scaled = (position.precedence <= Multiplicative ? scaled : "(" + scaled + ")") + "*" + printer.text(stride);
    (isGather ? gathered : terms) = addTerm(isGather ? gathered : terms, scaled);
    if (position.step)
      step += stride * *position.step;
  }
  if (gathered.empty())
    return load(view, terms, step);
  usesLanes = true;
  if (step != 0)
    gathered = addTerm(gathered, "rt::iota(lanes, rt::idx{0}, rt::idx{" + printer.text(step) + "})");
  Expression loaded{"rt::gather(lanes, " + view.pointer(terms) + ", " + gathered + ")", Primary, true, std::nullopt};
  if (view.elementType.isInteger(1))
    loaded.text = "(" + loaded.text + " != 0)";
  return loaded;
}

// ---- comparisons and choices --------------------------------------------------------------------------------------

Expression ExpressionPrinter::compare(Operation *op, StringRef predicate) {
  static const llvm::StringMap<const char *> symbols = {{"oeq", "=="}, {"eq", "=="},  {"une", "!="}, {"ne", "!="},
                                                        {"ogt", ">"},  {"sgt", ">"},  {"oge", ">="}, {"sge", ">="},
                                                        {"olt", "<"},  {"slt", "<"},  {"ole", "<="}, {"sle", "<="},
                                                        {"ugt", ">"},  {"uge", ">="}, {"ult", "<"},  {"ule", "<="}};
  if (op->getOperand(0).getType().isInteger(1)) { // masks are compared as truth values
    Expression differs = call("rt::mask_xor", op);
    if (predicate == "eq")
      differs.text = "rt::mask_not(" + differs.text + ")";
    return differs;
  }
  if (predicate == "ord" || predicate == "uno")
    return call(predicate == "ord" ? "rt::ordered" : "rt::unordered", op);
  if (isa<arith::CmpFOp>(op) && predicate.starts_with("u") && predicate != "une") {
    // unordered or ...: not the opposite
    static const llvm::StringMap<const char *> opposite = {
        {"ugt", "ole"}, {"uge", "olt"}, {"ult", "oge"}, {"ule", "ogt"}, {"ueq", "one"}};
    Expression negated = compare(op, opposite.lookup(predicate));
    return {"rt::mask_not(" + negated.text + ")", Primary, negated.varying, std::nullopt};
  }
  if (predicate == "one") {
    Expression less = compare(op, "olt"), greater = compare(op, "ogt");
    return {"rt::mask_or(" + less.text + ", " + greater.text + ")", Primary, less.varying, std::nullopt};
  }
  if (isa<arith::CmpIOp>(op) && predicate.starts_with("u")) {
    std::string type =
        "std::uint" +
        std::to_string(op->getOperand(0).getType().isIndex() ? 64
                                                             : op->getOperand(0).getType().getIntOrFloatBitWidth()) +
        "_t";
    Expression left = get(op->getOperand(0)), right = get(op->getOperand(1));
    bool varying = left.varying || right.varying;
    auto cast = [&](const Expression &e) { return "rt::cast<" + type + ">(" + (varying ? lanesOf(e) : e.text) + ")"; };
    return {cast(left) + " " + symbols.lookup(predicate) + " " + cast(right), Relational, varying, std::nullopt};
  }
  return infix(op, symbols.lookup(predicate), Relational);
}

Expression ExpressionPrinter::select(arith::SelectOp op) {
  Expression condition = get(op.getCondition()), yes = get(op.getTrueValue()), no = get(op.getFalseValue());
  bool isBool = op.getType().isInteger(1);
  if (!condition.varying && !isBool) {
    bool varying = yes.varying || no.varying;
    std::string a = varying ? lanesOf(yes) : text(yes, Additive), b = varying ? lanesOf(no) : text(no, Additive);
    return {text(condition, Additive) + " ? " + a + " : " + b, Conditional, varying, std::nullopt};
  }
  std::string a = yes.varying || !isBool ? lanesOf(yes) : yes.text, b = no.varying || !isBool ? lanesOf(no) : no.text;
  return {std::string(isBool ? "rt::mask_where(" : "rt::where(") + condition.text + ", " + a + ", " + b + ")", Primary,
          condition.varying || yes.varying || no.varying, std::nullopt};
}

// ---- casts --------------------------------------------------------------------------------------------------------

std::optional<Expression> ExpressionPrinter::printCast(Operation *op) {
  if (!isa<arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp, arith::ExtSIOp, arith::ExtUIOp,
           arith::TruncIOp, arith::ExtFOp, arith::TruncFOp, arith::IndexCastOp, arith::IndexCastUIOp, arith::BitcastOp>(
          op))
    return std::nullopt;
  Type from = op->getOperand(0).getType(), to = op->getResult(0).getType();
  Expression source = get(op->getOperand(0));
  if (source.step && to.getIntOrFloatBitWidth() >= 64 && isa<arith::IndexCastOp, arith::IndexCastUIOp>(op))
    return source;
  std::string value = source.varying ? lanesOf(source) : source.text;
  auto cast = [&](Type type, const std::string &inner) {
    return "rt::cast<" + getScalarType(type) + ">(" + inner + ")";
  };
  if (isa<arith::BitcastOp>(op)) {
    if (getScalarType(from) == getScalarType(to))
      return source;
    std::string type = getScalarType(to);
    if (source.varying)
      type = "rt::rebind<decltype(" + value + "), " + type + ">";
    return Expression{"rt::bit_cast<" + type + ">(" + value + ")", Primary, source.varying, std::nullopt};
  }
  // Narrow floats are converted from and to float32; the compiler may have merged two conversions into one.
  std::string fromFormat = getNarrowFormat(from), toFormat = getNarrowFormat(to), narrow = getScalarType(to);
  if (!fromFormat.empty() || !toFormat.empty())
    printer.require("narrow.h");
  if (!fromFormat.empty()) {
    value = "rt::widen_float<rt::" + fromFormat + ">(" + value + ")";
    from = Float32Type::get(op->getContext());
  }
  if (!toFormat.empty())
    to = Float32Type::get(op->getContext());
  auto finish = [&](Expression result) {
    if (!toFormat.empty())
      result = {"rt::narrow_float<rt::" + toFormat + ", " + narrow + ">(" + result.text + ")", Primary, source.varying,
                std::nullopt};
    return result;
  };
  auto unsignedOf = [&](Type type) {
    return IntegerType::get(type.getContext(), type.isIndex() ? 64 : type.getIntOrFloatBitWidth(),
                            IntegerType::Unsigned);
  };
  if (from.isInteger(1)) {
    value = source.varying ? "rt::as_bytes(" + value + ")" : value;
    std::string number = to.isInteger(8) && source.varying ? "rt::cast<std::int8_t>(" + value + ")" : cast(to, value);
    bool negative = isa<arith::ExtSIOp, arith::SIToFPOp>(op);
    return finish({negative ? "-" + number : number, negative ? Unary : Primary, source.varying, std::nullopt});
  }
  if (isa<arith::TruncIOp>(op) && to.isInteger(1))
    return Expression{"(" + text(source, Unary) + " & 1) != 0", Relational, source.varying, std::nullopt};
  if (from == to)
    return finish({value, Primary, source.varying, std::nullopt});
  if (isa<arith::UIToFPOp, arith::ExtUIOp, arith::IndexCastUIOp>(op))
    value = cast(unsignedOf(from), value);
  if (isa<arith::FPToUIOp>(op))
    value = cast(unsignedOf(to), value);
  return finish({cast(to, value), Primary, source.varying, std::nullopt});
}

// ---- indices ------------------------------------------------------------------------------------------------------

/// Index sums and products by constants keep an even step from lane to lane.
Expression ExpressionPrinter::indexArithmetic(Operation *op) {
  Expression left = get(op->getOperand(0)), right = get(op->getOperand(1));
  bool isMul = isa<arith::MulIOp>(op), isSub = isa<arith::SubIOp>(op);
  auto even = [](const Expression &e) { return !e.varying || e.step; };
  auto stepOf = [](const Expression &e) { return e.step.value_or(0); };
  std::optional<int64_t> factor = getConstantIntValue(op->getOperand(1));
  if (!(left.step || right.step) || !even(left) || !even(right) || (isMul && !factor))
    return infix(op, isMul ? "*" : isSub ? "-" : "+", isMul ? Multiplicative : Additive);
  int64_t step = isMul ? stepOf(left) * *factor : stepOf(left) + (isSub ? -stepOf(right) : stepOf(right));
  Precedence precedence = isMul ? Multiplicative : Additive;
  auto plain = [&](const Expression &e, bool strict) {
    bool fits = strict ? e.precedence < precedence : e.precedence <= precedence;
    return fits ? e.text : "(" + e.text + ")";
  };
  return {plain(left, false) +
              (isMul   ? "*"
               : isSub ? " - "
                       : " + ") +
              plain(right, true),
          precedence, step != 0, step ? std::optional(step) : std::nullopt};
}

// ---- the rest -----------------------------------------------------------------------------------------------------

std::optional<Expression> ExpressionPrinter::printSpecial(Operation *op) {
  if (std::optional<Expression> cast = printCast(op))
    return cast;
  auto unsignedCall = [&](StringRef symbol, bool function) {
    Type type = op->getResult(0).getType();
    std::string name = "std::uint" + std::to_string(type.isIndex() ? 64 : type.getIntOrFloatBitWidth()) + "_t";
    Expression left = get(op->getOperand(0)), right = get(op->getOperand(1));
    bool varying = left.varying || right.varying;
    auto cast = [&](const Expression &e) { return "rt::cast<" + name + ">(" + (varying ? lanesOf(e) : e.text) + ")"; };
    std::string value = function ? symbol.str() + "(" + cast(left) + ", " + cast(right) + ")"
                                 : cast(left) + " " + symbol.str() + " " + cast(right);
    return Expression{"rt::cast<" + getScalarType(type) + ">(" + value + ")", Primary, varying, std::nullopt};
  };
  return llvm::TypeSwitch<Operation *, std::optional<Expression>>(op)
      .Case([&](memref::LoadOp load) { return printLoad(load); })
      .Case([&](linalg::IndexOp index) { return indexOf(index.getDim()); })
      .Case([&](kernel::SizeOp size) { return Expression{printer.text(getSize(size.getResult()))}; })
      .Case([&](arith::SelectOp choice) { return select(choice); })
      .Case([&](arith::CmpFOp cmp) { return compare(op, arith::stringifyCmpFPredicate(cmp.getPredicate())); })
      .Case([&](arith::CmpIOp cmp) { return compare(op, arith::stringifyCmpIPredicate(cmp.getPredicate())); })
      .Case<arith::DivUIOp>([&](auto) { return unsignedCall("/", false); })
      .Case<arith::RemUIOp>([&](auto) { return unsignedCall("%", false); })
      .Case<arith::ShRUIOp>([&](auto) { return unsignedCall(">>", false); })
      .Case<arith::MaxUIOp>([&](auto) { return unsignedCall("rt::maximum", true); })
      .Case<arith::MinUIOp>([&](auto) { return unsignedCall("rt::minimum", true); })
      .Case<arith::NegFOp>([&](auto) -> std::optional<Expression> {
        Expression x = get(op->getOperand(0));
        return Expression{"-" + text(x, Primary), Unary, x.varying, std::nullopt};
      })
      .Case<arith::AndIOp, arith::OrIOp, arith::XOrIOp>([&](auto) -> std::optional<Expression> {
        const char *symbol = isa<arith::AndIOp>(op) ? "&" : isa<arith::OrIOp>(op) ? "|" : "^";
        if (!op->getResult(0).getType().isInteger(1))
          return infix(op, symbol, Bitwise);
        if (isa<arith::XOrIOp>(op) && matchPattern(op->getOperand(1), m_One())) {
          Expression x = get(op->getOperand(0));
          return Expression{"rt::mask_not(" + x.text + ")", Primary, x.varying, std::nullopt};
        }
        Expression left = get(op->getOperand(0)), right = get(op->getOperand(1));
        std::string function = isa<arith::AndIOp>(op) ? "and" : isa<arith::OrIOp>(op) ? "or" : "xor";
        return Expression{"rt::mask_" + function + "(" + left.text + ", " + right.text + ")", Primary,
                          left.varying || right.varying, std::nullopt};
      })
      .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp>([&](auto) -> std::optional<Expression> {
        if (op->getResult(0).getType().isIndex() || op->getResult(0).getType().isInteger(64))
          return indexArithmetic(op);
        return std::nullopt;
      })
      .Case([&](affine::AffineApplyOp apply) -> std::optional<Expression> {
        SmallVector<std::string> dims;
        bool varying = false;
        for (Value operand : apply.getMapOperands()) {
          Expression e = get(operand);
          varying |= e.varying;
          dims.push_back(e.varying ? lanesOf(e) : text(e, Primary));
        }
        AffineMap map = apply.getAffineMap();
        SmallVector<AffineExpr> symbols;
        for (unsigned i = 0; i < map.getNumSymbols(); ++i)
          symbols.push_back(getAffineDimExpr(map.getNumDims() + i, op->getContext()));
        std::string sum = printAffine(map.getResult(0).replaceSymbols(symbols), dims, {});
        return Expression{sum.empty() ? "0" : sum, Additive, varying, std::nullopt};
      })
      .Default([](Operation *) { return std::nullopt; });
}

// ---- idioms -------------------------------------------------------------------------------------------------------

/// 1 / (1 + exp(-x)): its x, and the operations that nothing else uses.
static Value matchSigmoid(Operation *op, SmallVectorImpl<Operation *> &parts) {
  auto quotient = dyn_cast<arith::DivFOp>(op);
  if (!quotient || !matchPattern(quotient.getLhs(), m_OneFloat()))
    return nullptr;
  auto sum = quotient.getRhs().getDefiningOp<arith::AddFOp>();
  if (!sum)
    return nullptr;
  bool oneFirst = matchPattern(sum.getLhs(), m_OneFloat());
  if (!oneFirst && !matchPattern(sum.getRhs(), m_OneFloat()))
    return nullptr;
  auto power = (oneFirst ? sum.getRhs() : sum.getLhs()).getDefiningOp<math::ExpOp>();
  auto negated = power ? power.getOperand().getDefiningOp<arith::NegFOp>() : nullptr;
  if (!negated)
    return nullptr;
  for (Operation *part : {sum.getOperation(), power.getOperation(), negated.getOperation()}) {
    if (!part->getResult(0).hasOneUse())
      break;
    parts.push_back(part);
  }
  return negated.getOperand();
}

/// A float rounded to even within constant bounds, as an integer: its x, the bounds, and the operations between.
namespace {
struct Rounding {
  Value x, low, high;
  std::array<Operation *, 3> parts;
};
} // namespace
static std::optional<Rounding> matchRounding(Operation *op) {
  if (!isa<arith::FPToSIOp>(op))
    return std::nullopt;
  auto round = op->getOperand(0).getDefiningOp<math::RoundEvenOp>();
  auto least = round ? round.getOperand().getDefiningOp<arith::MinimumFOp>() : nullptr;
  auto most = least ? least.getLhs().getDefiningOp<arith::MaximumFOp>() : nullptr;
  if (!most || !matchPattern(least.getRhs(), m_Constant()) || !matchPattern(most.getRhs(), m_Constant()) ||
      !most.getType().isF32())
    return std::nullopt;
  std::array<Operation *, 3> parts = {round, least, most};
  if (!llvm::all_of(parts, [](Operation *part) { return part->getResult(0).hasOneUse(); }))
    return std::nullopt;
  return Rounding{most.getLhs(), most.getRhs(), least.getRhs(), parts};
}

void ExpressionPrinter::absorbIdioms(Block &block) {
  SmallVector<Operation *> parts;
  for (Operation &op : block.without_terminator()) {
    matchSigmoid(&op, parts);
    if (std::optional<Rounding> rounding = matchRounding(&op))
      llvm::append_range(parts, rounding->parts);
  }
  absorbed.insert(parts.begin(), parts.end());
}

/// The functions that m2crt has a better form of than their parts.
std::optional<Expression> ExpressionPrinter::printIdiom(Operation *op) {
  auto apply = [&](StringRef function, Value x) {
    Expression e = get(x);
    return Expression{function.str() + "(" + (e.varying ? lanesOf(e) : e.text) + ")", Primary, e.varying, std::nullopt};
  };
  SmallVector<Operation *> parts;
  if (Value x = matchSigmoid(op, parts))
    return apply("rt::sigmoid", x);
  if (std::optional<Rounding> rounding = matchRounding(op)) {
    Expression e = get(rounding->x);
    return Expression{"rt::quantize<" + getScalarType(op->getResult(0).getType()) + ">(" +
                          (e.varying ? lanesOf(e) : e.text) + ", " + get(rounding->low).text + ", " +
                          get(rounding->high).text + ")",
                      Primary, e.varying, std::nullopt};
  }
  if (auto larger = dyn_cast<arith::MaximumFOp>(op); larger && matchPattern(larger.getRhs(), m_AnyZeroFloat()))
    return apply("rt::relu", larger.getLhs());
  return std::nullopt;
}
