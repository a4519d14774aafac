// What the m2c tool does, one function per subcommand. Each returns the exit status and reports on stderr.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace m2c {

/// A C++ function of the user that computes an operator.
struct CustomFunction {
  std::string header, function;
};

enum ExitStatus {
  exitOk = 0,
  exitUsage = 1,    ///< the command line, or a file that cannot be read or written
  exitBadModel = 2, ///< not a model, a broken one, or one that asks for what m2c does not support
  exitMismatch = 3, ///< verify: outputs differ from the reference
  exitInternal = 4, ///< a mistake of m2c's
};

/// How a model is turned into code; what all subcommands share.
struct ModelOptions {
  std::string model;
  std::string name; ///< namespace and prefix; empty: from the file's name
  std::string march = "native";
  bool cuda = false; ///< for a GPU, in CUDA C++
  std::string gpuArch = "sm_80";
  std::string cudaMath = "tf32";
  std::map<std::string, std::vector<int64_t>> shapes; ///< --shape input:1x3x224x224
  std::map<std::string, int64_t> dims;                ///< --dim name=8
  std::map<std::string, int64_t> bounds;              ///< --dim name=1..64
  std::map<std::string, CustomFunction> customOps;    ///< --custom-op domain::Op=header:function
  std::vector<std::string> states;                    ///< --state output:input
  std::string weights = "embed";                      ///< embed, file or inline
  std::string accuracy = "balanced";                  ///< balanced or strict
  unsigned optimize = 3;
  bool quiet = false;
};

struct ConvertOptions : ModelOptions {
  std::string output;
  bool withMain = false;
  std::string stopAfter; ///< a stage's name: its IR is the output
  std::string emit;      ///< a stage's name: its IR goes to stdout on the way
};
int runConvert(const ConvertOptions &options);

struct BuildOptions : ModelOptions {
  std::string output; ///< by suffix: .so, .a, .o, else an executable
};
int runBuild(const BuildOptions &options);

struct RunOptions : ModelOptions {
  std::vector<std::string> arguments; ///< of the model's executable: --input, --benchmark ...
};
int runRun(const RunOptions &options);

struct VerifyOptions : ModelOptions {
  std::string testDataDir;
  double rtol = 1e-3;
  double atol = 1e-5;
};
int runVerify(const VerifyOptions &options);

struct InspectOptions : ModelOptions {
  bool json = false;
};
int runInspect(const InspectOptions &options);

} // namespace m2c
