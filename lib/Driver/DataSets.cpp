#include "m2c/Driver/DataSets.h"
#include "m2c/Emit/Names.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace m2c;

StringRef DataSet::getName() const { return sys::path::filename(path); }

static std::string joinPath(StringRef folder, const Twine &name) {
  SmallString<128> path = folder;
  sys::path::append(path, name);
  return path.str().str();
}

/// The names without suffix that the data of input `i` may have.
static std::vector<std::string> getStems(ArrayRef<ModelValue> inputs, size_t i) {
  SmallVector<StringRef> names;
  for (const ModelValue &input : inputs)
    names.push_back(input.name);
  std::string file = emit::getOutputFileNames(names)[i];
  return {"input_" + std::to_string(i), StringRef(file).drop_back(strlen(".npy")).str()};
}

/// The file of input `i` in `folder`; empty if there is none.
static std::string findInput(StringRef folder, ArrayRef<ModelValue> inputs, size_t i) {
  for (const std::string &stem : getStems(inputs, i))
    for (StringRef suffix : {".pb", ".npy"})
      if (std::string path = joinPath(folder, stem + suffix); sys::fs::exists(path))
        return path;
  return "";
}

static bool isTensorFile(StringRef path) { return path.ends_with(".npy") || path.ends_with(".pb"); }

/// Whether `a` comes before `b`; runs of digits compare as numbers.
static bool comesBefore(StringRef a, StringRef b) { return a.compare_numeric(b) < 0; }

Expected<std::vector<DataSet>> m2c::findDataSets(StringRef folder, ArrayRef<ModelValue> inputs) {
  if (!sys::fs::is_directory(folder))
    return createStringError("'" + folder + "' is no folder; give the folder that holds the data sets");
  bool hasInputs = !inputs.empty();
  for (size_t i = 0; i != inputs.size(); ++i)
    hasInputs &= !findInput(folder, inputs, i).empty();
  if (hasInputs || sys::fs::exists(joinPath(folder, "output_0.pb")))
    return std::vector<DataSet>{{folder.str()}};
  std::vector<DataSet> found;
  std::error_code error;
  for (sys::fs::directory_iterator it(folder, error), end; it != end && !error; it.increment(error)) {
    std::string path = it->path();
    bool isSet = sys::fs::is_directory(path)
                     ? !findInput(path, inputs, 0).empty() || inputs.empty()
                     : StringRef(path).ends_with(".npz") || (inputs.size() == 1 && isTensorFile(path));
    bool isNamed = sys::path::filename(path).starts_with("test_data_set_"); // its missing files are a mistake
    if (isSet || isNamed)
      found.push_back({path});
  }
  if (error)
    return createStringError(error, "cannot read '" + folder + "': " + error.message());
  if (found.empty()) {
    auto names = map_range(inputs, [](const ModelValue &input) { return "'" + input.name + "'"; });
    return createStringError("'" + folder +
                             "' holds no test_data_set_N and no other data sets: folders or .npz files "
                             "with the inputs " +
                             join(names, ", ") + (inputs.size() == 1 ? ", or .npy or .pb files with it" : ""));
  }
  llvm::sort(found, [](const DataSet &a, const DataSet &b) { return comesBefore(a.path, b.path); });
  return found;
}

//===- Archives -===//

namespace {
/// An uncompressed file in a zip archive.
struct Member {
  StringRef name, bytes;
};
} // namespace

/// The members of a zip archive, by the directory at its end. numpy.savez stores them as they are.
static Expected<std::vector<Member>> listMembers(StringRef path, StringRef bytes) {
  using namespace support::endian;
  auto broken = [&](const Twine &why) { return createStringError("'" + path + "' is no .npz file: " + why); };
  size_t end = bytes.rfind(StringRef("PK\5\6", 4));
  if (end == StringRef::npos || bytes.size() - end < 22)
    return broken("it has no directory");
  size_t count = read16le(bytes.data() + end + 10), at = read32le(bytes.data() + end + 16);
  std::vector<Member> members;
  for (size_t i = 0; i != count; ++i) {
    if (at > bytes.size() || bytes.size() - at < 46 || !bytes.substr(at).starts_with(StringRef("PK\1\2", 4)))
      return broken("its directory is damaged");
    const char *entry = bytes.data() + at;
    uint64_t size = read32le(entry + 20), offset = read32le(entry + 42);
    size_t nameSize = read16le(entry + 28), extraSize = read16le(entry + 30), commentSize = read16le(entry + 32);
    if (bytes.size() - at - 46 < nameSize + extraSize)
      return broken("its directory is damaged");
    StringRef name(entry + 46, nameSize);
    if (read16le(entry + 10) != 0)
      return createStringError("'" + path + "': array '" + name +
                               "' is compressed, which m2c does not read; write the file with numpy.savez");
    if (size == UINT32_MAX || offset == UINT32_MAX)
      return createStringError("'" + path + "': array '" + name + "' has 4 GiB or more; write it as .npy");
    if (offset > bytes.size() || bytes.size() - offset < 30)
      return broken("array '" + name + "' lies beyond its end");
    const char *local = bytes.data() + offset;
    uint64_t begin = offset + 30 + read16le(local + 26) + read16le(local + 28);
    if (begin > bytes.size() || size > bytes.size() - begin)
      return broken("array '" + name + "' lies beyond its end");
    members.push_back({name, bytes.substr(begin, size)});
    at += 46 + nameSize + extraSize + commentSize;
  }
  return members;
}

static Expected<std::vector<std::string>> extract(StringRef path, ArrayRef<ModelValue> inputs, StringRef scratch) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read '" + path + "': " + buffer.getError().message());
  Expected<std::vector<Member>> members = listMembers(path, (*buffer)->getBuffer());
  if (!members)
    return members.takeError();
  std::vector<std::string> files;
  for (size_t i = 0; i != inputs.size(); ++i) {
    const Member *found = nullptr;
    for (const Member &member : *members)
      if (member.name == inputs[i].name + ".npy" || member.name == "input_" + std::to_string(i) + ".npy")
        found = &member;
    if (!found)
      return createStringError("'" + path + "' has no array '" + inputs[i].name + "', the data of that input");
    files.push_back(joinPath(scratch, "input_" + Twine(i) + ".npy"));
    if (Error error = writeFiles({{files.back(), found->bytes}}))
      return std::move(error);
  }
  return files;
}

Expected<std::vector<std::string>> m2c::getInputFiles(const DataSet &dataSet, ArrayRef<ModelValue> inputs,
                                                      StringRef scratch) {
  if (!sys::fs::is_directory(dataSet.path)) {
    if (isTensorFile(dataSet.path))
      return std::vector<std::string>{dataSet.path};
    return extract(dataSet.path, inputs, scratch);
  }
  std::vector<std::string> files;
  for (size_t i = 0; i != inputs.size(); ++i) {
    files.push_back(findInput(dataSet.path, inputs, i));
    if (files.back().empty())
      return createStringError("'" + joinPath(dataSet.path, "input_" + Twine(i) + ".pb") +
                               "' is missing: the data of input '" + inputs[i].name + "'");
  }
  return files;
}
