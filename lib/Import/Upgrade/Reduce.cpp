// Upgrades of reductions.
#include "m2c/Import/Upgrade.h"

using namespace mlir;
using namespace m2c::importer;

/// The axes are an input: from opset 13 on for ReduceSum, 18 for the others.
static LogicalResult axesToInput(Node &node) {
  if (std::optional<SmallVector<int64_t>> axes = node.takeInts("axes"))
    node.setOperand(1, node.makeInts(*axes));
  return success();
}

ArrayRef<Upgrade> m2c::importer::getReduceUpgrades() {
  static const Upgrade kUpgrades[] = {
      {"ReduceL1", 18, axesToInput},        {"ReduceL2", 18, axesToInput},   {"ReduceLogSum", 18, axesToInput},
      {"ReduceLogSumExp", 18, axesToInput}, {"ReduceMax", 18, axesToInput},  {"ReduceMean", 18, axesToInput},
      {"ReduceMin", 18, axesToInput},       {"ReduceProd", 18, axesToInput}, {"ReduceSum", 13, axesToInput},
      {"ReduceSumSquare", 18, axesToInput},
  };
  return kUpgrades;
}
