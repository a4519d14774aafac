// Loops and branches: scf.for, scf.if, scf.while. What they carry are variables of the C++ function.
#include "Loops.h"
#include "m2c/Emit/Cpp/Expression.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

/// Declares a variable for each carried value, with its first value, and gives `inside` and `outside` its name.
static LogicalResult declare(Printer &printer, ValueRange starts, ValueRange inside, ValueRange outside,
                             SmallVectorImpl<std::string> &variables) {
  for (auto [start, in, out] : llvm::zip_equal(starts, inside, outside)) {
    std::string name = printer.freshName("state");
    if (auto type = dyn_cast<MemRefType>(start.getType())) {
      Buffer view = printer.buffer(start);
      printer.code().line("auto* " + name + " = " + view.pointer() + ";");
      view.base = name;
      view.moved.clear();
      view.offset = 0;
      printer.bind(in, view);
      printer.bind(out, view);
    } else {
      printer.code().line(getScalarType(start.getType()) + " " + name + " = " + printer.scalar(start) + ";");
      printer.bind(in, name);
      printer.bind(out, name);
    }
    variables.push_back(name);
  }
  return success();
}

static std::string valueOf(Printer &printer, Value value) {
  return isa<MemRefType>(value.getType()) ? printer.buffer(value).pointer() : printer.scalar(value);
}

/// Assigns all at once: a value may be made of another's old one.
static void assign(Printer &printer, ArrayRef<std::string> variables, ValueRange values) {
  SmallVector<std::pair<std::string, std::string>> pending;
  for (auto [variable, value] : llvm::zip_equal(variables, values))
    if (std::string next = valueOf(printer, value); next != variable)
      pending.push_back({variable, next});
  if (pending.size() > 1)
    for (auto &[variable, next] : pending) {
      std::string name = printer.freshName("next");
      printer.code().line("const auto " + name + " = " + next + ";");
      next = name;
    }
  for (auto &[variable, next] : pending)
    printer.code().line(variable + " = " + next + ";");
}

static LogicalResult emitFor(scf::ForOp op, Printer &printer) {
  printer.require("lanes.h"); // what the scalar code inside is printed with
  SmallVector<std::string> variables;
  if (failed(declare(printer, op.getInitArgs(), op.getRegionIterArgs(), op.getResults(), variables)))
    return failure();
  std::string i = printer.freshName("i"), step = printer.scalar(op.getStep());
  printer.bind(op.getInductionVar(), i);
  printer.code().open("for (" + getScalarType(op.getInductionVar().getType()) + " " + i + " = " +
                      printer.scalar(op.getLowerBound()) + "; " + i + " < " + printer.scalar(op.getUpperBound()) +
                      "; " + (step == "1" ? "++" + i : i + " += " + step) + ") {");
  if (failed(printer.print(*op.getBody())))
    return failure();
  assign(printer, variables, op.getBody()->getTerminator()->getOperands());
  printer.code().close();
  return success();
}

static LogicalResult emitIf(scf::IfOp op, Printer &printer) {
  printer.require("lanes.h"); // what the scalar code inside is printed with
  SmallVector<std::string> variables;
  for (Value result : op.getResults()) {
    std::string name = printer.freshName("chosen");
    if (auto type = dyn_cast<MemRefType>(result.getType())) {
      Buffer view = printer.buffer(op.thenYield().getOperand(cast<OpResult>(result).getResultNumber()));
      printer.code().line((view.constant ? "const " : "") + view.element + "* " + name + ";");
      view.base = name;
      view.moved.clear();
      view.offset = 0;
      printer.bind(result, view);
    } else {
      printer.code().line(getScalarType(result.getType()) + " " + name + ";");
      printer.bind(result, name);
    }
    variables.push_back(name);
  }
  printer.code().open("if (" + printer.scalar(op.getCondition()) + ") {");
  if (failed(printer.print(*op.thenBlock())))
    return failure();
  assign(printer, variables, op.thenYield().getOperands());
  if (op.elseBlock()) {
    printer.code().between("} else {");
    if (failed(printer.print(*op.elseBlock())))
      return failure();
    assign(printer, variables, op.elseYield().getOperands());
  }
  printer.code().close();
  return success();
}

static LogicalResult emitWhile(scf::WhileOp op, Printer &printer) {
  printer.require("lanes.h"); // what the scalar code inside is printed with
  SmallVector<std::string> variables, results;
  if (failed(declare(printer, op.getInits(), op.getBeforeArguments(), op.getBeforeArguments(), variables)))
    return failure();
  for (auto [result, inside] : llvm::zip_equal(op.getResults(), op.getAfterArguments())) {
    if (isa<MemRefType>(result.getType()))
      return op.emitOpError("carries a buffer out of a loop, which the C++ printer cannot do");
    std::string name = printer.freshName("last");
    printer.code().line(getScalarType(result.getType()) + " " + name + "{};");
    printer.bind(result, name);
    printer.bind(inside, name);
    results.push_back(name);
  }
  printer.code().open("for (;;) {");
  if (failed(printer.print(*op.getBeforeBody())))
    return failure();
  assign(printer, results, op.getConditionOp().getArgs());
  printer.code().line("if (!(" + printer.scalar(op.getConditionOp().getCondition()) + ")) break;");
  if (failed(printer.print(*op.getAfterBody())))
    return failure();
  assign(printer, variables, op.getYieldOp().getOperands());
  printer.code().close();
  return success();
}

/// A region without results that stands for one kernel: its operations in order.
static LogicalResult emitExecuteRegion(scf::ExecuteRegionOp op, Printer &printer) {
  if (op.getNumResults() != 0 || !op.getRegion().hasOneBlock())
    return op.emitOpError("has results or branches, which the C++ printer cannot do");
  return printer.print(op.getRegion().front());
}

/// The units of a part of the operation around it: all, where that is not split.
static LogicalResult emitPartRange(kernel::PartRangeOp op, Printer &printer) {
  auto region = op->getParentOfType<scf::ExecuteRegionOp>();
  auto units = static_cast<int64_t>(op.getUnits());
  if (!region || !Printer::isSplit(region)) {
    printer.bind(op.getBegin(), "0");
    printer.bind(op.getEnd(), std::to_string(units));
    return success();
  }
  std::string own = printOwnRange(printer, units);
  printer.bind(op.getBegin(), own + ".begin");
  printer.bind(op.getEnd(), own + ".end");
  return success();
}

void m2c::emit::registerControlFlowEmitters(EmitterRegistry &registry) {
  registry.add(emitPartRange);
  registry.add(emitExecuteRegion);
  registry.add(emitFor);
  registry.add(emitIf);
  registry.add(emitWhile);
}
