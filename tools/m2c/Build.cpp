#include "Commands.h"

void m2c::addBuild(CLI::App &app) {
  auto options = std::make_shared<BuildOptions>();
  CLI::App *command = app.add_subcommand(
      "build", "turn an ONNX model into an executable or a library, by $CXX or c++, for GPUs by $NVCC or nvcc");
  addModelOptions(*command, *options);
  addStateOption(*command, *options);
  command->add_option("-o,--output", options->output, "by suffix: .so, .a, .o, else an executable")->required();
  command->callback([options] { throw CLI::RuntimeError(runBuild(*options)); });
}
