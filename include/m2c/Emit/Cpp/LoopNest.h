// A structured operation as a loop nest.
#pragma once

#include "m2c/Emit/Cpp/Combiner.h"
#include "m2c/Emit/Cpp/Expression.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/BitVector.h"
#include <vector>

namespace m2c::emit {

/// Prints a linalg op: unit loops dropped, loops that go through memory as one merged, lanes along the dimension with
/// the most consecutive elements, what does not depend on it computed before.
class LoopNest {
public:
  LoopNest(mlir::linalg::LinalgOp op, Printer &printer);
  mlir::LogicalResult print();

private:
  /// An operand: the body's argument that it feeds, and where its element lies.
  struct Access {
    mlir::BlockArgument argument;
    Buffer view;
    mlir::AffineExpr address;
    mlir::Value value;
  };

  void forEachAccess(llvm::function_ref<void(Access &)> f);
  void dropUnitDims();
  void mergeDims();
  bool canMerge(unsigned outer, unsigned inner);
  void remove(unsigned dim);
  std::optional<Dim> step(const Access &access, unsigned dim) const;
  Dim laneStep(const Access &access);
  int laneScore(unsigned dim);
  std::optional<unsigned> chooseLanes();
  mlir::Type widest();
  std::string terms(const Access &access);
  std::string laneRange();
  std::string vectorLoop();
  Expression index(int64_t dim);
  void chooseSplit();
  void openLoops(mlir::utils::IteratorType kind, CodeWriter &code);
  void closeLoops(mlir::utils::IteratorType kind, CodeWriter &code);
  void bindInputs(ExpressionPrinter &expressions, CodeWriter &code, bool varying);
  void storeResult(ExpressionPrinter &expressions, CodeWriter &code, unsigned i, std::string value);
  mlir::LogicalResult printParallel();

  // LinalgReduce.cpp
  std::string startValue(unsigned output, ExpressionPrinter &expressions, bool varying);
  mlir::LogicalResult printReduction();
  mlir::LogicalResult printRowReduction();
  mlir::LogicalResult printColumnReduction();
  mlir::LogicalResult printAccumulation();

  mlir::linalg::LinalgOp op;
  Printer &printer;
  mlir::Block &body;
  Dims ranges;
  llvm::SmallVector<mlir::utils::IteratorType> iterators;
  unsigned rank;
  llvm::BitVector indexed; ///< dimensions that the body asks for by linalg.index
  std::vector<Access> inputs, outputs;
  llvm::SmallVector<unsigned> live; ///< the dimensions left, in order
  llvm::SmallVector<std::string> variables;
  std::optional<unsigned> lane;
  std::optional<unsigned> split; ///< the dimension of which each part has a range
  std::string own;               ///< that range, unless it is of the lanes
  std::optional<Combiner> combiner;
};

/// Prints any structured operation.
mlir::LogicalResult printStructured(mlir::Operation *op, Printer &printer);

} // namespace m2c::emit
