// Epilogue regions of kernel ops as generic lambdas.
#include "m2c/Emit/Cpp/Expression.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

bool Printer::hasEpilogue(kernel::KernelOpInterface op) {
  Region *region = op.getEpilogueRegion();
  if (!region || region->empty())
    return false;
  Operation *yield = region->front().getTerminator();
  return yield->getNumOperands() == 1 && yield->getOperand(0) != region->front().getArgument(0);
}

std::string Printer::epilogue(kernel::KernelOpInterface op) {
  if (file.language->printEpilogue)
    return file.language->printEpilogue(op, *this);
  if (!hasEpilogue(op))
    return "[](auto acc, auto...) { return acc; }";
  require("lanes.h");
  Block &block = op.getEpilogueRegion()->front();
  auto outputType = cast<MemRefType>(op.getDpsInits()[0].getType());
  SmallVector<AffineMap> maps = llvm::to_vector(op.getExtraMaps().getAsValueRange<AffineMapAttr>());
  unsigned rank = maps.empty() ? outputType.getRank() : maps.front().getNumDims();

  NameScope scope(&names);
  CodeWriter body;
  ExpressionPrinter expressions(*this, body, scope, /*inRegion=*/true);
  SmallVector<std::string> indices;
  for (unsigned i = 0; i < rank; ++i)
    indices.push_back("i" + std::to_string(i));
  scope.unique("acc");
  expressions.bind(block.getArgument(0), {"acc", Primary, true, std::nullopt});

  // An index that only ever counts to one is 0.
  SmallVector<AffineExpr> dims;
  llvm::SmallBitVector used(rank);
  bool outputDomain = op.hasOutputEpilogue() && rank == static_cast<unsigned>(outputType.getRank());
  for (unsigned i = 0; i < rank; ++i)
    dims.push_back(outputDomain && outputType.getDimSize(i) == 1 ? getAffineConstantExpr(0, op->getContext())
                                                                 : getAffineDimExpr(i, op->getContext()));
  for (auto [argument, extra, map] : llvm::zip_equal(block.getArguments().drop_front(), op.getExtrasMutable(), maps)) {
    Buffer view = buffer(extra.get());
    AffineExpr address = getAddress(view, map).replaceDims(dims);
    std::optional<Dim> step = getCoefficient(address, rank - 1, rank);
    if (!step) {
      hasFailed = true;
      op->emitOpError("has an epilogue operand whose elements are not evenly spaced along the last dimension");
      return "";
    }
    for (unsigned i = 0; i < rank; ++i)
      if (address.isFunctionOfDim(i))
        used.set(i);
    Expression loaded = expressions.load(view, printAffine(address, indices, file.symbols), *step);
    if (!argument.hasOneUse() && !argument.use_empty()) {
      std::string name = scope.unique("x");
      body.line("const auto " + name + " = " + loaded.text + ";");
      loaded = {name, Primary, loaded.varying, std::nullopt};
    }
    expressions.bind(argument, loaded);
  }
  if (mlir::failed(expressions.print(block))) {
    hasFailed = true;
    return "";
  }
  std::string result = expressions.getLanes(block.getTerminator()->getOperand(0));

  std::string text = "[&](auto acc";
  bool usesIndex = used.any();
  if (usesIndex)
    for (unsigned i = 0; i < rank; ++i)
      text += used.test(i) ? ", rt::idx " + indices[i] : ", rt::idx";
  text += usesIndex ? ") {" : ", auto...) {";
  if (body.str().empty() && result.size() < 80) {
    std::string prefix = expressions.usesLanes ? "\n  const auto lanes = rt::lanes_of(acc);\n  return " : " return ";
    return text + prefix + result + (expressions.usesLanes ? ";\n}" : "; }");
  }
  CodeWriter whole;
  whole.open(text);
  if (expressions.usesLanes)
    whole.line("const auto lanes = rt::lanes_of(acc);");
  if (!body.str().empty())
    whole.line(StringRef(body.str()).rtrim());
  whole.line("return " + result + ";");
  whole.close();
  return StringRef(whole.str()).rtrim().str();
}
