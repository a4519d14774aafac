#include "m2c/Driver/CppCompiler.h"
#include "m2c/Support/Process.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace m2c;

using Words = std::vector<std::string>;

char ToolFailure::ID;

OutputKind m2c::getOutputKind(StringRef path) {
  return StringSwitch<OutputKind>(sys::path::extension(path))
      .Case(".so", OutputKind::SharedLibrary)
      .Case(".a", OutputKind::StaticLibrary)
      .Case(".o", OutputKind::Object)
      .Default(OutputKind::Executable);
}

/// Those for CUDA C++. Clang takes CUDA's headers and libraries from where it finds them or $NVCCFLAGS say.
static Words getCudaWords(const CompileJob &job, StringRef output) {
  Words words = getEnvironmentWords("NVCC", "nvcc");
  bool isClang = sys::path::filename(words.front()).contains("clang");
  for (StringRef word : {"-std=c++17", "-O2"})
    words.push_back(word.str());
  if (isClang)
    llvm::append_range(words, Words{"-x", "cuda", "--cuda-gpu-arch=" + job.gpuArch});
  else
    words.push_back("-arch=" + job.gpuArch);
  OutputKind kind = getOutputKind(job.output);
  if (kind != OutputKind::Executable)
    llvm::append_range(words, isClang ? Words{"-fPIC"} : Words{"-Xcompiler", "-fPIC"});
  if (kind == OutputKind::SharedLibrary)
    words.push_back("-shared");
  if (kind == OutputKind::StaticLibrary || kind == OutputKind::Object)
    words.push_back("-c");
  llvm::append_range(words, getEnvironmentWords("NVCCFLAGS"));
  llvm::append_range(words, Words{job.source, "-o", output.str()});
  if (isClang && kind != OutputKind::StaticLibrary && kind != OutputKind::Object)
    llvm::append_range(words, Words{"-x", "none", "-lcudart_static", "-ldl", "-lrt", "-lpthread"});
  return words;
}

/// The compiler's words. It runs in the job's folder, so `output` is absolute.
static Words getCompilerWords(const CompileJob &job, StringRef output) {
  if (!job.gpuArch.empty())
    return getCudaWords(job, output);
  Words words = getEnvironmentWords("CXX", "c++");
  for (StringRef word : {"-std=c++17", "-O2", "-pthread"})
    words.push_back(word.str());
  words.push_back("-march=" + job.march);
  switch (getOutputKind(job.output)) {
  case OutputKind::Executable:
    break;
  case OutputKind::SharedLibrary:
    words.push_back("-shared");
    words.push_back("-fPIC");
    break;
  case OutputKind::StaticLibrary:
  case OutputKind::Object:
    words.push_back("-fPIC");
    words.push_back("-c");
    break;
  }
  if (!job.includes.empty())
    words.push_back("-I" + job.includes);
  llvm::append_range(words, getEnvironmentWords("CXXFLAGS"));
  words.push_back(job.source);
  words.push_back("-o");
  words.push_back(output.str());
  return words;
}

std::string m2c::getCompileCommand(const CompileJob &job) { return join(getCompilerWords(job, ""), " "); }

static Error runTool(const Words &words, StringRef folder) {
  Expected<ProcessResult> result = runProcess(words, {.folder = folder.str(), .captureOutput = true});
  if (!result)
    return result.takeError();
  if (result->status == 0)
    return Error::success();
  return make_error<ToolFailure>(join(words, " ") + "\nended with status " + std::to_string(result->status) + "\n" +
                                 result->output);
}

Error m2c::compileCpp(const CompileJob &job) {
  SmallString<128> output(job.output);
  if (std::error_code code = sys::fs::make_absolute(output))
    return createStringError(code, "cannot find the current folder: " + code.message());
  if (getOutputKind(job.output) != OutputKind::StaticLibrary)
    return runTool(getCompilerWords(job, output), job.folder);
  SmallString<128> object(job.folder);
  sys::path::append(object, sys::path::stem(job.source) + ".o");
  if (Error error = runTool(getCompilerWords(job, object), job.folder))
    return error;
  sys::fs::remove(output); // ar would add to it
  Words archive = getEnvironmentWords("AR", "ar");
  llvm::append_range(archive, Words{"rcs", output.str().str(), object.str().str()});
  return runTool(archive, job.folder);
}
