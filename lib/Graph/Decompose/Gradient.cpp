// The gradient of a part of the graph: its operators run backwards, each by the rule of its derivative.
//
// The importer gives the op, behind its inputs, the tensors that xs and zs name, and y. Where an input is not the
// tensor of its name, the part between them is repeated on the inputs.
#include "Common.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Graph/Diagnostics.h"
#include "m2c/Graph/ShapeMath.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The ops between the named tensors and y, in order.
class Path {
public:
  explicit Path(ArrayRef<Value> leaves) : leaves(leaves.begin(), leaves.end()) {}

  /// Whether `value` depends on a leaf; the ops that it does by are added to `ops`.
  bool visit(Value value) {
    if (leaves.contains(value))
      return true;
    Operation *op = value.getDefiningOp();
    if (!op)
      return false;
    auto [known, isNew] = depends.try_emplace(op, false);
    if (!isNew)
      return known->second;
    bool found = false;
    for (Value operand : op->getOperands())
      found |= visit(operand);
    depends[op] = found;
    if (found)
      ops.push_back(op);
    return found;
  }

  SmallVector<Operation *> ops;

private:
  llvm::SmallDenseSet<Value> leaves;
  llvm::DenseMap<Operation *, bool> depends;
};

class Backward {
public:
  Backward(Composer &c) : c(c) {}

  void add(Value value, Value gradient) {
    gradient = toShape(gradient, Composer::shape(value));
    Value &sum = gradients[value];
    sum = sum ? c.add(sum, gradient) : gradient;
  }
  Value get(Value value) const { return gradients.lookup(value); }

  /// Adds what the operands of `op` get from its result; false where there is no rule for it.
  bool step(Operation *op) {
    Value y = op->getResult(0), g = get(y);
    if (!g)
      return true;
    StringRef name = op->getName().stripDialect();
    if (unary(op, name, y, g) || binary(op, name, y, g) || moving(op, name, g))
      return true;
    return false;
  }

private:
  /// `gradient` summed over the dimensions along which a tensor of `shape` was broadcast.
  Value toShape(Value gradient, ArrayRef<int64_t> shape) {
    ArrayRef<int64_t> from = Composer::shape(gradient);
    SmallVector<int64_t> axes;
    size_t shift = from.size() - shape.size();
    for (size_t d = 0; d < from.size(); ++d)
      if (d < shift || (shape[d - shift] == 1 && from[d] != 1))
        axes.push_back(static_cast<int64_t>(d));
    if (!axes.empty())
      gradient = c.reduce("ReduceSum", gradient, axes);
    return c.reshape(gradient, shape);
  }

  bool unary(Operation *op, StringRef name, Value y, Value g) {
    if (op->getNumOperands() != 1)
      return false;
    Value x = op->getOperand(0), one = c.scalarLike(1, y);
    Value result = llvm::StringSwitch<std::function<Value()>>(name)
                       .Case("Identity", [&] { return g; })
                       .Case("Neg", [&] { return c.make("Neg", {g}); })
                       .Case("Exp", [&] { return c.mul(g, y); })
                       .Case("Log", [&] { return c.div(g, x); })
                       .Case("Sqrt", [&] { return c.div(c.mul(g, 0.5), y); })
                       .Case("Reciprocal", [&] { return c.make("Neg", {c.mul(g, c.mul(y, y))}); })
                       .Case("Tanh", [&] { return c.mul(g, c.sub(one, c.mul(y, y))); })
                       .Case("Sigmoid", [&] { return c.mul(g, c.mul(y, c.sub(one, y))); })
                       .Case("Relu", [&] { return c.make("Where", {isPositive(x), g, c.scalarLike(0, g)}); })
                       .Case("Abs", [&] { return c.mul(g, c.make("Sign", {x})); })
                       .Case("Sin", [&] { return c.mul(g, c.make("Cos", {x})); })
                       .Case("Cos", [&] { return c.make("Neg", {c.mul(g, c.make("Sin", {x}))}); })
                       .Default([] { return Value(); })();
    if (auto softmax = dyn_cast<SoftmaxOp>(op)) {
      int64_t axis = softmax.getAxis();
      result = c.mul(y, c.sub(g, c.reduce("ReduceSum", c.mul(g, y), {axis})));
    }
    if (result)
      add(x, result);
    return static_cast<bool>(result);
  }

  Value isPositive(Value x) { return c.make("Greater", {x, c.scalarLike(0, x)}); }

  bool binary(Operation *op, StringRef name, Value y, Value g) {
    if (name == "Sum") {
      for (Value x : op->getOperands())
        add(x, g);
      return true;
    }
    if (op->getNumOperands() != 2)
      return false;
    Value a = op->getOperand(0), b = op->getOperand(1);
    if (name == "Add" || name == "Sub") {
      add(a, g);
      add(b, name == "Add" ? g : c.make("Neg", {g}));
    } else if (name == "Mul") {
      add(a, c.mul(g, b));
      add(b, c.mul(g, a));
    } else if (name == "Div") {
      add(a, c.div(g, b));
      add(b, c.make("Neg", {c.div(c.mul(g, y), b)}));
    } else if (name == "Pow" && getConstant(b)) {
      Value lower = c.make("Pow", {a, c.sub(b, c.scalarLike(1, b))});
      add(a, c.mul(g, c.mul(c.cast(b, Composer::element(a)), lower)));
    } else if (name == "MatMul" && Composer::shape(a).size() > 1 && Composer::shape(b).size() > 1) {
      add(a, c.make("MatMul", {g, swapLast(c, b)}));
      add(b, c.make("MatMul", {swapLast(c, a), g}));
    } else {
      return false;
    }
    return true;
  }

  /// Operators that move elements, and sums.
  bool moving(Operation *op, StringRef name, Value g) {
    Value x = op->getNumOperands() == 0 ? Value() : op->getOperand(0);
    if (llvm::is_contained({"Reshape", "Flatten", "Squeeze", "Unsqueeze"}, name)) {
      add(x, c.reshape(g, Composer::shape(x)));
      return true;
    }
    if (auto transpose = dyn_cast<TransposeOp>(op)) {
      auto rank = static_cast<int64_t>(Composer::shape(x).size());
      SmallVector<int64_t> order =
          transpose.getPerm() ? llvm::to_vector(*transpose.getPerm()) : reversePermutation(rank);
      SmallVector<int64_t> back(order.size());
      for (auto [to, from] : llvm::enumerate(order))
        back[from] = static_cast<int64_t>(to);
      add(x, c.transpose(g, back));
      return true;
    }
    if (name != "ReduceSum" && name != "ReduceMean")
      return false;
    SmallVector<int64_t> shape(Composer::shape(x)), kept(shape);
    auto rank = static_cast<int64_t>(shape.size());
    std::optional<SmallVector<int64_t>> axes = identityPermutation(rank);
    if (op->getNumOperands() > 1) {
      auto given = getConstantIntegers(op->getOperand(1));
      axes = given ? normalizeAxes(*given, rank) : std::nullopt;
    }
    if (!axes)
      return false;
    int64_t count = 1;
    for (int64_t axis : *axes) {
      count *= shape[axis];
      kept[axis] = 1;
    }
    Value spread = c.make("Expand", {c.reshape(g, kept), c.ints(shape)});
    add(x, name == "ReduceMean" ? c.mul(spread, 1 / static_cast<double>(count)) : spread);
    return true;
  }

  Composer &c;
  llvm::DenseMap<Value, Value> gradients;
};

Composed composeGradient(TrainingGradientOp op, Composer &c) {
  size_t named = op.getXs().size() + (op.getZs() ? op.getZs()->size() : 0);
  SmallVector<Value> operands(op->getOperands());
  ArrayRef<Value> inputs = ArrayRef(operands).take_front(named), leaves = ArrayRef(operands).slice(named, named);
  Value y = operands.back();
  Path path(leaves);
  path.visit(y);
  if (llvm::any_of(path.ops, [](Operation *inner) { return isa<TrainingGradientOp>(inner); }))
    return std::nullopt; // first the inner one
  SmallVector<Operation *> ops = path.ops;
  if (inputs != leaves) { // the same part on other values
    IRMapping mapping;
    mapping.map(leaves, inputs);
    for (Operation *&inner : ops)
      inner = c.rewriter.clone(*inner, mapping);
    y = mapping.lookupOrDefault(y);
  }
  Backward backward(c);
  backward.add(y, c.make("Expand", {c.scalarLike(1, y), c.ints(Composer::shape(y))}));
  for (Operation *inner : llvm::reverse(ops))
    if (!backward.step(inner)) {
      emitNodeError(op) << "the gradient of operator " << inner->getName().stripDialect() << " is not supported";
      return std::nullopt;
    }
  SmallVector<Value> results;
  for (Value x : inputs.take_front(op->getNumResults())) {
    Value gradient = backward.get(x);
    if (!gradient) // y does not depend on it
      gradient = c.make("Expand", {c.scalarLike(0, x), c.ints(Composer::shape(x))});
    results.push_back(gradient);
  }
  return results;
}

} // namespace

void addGradientDecompositions(RewritePatternSet &patterns) {
  patterns.add<Decomposition<TrainingGradientOp>>(patterns.getContext(), composeGradient);
}

} // namespace m2c::graph
