// Einsum as transposes, products and sums.
#include "m2c/Graph/Decompose.h"
#include "m2c/Graph/ShapeMath.h"
#include <map>

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// A tensor whose dimensions are labelled. Letters are themselves; the dimensions under an ellipsis are the numbers -1,
/// -2 ... from the right.
struct Labelled {
  Value value;
  SmallVector<int> labels;

  int64_t extent(int label) const {
    auto found = llvm::find(labels, label);
    return found == labels.end() ? 1 : Composer::shape(value)[found - labels.begin()];
  }
  bool has(int label) const { return llvm::is_contained(labels, label); }
};

/// The labels of a term for a tensor of `rank`.
SmallVector<int> labelsOf(StringRef term, int64_t rank) {
  int64_t hidden = rank - llvm::count_if(term, llvm::isAlpha);
  SmallVector<int> labels;
  for (size_t i = 0; i < term.size(); ++i) {
    if (term[i] != '.') {
      labels.push_back(term[i]);
      continue;
    }
    for (int64_t d = hidden; d > 0; --d)
      labels.push_back(-static_cast<int>(d));
    i += 2;
  }
  return labels;
}

/// A label that is twice in a term takes the diagonal: the flat positions of its elements are gathered.
Labelled takeDiagonals(Composer &c, Labelled operand) {
  SmallVector<int> kept;
  for (int label : operand.labels)
    if (!llvm::is_contained(kept, label))
      kept.push_back(label);
  if (kept.size() == operand.labels.size())
    return operand;
  ArrayRef<int64_t> shape = Composer::shape(operand.value);
  SmallVector<int64_t> extents, steps(kept.size(), 0);
  for (int label : kept)
    extents.push_back(operand.extent(label));
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d])
    steps[llvm::find(kept, operand.labels[d]) - kept.begin()] += stride;
  SmallVector<int64_t> positions{0};
  for (auto [extent, step] : llvm::zip(extents, steps)) {
    SmallVector<int64_t> next;
    for (int64_t position : positions)
      for (int64_t i = 0; i < extent; ++i)
        next.push_back(position + i * step);
    positions = std::move(next);
  }
  Value flat = c.make("Gather", {c.reshape(operand.value, {stride}), c.ints(positions)});
  return {c.reshape(flat, extents), kept};
}

/// Sums over the dimensions whose labels `keep` does not want.
Labelled sumOut(Composer &c, Labelled operand, llvm::function_ref<bool(int)> keep) {
  SmallVector<int64_t> axes;
  SmallVector<int> kept;
  for (auto [d, label] : llvm::enumerate(operand.labels))
    if (keep(label))
      kept.push_back(label);
    else
      axes.push_back(d);
  if (axes.empty())
    return operand;
  return {c.reduce("ReduceSum", operand.value, axes, false), kept};
}

/// `operand` with its dimensions in the order of `labels`; 1 where it lacks one.
Value arrange(Composer &c, const Labelled &operand, ArrayRef<int> labels) {
  SmallVector<int64_t> permutation, shape;
  for (int label : labels) {
    if (operand.has(label))
      permutation.push_back(llvm::find(operand.labels, label) - operand.labels.begin());
    shape.push_back(operand.extent(label));
  }
  return c.reshape(c.transpose(operand.value, permutation), shape);
}

int64_t product(const Labelled &operand, ArrayRef<int> labels) {
  int64_t count = 1;
  for (int label : labels)
    count *= operand.extent(label);
  return count;
}

/// The product of two operands, summed over the labels that nothing else wants: a matrix product, or an element-wise
/// one where there is nothing to sum.
Labelled multiply(Composer &c, Labelled a, Labelled b, llvm::function_ref<bool(int)> wanted) {
  a = sumOut(c, a, [&](int label) { return wanted(label) || b.has(label); });
  b = sumOut(c, b, [&](int label) { return wanted(label) || a.has(label); });
  SmallVector<int> batch, rows, columns, summed;
  for (int label : a.labels) {
    bool both = b.has(label);
    if (both && !wanted(label) && a.extent(label) == b.extent(label))
      summed.push_back(label);
    else
      (both ? batch : rows).push_back(label);
  }
  for (int label : b.labels)
    if (!a.has(label))
      columns.push_back(label);
  SmallVector<int> labels(batch);
  llvm::append_range(labels, rows);
  llvm::append_range(labels, columns);
  bool broadcasts = llvm::any_of(batch, [&](int label) { return a.extent(label) != b.extent(label); });
  if (summed.empty() || broadcasts) {
    SmallVector<int> all(labels);
    llvm::append_range(all, summed);
    Labelled result{c.mul(arrange(c, a, all), arrange(c, b, all)), all};
    return sumOut(c, result, [&](int label) { return wanted(label); });
  }
  auto matrix = [&](const Labelled &operand, ArrayRef<int> outer, ArrayRef<int> inner) {
    SmallVector<int> order(batch);
    llvm::append_range(order, outer);
    llvm::append_range(order, inner);
    return c.reshape(arrange(c, operand, order),
                     {product(operand, batch), product(operand, outer), product(operand, inner)});
  };
  Value y = c.make("MatMul", {matrix(a, rows, summed), matrix(b, summed, columns)});
  SmallVector<int64_t> shape;
  for (int label : labels)
    shape.push_back(a.has(label) ? a.extent(label) : b.extent(label));
  Labelled result{c.reshape(y, shape), labels};
  return sumOut(c, result, [&](int label) { return wanted(label); });
}

Composed composeEinsum(EinsumOp op, Composer &c) {
  std::string equation = op.getEquation().str();
  llvm::erase(equation, ' ');
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  SmallVector<Labelled> operands;
  std::map<int, int> uses;
  int hidden = 0;
  for (auto [term, operand] : llvm::zip_equal(terms, op.getInputs())) {
    Labelled labelled{operand, labelsOf(term, Composer::shape(operand).size())};
    for (int label : labelled.labels) {
      ++uses[label];
      hidden = std::min(hidden, label);
    }
    operands.push_back(takeDiagonals(c, labelled));
  }
  SmallVector<int> output;
  if (StringRef(equation).contains("->")) {
    output = labelsOf(right, llvm::count_if(right, llvm::isAlpha) - hidden);
  } else {
    for (int label = hidden; label < 0; ++label)
      output.push_back(label);
    for (auto [label, count] : uses)
      if (label > 0 && count == 1)
        output.push_back(label);
  }
  Labelled result = operands.front();
  for (size_t next = 1; next < operands.size(); ++next)
    result = multiply(c, result, operands[next], [&](int label) {
      return llvm::is_contained(output, label) ||
             llvm::any_of(ArrayRef(operands).drop_front(next + 1), [&](const Labelled &o) { return o.has(label); });
    });
  result = sumOut(c, result, [&](int label) { return llvm::is_contained(output, label); });
  return {{arrange(c, result, output)}};
}

} // namespace

void addMatMulDecompositions(RewritePatternSet &patterns) {
  patterns.add<Decomposition<EinsumOp>>(patterns.getContext(), composeEinsum);
}

} // namespace m2c::graph
