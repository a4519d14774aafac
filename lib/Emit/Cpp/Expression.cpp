// Scalar regions as C++ expressions: the general machinery and the table of operators.
#include "m2c/Emit/Cpp/Expression.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/StringExtras.h"
#include <charconv>
#include <cmath>

using namespace mlir;
using namespace m2c::emit;

namespace {
/// How an operation is written: between its operands, or as a function of them.
struct Rule {
  const char *text;
  Precedence precedence = Primary; // Primary: a function
};
} // namespace

static const llvm::StringMap<Rule> &getRules() {
  static const llvm::StringMap<Rule> rules = {
      {"arith.addf", {"+", Additive}},
      {"arith.subf", {"-", Additive}},
      {"arith.mulf", {"*", Multiplicative}},
      {"arith.divf", {"/", Multiplicative}},
      {"arith.addi", {"+", Additive}},
      {"arith.subi", {"-", Additive}},
      {"arith.muli", {"*", Multiplicative}},
      {"arith.divsi", {"/", Multiplicative}},
      {"arith.remsi", {"%", Multiplicative}},
      {"arith.shli", {"<<", Shift}},
      {"arith.shrsi", {">>", Shift}},
      {"arith.remf", {"rt::fmod"}},
      {"arith.maximumf", {"rt::maximum"}},
      {"arith.minimumf", {"rt::minimum"}},
      {"arith.maxnumf", {"rt::max_num"}},
      {"arith.minnumf", {"rt::min_num"}},
      {"arith.maxsi", {"rt::maximum"}},
      {"arith.minsi", {"rt::minimum"}},
      {"arith.floordivsi", {"rt::floor_div"}},
      {"math.absf", {"rt::abs"}},
      {"math.absi", {"rt::abs"}},
      {"math.ceil", {"rt::ceil"}},
      {"math.copysign", {"rt::copysign"}},
      {"math.erf", {"rt::erf"}},
      {"math.exp", {"rt::exp"}},
      {"math.exp2", {"rt::exp2"}},
      {"math.expm1", {"rt::expm1"}},
      {"math.floor", {"rt::floor"}},
      {"math.fma", {"rt::mul_add"}},
      {"math.isnan", {"rt::is_nan"}},
      {"math.isinf", {"rt::is_inf"}},
      {"math.log", {"rt::log"}},
      {"math.log1p", {"rt::log1p"}},
      {"math.log2", {"rt::log2"}},
      {"math.powf", {"rt::pow"}},
      {"math.round", {"rt::round"}},
      {"math.roundeven", {"rt::round_even"}},
      {"math.rsqrt", {"rt::rsqrt"}},
      {"math.sqrt", {"rt::sqrt"}},
      {"math.tanh", {"rt::tanh"}},
      {"math.trunc", {"rt::trunc"}},
  };
  return rules;
}

/// What only libm has: mapped over the lanes.
static StringRef getLibmName(Operation *op) {
  StringRef name = op->getName().getStringRef();
  static const llvm::StringSet<> known = {"acos", "acosh", "asin",  "asinh", "atan", "atan2", "atanh", "cbrt",
                                          "cos",  "cosh",  "log10", "sin",   "sinh", "tan",   "erfc"};
  return name.consume_front("math.") && known.contains(name) ? name : "";
}

static bool isNarrow(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && integer.getWidth() > 1 && integer.getWidth() < 32;
}

std::string m2c::emit::printConstant(Attribute value) {
  if (auto integer = dyn_cast<IntegerAttr>(value)) {
    if (integer.getType().isInteger(1))
      return integer.getValue().isZero() ? "false" : "true";
    int64_t number = integer.getType().isUnsignedInteger() ? static_cast<int64_t>(integer.getValue().getZExtValue())
                                                           : integer.getValue().getSExtValue();
    // The smallest number has no literal: it would be that of the opposite.
    if (unsigned bits = integer.getType().isIndex() ? 64 : integer.getValue().getBitWidth();
        bits >= 32 && number == llvm::minIntN(bits))
      return "std::numeric_limits<std::int" + std::to_string(bits) + "_t>::min()";
    return std::to_string(number);
  }
  auto real = cast<FloatAttr>(value);
  if (!getNarrowFormat(real.getType()).empty())
    return std::to_string(real.getValue().bitcastToAPInt().getZExtValue());
  bool single = !real.getType().isF64();
  std::string type = single ? "float" : "double";
  if (real.getValue().isInfinity())
    return std::string(real.getValue().isNegative() ? "-" : "") + "std::numeric_limits<" + type + ">::infinity()";
  if (real.getValue().isNaN())
    return "std::numeric_limits<" + type + ">::quiet_NaN()";
  char text[64];
  char *end = single ? std::to_chars(text, text + sizeof text, static_cast<float>(real.getValueAsDouble())).ptr
                     : std::to_chars(text, text + sizeof text, real.getValueAsDouble()).ptr;
  std::string digits(text, end);
  if (digits.find_first_of(".e") == std::string::npos)
    digits += ".0";
  return digits + (single ? "f" : "");
}

std::string m2c::emit::printTypedConstant(TypedAttr value) {
  Type type = value.getType();
  bool isLiteral = type.isF32() || type.isF64() || type.isInteger(1) || type.isInteger(32);
  return isLiteral ? printConstant(value) : getScalarType(type) + "{" + printConstant(value) + "}";
}

Expression ExpressionPrinter::get(Value value) {
  if (auto found = values.find(value); found != values.end())
    return found->second;
  TypedAttr constant;
  if (matchPattern(value, m_Constant(&constant)) && isa<FloatAttr, IntegerAttr>(constant)) {
    std::string text = printConstant(constant);
    Expression literal{text, text.front() == '-' ? Unary : Primary};
    if (std::string typed = printTypedConstant(constant); typed != text)
      literal.typed = typed;
    return literal;
  }
  return {printer.scalar(value), Primary, false, std::nullopt};
}

std::string ExpressionPrinter::text(const Expression &expression, Precedence limit, bool strict) {
  std::string plain = expression.step ? lanesOf(expression) : expression.text;
  Precedence precedence = expression.step ? Primary : expression.precedence;
  bool fits = strict ? precedence < limit : precedence <= limit;
  return fits ? plain : "(" + plain + ")";
}

std::string ExpressionPrinter::lanesOf(const Expression &expression) {
  if (expression.varying && !expression.step)
    return expression.text;
  usesLanes = true;
  if (!expression.step)
    return "rt::splat(lanes, " + (expression.typed.empty() ? expression.text : expression.typed) + ")";
  std::string step = *expression.step == 1 ? "" : ", rt::idx{" + std::to_string(*expression.step) + "}";
  return "rt::iota(lanes, " + expression.text + step + ")";
}

std::string ExpressionPrinter::getLanes(Value value) { return lanesOf(get(value)); }

std::string ExpressionPrinter::getStored(Value value, bool varying) {
  Expression expression = get(value);
  std::string plain = varying ? "" : expression.text;
  if (!value.getType().isInteger(1))
    return varying ? lanesOf(expression) : plain;
  if (!varying || !expression.varying) {
    std::string byte = "std::uint8_t{" + expression.text + "}";
    if (!varying)
      return byte;
    usesLanes = true;
    return "rt::splat(lanes, " + byte + ")";
  }
  return "rt::as_bytes(" + expression.text + ")";
}

Expression ExpressionPrinter::infix(Operation *op, StringRef symbol, Precedence precedence) {
  Expression left = get(op->getOperand(0)), right = get(op->getOperand(1));
  // Beside + - * / nobody knows precedences by heart, and compilers warn.
  Precedence inner = precedence >= Shift ? Unary : precedence;
  std::string joined = text(left, inner) + " " + symbol.str() + " " + text(right, inner, precedence < Shift);
  return {joined, precedence, left.varying || right.varying, std::nullopt};
}

Expression ExpressionPrinter::call(StringRef function, Operation *op) {
  SmallVector<Expression> arguments;
  bool varying = false;
  for (Value operand : op->getOperands()) {
    arguments.push_back(get(operand));
    varying |= arguments.back().varying;
  }
  std::string joined;
  for (const Expression &argument : arguments)
    joined += (joined.empty() ? "" : ", ") + (varying                  ? lanesOf(argument)
                                              : argument.typed.empty() ? argument.text
                                                                       : argument.typed);
  return {function.str() + "(" + joined + ")", Primary, varying, std::nullopt};
}

void ExpressionPrinter::define(Operation *op, Expression expression) {
  Value result = op->getResult(0);
  if (isNarrow(result.getType()) && expression.precedence != Primary)
    expression = {"rt::cast<" + getScalarType(result.getType()) + ">(" + expression.text + ")", Primary,
                  expression.varying, std::nullopt};
  bool moves = inRegion || !isa<memref::LoadOp>(op);
  bool isName = expression.precedence == Primary &&
                llvm::all_of(expression.text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  bool sameBlock = result.hasOneUse() && result.getUsers().begin()->getBlock() == op->getBlock();
  // What is the same in all lanes is computed before them.
  moves &= varyingOps.contains(op) ||
           llvm::none_of(result.getUsers(), [&](Operation *user) { return varyingOps.contains(user); });
  bool isResult = inRegion && sameBlock && result.getUsers().begin()->hasTrait<OpTrait::IsTerminator>();
  if (isName || result.use_empty() || (moves && sameBlock && expression.text.size() < (isResult ? 100 : 60))) {
    values[result] = std::move(expression);
    return;
  }
  if (expression.step) { // an even index stays symbolic
    values[result] = std::move(expression);
    return;
  }
  static const llvm::StringMap<const char *> hints = {
      {"arith.addf", "sum"}, {"arith.subf", "difference"}, {"arith.mulf", "product"}, {"arith.divf", "quotient"},
      {"math.exp", "e"},     {"math.rsqrt", "scale"},      {"arith.cmpf", "mask"},    {"arith.cmpi", "mask"},
      {"memref.load", "x"}};
  auto hint = hints.find(op->getName().getStringRef());
  std::string name = names.unique(hint == hints.end() ? "t" : hint->second);
  code.line("const auto " + name + " = " + expression.text + ";");
  values[result] = {name, Primary, expression.varying, std::nullopt};
}

LogicalResult ExpressionPrinter::print(Operation *op) {
  if (absorbed.contains(op) || matchPattern(op, m_Constant()))
    return success();
  if (op->getNumResults() != 1)
    return op->emitError("the C++ printer cannot print this operation in scalar code");
  if (std::optional<Expression> idiom = printIdiom(op))
    return define(op, *idiom), success();
  if (std::optional<Expression> special = printSpecial(op))
    return define(op, *special), success();
  auto rule = getRules().find(op->getName().getStringRef());
  if (rule != getRules().end()) {
    const Rule &how = rule->second;
    return define(op, how.precedence == Primary ? call(how.text, op) : infix(op, how.text, how.precedence)), success();
  }
  if (StringRef libm = getLibmName(op); !libm.empty()) {
    Expression e = call("", op);
    std::string inner = StringRef(e.text).drop_front().drop_back().str();
    std::string parameters = op->getNumOperands() == 2 ? "auto a, auto b" : "auto a";
    std::string names = op->getNumOperands() == 2 ? "a, b" : "a";
    e.text = "rt::map_lanes(" + inner + ", [](" + parameters + ") { return std::" + libm.str() + "(" + names + "); })";
    return define(op, e), success();
  }
  return op->emitError("the C++ printer has no text for '") << op->getName() << "'";
}

/// Finds the operations of `block` whose results differ by lane.
void ExpressionPrinter::findVarying(Block &block) {
  varyingOps.clear();
  for (Operation &op : block.without_terminator()) {
    bool varying = false;
    op.walk([&](Operation *inner) {
      if (auto index = dyn_cast<linalg::IndexOp>(inner))
        varying |= indexOf(index.getDim()).varying;
      for (Value operand : inner->getOperands()) {
        auto known = values.find(operand);
        varying |= (known != values.end() && known->second.varying) || varyingOps.contains(operand.getDefiningOp());
      }
    });
    if (varying)
      varyingOps.insert(&op);
  }
  varyingOps.insert(block.getTerminator());
}

LogicalResult ExpressionPrinter::print(Block &block, Part part) {
  absorbIdioms(block);
  if (part == Part::Uniform)
    findVarying(block);
  for (Operation &op : block.without_terminator()) {
    bool here = part == Part::All || varyingOps.contains(&op) == (part == Part::Varying);
    if (here && failed(print(&op)))
      return failure();
  }
  return success();
}

Type m2c::emit::widestType(ArrayRef<Type> types) {
  Type widest;
  unsigned bits = 0;
  for (Type type : types) {
    unsigned width = type.isIndex() ? 64 : type.isIntOrFloat() ? std::max(8u, type.getIntOrFloatBitWidth()) : 0;
    if (width > bits) {
      bits = width;
      widest = type;
    }
  }
  return widest;
}
