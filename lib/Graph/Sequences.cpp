// Sequences and optionals as lists of values.
#include "m2c/Graph/Sequences.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/ShapeMath.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/TypeSwitch.h"
#include <numeric>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

constexpr int64_t kMostElements = 1024;
constexpr StringLiteral kFirstTrip = "m2c.first_trip"; ///< of a Loop whose first trips are unrolled

using Elements = std::optional<SmallVector<Value>>;

Elements getElements(Value sequence) {
  if (auto construct = sequence.getDefiningOp<SequenceConstructOp>())
    return SmallVector<Value>(construct.getInputs());
  if (sequence.getDefiningOp<SequenceEmptyOp>())
    return SmallVector<Value>();
  return std::nullopt;
}

std::optional<int64_t> getNumber(Value value) {
  auto constant = onnx::getConstantIntegers(value);
  return constant && constant->size() == 1 ? std::optional(constant->front()) : std::nullopt;
}

/// What takes the place of an op, one value per result.
using Results = std::optional<SmallVector<Value>>;

struct Resolver {
  Composer &c;

  Value makeSequence(Type type, ArrayRef<Value> elements) {
    if (elements.empty())
      return SequenceEmptyOp::create(c.rewriter, c.loc, type, IntegerAttr());
    return SequenceConstructOp::create(c.rewriter, c.loc, type, elements);
  }

  /// A position counted from the end if negative, the end if absent; nothing if it is not constant or outside.
  static std::optional<int64_t> getPosition(Value position, int64_t otherwise, int64_t most) {
    std::optional<int64_t> number = position ? getNumber(position) : otherwise;
    if (number && *number < 0)
      *number += most;
    return number && *number >= 0 && *number <= most ? number : std::nullopt;
  }

  Results insert(SequenceInsertOp op) {
    Elements elements = getElements(op.getInputSequence());
    if (!elements)
      return std::nullopt;
    auto count = static_cast<int64_t>(elements->size());
    auto position = getPosition(op.getPosition(), count, count);
    if (!position)
      return std::nullopt;
    elements->insert(elements->begin() + *position, op.getTensor());
    return SmallVector<Value>{makeSequence(op->getResult(0).getType(), *elements)};
  }

  Results erase(SequenceEraseOp op) {
    Elements elements = getElements(op.getInputSequence());
    if (!elements || elements->empty())
      return std::nullopt;
    auto count = static_cast<int64_t>(elements->size());
    auto position = getPosition(op.getPosition(), count - 1, count);
    if (!position || *position == count)
      return std::nullopt;
    elements->erase(elements->begin() + *position);
    return SmallVector<Value>{makeSequence(op->getResult(0).getType(), *elements)};
  }

  /// Where only the run knows the position, elements of one shape are a tensor to gather from.
  Results at(SequenceAtOp op) {
    Elements elements = getElements(op.getInputSequence());
    if (!elements || elements->empty())
      return std::nullopt;
    auto count = static_cast<int64_t>(elements->size());
    if (onnx::getConstantIntegers(op.getPosition())) {
      auto position = getPosition(op.getPosition(), 0, count);
      return position && *position < count ? Results({(*elements)[*position]}) : std::nullopt;
    }
    auto type = dyn_cast<RankedTensorType>(elements->front().getType());
    if (!type || llvm::any_of(*elements, [&](Value element) { return element.getType() != type; }))
      return std::nullopt;
    Value position = c.reshape(op.getPosition(), ArrayRef<int64_t>());
    return SmallVector<Value>{c.make("Gather", {join(*elements, 0, true), position}, c.attr("axis", int64_t(0)))};
  }

  Value join(ArrayRef<Value> elements, int64_t axis, bool isNew) {
    SmallVector<Value> parts(elements);
    if (isNew)
      for (Value &part : parts)
        part = c.make("Unsqueeze", {part, c.ints(axis)});
    return parts.size() == 1 ? parts.front() : c.make("Concat", parts, c.attr("axis", axis));
  }

  Results concat(ConcatFromSequenceOp op) {
    Elements elements = getElements(op.getInputSequence());
    if (!elements || elements->empty() ||
        !llvm::all_of(*elements, [](Value element) { return isa<RankedTensorType>(element.getType()); }))
      return std::nullopt;
    int64_t rank = cast<RankedTensorType>(elements->front().getType()).getRank();
    auto axis = normalizeAxis(op.getAxis(), rank + (op.getNewAxis() != 0));
    return axis ? Results({join(*elements, *axis, op.getNewAxis() != 0)}) : std::nullopt;
  }

  Results split(SplitToSequenceOp op) {
    auto type = dyn_cast<RankedTensorType>(op.getInput().getType());
    auto axis = type ? normalizeAxis(op.getAxis(), type.getRank()) : std::nullopt;
    auto sizes = op.getSplit() ? onnx::getConstantIntegers(op.getSplit()) : std::optional(SmallVector<int64_t>{1});
    if (!axis || type.isDynamicDim(*axis) || !sizes || sizes->empty())
      return std::nullopt;
    bool isEach = !op.getSplit() || cast<RankedTensorType>(op.getSplit().getType()).getRank() == 0;
    int64_t extent = type.getDimSize(*axis);
    if (isEach) { // the last may be smaller
      int64_t each = sizes->front();
      sizes->clear();
      if (each < 1 || extent / each > kMostElements)
        return std::nullopt;
      for (int64_t start = 0; start < extent; start += each)
        sizes->push_back(std::min(each, extent - start));
    }
    if (sizes->empty() || std::accumulate(sizes->begin(), sizes->end(), int64_t(0)) != extent)
      return std::nullopt;
    SmallVector<Value> parts;
    for (int64_t start = 0; int64_t size : *sizes) {
      parts.push_back(c.slice(op.getInput(), *axis, start, start + size));
      start += size;
      if (!op.getSplit() && op.getKeepdims() == 0)
        parts.back() = c.make("Squeeze", {parts.back(), c.ints(*axis)});
    }
    return SmallVector<Value>{makeSequence(op->getResult(0).getType(), parts)};
  }

  /// The body's operations before the insertion point, its arguments replaced: what it yields.
  SmallVector<Value> inlineBody(Block &body, ValueRange arguments) {
    IRMapping mapping;
    mapping.map(body.getArguments(), arguments);
    for (Operation &inner : body.without_terminator())
      c.rewriter.clone(inner, mapping);
    return llvm::map_to_vector(body.getTerminator()->getOperands(),
                               [&](Value value) { return mapping.lookupOrDefault(value); });
  }

  Results map(SequenceMapOp op) {
    SmallVector<SmallVector<Value>> lists;
    size_t count = 0;
    for (Value operand : op->getOperands()) {
      if (!isa<SequenceType>(operand.getType())) {
        lists.push_back({operand});
        continue;
      }
      Elements elements = getElements(operand);
      if (!elements || (!lists.empty() && elements->size() != count))
        return std::nullopt;
      count = elements->size();
      lists.push_back(*elements);
    }
    Block &body = op.getBody().front();
    if (body.getNumArguments() != lists.size() || body.getTerminator()->getNumOperands() != op->getNumResults())
      return std::nullopt;
    SmallVector<SmallVector<Value>> outputs(op->getNumResults());
    for (size_t i = 0; i < count; ++i) {
      SmallVector<Value> arguments;
      for (auto [operand, list] : llvm::zip_equal(op->getOperands(), lists))
        arguments.push_back(isa<SequenceType>(operand.getType()) ? list[i] : list.front());
      for (auto [output, value] : llvm::zip_equal(outputs, inlineBody(body, arguments)))
        output.push_back(value);
    }
    return llvm::map_to_vector(llvm::enumerate(outputs), [&](auto output) {
      return makeSequence(op->getResult(output.index()).getType(), output.value());
    });
  }

  /// One trip, and the loop of those that are left.
  Results peel(LoopOp op) {
    ValueRange carried = op.getVInitial();
    Block &body = op.getBody().front();
    bool hasSequences = llvm::any_of(carried, [](Value value) { return isa<SequenceType>(value.getType()); });
    if (!hasSequences || op->getNumResults() != carried.size() || body.getNumArguments() != 2 + carried.size() ||
        body.getTerminator()->getNumOperands() != 1 + carried.size())
      return std::nullopt;
    auto first = op->getAttrOfType<IntegerAttr>(kFirstTrip);
    int64_t trip = first ? first.getInt() : 0;
    std::optional<int64_t> limit = op.getM() ? getNumber(op.getM()) : kMostElements + 1,
                           goesOn = op.getCond() ? getNumber(op.getCond()) : 1;
    if (!limit || !goesOn || trip > kMostElements)
      return std::nullopt;
    if (*limit <= trip || *goesOn == 0)
      return SmallVector<Value>(carried);
    Type i64 = c.rewriter.getI64Type(), i1 = c.rewriter.getI1Type();
    SmallVector<Value> arguments{c.constant(i64, {}, static_cast<double>(trip)), c.constant(i1, {}, 1)};
    llvm::append_range(arguments, carried);
    SmallVector<Value> next = inlineBody(body, arguments);
    auto rest = cast<LoopOp>(c.rewriter.clone(*op.getOperation()));
    rest->setAttr(kFirstTrip, c.rewriter.getI64IntegerAttr(trip + 1));
    rest.getCondMutable().assign(next.front());
    rest.getVInitialMutable().assign(ArrayRef(next).drop_front());
    return SmallVector<Value>(rest->getResults());
  }

  Results resolve(Operation *op) {
    auto truth = [&](bool value) -> Results {
      return SmallVector<Value>{c.constant(c.rewriter.getI1Type(), {}, value)};
    };
    return llvm::TypeSwitch<Operation *, Results>(op)
        .Case([&](SequenceInsertOp op) { return insert(op); })
        .Case([&](SequenceEraseOp op) { return erase(op); })
        .Case([&](SequenceAtOp op) { return at(op); })
        .Case([&](SequenceLengthOp op) -> Results {
          Elements elements = getElements(op.getInputSequence());
          if (!elements)
            return std::nullopt;
          return SmallVector<Value>{c.constant(c.rewriter.getI64Type(), {}, static_cast<double>(elements->size()))};
        })
        .Case([&](ConcatFromSequenceOp op) { return concat(op); })
        .Case([&](SplitToSequenceOp op) { return split(op); })
        .Case([&](SequenceMapOp op) { return map(op); })
        .Case([&](LoopOp op) { return peel(op); })
        .Case([&](IdentityOp op) -> Results {
          return isa<TensorType>(op.getInput().getType()) ? std::nullopt : Results({op.getInput()});
        })
        .Case([&](OptionalOp op) -> Results { return op.getInput() ? Results({op.getInput()}) : std::nullopt; })
        .Case([&](OptionalGetElementOp op) -> Results {
          return isa<OptionalType>(op.getInput().getType()) ? std::nullopt : Results({op.getInput()});
        })
        .Case([&](OptionalHasElementOp op) -> Results {
          if (!op.getInput() || op.getInput().getDefiningOp<OptionalOp>())
            return truth(false);
          return isa<OptionalType>(op.getInput().getType()) ? std::nullopt : truth(true);
        })
        .Default([](Operation *) { return std::nullopt; });
  }
};

} // namespace

Operation *resolveSequence(Operation *op) {
  bool isKnown = llvm::all_of(op->getOperands(), [](Value value) {
    auto tensor = dyn_cast<TensorType>(value.getType());
    return !tensor || (tensor.hasRank() && !isa<UnknownType>(tensor.getElementType()));
  });
  if (!isKnown)
    return nullptr;
  PatternRewriter rewriter(op->getContext());
  rewriter.setInsertionPoint(op);
  Operation *before = op->getPrevNode();
  Block *block = op->getBlock();
  Composer composer(rewriter, op->getLoc());
  Results results = Resolver{composer}.resolve(op);
  if (!results)
    return nullptr;
  for (auto [old, value] : llvm::zip_equal(op->getResults(), *results))
    old.replaceAllUsesWith(value);
  op->erase();
  return before ? before->getNextNode() : &block->front();
}

void eraseUnusedSequences(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isa<SequenceConstructOp, SequenceEmptyOp, OptionalOp>(op) && op.use_empty())
      op.erase();
}

void splitSequenceOutputs(func::FuncOp function) {
  Operation *end = function.getBody().front().getTerminator();
  Builder builder(function.getContext());
  SmallVector<Value> values;
  SmallVector<DictionaryAttr> attributes;
  bool isSplit = false;
  for (auto [i, value] : llvm::enumerate(end->getOperands())) {
    DictionaryAttr own = function.getResultAttrDict(i);
    Elements elements = getElements(value);
    if (!elements) {
      values.push_back(value);
      attributes.push_back(own ? own : builder.getDictionaryAttr({}));
      continue;
    }
    isSplit = true;
    auto name = own ? own.getAs<StringAttr>("onnx.name") : StringAttr();
    for (auto [n, element] : llvm::enumerate(*elements)) {
      NamedAttrList list(own ? own : builder.getDictionaryAttr({}));
      list.set("onnx.name", builder.getStringAttr((name ? name.getValue() : "output") + "_" + Twine(n)));
      values.push_back(element);
      attributes.push_back(list.getDictionary(function.getContext()));
    }
  }
  if (!isSplit)
    return;
  end->setOperands(values);
  function.setType(
      FunctionType::get(function.getContext(), function.getBody().getArgumentTypes(), end->getOperandTypes()));
  function.setAllResultAttrs(attributes);
}

} // namespace m2c::graph
