// A model as a program that m2c itself runs on data sets.
#pragma once

#include "m2c/Driver/DataSets.h"
#include "m2c/Driver/Executable.h"
#include "m2c/Driver/TensorFile.h"

namespace m2c {

class ModelProgram {
public:
  /// Compiles a model that was imported, into `folder`, where it also keeps its data, under the name `stem`.
  ExitStatus build(Compilation &compilation, const TemporaryFolder &folder, llvm::StringRef stem);

  /// Runs it on the inputs of a data set. exitMismatch where the program ended with an error.
  ExitStatus run(const DataSet &dataSet);
  /// Output `i` of the last run.
  llvm::Expected<Tensor> readOutput(size_t i) const;

  llvm::ArrayRef<ModelValue> getInputs() const { return inputs; }
  llvm::ArrayRef<ModelValue> getOutputs() const { return outputs; }

private:
  Target target;
  std::vector<ModelValue> inputs, outputs;
  std::vector<std::string> outputFiles;
  std::string program, outputFolder, scratch;
};

} // namespace m2c
