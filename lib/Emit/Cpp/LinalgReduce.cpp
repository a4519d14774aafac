// Structured operations that reduce: rows through vreduce, columns through vreduce_rows, the rest by accumulators.
#include "m2c/Emit/Access.h"
#include "m2c/Emit/Cpp/LoopNest.h"

using namespace mlir;
using namespace m2c::emit;
using utils::IteratorType;

// ---- where a reduction starts -------------------------------------------------------------------------------------

std::string LoopNest::startValue(unsigned output, ExpressionPrinter &expressions, bool varying) {
  Access &access = outputs[output];
  if (Value filled = getFilledValue(op, access.value))
    return varying ? expressions.getLanes(filled) : printFilled(filled, expressions);
  return expressions.load(access.view, terms(access), varying ? laneStep(access) : 0).text;
}

// ---- printing -----------------------------------------------------------------------------------------------------

LogicalResult LoopNest::printReduction() {
  printer.require("reduce.h");
  bool hasBool = llvm::any_of(outputs, [](Access &access) { return access.argument.getType().isInteger(1); });
  if (hasBool)
    lane.reset();
  chooseSplit();
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
  std::string value = "return " + row.getLanes(combiner->term) + ";";
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
  std::string result = "return " + expressions.getLanes(combiner->term) + ";";
  expressions.usesLanes = false;
  std::string start = startValue(0, expressions, false);
  bool neutral = start == combiner->neutral;
  std::string total = neutral ? "total" : combiner->functor + "{}(" + startValue(0, expressions, true) + ", total)";
  Access &output = outputs[0];
  std::string counts = printer.text(ranges[rows]) + ", " + laneRange();
  code.open(ranges[rows].isNumber() && ranges[*lane].isNumber() && split != lane
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
