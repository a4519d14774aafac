#include "Commands.h"

void m2c::addInspect(CLI::App &app) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App *command = app.add_subcommand("inspect", "say what a model contains and what it becomes");
  addModelOptions(*command, *options);
  addStateOption(*command, *options);
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([options] { throw CLI::RuntimeError(runInspect(*options)); });
}
