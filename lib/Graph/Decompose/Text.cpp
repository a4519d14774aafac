// Counts of n-grams.
#include "m2c/Graph/Decompose.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

/// The n-grams of one length: the items of each in a row, and to which outputs they count.
struct Grams {
  SmallVector<int64_t> items, outputs;
};

Grams getGrams(TfIdfVectorizerOp op, int64_t length) {
  Grams grams;
  ArrayRef<int64_t> pool = *op.getPoolInt64s(), starts = op.getNgramCounts(), outputs = op.getNgramIndexes();
  auto lengths = static_cast<int64_t>(starts.size());
  auto startOf = [&](int64_t n) { return n < lengths ? starts[n] : static_cast<int64_t>(pool.size()); };
  int64_t before = 0; // n-grams that are shorter
  for (int64_t n = 1; n < length; ++n)
    before += (startOf(n) - startOf(n - 1)) / n;
  if (length > lengths)
    return grams;
  int64_t count = (startOf(length) - startOf(length - 1)) / length;
  llvm::append_range(grams.items, pool.slice(startOf(length - 1), count * length));
  llvm::append_range(grams.outputs, outputs.slice(before, count));
  return grams;
}

/// How often each n-gram is in each row [B, C], its items `distance` apart: [B, n-grams]. Null where none fits in.
Value countGrams(Composer &c, Value x, const Grams &grams, int64_t length, int64_t distance) {
  int64_t rows = Composer::shape(x)[0], items = Composer::shape(x)[1];
  int64_t starts = items - distance * (length - 1), count = static_cast<int64_t>(grams.outputs.size());
  if (starts < 1 || count == 0)
    return {};
  Value found;
  for (int64_t n = 0; n < length; ++n) {
    SmallVector<int64_t> wanted;
    for (int64_t gram = 0; gram < count; ++gram)
      wanted.push_back(grams.items[gram * length + n]);
    Value window = c.reshape(c.slice(x, 1, n * distance, n * distance + starts), {rows, 1, starts});
    Value equal = c.make("Equal", {window, c.reshape(c.cast(c.ints(wanted), Composer::element(x)), {count, 1})});
    found = found ? c.make("And", {found, equal}) : equal;
  }
  return c.reduce("ReduceSum", c.cast(found, c.rewriter.getF32Type()), {2}, /*keep=*/false);
}

/// Each length and distance is a comparison with all n-grams of that length, and a sum over the places.
Composed composeTfIdf(TfIdfVectorizerOp op, Composer &c) {
  Value x = op.getX(), y;
  SmallVector<int64_t> shape(Composer::shape(op.getY()));
  int64_t outputs = shape.back();
  x = c.reshape(x, {shape.size() == 1 ? 1 : shape[0], Composer::shape(x).back()});
  Type f32 = c.rewriter.getF32Type();
  for (int64_t length = op.getMinGramLength(); length <= static_cast<int64_t>(op.getMaxGramLength()); ++length) {
    Grams grams = getGrams(op, length);
    Value counts;
    int64_t distances = length == 1 ? 1 : static_cast<int64_t>(op.getMaxSkipCount()) + 1;
    for (int64_t distance = 1; distance <= distances; ++distance)
      if (Value found = countGrams(c, x, grams, length, distance))
        counts = counts ? c.add(counts, found) : found;
    if (!counts)
      continue;
    // To its output: a constant matrix, for several n-grams may count to one.
    auto count = static_cast<int64_t>(grams.outputs.size());
    std::vector<double> place(count * outputs, 0);
    for (auto [gram, output] : llvm::enumerate(grams.outputs))
      place[static_cast<int64_t>(gram) * outputs + output] = 1;
    Value placed = c.make("MatMul", {counts, c.constant(f32, {count, outputs}, place)});
    y = y ? c.add(y, placed) : placed;
  }
  if (!y)
    y = c.constant(f32, {Composer::shape(x)[0], outputs}, std::vector<double>(Composer::shape(x)[0] * outputs, 0));
  if (op.getMode() == "IDF")
    y = c.cast(c.make("Greater", {y, c.scalarLike(0, y)}), f32);
  if (op.getMode() != "TF" && op.getWeights() && !op.getWeights()->empty()) {
    // Weights are given per n-gram, in the order of ngram_indexes; its output is multiplied.
    std::vector<double> weights(op.getWeights()->begin(), op.getWeights()->end());
    weights.resize(outputs, 1);
    y = c.mul(y, c.constant(f32, {outputs}, weights));
  }
  return {{c.reshape(y, shape)}};
}

} // namespace

void addTextDecompositions(RewritePatternSet &patterns) {
  patterns.add<Decomposition<TfIdfVectorizerOp>>(patterns.getContext(), composeTfIdf);
}

} // namespace m2c::graph
