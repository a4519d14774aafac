// The main graph of a model's message, by names.
#pragma once

#include "onnx-ml.pb.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"
#include <optional>

namespace m2c::quantize {

/// The node's name, or that of its first output where it has none.
std::string getNodeName(const ::onnx::NodeProto &node);

/// Whether it is ai.onnx's operator `type`.
bool isOperator(const ::onnx::NodeProto &node, llvm::StringRef type);

const ::onnx::AttributeProto *findAttribute(const ::onnx::NodeProto &node, llvm::StringRef name);
int64_t getInteger(const ::onnx::NodeProto &node, llvm::StringRef name, int64_t otherwise);
float getFloat(const ::onnx::NodeProto &node, llvm::StringRef name, float otherwise);
llvm::StringRef getString(const ::onnx::NodeProto &node, llvm::StringRef name, llvm::StringRef otherwise);

/// Who makes and uses each value. It knows the graph as it was when this was made; nodes are numbered as there.
class Graph {
public:
  explicit Graph(const ::onnx::GraphProto &graph);

  const ::onnx::NodeProto &getNode(size_t i) const { return graph.node(static_cast<int>(i)); }
  size_t getNumNodes() const { return static_cast<size_t>(graph.node_size()); }
  /// The node that makes the value; none for inputs and initializers.
  std::optional<size_t> getProducer(llvm::StringRef value) const;
  /// The nodes that use it as an input, each once.
  llvm::ArrayRef<size_t> getConsumers(llvm::StringRef value) const;
  /// Whether it is an output of the graph, or a subgraph uses it.
  bool isUsedElsewhere(llvm::StringRef value) const { return usedElsewhere.contains(value); }
  /// The tensor of an initializer or of a Constant node; null if the value is none.
  const ::onnx::TensorProto *getConstant(llvm::StringRef value) const;
  bool isInitializer(llvm::StringRef value) const { return initializers.contains(value); }
  /// A name that no value or node has: `hint`, or `hint` with a number; each is given once.
  std::string unique(const llvm::Twine &hint);

private:
  void addNames(const ::onnx::GraphProto &graph);
  void addCaptured(const ::onnx::GraphProto &graph);

  const ::onnx::GraphProto &graph;
  llvm::StringMap<size_t> producers;
  llvm::StringMap<llvm::SmallVector<size_t, 2>> consumers;
  llvm::StringMap<const ::onnx::TensorProto *> initializers;
  llvm::StringSet<> usedElsewhere, names;
};

} // namespace m2c::quantize
