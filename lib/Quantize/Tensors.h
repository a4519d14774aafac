// Tensors of a model's message: reading, writing, and along which axis their channels lie.
#pragma once

#include "Graph.h"
#include "m2c/Import/ModelFile.h"

namespace m2c::quantize {

/// The elements of a float32 tensor.
mlir::FailureOr<std::vector<float>> readFloats(const ModelFile &file, const ::onnx::TensorProto &tensor,
                                               mlir::MLIRContext &context);

template <class T>
void setData(::onnx::TensorProto &tensor, int type, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<T> elements) {
  tensor.set_data_type(type);
  for (int64_t extent : shape)
    tensor.add_dims(extent);
  tensor.set_raw_data(elements.data(), elements.size() * sizeof(T));
}

/// How an axis of a row-major tensor lies in memory.
struct Channels {
  size_t count = 1, inner = 1;
  size_t getChannel(size_t element) const { return element / inner % count; }
};
Channels getChannels(const ::onnx::TensorProto &tensor, unsigned axis);

/// The axis of the output channels in the second input of a Conv, ConvTranspose without groups, Gemm or MatMul by a
/// constant; nothing for other nodes.
std::optional<unsigned> getWeightAxis(const ::onnx::NodeProto &node, const Graph &graph);

/// Drops those of the values that nothing uses: initializers, Constant nodes, and inputs that were their names.
void removeUnused(::onnx::GraphProto &graph, const llvm::StringSet<> &values);

} // namespace m2c::quantize
