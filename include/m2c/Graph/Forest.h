// Ensembles of decision trees, from the attributes of ai.onnx.ml's operators to the tables of m2crt/trees.h.
#pragma once

#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "mlir/IR/Diagnostics.h"
#include <vector>

namespace m2c::graph {

struct Forest {
  int64_t targets = 1;
  bool isDouble = false;
  bool missing = false;                           ///< whether NaN goes to the first child somewhere
  bool single = false;                            ///< whether each leaf holds its only value itself
  std::vector<int64_t> nodes, roots, leafTargets; ///< nodes: 32-bit words
  std::vector<double> leafWeights;
  int64_t words() const { return isDouble ? 4 : 3; }

  /// The tables of a TreeEnsemble, TreeEnsembleRegressor or TreeEnsembleClassifier; or an error, by `error`, where its
  /// attributes do not make trees.
  static mlir::FailureOr<Forest> build(mlir::Operation *op, llvm::function_ref<mlir::InFlightDiagnostic()> error);
};

} // namespace m2c::graph
