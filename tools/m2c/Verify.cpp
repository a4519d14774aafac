#include "Commands.h"

void m2c::addVerify(CLI::App &app) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App *command = app.add_subcommand("verify", "compare a model's outputs with ONNX test data");
  addModelOptions(*command, *options);
  command->add_option("--test-data-dir", options->testDataDir, "holds test_data_set_N/{input,output}_M.pb")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--rtol", options->rtol, "relative tolerance")->capture_default_str();
  command->add_option("--atol", options->atol, "absolute tolerance")->capture_default_str();
  command->callback([options] { throw CLI::RuntimeError(runVerify(*options)); });
}
