// Nodes become ops: names are resolved, functions inlined, operators upgraded.
#pragma once

#include "Context.h"
#include "Tensors.h"
#include "m2c/Dialect/Onnx/Schema.h"
#include "m2c/Import/Upgrade.h"

namespace onnx {
class AttributeProto;
class FunctionProto;
class GraphProto;
class ModelProto;
class NodeProto;
class TypeProto;
class ValueInfoProto;
} // namespace onnx

namespace m2c::importer {

/// The opset version of each domain ("" for ai.onnx).
using Opsets = llvm::StringMap<int64_t>;

/// The names that nodes can use. A subgraph sees those around it, a function's body only its own.
struct Scope {
  llvm::StringMap<mlir::Value> values;
  const Scope *parent = nullptr;
  const Opsets *opsets = nullptr;

  // Of a function's body: what its attributes are bound to, and the call's name before the names inside.
  const llvm::StringMap<const ::onnx::AttributeProto *> *attributes = nullptr;
  std::string prefix;
  unsigned functionDepth = 0;

  /// The value; null if it is an input of a function that the call leaves out; nothing if there is no such name.
  std::optional<mlir::Value> find(llvm::StringRef name) const {
    for (const Scope *scope = this; scope; scope = scope->parent)
      if (auto found = scope->values.find(name); found != scope->values.end())
        return found->second;
    return std::nullopt;
  }
};

class GraphImporter {
public:
  GraphImporter(Context &context, const ::onnx::ModelProto &model);

  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> run();

private:
  // Model.cpp
  void readOpsets();
  void setModelAttributes(mlir::ModuleOp module);
  mlir::LogicalResult importMain(mlir::ModuleOp module);
  mlir::FailureOr<mlir::Type> getInputType(mlir::func::FuncOp function, const ::onnx::ValueInfoProto &input);
  mlir::LogicalResult pinShape(const ::onnx::ValueInfoProto &input, mlir::SmallVectorImpl<int64_t> &shape,
                               bool hasShape);
  mlir::LogicalResult checkPins();

  // Graph.cpp
  mlir::LogicalResult importGraph(const ::onnx::GraphProto &graph, Scope &scope,
                                  mlir::SmallVectorImpl<mlir::Value> &outputs);
  mlir::LogicalResult importInitializers(const ::onnx::GraphProto &graph, Scope &scope);
  mlir::LogicalResult importNodes(llvm::ArrayRef<const ::onnx::NodeProto *> nodes, Scope &scope);
  mlir::LogicalResult define(Scope &scope, llvm::StringRef name, mlir::Value value, const llvm::Twine &where);
  mlir::FailureOr<std::unique_ptr<mlir::Region>> importSubgraph(const ::onnx::GraphProto &graph, Scope &scope,
                                                                const llvm::Twine &where);
  mlir::LogicalResult inlineFunction(const ::onnx::FunctionProto &function, const ::onnx::NodeProto &node, Scope &scope,
                                     llvm::ArrayRef<mlir::Value> operands);

  // Node.cpp
  mlir::LogicalResult importNode(const ::onnx::NodeProto &node, Scope &scope);
  mlir::LogicalResult importConstant(const ::onnx::NodeProto &proto, Node &node, Scope &scope);
  mlir::LogicalResult resolveGradient(Node &node, const Scope &scope);
  mlir::LogicalResult makeCustom(Node &node, const CustomOp &custom);
  mlir::Operation *createOp(Node &node, const onnx::OpSchema &schema,
                            llvm::StringMap<std::unique_ptr<mlir::Region>> &regions);
  mlir::LogicalResult addOperands(Node &node, const onnx::OpSchema &schema, mlir::OperationState &state);
  mlir::LogicalResult addResults(Node &node, const onnx::OpSchema &schema, mlir::OperationState &state);
  mlir::LogicalResult addAttributes(Node &node, const onnx::OpSchema &schema, mlir::OperationState &state);
  mlir::LogicalResult defineOutputs(const ::onnx::NodeProto &node, Scope &scope, llvm::ArrayRef<mlir::Value> results);
  mlir::Location getNodeLocation(const ::onnx::NodeProto &node, const Scope &scope);
  mlir::Location getNameLocation(llvm::StringRef name, const Scope &scope);

  // Attributes.cpp
  const ::onnx::AttributeProto *resolve(const ::onnx::AttributeProto &attribute, const Scope &scope) const;
  mlir::FailureOr<mlir::Attribute> convert(const ::onnx::AttributeProto &attribute, const llvm::Twine &where);
  mlir::FailureOr<mlir::Type> convert(const ::onnx::TypeProto &type, const llvm::Twine &where);

  Context &context;
  const ::onnx::ModelProto &model;
  mlir::OpBuilder builder;
  TensorReader tensors;
  llvm::StringMap<std::string> states; ///< the outputs that inputs are states of
  Opsets opsets;
  llvm::StringMap<const ::onnx::FunctionProto *> functions; // by "domain:name:overload"
  llvm::StringMap<Opsets> functionOpsets;
  uint64_t numNodes = 0;
};

/// How messages call the kind of an attribute.
llvm::StringRef getKindName(onnx::AttrKind kind);

/// Whether `attribute` is what an attribute of this kind holds.
bool isKind(mlir::Attribute attribute, onnx::AttrKind kind);

} // namespace m2c::importer
