#include "Commands.h"

/// An option of the model's executable, handed on as it is.
template <class Value>
static void forward(CLI::App &command, m2c::RunOptions &options, const std::string &name, const std::string &help) {
  command
      .add_option_function<std::vector<Value>>(
          name,
          [&options, name](const std::vector<Value> &values) {
            for (const Value &value : values) {
              options.arguments.push_back(name);
              options.arguments.push_back(CLI::detail::to_string(value));
            }
          },
          help)
      ->allow_extra_args(false);
}

void m2c::addRun(CLI::App &app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App *command = app.add_subcommand("run", "convert, build (cached) and run a model in one go");
  addModelOptions(*command, *options);
  addStateOption(*command, *options);
  forward<std::string>(*command, *options, "--input",
                       "NAME=FILE.npy, NAME=FILE.pb or NAME=NUMBER, which fills the input");
  forward<uint64_t>(*command, *options, "--random", "seed of the inputs that are not given");
  forward<std::string>(*command, *options, "--output-dir", "write each output there as NAME.npy");
  forward<double>(*command, *options, "--seconds", "how long to benchmark");
  forward<unsigned>(*command, *options, "--threads", "threads to use (default 1, 0 for all of the machine's)");
  for (const char *flag : {"--benchmark", "--json"})
    command->add_flag_callback(flag, [options, flag] { options->arguments.push_back(flag); }, "as the executable's");
  command->callback([options] { throw CLI::RuntimeError(runRun(*options)); });
}
