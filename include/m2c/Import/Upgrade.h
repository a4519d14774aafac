// The upgrade of operators from older opsets: every node becomes one of the newest version before its op is made.
//
// One table per family says what changed with which opset; the steps that lie between the model's opset and the newest
// one run in order. A step edits the node and may make ops before it (constants, casts, reshapes).
#pragma once

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Value.h"
#include <functional>
#include <string>

namespace m2c::importer {

/// The newest opsets that the dialect has.
inline constexpr int64_t kNewestOpset = 28, kNewestMlOpset = 5, kNewestPreviewOpset = 1;

/// A node on its way into the IR.
class Node {
public:
  /// `loc` names the node and its results, `helperLoc` only the node: that of the ops that upgrades add.
  Node(mlir::OpBuilder &builder, mlir::Location loc, mlir::Location helperLoc)
      : builder(builder), loc(loc), helperLoc(helperLoc) {}

  std::string domain; // "" for ai.onnx
  std::string opType;
  int64_t opset = 0;                       // of the domain, in the model
  mlir::SmallVector<mlir::Value> operands; // null: absent
  mlir::NamedAttrList attributes;
  mlir::SmallVector<bool> outputs; // of the node in the file: whether each one has a name

  /// Turns the first result of the op into the first output of the node, after the op is made.
  std::function<mlir::Value(mlir::Value)> finish;

  mlir::OpBuilder &builder;
  const mlir::Location loc, helperLoc;
  std::function<mlir::InFlightDiagnostic()> error; // "file: node: "

  //===- For the upgrade steps -===//

  /// Operand i, null if absent.
  mlir::Value operand(unsigned i) const { return i < operands.size() ? operands[i] : mlir::Value(); }
  void setOperand(unsigned i, mlir::Value value);

  /// Removes an attribute and gives its value, or the default. An attribute of another kind is an error that the
  /// creation of the op will report, so it stays where it is.
  int64_t takeInt(llvm::StringRef name, int64_t otherwise);
  float takeFloat(llvm::StringRef name, float otherwise);
  std::string takeString(llvm::StringRef name, llvm::StringRef otherwise);
  std::optional<mlir::SmallVector<int64_t>> takeInts(llvm::StringRef name);
  std::optional<mlir::SmallVector<float>> takeFloats(llvm::StringRef name);

  void setInt(llvm::StringRef name, int64_t value);
  void setString(llvm::StringRef name, llvm::StringRef value);

  /// Constants.
  mlir::Value makeInts(llvm::ArrayRef<int64_t> values);
  mlir::Value makeScalar(int64_t value);
  mlir::Value makeFloats(llvm::ArrayRef<float> values);
  /// A scalar of the element type of `like`.
  mlir::Value makeScalarLike(double value, mlir::Value like);

  /// An op with one result of unknown type.
  mlir::Value make(llvm::StringRef opType, mlir::ValueRange operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  mlir::NamedAttribute intAttr(llvm::StringRef name, int64_t value);
};

/// A step: what the opset `version` changed in an operator.
struct Upgrade {
  llvm::StringRef opType;
  int64_t version;
  mlir::LogicalResult (*apply)(Node &node);
};

// The tables, in the order of versions for each operator; each in its file lib/Import/Upgrade/<Family>.cpp.
llvm::ArrayRef<Upgrade> getElementwiseUpgrades();
llvm::ArrayRef<Upgrade> getNormalizeUpgrades();
llvm::ArrayRef<Upgrade> getRecurrentUpgrades();
llvm::ArrayRef<Upgrade> getReduceUpgrades();
llvm::ArrayRef<Upgrade> getShapeUpgrades();
llvm::ArrayRef<Upgrade> getImageUpgrades();

/// Brings `node` to the newest version of its operator.
mlir::LogicalResult upgrade(Node &node);

} // namespace m2c::importer
