#include "m2c/Target/CostModel.h"
#include <m2crt/winograd.h>

using namespace m2c;

/// How near the micro-kernels come to the peak.
static constexpr double directEfficiency = 0.93, productEfficiency = 0.95;

/// Products of 16-bit integers in the time of one of float32. A pair takes a multiplication and an addition, which
/// would be 2; a Zen 3 measured 1.55.
static constexpr double integerRate = 1.55;

/// Weights are read once per run, from the nearest level that holds those of the whole model.
static double weightCycles(double bytes, const ConvProblem &problem, const Target &target) {
  double total = std::max(bytes, static_cast<double>(problem.modelWeightBytes));
  return bytes / (total <= static_cast<double>(target.l2Bytes)   ? target.l2BytesPerCycle
                  : total <= static_cast<double>(target.l3Bytes) ? target.l3BytesPerCycle
                                                                 : target.memoryBytesPerCycle);
}

/// Cycles that one tile's transform takes per vector of channels and per element of the transformed tile: a load, a
/// store and the additions, which grow with the side of the tile.
static double transformCycles(int64_t side) { return 2 + 0.5 * static_cast<double>(side); }

static double ceilDiv(double a, double b) { return std::ceil(a / b); }

double m2c::estimateCycles(const ConvProblem &problem, ConvTile tile, const Target &target) {
  auto inputs = static_cast<double>(problem.inChannels), outputs = static_cast<double>(problem.outChannels);
  auto lanes = static_cast<double>(target.lanes());
  double outputVectors = ceilDiv(outputs, lanes);
  double peak = target.multiplyAddsPerCycle() / lanes; // vectors of products a cycle
  int64_t tapsH = tile.h + problem.kernelH - 1, tapsW = tile.w + problem.kernelW - 1;
  double taps = static_cast<double>(tapsH * tapsW);
  auto tiles = static_cast<double>(problem.batch * m2crt::even_split(problem.outH, tile.h).tiles *
                                   m2crt::even_split(problem.outW, tile.w).tiles);
  double multiplies = tiles * taps * inputs * outputVectors / peak;
  double weightBytes = sizeof(float);
  if (problem.isInteger) { // direct sums read weights of 8 bits, transformed ones have 16
    multiplies /= integerRate;
    weightBytes = tile.isDirect() ? 1 : 2;
  }
  double weights = weightCycles(taps * inputs * outputs * weightBytes, problem, target);
  if (tile.isDirect())
    return std::max(multiplies / directEfficiency, weights) + 0.25 * std::min(multiplies, weights);
  // A vector of inputs has twice as many integers; outputs are multiplied and shifted at the end.
  double inputVectors = ceilDiv(inputs, problem.isInteger ? 2 * lanes : lanes);
  double transforms = tiles * taps * transformCycles(std::max(tapsH, tapsW)) * (inputVectors + outputVectors);
  multiplies /= productEfficiency;
  return std::max(multiplies, weights) + 0.25 * std::min(multiplies, weights) + transforms;
}

double m2c::estimateCycles(const KernelProblem &problem, const Target &target) {
  double peak = target.multiplyAddsPerCycle() * 32 / problem.bits;
  double compute = problem.multiplyAdds / (peak * problem.efficiency) + problem.vectorCycles;
  bool isNear = problem.bytes <= static_cast<double>(target.l2Bytes);
  return std::max(compute, problem.bytes / (isNear ? target.l2BytesPerCycle : target.l3BytesPerCycle));
}

ConvTile m2c::chooseConvTile(const ConvProblem &problem, const Target &target) {
  ConvTile best;
  double bestCycles = estimateCycles(problem, best, target);
  for (int64_t taps : {4, 6}) {
    auto tileOf = [&](int64_t kernel) { return kernel == 1 ? 1 : taps - kernel + 1; };
    ConvTile tile{tileOf(problem.kernelH), tileOf(problem.kernelW)};
    if (problem.isInteger && (taps != 6 || problem.kernelH != 3 || problem.kernelW != 3))
      continue;
    if (tile.isDirect() || tile.h < 1 || tile.w < 1 || !m2crt::has_winograd(tile.h, problem.kernelH) ||
        !m2crt::has_winograd(tile.w, problem.kernelW))
      continue;
    double cycles = estimateCycles(problem, tile, target);
    if (cycles < bestCycles) {
      best = tile;
      bestCycles = cycles;
    }
  }
  return best;
}

bool m2c::isIntegerFaster(ConvProblem problem, const Target &target) {
  problem.isInteger = true;
  double integer = estimateCycles(problem, chooseConvTile(problem, target), target);
  problem.isInteger = false;
  return integer <= estimateCycles(problem, chooseConvTile(problem, target), target);
}

int64_t m2c::chooseStripRows(const StripProblem &problem, const Target &target) {
  // Narrower rows leave the register tiles of a row's expansion half empty.
  constexpr int64_t leastWidth = 24;
  int64_t inRows = (problem.outH - 1) * problem.stride + problem.kernelH;
  int64_t whole = inRows * problem.inRowBytes + problem.outH * problem.outRowBytes;
  if (problem.outW * (problem.inRowBytes > 0 ? problem.stride : 1) < leastWidth || whole <= target.l2Bytes)
    return 0;
  int64_t shared = std::max<int64_t>(problem.kernelH - problem.stride, 0);
  auto bytes = [&](int64_t rows) {
    return (rows * problem.stride + shared) * problem.inRowBytes + rows * problem.outRowBytes;
  };
  // The most rows, of at most 8, that keep a strip in three quarters of the cache; where not even two fit, the few
  // whose copied rows still weigh little.
  int64_t best = 0, small = 0;
  for (int64_t rows = 1; rows <= 8 && rows < problem.outH; ++rows) {
    if (problem.outH % rows != 0 || rows * problem.stride < shared)
      continue;
    if (rows <= 4)
      small = rows;
    if (bytes(rows) <= target.l2Bytes * 3 / 4)
      best = rows;
  }
  return best >= 2 ? best : small >= 2 ? small : 0;
}
