#include "Commands.h"

void m2c::addQuantize(CLI::App &app) {
  auto options = std::make_shared<QuantizeOptions>();
  CLI::App *command = app.add_subcommand(
      "quantize", "turn a float model into one of integers, with QuantizeLinear and DequantizeLinear");
  addReadingOptions(*command, *options);
  command->add_option("-o,--output", options->output, "the quantised .onnx file")->required();
  command->add_option("--calib", options->calibrationDir,
                      "holds the data sets that ranges are taken from: folders, .npz, or .npy or .pb files");
  command
      ->add_option("--method", options->method,
                   "how ranges are chosen: all values; all but some per cent; "
                   "the least squared error; the least divergence")
      ->check(CLI::IsMember({"minmax", "percentile", "mse", "entropy"}))
      ->capture_default_str();
  command->add_option("--percentile", options->percentile, "per cent of the values inside, of --method percentile")
      ->check(CLI::Range(50.0, 100.0))
      ->capture_default_str();
  command
      ->add_option("--activations", options->activations,
                   "uint8; int8, symmetric; none: weights only, which need no --calib")
      ->check(CLI::IsMember({"uint8", "int8", "none"}))
      ->capture_default_str();
  command
      ->add_option("--weights", options->weights,
                   "int8, a scale for each output channel; int4:block32 (16, 64 ...), a scale for each block, "
                   "with --activations none; none")
      ->capture_default_str();
  command->add_option("--exclude", options->excluded, "a node that stays float, by name; may be given again")
      ->allow_extra_args(false);
  command->add_option("--keep-float", options->keepFloat, "first,last: layers with weights at the ends stay float")
      ->delimiter(',')
      ->check(CLI::IsMember({"first", "last"}))
      ->allow_extra_args(false);
  command
      ->add_option("--error-budget", options->errorBudget,
                   "keep the most sensitive layers float until the outputs' relative error is at most this")
      ->check(CLI::PositiveNumber);
  command->add_flag("--external-data", options->externalData, "write large tensors to OUTPUT.data");
  command->add_flag("--json", options->json, "print the report as one JSON object");
  command->callback([options] { throw CLI::RuntimeError(runQuantize(*options)); });
}
