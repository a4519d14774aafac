#include "Commands.h"

void m2c::addVerify(CLI::App &app) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App *command =
      app.add_subcommand("verify", "compare a model's outputs with ONNX test data, or with another model's");
  addModelOptions(*command, *options);
  command
      ->add_option(
          "--test-data-dir,--data", options->testDataDir,
          "holds test_data_set_N/{input,output}_M.pb; with --against also other data sets, as m2c quantize reads")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--rtol", options->rtol, "relative tolerance")->capture_default_str();
  command->add_option("--atol", options->atol, "absolute tolerance")->capture_default_str();
  CLI::Option *against =
      command->add_option("--against", options->against,
                          "compare with this model's outputs: signal-to-noise ratio, cosine, top-1 agreement");
  command->add_option("--min-snr", options->minSnr, "fail where an output has a lower signal-to-noise ratio, in dB")
      ->needs(against);
  command->callback([options] { throw CLI::RuntimeError(runVerify(*options)); });
}
