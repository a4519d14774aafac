#include "Commands.h"
#include "llvm/ADT/StringRef.h"

void m2c::addConvert(CLI::App &app) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App *command = app.add_subcommand("convert", "turn an ONNX model into C++ source");
  addModelOptions(*command, *options);
  addStateOption(*command, *options);
  command->add_option("-o,--output", options->output,
                      "the .cpp file, or the .cu file (--target cuda); a header and weights go beside it");
  command->add_flag("--main", options->withMain,
                    "add a main function that reads inputs, writes outputs and benchmarks");
  auto isStage = CLI::IsMember({"import", "graph", "lower", "optimize", "plan", "emit"});
  command->add_option("--stop-after", options->stopAfter, "write the IR after this stage instead of C++")
      ->check(isStage);
  command->add_option("--emit", options->emit, "print the IR after this stage on the way")->check(isStage);
  command->callback([options] {
    if (options->output.empty() && options->stopAfter.empty() && options->emit.empty())
      throw CLI::RequiredError("-o OUT.cpp");
    if (llvm::StringRef(options->output).ends_with(".cu"))
      options->cuda = true;
    throw CLI::RuntimeError(runConvert(*options));
  });
}
