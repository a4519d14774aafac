// Folders of inputs, for verification and calibration.
//
// A data set is what one run reads. In a folder these are data sets, in the order of their names, numbers in names by
// value:
//   - a folder with a file for each input, such as ONNX's test_data_set_N;
//   - an .npz file with an array for each input;
//   - a .npy or .pb file, where the model has one input.
// A folder that holds the files of the inputs themselves is one data set. Input i with the name x is in input_i.pb,
// input_i.npy, x.npy or x.pb (characters of x that are not in A-Za-z0-9_.- are _, as in the files that programs write),
// or the array x or input_i.
#pragma once

#include "m2c/Driver/Compilation.h"
#include "m2c/Support/Files.h"

namespace m2c {

struct DataSet {
  std::string path;
  /// The last part of the path.
  llvm::StringRef getName() const;
};

/// Those in `folder`, at least one. `inputs`: the model's.
llvm::Expected<std::vector<DataSet>> findDataSets(llvm::StringRef folder, llvm::ArrayRef<ModelValue> inputs);

/// A file, .npy or .pb, for each input. Arrays of an archive are written to `scratch`, over those of the last call.
llvm::Expected<std::vector<std::string>> getInputFiles(const DataSet &dataSet, llvm::ArrayRef<ModelValue> inputs,
                                                       llvm::StringRef scratch);

} // namespace m2c
