#include "m2c/Driver/Executable.h"
#include "m2c/Driver/CppCompiler.h"
#include "m2c/Support/Files.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <csignal>
#include <cstdlib>
#include <cstring>

using namespace llvm;
using namespace m2c;

ExitStatus m2c::compileGenerated(Compilation &compilation, const EmittedModel &code, StringRef output) {
  Expected<TemporaryFolder> folder = TemporaryFolder::create();
  if (!folder)
    return succeed(folder.takeError());
  const std::optional<CudaTarget> &gpu = compilation.getCudaTarget();
  std::string source = code.stem + (gpu ? ".cu" : ".cpp");
  if (ExitStatus status = succeed(writeFiles(listGenerated(code, folder->path(source)))))
    return status;
  CompileJob job{folder->path().str(), source, output.str(), compilation.getTarget().march, gpu ? gpu->arch : ""};
  if (compilation.hasCustomOps()) { // their headers are named as seen from here
    SmallString<128> here;
    if (std::error_code code = sys::fs::current_path(here))
      return succeed(createStringError(code, "cannot find the current folder: " + code.message()));
    job.includes = here.str().str();
  }
  compilation.getProgress().show("compiling " + compilation.getName());
  Error error = compileCpp(job);
  compilation.getProgress().clear();
  if (error.isA<ToolFailure>() && compilation.hasCustomOps()) {
    reportError(
        "the C++ compiler refused the model's code with the functions of --custom-op; docs/GeneratedCode.md says "
        "how they are called: " +
        toString(std::move(error)));
    return exitUsage;
  }
  if (error.isA<ToolFailure>()) { // generated code compiles
    std::string compiler = gpu ? "the CUDA compiler" : "the C++ compiler";
    reportError(compiler + " refused the generated code; unless " +
                (gpu ? "$NVCC or $NVCCFLAGS" : "$CXX or $CXXFLAGS") +
                " ask for what it cannot do, this is a mistake of m2c, please report it with the model: " +
                toString(std::move(error)));
    return exitInternal;
  }
  if (error || !compilation.mapsWeights() || code.weights.empty())
    return succeed(std::move(error));
  SmallString<128> weights(sys::path::parent_path(output)); // the program looks for its weights beside itself
  sys::path::append(weights, code.stem + ".weights");
  return succeed(writeFiles({{weights.str().str(), code.weights.pieces}}));
}

/// $XDG_CACHE_HOME/m2c, or ~/.cache/m2c.
static std::string getCacheFolder() {
  SmallString<128> folder;
  if (const char *cache = std::getenv("XDG_CACHE_HOME"); cache && *cache)
    folder = cache;
  else if (sys::path::home_directory(folder))
    sys::path::append(folder, ".cache");
  sys::path::append(folder, "m2c");
  return folder.str().str();
}

ExitStatus m2c::buildCached(Compilation &compilation, std::string &executable) {
  EmittedModel code;
  if (ExitStatus status = generate(compilation, compilation.getName(), /*withMain=*/true, code))
    return status;
  const std::optional<CudaTarget> &gpu = compilation.getCudaTarget();
  CompileJob job{"", code.stem + (gpu ? ".cu" : ".cpp"), "", compilation.getTarget().march, gpu ? gpu->arch : ""};
  std::string key = sha256(sha256(code.source) + sha256(code.header) + code.weights.mark + getCompileCommand(job));
  SmallString<128> folder(getCacheFolder());
  sys::path::append(folder, key);
  executable = (folder + "/" + code.stem).str();
  if (sys::fs::exists(executable) && !compilation.hasCustomOps()) // whose headers may have changed
    return exitOk;
  if (std::error_code error = sys::fs::create_directories(folder))
    return succeed(createStringError(error, "cannot make '" + folder + "': " + error.message()));
  // Another process may build the same: each has a file of its own, and renaming is atomic.
  SmallString<128> temporary;
  sys::fs::createUniquePath(executable + ".%%%%%%", temporary, /*MakeAbsolute=*/false);
  if (ExitStatus status = compileGenerated(compilation, code, temporary))
    return status;
  if (std::error_code error = sys::fs::rename(temporary, executable))
    return succeed(createStringError(error, "cannot write '" + executable + "': " + error.message()));
  return exitOk;
}

std::string m2c::describeEnd(const Target &target, int status) {
  if (status <= 128)
    return "with status " + std::to_string(status);
  int signal = status - 128;
  std::string text = "by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  if (signal == SIGILL)
    text += "; it was made for " + target.instructions + ", which this processor may lack: choose another --march";
  if (signal == SIGFPE)
    text += "; an integer was divided by zero";
  return text;
}
