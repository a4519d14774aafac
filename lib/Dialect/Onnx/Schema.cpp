// What all ONNX operators share: look-up by name, text form, verification, result names.
#include "m2c/Dialect/Onnx/Schema.h"
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace m2c::onnx;

const AttrSchema *OpSchema::findAttribute(StringRef name) const {
  const AttrSchema *found = llvm::find_if(attributes, [&](const AttrSchema &attr) { return attr.name == name; });
  return found == attributes.end() ? nullptr : found;
}

std::string m2c::onnx::getOperationName(StringRef domain, StringRef opType) {
  StringRef prefix = domain == "" || domain == "ai.onnx" ? "" : domain;
  if (!prefix.consume_front("ai.onnx."))
    return ("onnx." + (prefix.empty() ? "" : prefix + ".") + opType).str();
  return ("onnx." + prefix + "." + opType).str();
}

const OpSchema *m2c::onnx::findSchema(MLIRContext *context, StringRef domain, StringRef opType) {
  std::optional<RegisteredOperationName> name =
      RegisteredOperationName::lookup(getOperationName(domain, opType), context);
  auto *interface = name ? name->getInterface<OnnxOp>() : nullptr;
  return interface ? &interface->getOpSchema() : nullptr;
}

bool m2c::onnx::hasSegments(ArrayRef<ValueSchema> values) {
  return llvm::count_if(values, [](const ValueSchema &value) { return value.arity != Arity::Required; }) > 1;
}

static constexpr StringRef kOperandSegments = "operandSegmentSizes";
static constexpr StringRef kResultSegments = "resultSegmentSizes";

/// How many values each declared operand (result) has, from the segment attribute or by counting; empty if they do not
/// fit the declaration.
static SmallVector<int32_t> getSegments(Operation *op, ArrayRef<ValueSchema> values, unsigned count, StringRef name) {
  SmallVector<int32_t> sizes;
  if (hasSegments(values)) {
    if (auto segments = op->getAttrOfType<DenseI32ArrayAttr>(name))
      sizes = llvm::to_vector(segments.asArrayRef());
  } else {
    unsigned others = count + 1 - values.size();
    for (const ValueSchema &value : values)
      sizes.push_back(value.arity == Arity::Required ? 1 : others);
  }
  bool fits = sizes.size() == values.size() && llvm::all_of(sizes, [](int32_t size) { return size >= 0; }) &&
              static_cast<unsigned>(std::accumulate(sizes.begin(), sizes.end(), 0)) == count;
  return fits ? sizes : SmallVector<int32_t>();
}

//===- Text form -===//

/// Tells for each value written in the text (true: present) to which declared one it belongs, and counts.
static FailureOr<SmallVector<int32_t>> countSegments(ArrayRef<ValueSchema> values, ArrayRef<bool> present) {
  SmallVector<int32_t> sizes(values.size(), 0);
  for (auto [i, isPresent] : llvm::enumerate(present)) {
    size_t declared = std::min<size_t>(i, values.size() - 1);
    if (values.empty() || (i != declared && values[declared].arity != Arity::Variadic) ||
        (!isPresent && values[declared].arity != Arity::Optional))
      return failure();
    sizes[declared] += isPresent;
  }
  return sizes;
}

ParseResult m2c::onnx::detail::parseOnnxOp(OpAsmParser &parser, OperationState &result, const OpSchema &schema) {
  SMLoc start = parser.getCurrentLocation();
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  SmallVector<bool> present;
  do {
    OpAsmParser::UnresolvedOperand operand;
    OptionalParseResult parsed = parser.parseOptionalOperand(operand);
    if (parsed.has_value() && failed(*parsed))
      return failure();
    if (!parsed.has_value() && failed(parser.parseOptionalKeyword("none"))) {
      if (present.empty())
        break;
      return parser.emitError(parser.getCurrentLocation(), "expected an operand or 'none'");
    }
    present.push_back(parsed.has_value());
    if (present.back())
      operands.push_back(operand);
  } while (succeeded(parser.parseOptionalComma()));

  FunctionType types;
  if (parser.parseOptionalAttrDict(result.attributes) || parser.parseColonType(types))
    return failure();
  auto isPresent = [](Type type) { return !isa<NoneType>(type); };
  if (llvm::map_to_vector(types.getInputs(), isPresent) != present)
    return parser.emitError(start, "operands and their types do not match");
  auto operandSizes = countSegments(schema.operands, present);
  auto resultSizes = countSegments(schema.results, llvm::map_to_vector(types.getResults(), isPresent));
  if (failed(operandSizes) || failed(resultSizes))
    return parser.emitError(start, failed(operandSizes) ? "operands" : "results")
           << " do not fit the declaration of the operator";
  auto inputs = llvm::to_vector(llvm::make_filter_range(types.getInputs(), isPresent));
  if (parser.resolveOperands(operands, inputs, start, result.operands))
    return failure();
  result.addTypes(llvm::to_vector(llvm::make_filter_range(types.getResults(), isPresent)));
  if (hasSegments(schema.operands))
    result.addAttribute(kOperandSegments, parser.getBuilder().getDenseI32ArrayAttr(*operandSizes));
  if (hasSegments(schema.results))
    result.addAttribute(kResultSegments, parser.getBuilder().getDenseI32ArrayAttr(*resultSizes));

  for (size_t i = 0; i != schema.regions.size(); ++i)
    if ((i != 0 && parser.parseComma()) || parser.parseRegion(*result.addRegion()))
      return failure();
  return success();
}

/// The values in the order of the declaration, null for an absent one, without those absent at the end.
template <class Values>
static SmallVector<Value> listWithGaps(Values values, ArrayRef<int32_t> sizes) {
  SmallVector<Value> list;
  size_t next = 0;
  for (int32_t size : sizes) {
    if (size == 0)
      list.push_back({});
    for (int32_t i = 0; i != size; ++i)
      list.push_back(values[next++]);
  }
  while (!list.empty() && !list.back())
    list.pop_back();
  return list;
}

void m2c::onnx::detail::printOnnxOp(OpAsmPrinter &printer, Operation *op, const OpSchema &schema) {
  SmallVector<Value> operands =
      listWithGaps(op->getOperands(), getSegments(op, schema.operands, op->getNumOperands(), kOperandSegments));
  SmallVector<Value> results =
      listWithGaps(op->getResults(), getSegments(op, schema.results, op->getNumResults(), kResultSegments));
  if (!operands.empty())
    printer << ' ';
  llvm::interleaveComma(operands, printer, [&](Value value) {
    if (value)
      printer << value;
    else
      printer << "none";
  });
  printer.printOptionalAttrDict(op->getAttrs(), {kOperandSegments, kResultSegments});
  auto typeOf = [&](Value value) -> Type { return value ? value.getType() : NoneType::get(op->getContext()); };
  printer << " : ";
  printer.printFunctionalType(llvm::map_to_vector(operands, typeOf), llvm::map_to_vector(results, typeOf));
  llvm::interleave(
      op->getRegions(), printer,
      [&](Region &region) {
        printer << ' ';
        printer.printRegion(region);
      },
      ",");
}

void m2c::onnx::detail::nameResults(Operation *op, OpAsmSetValueNameFn setName) {
  for (Value result : op->getResults())
    if (StringRef name = getValueName(result); !name.empty())
      setName(result, name);
}

//===- Verification -===//

/// The numbers of arguments and yielded values that ControlFlow ops' subgraphs must have; -1: not checked.
static std::pair<int64_t, int64_t> getSubgraphShape(Operation *op, ArrayRef<int32_t> operands) {
  int64_t numOperands = op->getNumOperands(), numResults = op->getNumResults();
  StringRef name = op->getName().stripDialect();
  if (name == "If")
    return {0, numResults};
  if (name == "Loop" && !operands.empty()) // iteration, condition, values -> condition, values, scans
    return {2 + operands.back(), 1 + numResults};
  if (name == "Scan" || name == "SequenceMap")
    return {numOperands, numResults};
  return {-1, -1};
}

LogicalResult m2c::onnx::detail::verifyOnnxOp(Operation *op) {
  const OpSchema &schema = cast<OnnxOp>(op).getOpSchema();
  auto verifyCounts = [&](StringRef kind, ArrayRef<ValueSchema> values, ArrayRef<int32_t> sizes) -> LogicalResult {
    for (auto [value, size] : llvm::zip(values, sizes))
      if (static_cast<unsigned>(size) < value.minCount || (size > 1 && value.arity != Arity::Variadic))
        return op->emitOpError() << kind << " '" << value.name << "' has " << size << " values, not "
                                 << (value.minCount == 0 ? "0 or 1" : "1");
    return success();
  };
  SmallVector<int32_t> operands = getSegments(op, schema.operands, op->getNumOperands(), kOperandSegments);
  SmallVector<int32_t> results = getSegments(op, schema.results, op->getNumResults(), kResultSegments);
  if (failed(verifyCounts("operand", schema.operands, operands)) ||
      failed(verifyCounts("result", schema.results, results)))
    return failure();
  auto [numArguments, numYielded] = getSubgraphShape(op, operands);
  for (auto [region, name] : llvm::zip(op->getRegions(), schema.regions)) {
    if (!region.empty() && (region.front().empty() || !isa<OnnxDialect>(region.front().back().getDialect()) ||
                            region.front().back().getName().stripDialect() != "yield"))
      return op->emitOpError() << "subgraph '" << name << "' does not end in onnx.yield";
    if (numArguments < 0 || region.empty())
      continue;
    int64_t arguments = region.getNumArguments(), yielded = region.front().back().getNumOperands();
    if (arguments != numArguments || yielded != numYielded)
      return op->emitOpError() << "subgraph '" << name << "' has " << arguments << " inputs and " << yielded
                               << " outputs, not " << numArguments << " and " << numYielded;
  }
  return success();
}
