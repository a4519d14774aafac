// Walks the wire format of protobuf: a message is a list of fields, each a tag (number << 3 | wire type) and a value.
#include "DetachData.h"
#include "llvm/ADT/Twine.h"
#include <optional>

using namespace llvm;
using namespace m2c;

namespace {

constexpr size_t kLargeTensor = 4096;
constexpr int kMaxDepth = 100; // as in protobuf

enum class Message { Model, Function, Graph, Node, Attribute, Tensor, SparseTensor };
enum WireType : unsigned { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

/// The messages with tensors inside that have field `number` of `message` as type.
std::optional<Message> getNested(Message message, unsigned number) {
  switch (message) {
  case Message::Model:
    return number == 7 ? std::optional(Message::Graph) : number == 25 ? std::optional(Message::Function) : std::nullopt;
  case Message::Function:
    return number == 7 ? std::optional(Message::Node) : number == 11 ? std::optional(Message::Attribute) : std::nullopt;
  case Message::Graph:
    return number == 1    ? std::optional(Message::Node)
           : number == 5  ? std::optional(Message::Tensor)
           : number == 15 ? std::optional(Message::SparseTensor)
                          : std::nullopt;
  case Message::Node:
    return number == 5 ? std::optional(Message::Attribute) : std::nullopt;
  case Message::Attribute:
    return number == 5 || number == 10    ? std::optional(Message::Tensor)
           : number == 6 || number == 11  ? std::optional(Message::Graph)
           : number == 22 || number == 23 ? std::optional(Message::SparseTensor)
                                          : std::nullopt;
  case Message::SparseTensor:
    return number == 1 || number == 2 ? std::optional(Message::Tensor) : std::nullopt;
  case Message::Tensor:
    return std::nullopt;
  }
  return std::nullopt;
}

struct Field {
  unsigned number = 0;
  unsigned wireType = 0;
  uint64_t varint = 0; // of a varint
  StringRef bytes;     // of a field of bytes
  StringRef whole;     // with the tag
};

class Detacher {
public:
  explicit Detacher(StringRef model) : model(model) {}

  bool copy(StringRef message, Message type, int depth, std::string &out) {
    if (depth > kMaxDepth)
      return fail("messages are nested too deeply", message);
    if (type == Message::Tensor)
      return copyTensor(message, out);
    while (!message.empty()) {
      Field field;
      if (!read(message, field))
        return false;
      if (type == Message::Model && field.number == 20) // training_info
        continue;
      std::optional<Message> nested = getNested(type, field.number);
      if (nested && field.wireType == Bytes) {
        std::string content;
        if (!copy(field.bytes, *nested, depth + 1, content))
          return false;
        appendBytes(field.number, content, out);
      } else {
        out += field.whole;
      }
    }
    return true;
  }

  std::string error;

private:
  bool fail(const Twine &what, StringRef where) {
    error = (what + " at byte " + Twine(where.data() - model.data())).str();
    return false;
  }

  bool readVarint(StringRef &in, uint64_t &value) {
    value = 0;
    for (unsigned i = 0; i < 10 && i < in.size(); ++i) {
      auto byte = static_cast<uint8_t>(in[i]);
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        in = in.drop_front(i + 1);
        return true;
      }
    }
    return fail(in.size() < 10 ? "the file ends within a number" : "there is a number of more than 64 bits", in);
  }

  bool read(StringRef &in, Field &field) {
    StringRef start = in;
    uint64_t tag = 0, size = 0;
    if (!readVarint(in, tag))
      return false;
    field.number = tag >> 3;
    field.wireType = tag & 7;
    switch (field.wireType) {
    case Varint:
      if (!readVarint(in, field.varint))
        return false;
      size = 0;
      break;
    case Fixed64:
      size = 8;
      break;
    case Fixed32:
      size = 4;
      break;
    case Bytes:
      if (!readVarint(in, size))
        return false;
      break;
    default:
      return fail("there is no valid field", start);
    }
    if (field.number == 0 || tag >> 32)
      return fail("there is no valid field", start);
    if (size > in.size())
      return fail("a field of " + Twine(size) + " bytes does not fit in the remaining " + Twine(in.size()), start);
    field.bytes = in.take_front(size);
    in = in.drop_front(size);
    field.whole = StringRef(start.data(), in.data() - start.data());
    return true;
  }

  bool copyTensor(StringRef message, std::string &out) {
    SmallVector<Field> fields;
    unsigned pieces = 0; // of data
    uint64_t dataType = 0;
    while (!message.empty()) {
      if (!read(message, fields.emplace_back()))
        return false;
      unsigned number = fields.back().number;
      pieces += (number >= 4 && number <= 7) || (number >= 9 && number <= 11);
      if (number == 2)
        dataType = fields.back().varint;
    }
    for (const Field &field : fields) {
      bool isRaw = field.number == 9 || (field.number == 4 && (dataType == 1 || dataType == 14)) || // float_data
                   (field.number == 10 && (dataType == 11 || dataType == 15));                      // double_data
      if (!isRaw || field.wireType != Bytes || pieces != 1 || field.bytes.size() < kLargeTensor) {
        out += field.whole;
        continue;
      }
      appendEntry("location", kModelFile, out);
      appendEntry("offset", std::to_string(field.bytes.data() - model.data()), out);
      appendEntry("length", std::to_string(field.bytes.size()), out);
      appendVarint(14 << 3, out); // data_location
      appendVarint(1, out);       // EXTERNAL
    }
    return true;
  }

  static void appendVarint(uint64_t value, std::string &out) {
    for (; value >= 0x80; value >>= 7)
      out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
  }
  static void appendBytes(unsigned number, StringRef bytes, std::string &out) {
    appendVarint(number << 3 | Bytes, out);
    appendVarint(bytes.size(), out);
    out += bytes;
  }
  static void appendEntry(StringRef key, StringRef value, std::string &out) {
    std::string entry;
    appendBytes(1, key, entry);
    appendBytes(2, value, entry);
    appendBytes(13, entry, out); // external_data
  }

  StringRef model;
};

} // namespace

std::string m2c::detachTensorData(StringRef model, std::string &out) {
  Detacher detacher(model);
  detacher.copy(model, Message::Model, 0, out);
  return detacher.error;
}
