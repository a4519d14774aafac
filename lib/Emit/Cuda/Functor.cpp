#include "Functor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;
using cuda::Functor;

// ---- functors -----------------------------------------------------------------------------------------------------

std::string Functor::member(const std::string &type, const std::string &value, StringRef name) {
  for (const Member &known : members)
    if (known.type == type && known.value == value)
      return known.name;
  members.push_back({type, deviceCode.freshName(name), value});
  return members.back().name;
}

Buffer Functor::buffer(const Buffer &view) {
  Buffer inside = view;
  StringRef name = view.base;
  bool isName = llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
  inside.base = member((view.constant ? "const " : "") + view.element + "*", view.pointer(), isName ? name : "x");
  inside.moved.clear();
  inside.offset = 0;
  return inside;
}

void Functor::capture(Value value) {
  if (matchPattern(value, m_Constant()))
    return;
  if (isa<MemRefType>(value.getType()))
    deviceCode.bind(value, buffer(value));
  else
    deviceCode.bind(value, member(getScalarType(value.getType()), host.scalar(value), "s"));
}

void Functor::capture(Block &block) {
  block.walk([&](Operation *op) {
    for (Value value : op->getOperands())
      if (!block.getParentOp()->isAncestor(value.getParentBlock()->getParentOp()))
        capture(value);
  });
}

std::string Functor::finish(StringRef functions) {
  CodeWriter code;
  for (const Member &field : members)
    code.line(field.type + " " + field.name + ";");
  code.line(functions.rtrim());
  std::string body = code.take();
  // Device code cannot call the functions of std::numeric_limits.
  for (size_t at = body.find("std::numeric_limits<"); at != std::string::npos; at = body.find("std::numeric_limits<"))
    body.replace(at, strlen("std::numeric_limits<"), "rt::limits<");
  FileState &file = host.state();
  std::string &name = file.structs["functor\n" + body];
  if (name.empty()) {
    name = file.names.unique(host.functionName + "_" + hint);
    CodeWriter whole;
    whole.open("struct " + name + " {");
    whole.line(StringRef(body).rtrim());
    whole.close("};");
    file.structText += whole.str();
  }
  std::string values;
  for (const Member &field : members)
    values += (values.empty() ? "" : ", ") + field.value;
  return name + "{" + values + "}";
}

// ---- epilogues ----------------------------------------------------------------------------------------------------

std::string cuda::printEpilogue(kernel::KernelOpInterface op, Printer &printer, ArrayRef<StringRef> parameters,
                                ArrayRef<std::string> indices) {
  if (!Printer::hasEpilogue(op))
    return "rt::keep{}";
  Block &block = op.getEpilogueRegion()->front();
  Functor functor(printer, "finish");
  for (StringRef parameter : parameters)
    (void)functor.device().freshName(parameter);
  functor.capture(block);
  NameScope &names = functor.device().localNames();
  SmallVector<std::string> plain; // printAffine puts its own parentheses
  for (StringRef index : indices) {
    if (index.consume_front("("))
      index.consume_back(")");
    plain.push_back(index.str());
  }
  printer.require("lanes.h");
  CodeWriter code;
  ExpressionPrinter expressions(functor.device(), code, names, /*inRegion=*/true);
  expressions.bind(block.getArgument(0), {names.unique("acc")});
  auto maps = op.getExtraMaps().getAsValueRange<AffineMapAttr>();
  for (auto [argument, extra, map] : llvm::zip_equal(block.getArguments().drop_front(), op.getExtrasMutable(), maps)) {
    Buffer view = functor.buffer(extra.get());
    Expression loaded = expressions.load(view, printAffine(getAddress(view, map), plain, {}), 0);
    if (!argument.hasOneUse() && !argument.use_empty()) {
      std::string name = names.unique("x");
      code.line("const auto " + name + " = " + loaded.text + ";");
      loaded = {name};
    }
    expressions.bind(argument, loaded);
  }
  if (mlir::failed(expressions.print(block)) || functor.device().failed())
    return "";
  Value result = block.getTerminator()->getOperand(0);
  code.line("return " + expressions.get(result).text + ";");
  std::string body = code.take(), signature;
  for (StringRef parameter : parameters) {
    // A name that the body does not use would be warned of.
    bool used = false;
    for (size_t at = body.find(parameter.str()); at != std::string::npos; at = body.find(parameter.str(), at + 1)) {
      auto isPart = [&](size_t i) { return i < body.size() && (llvm::isAlnum(body[i]) || body[i] == '_'); };
      used |= !(at > 0 && isPart(at - 1)) && !isPart(at + parameter.size());
    }
    signature += ", rt::idx" + (used ? " " + parameter.str() : "");
  }
  CodeWriter function;
  function.open("M2CRT_DEVICE " + getScalarType(result.getType()) + " operator()(" +
                getScalarType(block.getArgument(0).getType()) + " acc" + signature + ") const {");
  function.line(StringRef(body).rtrim());
  function.close();
  return functor.finish(function.str());
}

std::string cuda::printEpilogue(kernel::KernelOpInterface op, Printer &printer) {
  SmallVector<std::string> indices;
  unsigned rank = op.getExtraMaps().empty() ? cast<MemRefType>(op.getDpsInits()[0].getType()).getRank()
                                            : cast<AffineMapAttr>(op.getExtraMaps()[0]).getValue().getNumDims();
  for (unsigned i = 0; i < rank; ++i)
    indices.push_back("i" + std::to_string(i));
  SmallVector<StringRef> parameters(indices.begin(), indices.end());
  return printEpilogue(op, printer, parameters, indices);
}

// ---- indices ------------------------------------------------------------------------------------------------------

SmallVector<std::string> cuda::splitIndex(StringRef number, ArrayRef<int64_t> extents) {
  SmallVector<std::string> digits(extents.size(), "0");
  int64_t below = 1, above = 1;
  for (int64_t extent : extents)
    above *= extent;
  for (size_t i = extents.size(); i-- > 0;) {
    above /= std::max<int64_t>(extents[i], 1);
    if (extents[i] == 1)
      continue;
    std::string text = number.str();
    if (below != 1)
      text += " / " + std::to_string(below);
    if (above != 1)
      text += " % " + std::to_string(extents[i]);
    digits[i] = text == number ? text : "(" + text + ")";
    below *= extents[i];
  }
  return digits;
}

LogicalResult cuda::checkBatches(Operation *op, int64_t batches) {
  constexpr int64_t most = 65535; // the second and third dimension of a grid
  if (batches <= most)
    return success();
  return op->emitOpError("has ") << batches << " matrices, but a kernel on GPUs takes at most " << most
                                 << "; use --target cpu";
}

LogicalResult cuda::checkSameElements(Operation *op, ArrayRef<Buffer> buffers) {
  for (const Buffer &buffer : buffers)
    if (buffer.elementType != buffers.front().elementType)
      return op->emitOpError("has elements of type ") << buffers.front().elementType << " and " << buffer.elementType
                                                      << ", for which there is no kernel on GPUs; use --target cpu";
  return success();
}

// ---- the language -------------------------------------------------------------------------------------------------

/// "pool.h" is cuda/pool.cuh. The names live as long as the program.
static StringRef getHeader(StringRef header) {
  static std::map<std::string, std::string> names;
  if (header.starts_with("cuda/"))
    return header;
  std::string &name = names[header.str()];
  if (name.empty()) // who asked before holds on to it
    name = "cuda/" + header.drop_back(2).str() + ".cuh";
  return name;
}

const Language &cuda::getLanguage() {
  static const EmitterRegistry registry = [] {
    EmitterRegistry all;
    registerConvEmitters(all);
    registerPoolEmitters(all);
    registerResizeEmitters(all);
    registerRecurrentEmitters(all);
    registerControlFlowEmitters(all);
    cuda::registerContractEmitters(all);
    cuda::registerRowEmitters(all);
    cuda::registerCopyEmitters(all);
    cuda::registerAttentionEmitters(all);
    all.setStructured(cuda::printStructured);
    return all;
  }();
  static const Language language{&registry, "rt::queue&", "queue", /*hasArrays=*/false, getHeader, cuda::printEpilogue};
  return language;
}
