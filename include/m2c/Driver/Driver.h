// What the m2c tool does, one function per subcommand. Each returns the exit status and reports on stderr.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
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
  std::string against; ///< another model, whose outputs are the reference; empty: the data's
  double minSnr = 0;   ///< in dB, of each output; with `against`
  double rtol = 1e-3;
  double atol = 1e-5;
};
int runVerify(const VerifyOptions &options);

struct QuantizeOptions : ModelOptions {
  std::string output;
  bool externalData = false;
  std::string calibrationDir;
  std::string method = "minmax"; ///< minmax, percentile, mse or entropy
  double percentile = 99.99;
  std::string activations = "uint8";  ///< uint8, int8 or none
  std::string weights = "int8";       ///< int8, int4:blockN or none
  std::vector<std::string> excluded;  ///< nodes that stay float
  std::vector<std::string> keepFloat; ///< first, last
  std::optional<double> errorBudget;  ///< largest relative error of the outputs
  bool json = false;
};
int runQuantize(const QuantizeOptions &options);

struct InspectOptions : ModelOptions {
  bool json = false;
};
int runInspect(const InspectOptions &options);

} // namespace m2c
