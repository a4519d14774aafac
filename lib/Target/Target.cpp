// Instruction sets by name, and this machine's by asking it.
#include "m2c/Target/Target.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include <optional>

using namespace llvm;
using m2c::Target;

namespace {

/// What kernels are written for: a register width with what comes along.
enum class Level { Sse2, Sse42, Avx, Avx2, Avx512, Neon };

void setLevel(Target &target, Level level) {
  switch (level) {
  case Level::Sse2:
    target.instructions = "SSE2";
    break;
  case Level::Sse42:
    target.instructions = "SSE4.2";
    break;
  case Level::Avx:
    target.instructions = "AVX";
    target.vectorBytes = 32;
    break;
  case Level::Avx2:
    target.instructions = "AVX2 and FMA";
    target.vectorBytes = 32;
    target.hasFma = true;
    break;
  case Level::Avx512:
    target.instructions = "AVX-512";
    target.vectorBytes = 64;
    target.vectorRegisters = 32;
    target.hasFma = true;
    target.l2Bytes = 1 << 20;
    break;
  case Level::Neon:
    target.instructions = "NEON";
    target.vectorRegisters = 32;
    target.hasFma = true;
    break;
  }
}

std::optional<Level> getLevelOf(StringRef march) {
  return StringSwitch<std::optional<Level>>(march)
      .Cases({"x86-64", "core2", "nocona"}, Level::Sse2)
      .Cases({"x86-64-v2", "nehalem", "westmere", "silvermont", "goldmont"}, Level::Sse42)
      .Cases({"sandybridge", "ivybridge", "bdver1"}, Level::Avx)
      .Cases({"x86-64-v3", "haswell", "broadwell", "skylake", "alderlake"}, Level::Avx2)
      .Cases({"znver1", "znver2", "znver3", "bdver4"}, Level::Avx2)
      .Cases({"x86-64-v4", "skylake-avx512", "cascadelake", "cooperlake", "cannonlake"}, Level::Avx512)
      .Cases({"icelake-client", "icelake-server", "tigerlake", "rocketlake"}, Level::Avx512)
      .Cases({"sapphirerapids", "znver4", "znver5"}, Level::Avx512)
      .StartsWith("armv8", Level::Neon)
      .StartsWith("armv9", Level::Neon)
      .Default(std::nullopt);
}

std::string readLine(const Twine &path) {
  auto file = MemoryBuffer::getFileAsStream(path);
  return file ? (*file)->getBuffer().trim().str() : "";
}

/// "512K" as Linux writes a cache's size.
int64_t parseCacheSize(StringRef text, int64_t otherwise) {
  int64_t factor = text.consume_back("K") ? 1 << 10 : text.consume_back("M") ? 1 << 20 : 1, size = 0;
  return text.getAsInteger(10, size) ? otherwise : size * factor;
}

void readCaches(Target &target) {
  for (int i = 0; i < 8; ++i) {
    std::string folder = ("/sys/devices/system/cpu/cpu0/cache/index" + Twine(i)).str();
    std::string kind = readLine(folder + "/type"), level = readLine(folder + "/level"),
                size = readLine(folder + "/size");
    if (kind.empty())
      return;
    if (kind == "Instruction")
      continue;
    int64_t &bytes = level == "1" ? target.l1Bytes : level == "2" ? target.l2Bytes : target.l3Bytes;
    bytes = parseCacheSize(size, bytes);
  }
}

void setNative(Target &target) {
  target.cpu = sys::getHostCPUName().str();
#if defined(__aarch64__)
  setLevel(target, Level::Neon);
#else
  StringMap<bool> features = sys::getHostCPUFeatures();
  auto hasAll = [&](std::initializer_list<StringRef> names) {
    return all_of(names, [&](StringRef name) { return features.lookup(name); });
  };
  setLevel(target, hasAll({"avx512f", "avx512vl", "avx512bw", "avx512dq"}) ? Level::Avx512
                   : hasAll({"avx2", "fma"})                               ? Level::Avx2
                   : hasAll({"avx"})                                       ? Level::Avx
                   : hasAll({"sse4.2"})                                    ? Level::Sse42
                                                                           : Level::Sse2);
#endif
  readCaches(target);
}

} // namespace

Expected<Target> Target::parse(StringRef march) {
  Target target;
  target.march = march.str();
  if (march == "native") {
    setNative(target);
    return target;
  }
  std::optional<Level> level = getLevelOf(march);
  if (!level)
    return createStringError("unknown --march '" + march +
                             "'; use native, x86-64, x86-64-v2, x86-64-v3, x86-64-v4, armv8-a or a processor's name as "
                             "gcc spells it, such as skylake or znver3");
  setLevel(target, *level);
  if (!march.starts_with("x86-64") && !march.starts_with("arm"))
    target.cpu = march.str();
  return target;
}
