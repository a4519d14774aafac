// Upgrades of recurrent networks and of Scan.
#include "m2c/Import/Upgrade.h"

using namespace mlir;
using namespace m2c::importer;

/// Opset 7: whether the outputs are made is told by their names only.
static LogicalResult dropOutputSequence(Node &node) {
  node.takeInt("output_sequence", 0);
  return success();
}

/// Opset 9: no batch dimension and no lengths of sequences.
static LogicalResult refuseBatchedScan(Node &node) {
  return node.error()
         << "Scan of opset 8 works on batches, which m2c does not do; convert the model to opset 9 or later";
}

ArrayRef<Upgrade> m2c::importer::getRecurrentUpgrades() {
  static const Upgrade kUpgrades[] = {
      {"GRU", 7, dropOutputSequence},
      {"LSTM", 7, dropOutputSequence},
      {"RNN", 7, dropOutputSequence},
      {"Scan", 9, refuseBatchedScan},
  };
  return kUpgrades;
}
