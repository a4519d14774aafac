// Keeps the weights of a model out of protobuf, which would copy them.
#pragma once

#include "llvm/ADT/StringRef.h"
#include <string>

namespace m2c {

/// The `location` of external data that stands for the model's own file; no path can contain this character.
inline constexpr llvm::StringRef kModelFile("\0", 1);

/// Copies a serialized ModelProto to `out`, without the data of large tensors: those become external data in the file
/// kModelFile, at their offset in `model`. Training information is left out. Returns what is wrong, or "".
std::string detachTensorData(llvm::StringRef model, std::string &out);

} // namespace m2c
