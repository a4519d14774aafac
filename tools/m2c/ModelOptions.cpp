#include "Commands.h"

/// "a:1x3" gives {"a", {1, 3}}; "a:" a scalar.
static std::pair<std::string, std::vector<int64_t>> parseShape(const std::string &text) {
  size_t colon = text.rfind(':');
  if (colon == std::string::npos)
    throw CLI::ValidationError("--shape", "'" + text + "' is not INPUT:1x3x224x224");
  std::vector<int64_t> shape;
  for (const std::string &extent : CLI::detail::split(text.substr(colon + 1), 'x')) {
    if (extent.empty() && colon + 1 == text.size())
      continue;
    int64_t value = 0;
    if (!CLI::detail::lexical_cast(extent, value) || value < 0)
      throw CLI::ValidationError("--shape", "'" + extent + "' in '" + text + "' is not an extent");
    shape.push_back(value);
  }
  return {text.substr(0, colon), shape};
}

/// "batch=8" pins a dimension, "batch=1..64" bounds it.
static void parseDim(const std::string &text, m2c::ModelOptions &options) {
  size_t equals = text.rfind('='), dots = text.find("..", equals == std::string::npos ? 0 : equals);
  bool isRange = equals != std::string::npos && dots != std::string::npos;
  int64_t value = 0;
  if (equals == std::string::npos ||
      (isRange && text.substr(equals + 1, dots - equals - 1) != "1" &&
       text.substr(equals + 1, dots - equals - 1) != "0") ||
      !CLI::detail::lexical_cast(text.substr(isRange ? dots + 2 : equals + 1), value) || value < 1)
    throw CLI::ValidationError("--dim",
                               "'" + text + "' is neither NAME=SIZE nor NAME=1..BOUND with a size of at least 1");
  (isRange ? options.bounds : options.dims)[text.substr(0, equals)] = value;
}

/// "dom::Op=ops.h:ns::function" gives {"dom::Op", {"ops.h", "ns::function"}}.
static std::pair<std::string, m2c::CustomFunction> parseCustomOp(const std::string &text) {
  size_t equals = text.find('='), domain = text.find("::");
  size_t colon = text.find(':', equals == std::string::npos ? 0 : equals);
  bool isComplete = equals != std::string::npos && domain < equals && domain > 0 && domain + 2 < equals &&
                    colon != std::string::npos && colon > equals + 1 && colon + 1 < text.size();
  std::string function = isComplete ? text.substr(colon + 1) : "";
  auto isName = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':'; };
  auto isQuotable = [](unsigned char c) { return c >= 32 && c != '"' && c != '\\'; };
  if (!isComplete || !std::all_of(function.begin(), function.end(), isName) ||
      !std::all_of(text.begin(), text.end(), isQuotable))
    throw CLI::ValidationError("--custom-op", "'" + text + "' is not DOMAIN::OPERATOR=HEADER:FUNCTION");
  return {text.substr(0, equals), {text.substr(equals + 1, colon - equals - 1), function}};
}

void m2c::addStateOption(CLI::App &command, ModelOptions &options) {
  command
      .add_option("--state", options.states,
                  "an output that is an input of the next run, kept inside the instance: OUTPUT:INPUT")
      ->allow_extra_args(false);
}

void m2c::addReadingOptions(CLI::App &command, ModelOptions &options) {
  command.add_option("model", options.model, "the .onnx file")->required();
  command.add_option("--march", options.march, "instruction set, as gcc spells it")->capture_default_str();
  command
      .add_option_function<std::vector<std::string>>(
          "--shape",
          [&](const auto &texts) {
            for (const auto &text : texts)
              options.shapes.insert(parseShape(text));
          },
          "pins an input's shape: INPUT:1x3x224x224")
      ->allow_extra_args(false);
  command
      .add_option_function<std::vector<std::string>>(
          "--dim",
          [&](const auto &texts) {
            for (const auto &text : texts)
              parseDim(text, options);
          },
          "pins a symbolic dimension: NAME=8; or bounds it, so that run never allocates: NAME=1..64")
      ->allow_extra_args(false);
  command
      .add_option_function<std::vector<std::string>>(
          "--custom-op",
          [&](const auto &texts) {
            for (const auto &text : texts)
              options.customOps.insert(parseCustomOp(text));
          },
          "a C++ function computes an operator: DOMAIN::OPERATOR=HEADER:FUNCTION")
      ->allow_extra_args(false);
  command.add_flag("-q,--quiet", options.quiet, "print errors only");
}

void m2c::addModelOptions(CLI::App &command, ModelOptions &options) {
  addReadingOptions(command, options);
  command.add_option("--name", options.name, "namespace and prefix of the generated code (default: the file's name)");
  command
      .add_option_function<std::string>(
          "--target", [&](const std::string &target) { options.cuda = target == "cuda"; },
          "cpu (C++), or cuda (CUDA C++ for NVIDIA's GPUs)")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->default_str("cpu");
  command.add_option("--gpu-arch", options.gpuArch, "the GPU's architecture: sm_80, 86, 89, 90, 100 or 120")
      ->capture_default_str();
  command
      .add_option("--cuda-math", options.cudaMath,
                  "matrix products of float32 on a GPU: tf32, on tensor cores with factors of 10 bits; or fp32")
      ->capture_default_str();
  command.add_option("--weights", options.weights, "where weights beyond 64 KiB go")
      ->check(CLI::IsMember({"embed", "file", "inline"}))
      ->capture_default_str();
  command
      .add_option("--accuracy", options.accuracy,
                  "strict: only algorithms as exact as the direct sum; balanced: within 1e-4 of it")
      ->check(CLI::IsMember({"balanced", "strict"}))
      ->capture_default_str();
  command
      .add_option("-O", options.optimize,
                  "0: nothing fused; 1: fused kernels; 2 or 3, which are the same: and the "
                  "algorithms that the cost model expects to be the fastest")
      ->check(CLI::Range(0, 3))
      ->capture_default_str();
}
