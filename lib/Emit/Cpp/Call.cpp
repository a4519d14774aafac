// Prints calls of functions that nothing is fused into: m2crt's and the user's.
#include "m2c/Emit/Cpp/Expression.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

/// The pointers to all operands, in order.
FailureOr<SmallVector<Buffer>> getOperands(kernel::CallOp op, Printer &printer) {
  SmallVector<Buffer> buffers;
  for (Value operand : op->getOperands()) {
    buffers.push_back(printer.buffer(operand));
    if (!printer.failed() && !buffers.back().isContiguous())
      return op.emitOpError("expects each operand in one run of memory");
  }
  return printer.failed() ? FailureOr<SmallVector<Buffer>>(failure()) : buffers;
}

LogicalResult emitOwnCall(kernel::CallOp op, ArrayRef<Buffer> operands, Printer &printer) {
  SmallVector<ShapeField> fields;
  SmallVector<StringRef> open;
  for (NamedAttribute parameter : op.getParameters()) {
    StringRef name = parameter.getName();
    if (auto integer = dyn_cast<IntegerAttr>(parameter.getValue())) {
      if (integer.getType().isInteger(1))
        fields.emplace_back(name, integer.getValue().isOne());
      else
        fields.emplace_back(name, integer.getInt());
    } else if (auto size = dyn_cast<AffineMapAttr>(parameter.getValue())) {
      fields.emplace_back(name, Dim(size.getValue().getResult(0)));
      open.push_back(name);
    } else if (auto number = dyn_cast<FloatAttr>(parameter.getValue())) {
      fields.emplace_back(name, getScalarType(number.getType()), printConstant(number));
    } else {
      return op.emitOpError("parameter '") << name << "' is neither a number, nor a size, nor a truth value";
    }
  }
  printer.require(op.getHeader());
  auto pointers = llvm::map_to_vector(operands, [](const Buffer &buffer) { return buffer.pointer(); });
  printer.callShaped(op, op.getCallee(), fields, pointers, open);
  return failure(printer.failed());
}

std::string quote(StringRef text) {
  std::string literal = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\')
      literal += {'\\', static_cast<char>(c)};
    else if (c >= ' ' && c < 127 && c != '?')
      literal += static_cast<char>(c);
    else
      literal +=
          {'\\', static_cast<char>('0' + c / 64), static_cast<char>('0' + c / 8 % 8), static_cast<char>('0' + c % 8)};
  }
  return literal + "\"";
}

/// An attribute of the node as an argument: a number, a string, or a list in braces.
std::string printAttribute(Attribute value) {
  auto list = [](auto range, auto print) {
    std::string text;
    for (auto item : range)
      text += (text.empty() ? "" : ", ") + print(item);
    return "{" + text + "}";
  };
  Builder builder(value.getContext());
  auto printFloat = [&](float number) { return printConstant(builder.getF32FloatAttr(number)); };
  auto printInt = [](int64_t number) { return "INT64_C(" + std::to_string(number) + ")"; };
  if (auto integer = dyn_cast<IntegerAttr>(value))
    return printInt(integer.getInt());
  if (auto number = dyn_cast<FloatAttr>(value))
    return printConstant(number);
  if (auto text = dyn_cast<StringAttr>(value))
    return quote(text.getValue());
  if (auto integers = dyn_cast<DenseI64ArrayAttr>(value))
    return list(integers.asArrayRef(), printInt);
  if (auto numbers = dyn_cast<DenseF32ArrayAttr>(value))
    return list(numbers.asArrayRef(), printFloat);
  return list(cast<ArrayAttr>(value).getAsValueRange<StringAttr>(), quote);
}

/// Data, shape and rank of each operand, then the attributes in the order of their names.
LogicalResult emitUserCall(kernel::CallOp op, ArrayRef<Buffer> operands, Printer &printer) {
  printer.state().userHeaders.insert(op.getHeader());
  SmallVector<std::string> arguments;
  for (auto [i, buffer, element] : llvm::enumerate(operands, op.getElementTypes()->getAsValueRange<TypeAttr>())) {
    std::string type = getMemoryType(element), shape = "nullptr";
    bool isInput = i < op.getInputs().size();
    std::string pointer = buffer.pointer();
    if (type != buffer.element)
      pointer = "reinterpret_cast<" + std::string(isInput ? "const " : "") + type + "*>(" + pointer + ")";
    if (!buffer.shape.empty()) {
      shape = printer.freshName("shape");
      std::string extents;
      for (const Dim &extent : buffer.shape)
        extents += (extents.empty() ? "" : ", ") + printer.text(extent);
      printer.code().line((asNumbers(buffer.shape) ? "static constexpr" : "const") + std::string(" std::int64_t ") +
                          shape + "[] = {" + extents + "};");
    }
    arguments.append({pointer, shape, std::to_string(buffer.shape.size())});
  }
  for (NamedAttribute parameter : op.getParameters())
    arguments.push_back(printAttribute(parameter.getValue()));
  printer.call("::" + op.getCallee().str(), arguments);
  return success();
}

LogicalResult emitCall(kernel::CallOp op, Printer &printer) {
  FailureOr<SmallVector<Buffer>> operands = getOperands(op, printer);
  if (failed(operands))
    return failure();
  return op.getExternal() ? emitUserCall(op, *operands, printer) : emitOwnCall(op, *operands, printer);
}

} // namespace

void m2c::emit::registerCallEmitters(EmitterRegistry &registry) { registry.add(emitCall); }
