// What m2c quantize says of what it did.
#pragma once

#include "m2c/Driver/Driver.h"
#include "m2c/Quantize/Quantize.h"
#include "llvm/Support/raw_ostream.h"

namespace m2c {

/// A value that became integers, or an output of a layer.
struct QuantizedValue {
  std::string name;
  std::optional<quantize::Range> range;
  std::optional<quantize::Affine> affine; ///< none: it stays float
};

struct QuantizedLayer {
  std::string node, op;
  bool isQuantized = false;
  std::vector<QuantizedValue> inputs;
  QuantizedValue output;
  std::optional<double> snr;   ///< of the output in the quantised model, in dB
  std::optional<double> alone; ///< where only this layer is quantised
};

struct QuantizeReport {
  std::string model, output;
  size_t dataSets = 0;
  unsigned foldedNorms = 0;
  std::vector<QuantizedLayer> layers; ///< in the graph's order
  std::optional<double> errorOfAll;   ///< of the outputs, where all layers are quantised that can be
  std::optional<double> error;        ///< of the outputs
  uint64_t bytes = 0, bytesBefore = 0;
};

void printText(const QuantizeReport &report, const QuantizeOptions &options, llvm::raw_ostream &os);
void printJson(const QuantizeReport &report, const QuantizeOptions &options, llvm::raw_ostream &os);

} // namespace m2c
