// Data of tensors in other files beside the model, or at a place in the model's own file.
#include "DetachData.h"
#include "Tensors.h"
#include "onnx-ml.pb.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

FailureOr<std::shared_ptr<MappedFile>> TensorReader::openExternal(StringRef location, const Twine &where) {
  if (location == kModelFile)
    return context.file;
  if (auto found = files.find(location); found != files.end())
    return found->second;
  auto refuse = [&](const Twine &why) {
    return context.error(where) << "its data is in the file " << quote(location) << ", which " << why;
  };
  namespace path = llvm::sys::path;
  if (location.empty() || location.contains('\0'))
    return refuse("is no file name");
  if (path::is_absolute(location) ||
      llvm::is_contained(llvm::make_range(path::begin(location), path::end(location)), ".."))
    return refuse("leaves the model's folder");
  StringRef modelFolder = path::parent_path(context.path);
  SmallString<256> folder, file(modelFolder), real;
  path::append(file, location);
  if (std::error_code error = llvm::sys::fs::real_path(modelFolder.empty() ? "." : modelFolder, folder))
    return refuse(error.message());
  if (std::error_code error = llvm::sys::fs::real_path(file, real))
    return refuse("cannot be opened: " + error.message());
  StringRef rest = real;
  if (!rest.consume_front(folder) || !(rest.starts_with("/") || folder == "/"))
    return refuse("is a link out of the model's folder");
  llvm::Expected<std::shared_ptr<MappedFile>> opened = MappedFile::open(real);
  if (!opened)
    return refuse("cannot be opened: " + llvm::toString(opened.takeError()));
  context.externalFiles.push_back(real.str().str());
  return files[location] = *opened;
}

FailureOr<TensorReader::Data> TensorReader::findExternal(const ::onnx::TensorProto &tensor, int64_t expectedBytes,
                                                         const Twine &where) {
  StringRef location;
  uint64_t offset = 0;
  std::optional<uint64_t> length;
  for (const auto &entry : tensor.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (key == "location")
      location = value;
    if (key != "offset" && key != "length")
      continue;
    uint64_t number = 0;
    if (value.getAsInteger(10, number))
      return context.error(where) << "the " << key << " of its external data, " << quote(value)
                                  << ", is not a number of bytes";
    if (key == "offset")
      offset = number;
    else
      length = number;
  }
  FailureOr<std::shared_ptr<MappedFile>> file = openExternal(location, where);
  if (failed(file))
    return failure();
  StringRef bytes = (*file)->getBytes();
  uint64_t size = bytes.size();
  if (offset > size || (length && *length > size - offset))
    return context.error(where) << "its data ends beyond the end of the file " << quote(location) << ": offset "
                                << offset << (length ? ", " + std::to_string(*length) + " bytes" : "")
                                << ", but the file has " << size;
  return Data{bytes.substr(offset, length.value_or(expectedBytes)), *file};
}
