// Structured operations that reduce: rows through vreduce, columns through vreduce_rows, the rest by accumulators.
#include "m2c/Emit/Access.h"
#include "m2c/Emit/Cpp/LoopNest.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace m2c::emit;
using utils::IteratorType;

// ---- where a reduction starts -------------------------------------------------------------------------------------

std::string LoopNest::startValue(unsigned output, ExpressionPrinter &expressions, bool varying) {
  Access &access = outputs[output];
  if (Value filled = getFilledValue(op, access.value)) {
    if (varying)
      return expressions.getLanes(filled);
    TypedAttr constant;
    return matchPattern(filled, m_Constant(&constant)) ? printTypedConstant(constant) : expressions.get(filled).text;
  }
  return expressions.load(access.view, terms(access), varying ? laneStep(access) : 0).text;
}

// ---- how it joins -------------------------------------------------------------------------------------------------

std::optional<LoopNest::Combiner> LoopNest::findCombiner() {
  if (outputs.size() != 1)
    return std::nullopt;
  BlockArgument accumulator = outputs[0].argument;
  Operation *join = body.getTerminator()->getOperand(0).getDefiningOp();
  if (!join || !accumulator.hasOneUse() || *accumulator.getUsers().begin() != join || join->getNumOperands() != 2 ||
      !join->getResult(0).hasOneUse())
    return std::nullopt;
  Type type = accumulator.getType();
  unsigned bits = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  if (bits < 32)
    return std::nullopt;
  Combiner how{join, join->getOperand(join->getOperand(0) == accumulator ? 1 : 0), "", ""};
  Builder builder(op.getContext());
  double infinity = std::numeric_limits<double>::infinity();
  auto real = [&](double value) { return builder.getFloatAttr(type, value); };
  auto integer = [&](const APInt &value) { return builder.getIntegerAttr(type, value); };
  TypedAttr neutral =
      llvm::TypeSwitch<Operation *, TypedAttr>(join)
          .Case<arith::AddFOp>([&](auto) { return how.functor = "rt::add_op", real(0); })
          .Case<arith::MulFOp>([&](auto) { return how.functor = "rt::mul_op", real(1); })
          .Case<arith::MaximumFOp>([&](auto) { return how.functor = "rt::max_op", real(-infinity); })
          .Case<arith::MinimumFOp>([&](auto) { return how.functor = "rt::min_op", real(infinity); })
          .Case<arith::AddIOp>([&](auto) { return how.functor = "rt::add_op", integer(APInt(bits, 0)); })
          .Case<arith::MulIOp>([&](auto) { return how.functor = "rt::mul_op", integer(APInt(bits, 1)); })
          .Case<arith::MaxSIOp>(
              [&](auto) { return how.functor = "rt::max_op", integer(APInt::getSignedMinValue(bits)); })
          .Case<arith::MinSIOp>(
              [&](auto) { return how.functor = "rt::min_op", integer(APInt::getSignedMaxValue(bits)); })
          .Default([](Operation *) { return TypedAttr(); });
  if (!neutral)
    return std::nullopt;
  how.neutral = printTypedConstant(neutral);
  return how;
}

// ---- printing -----------------------------------------------------------------------------------------------------

LogicalResult LoopNest::printReduction() {
  printer.require("reduce.h");
  bool hasBool = llvm::any_of(outputs, [](Access &access) { return access.argument.getType().isInteger(1); });
  if (hasBool)
    lane.reset();
  if (lane && iterators[*lane] == IteratorType::reduction)
    return printRowReduction();
  unsigned reductions = llvm::count_if(live, [&](unsigned dim) { return iterators[dim] == IteratorType::reduction; });
  if (lane && combiner && reductions == 1 && laneStep(outputs[0]) == 1)
    return printColumnReduction();
  return printAccumulation();
}

LogicalResult LoopNest::printRowReduction() {
  CodeWriter &code = printer.code();
  ExpressionPrinter expressions(printer, code, printer.localNames(), /*inRegion=*/true);
  expressions.indexOf = [&](int64_t dim) { return index(dim); };
  expressions.skip(combiner->op);
  openLoops(IteratorType::parallel, code);
  Access &output = outputs[0];
  std::string start = startValue(0, expressions, false), total;
  bool nested =
      llvm::any_of(live, [&](unsigned dim) { return iterators[dim] == IteratorType::reduction && dim != *lane; });
  if (nested) {
    total = printer.freshName("total");
    code.line(getScalarType(output.argument.getType()) + " " + total + " = " + start + ";");
    openLoops(IteratorType::reduction, code);
  }
  // What is the same along the row, then the row.
  for (Access &access : inputs)
    if (!access.argument.use_empty() && laneStep(access) != 0)
      expressions.bind(access.argument, {"", Primary, true});
  bindInputs(expressions, code, false);
  if (failed(expressions.print(body, ExpressionPrinter::Part::Uniform)))
    return failure();
  CodeWriter inner;
  ExpressionPrinter row(expressions, inner);
  bindInputs(row, inner, true);
  if (failed(row.print(body, ExpressionPrinter::Part::Varying)))
    return failure();
  std::string type = getMemoryType(widest());
  std::string text =
      (ranges[*lane].isNumber()
           ? "rt::vreduce<" + printer.text(ranges[*lane]) + (type == "float" ? "" : ", " + type) + ">("
           : "rt::vreduce" + (type == "float" ? "" : "<" + type + ">") + "(" + printer.text(ranges[*lane]) + ", ") +
      combiner->neutral + ", [&](auto lanes, rt::idx " + variables[*lane] + ") {";
  std::string value = "return " + row.getLanes(combiner->reduced) + ";";
  if (inner.str().empty())
    text += "\n  " + value + "\n}";
  else {
    CodeWriter whole;
    whole.open(text);
    whole.line(StringRef(inner.str()).rtrim());
    whole.line(value);
    whole.close();
    text = StringRef(whole.str()).rtrim().str();
  }
  text += ", " + combiner->functor + "{})";
  if (nested) {
    code.line(total + " = " + combiner->functor + "{}(" + total + ", " + text + ");");
    closeLoops(IteratorType::reduction, code);
    text = total;
  } else if (start != combiner->neutral) {
    text = combiner->functor + "{}(" + start + ", " + text + ")";
  }
  code.line(output.view.elementAt(terms(output)) + " = " + text + ";");
  closeLoops(IteratorType::parallel, code);
  return success();
}

LogicalResult LoopNest::printColumnReduction() {
  CodeWriter &code = printer.code();
  openLoops(IteratorType::parallel, code);
  unsigned rows = *llvm::find_if(live, [&](unsigned dim) { return iterators[dim] == IteratorType::reduction; });
  CodeWriter inner;
  ExpressionPrinter expressions(printer, inner, printer.localNames(), /*inRegion=*/true);
  expressions.indexOf = [&](int64_t dim) { return index(dim); };
  expressions.skip(combiner->op);
  bindInputs(expressions, inner, false);
  bindInputs(expressions, inner, true);
  if (failed(expressions.print(body)))
    return failure();
  std::string type = getMemoryType(widest());
  std::string result = "return " + expressions.getLanes(combiner->reduced) + ";";
  expressions.usesLanes = false;
  std::string start = startValue(0, expressions, false);
  bool neutral = start == combiner->neutral;
  std::string total = neutral ? "total" : combiner->functor + "{}(" + startValue(0, expressions, true) + ", total)";
  Access &output = outputs[0];
  std::string counts = printer.text(ranges[rows]) + ", " + printer.text(ranges[*lane]);
  code.open(ranges[rows].isNumber() && ranges[*lane].isNumber()
                ? "rt::vreduce_rows<" + counts + (type == "float" ? "" : ", " + type) + ">("
                : "rt::vreduce_rows" + (type == "float" ? "" : "<" + type + ">") + "(" + counts + ",");
  code.open(combiner->neutral + ", [&](auto lanes, rt::idx " + variables[rows] + ", rt::idx " + variables[*lane] +
            ") {");
  code.line(inner.str().empty() ? result : inner.str() + result);
  code.close("}, " + combiner->functor + "{},");
  code.line("[&](auto" + std::string(expressions.usesLanes ? " lanes" : "") + ", rt::idx " + variables[*lane] +
            ", auto total) { rt::store(" + output.view.pointer(terms(output)) + ", " + total + "); });");
  code.close("");
  closeLoops(IteratorType::parallel, code);
  return success();
}

LogicalResult LoopNest::printAccumulation() {
  CodeWriter &code = printer.code();
  openLoops(IteratorType::parallel, code);
  if (lane)
    code.open(vectorLoop());
  ExpressionPrinter expressions(printer, code, printer.localNames(), /*inRegion=*/true);
  expressions.indexOf = [&](int64_t dim) { return index(dim); };
  SmallVector<std::string> totals;
  for (auto [i, access] : llvm::enumerate(outputs)) {
    totals.push_back(printer.freshName("total"));
    std::string type = lane ? "auto" : getScalarType(access.argument.getType());
    code.line(type + " " + totals.back() + " = " + startValue(i, expressions, lane.has_value()) + ";");
    expressions.bind(access.argument, {totals.back(), Primary, lane.has_value()});
  }
  openLoops(IteratorType::reduction, code);
  bindInputs(expressions, code, false);
  if (lane)
    bindInputs(expressions, code, true);
  if (failed(expressions.print(body)))
    return failure();
  SmallVector<std::string> next;
  for (Value result : body.getTerminator()->getOperands()) {
    next.push_back(lane ? expressions.getLanes(result) : expressions.get(result).text);
    if (outputs.size() > 1) {
      std::string name = printer.freshName("next");
      code.line("const auto " + name + " = " + next.back() + ";");
      next.back() = name;
    }
  }
  for (auto [total, value] : llvm::zip_equal(totals, next))
    code.line(total + " = " + value + ";");
  closeLoops(IteratorType::reduction, code);
  for (unsigned i = 0; i < outputs.size(); ++i)
    storeResult(expressions, code, i, totals[i]);
  if (lane)
    code.close("});");
  closeLoops(IteratorType::parallel, code);
  return success();
}
