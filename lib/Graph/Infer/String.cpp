// Inference of operators on text.
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Graph/Infer.h"

using namespace mlir;
using namespace m2c::onnx;

namespace m2c::graph {
namespace {

LogicalResult inferTfIdf(TfIdfVectorizerOp op, Inference &i) {
  if (failed(i.expectRank(op.getX(), 1, 2)))
    return failure();
  if (!op.getPoolInt64s())
    return i.error() << "its pool holds strings, which are not supported";
  if (op.getNgramIndexes().empty())
    return i.error() << "ngram_indexes is empty";
  Dims shape(i.shape(op.getX()).drop_back());
  shape.push_back(*llvm::max_element(op.getNgramIndexes()) + 1);
  return i.set(0, Float32Type::get(i.context()), shape);
}

} // namespace

void addStringInference(InferenceRegistry &r) { r.add<TfIdfVectorizerOp>(inferTfIdf); }

} // namespace m2c::graph
