// The subcommands of m2c: each adds itself to the command line. What they do is in lib/Driver.
#pragma once

#include "m2c/Driver/Driver.h"
#include <CLI/CLI.hpp>

namespace m2c {

void addConvert(CLI::App &app);
void addBuild(CLI::App &app);
void addRun(CLI::App &app);
void addVerify(CLI::App &app);
void addInspect(CLI::App &app);
void addQuantize(CLI::App &app);

/// The model and how it is read: what every subcommand has.
void addReadingOptions(CLI::App &command, ModelOptions &options);

/// Those, and what its code is like.
void addModelOptions(CLI::App &command, ModelOptions &options);

/// --state, for the subcommands that make code.
void addStateOption(CLI::App &command, ModelOptions &options);

} // namespace m2c
