// The C++ printer: values, shape structs, calls, and the way from an operation to its emitter.
#include "m2c/Emit/Cpp/Printer.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "m2c/Emit/Cpp/Expression.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace m2c::emit;

std::string Printer::scalar(Value value) {
  if (auto found = scalars.find(value); found != scalars.end())
    return found->second;
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)) && isa<FloatAttr, IntegerAttr>(constant))
    return printConstant(constant);
  if (value.getType().isIndex())
    if (Dim size = getSize(value); !size.isUnknown())
      return text(size);
  hasFailed = true;
  emitError(value.getLoc(), "the C++ printer has no name for this scalar");
  return "0";
}

std::string Printer::shapeStruct(StringRef hint, ArrayRef<ShapeField> fields) {
  // One line per run of members of the same type.
  std::string members;
  StringRef open;
  size_t column = 0;
  std::string openMembers; // set by each call
  for (const ShapeField &field : fields) {
    if (field.isSymbolic()) {
      openMembers += (openMembers.empty() ? "  rt::idx " : ", ") + field.name;
      continue;
    }
    std::string item = field.name + " = " + field.value;
    if (open == field.type && column + item.size() + 3 < 116) {
      members += ", " + item;
      column += item.size() + 2;
      continue;
    }
    members += (open.empty() ? "  [[maybe_unused]] static constexpr " : ";\n  [[maybe_unused]] static constexpr ") +
               field.type + " " + item;
    column = 20 + field.type.size() + item.size();
    open = field.type;
  }
  members += members.empty() ? "" : ";\n";
  members += openMembers.empty() ? "" : openMembers + ";\n";
  std::string &name = file.structs[hint.str() + "\n" + members];
  if (name.empty()) {
    name = file.names.unique((hint + "_shape").str());
    file.structText += "struct " + name + " {\n" + members + "};\n";
  }
  return name;
}

void Printer::callShaped(Operation *op, StringRef function, ArrayRef<ShapeField> fields,
                         ArrayRef<std::string> arguments, ArrayRef<StringRef> open) {
  std::string sizes;
  for (const ShapeField &field : fields) {
    if (!field.isSymbolic())
      continue;
    if (!llvm::is_contained(open, field.name)) {
      hasFailed = true;
      op->emitOpError("has no kernel that leaves its ") << field.name << " to the run";
      return;
    }
    sizes += (sizes.empty() ? "" : ", ") + text(field.size);
  }
  std::string name = shapeStruct(function, fields);
  if (sizes.empty())
    return call(("rt::" + function + "<" + name + ">").str(), arguments);
  SmallVector<std::string> all{name + "{" + sizes + "}"};
  llvm::append_range(all, arguments);
  call(("rt::" + function + "_sized").str(), all);
}

void Printer::call(StringRef function, ArrayRef<std::string> arguments) {
  std::string text = function.str() + "(";
  SmallVector<std::string> all;
  if (!file.language->contextName.empty())
    all.push_back(file.language->contextName);
  llvm::append_range(all, arguments);
  for (auto [i, argument] : llvm::enumerate(all)) {
    size_t lineStart = text.rfind('\n') + 1; // 0 if there is none
    StringRef first = StringRef(argument).take_until([](char c) { return c == '\n'; });
    bool fits = text.size() - lineStart + first.size() < 108;
    if (i)
      text += fits ? ", " : ",\n    ";
    text += argument;
  }
  writer.line(text + ");");
}

LogicalResult Printer::print(Operation *op) {
  if (const EmitterRegistry::Emitter *emitter = file.language->registry->find(op))
    return failure(mlir::failed((*emitter)(op, *this)) || hasFailed);
  if (matchPattern(op, m_Constant()) || isa<memref::GetGlobalOp>(op))
    return success();
  if (op->getNumResults() == 1 && op->getResult(0).getType().isIndex() && !getSize(op->getResult(0)).isUnknown())
    return success(); // printed where it is used
  if (op->getNumResults() == 1 && isa<MemRefType>(op->getResult(0).getType()) && isMemoryEffectFree(op))
    return success(); // a view: made where it is used
  if (op->getNumResults() != 1 || op->getNumRegions() != 0)
    return op->emitOpError("has no C++ form");
  ExpressionPrinter statement(*this, writer, names, /*inRegion=*/false);
  if (mlir::failed(statement.print(op)))
    return failure();
  Expression result = statement.get(op->getResult(0));
  bind(op->getResult(0), result.precedence == Primary ? result.text : "(" + result.text + ")");
  return failure(hasFailed);
}

LogicalResult Printer::print(Block &block) {
  for (Operation &op : block.without_terminator())
    if (mlir::failed(print(&op)))
      return failure();
  return success();
}
