// What the machine that the generated code runs on can do: the source of every size that a pass chooses by hardware.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>

namespace m2c {

struct Target {
  std::string march;        ///< as given to the C++ compiler's -march
  std::string instructions; ///< the vector instruction set in words, "AVX2 and FMA"
  std::string cpu;          ///< the processor's name as LLVM spells it, "znver3"; empty for a level

  int64_t vectorBytes = 16; ///< of the widest vector register that kernels compute in
  int64_t vectorRegisters = 16;
  bool hasFma = false;

  int64_t l1Bytes = 32 << 10; ///< data cache of one core
  int64_t l2Bytes = 512 << 10;
  int64_t l3Bytes = 8 << 20;

  double vectorOpsPerCycle = 2; ///< multiply-adds (with FMA) or multiplications and additions each half
  /// Bytes a cycle that one core reads in order; where not known better, what a Zen 3 measured.
  double l2BytesPerCycle = 28, l3BytesPerCycle = 20, memoryBytesPerCycle = 8;

  /// Elements of `bits` bits in one register.
  int64_t lanes(unsigned bits = 32) const { return vectorBytes * 8 / bits; }
  /// Peak of one core in float32.
  double multiplyAddsPerCycle() const { return vectorOpsPerCycle * static_cast<double>(lanes()) / (hasFma ? 1 : 2); }

  /// The target of a name that gcc's -march knows: native, x86-64[-v2|-v3|-v4], a processor such as skylake or znver3,
  /// armv8-a. Fails for a name that is unknown.
  static llvm::Expected<Target> parse(llvm::StringRef march);
};

} // namespace m2c
