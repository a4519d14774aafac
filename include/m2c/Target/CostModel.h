// What an algorithm takes on a target, in cycles of one core: the figures that passes choose by.
//
// A kernel is bound by its multiply-adds or by the bytes that it streams; what it moves between its own steps comes on
// top. The constants were measured by the kernels' benchmarks (test/Runtime/*_bench.cpp) on a Zen 3; estimates serve to
// compare algorithms, not to promise times.
#pragma once

#include "m2c/Target/Target.h"

namespace m2c {

/// A convolution of stride 1 without groups: the problem that has several algorithms.
struct ConvProblem {
  int64_t batch, outH, outW, inChannels, outChannels, kernelH, kernelW;
  int64_t modelWeightBytes = 0; ///< of the whole model: decides which level of memory weights come from
  bool isInteger = false;       ///< of 16-bit integers, else of float32
};

/// Outputs of one Winograd tile; {1, 1}: direct convolution.
struct ConvTile {
  int64_t h = 1, w = 1;
  bool isDirect() const { return h == 1 && w == 1; }
};

/// A depthwise convolution and the pointwise ones around it, of which the wide middle part could pass through the
/// caches in strips of output rows.
struct StripProblem {
  int64_t outH, outW, kernelH, stride;
  int64_t inRowBytes;  ///< of the expanded rows; 0 where the input is there as a whole
  int64_t outRowBytes; ///< of the depthwise convolution's rows
};

/// The rows of a strip; 0: better the whole image at a time.
int64_t chooseStripRows(const StripProblem &problem, const Target &target);

double estimateCycles(const ConvProblem &problem, ConvTile tile, const Target &target);

/// Cycles of a kernel by what it does: multiply-adds at the given part of the peak, vectors of other operations, and
/// bytes that pass through the caches; whichever is slowest bounds it.
struct KernelProblem {
  double multiplyAdds = 0;
  double efficiency = 0.85;
  double vectorCycles = 0; ///< beside them
  double bytes = 0;
  unsigned bits = 32; ///< of an element
};
double estimateCycles(const KernelProblem &problem, const Target &target);

/// What each of several threads has to be given so that forking and joining them (1 to 3 us; 12 where they have to be
/// woken) weighs little.
constexpr double leastCyclesOfPart = 24000;

/// The fastest tile by the estimate.
ConvTile chooseConvTile(const ConvProblem &problem, const Target &target);

/// Whether 16-bit integers take less time than float32, each by its fastest algorithm.
bool isIntegerFaster(ConvProblem problem, const Target &target);

} // namespace m2c
