// ONNX TensorProto files (.pb), as the ONNX test data has them: the part of the protobuf format that they use. Not for
// kernels.
#pragma once

#include "m2crt/tensor.h"

namespace m2crt {

/// Reads protobuf's wire format and never past its end.
struct wire_reader {
  const unsigned char* p;
  const unsigned char* end;
  bool good = true;

  bool done() const { return !good || p == end; }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (p == end) break;
      unsigned char byte = *p++;
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
    good = false;
    return 0;
  }
  wire_reader bytes(std::uint64_t length) {
    if (!good || length > static_cast<std::uint64_t>(end - p)) {
      good = false;
      return {end, end};
    }
    wire_reader part{p, p + length};
    p += length;
    return part;
  }
  wire_reader message() { return bytes(varint()); }
  void skip(unsigned wire) {
    if (wire == 0)
      varint();
    else if (wire == 1)
      bytes(8);
    else if (wire == 2)
      message();
    else if (wire == 5)
      bytes(4);
    else
      good = false;
  }
};

/// The element type of a TensorProto.DataType; false where this program has none for it.
inline bool parse_proto_type(std::uint64_t number, element_type& type) {
  static const struct {
    std::uint64_t number;
    element_type type;
  } known[] = {{1, element_type::float32},     {2, element_type::uint8},           {3, element_type::int8},
               {4, element_type::uint16},      {5, element_type::int16},           {6, element_type::int32},
               {7, element_type::int64},       {9, element_type::boolean},         {11, element_type::float64},
               {12, element_type::uint32},     {13, element_type::uint64},         {10, element_type::float16},
               {16, element_type::bfloat16},   {17, element_type::float8e4m3fn},   {18, element_type::float8e4m3fnuz},
               {19, element_type::float8e5m2}, {20, element_type::float8e5m2fnuz}, {24, element_type::float8e8m0fnu}};
  for (const auto& candidate : known)
    if (candidate.number == number) {
      type = candidate.type;
      return true;
    }
  return false;
}

/// Parses a TensorProto. Returns what is wrong with it, or an empty text.
inline std::string parse_tensor_proto(const std::vector<unsigned char>& file, tensor& result) {
  wire_reader in{file.data(), file.data() + file.size()};
  std::uint64_t type = 0;
  std::vector<unsigned char> raw;
  bool has_raw = false;
  std::vector<unsigned char> reals, doubles;  // float_data and double_data, as they lie in the file
  std::vector<std::uint64_t> integers;        // int32_data, int64_data, uint64_data
  result.shape.clear();
  auto take = [](wire_reader part, std::vector<unsigned char>& to) { to.insert(to.end(), part.p, part.end); };
  while (!in.done()) {
    std::uint64_t key = in.varint();
    unsigned wire = key & 7;
    std::uint64_t field = key >> 3;
    if (field == 1 && wire == 0) {
      result.shape.push_back(static_cast<std::size_t>(in.varint()));
    } else if (field == 1 && wire == 2) {
      wire_reader part = in.message();
      while (!part.done()) result.shape.push_back(static_cast<std::size_t>(part.varint()));
      in.good &= part.good;
    } else if (field == 2 && wire == 0) {
      type = in.varint();
    } else if (field == 9 && wire == 2) {
      take(in.message(), raw);
      has_raw = true;
    } else if (field == 4 && (wire == 2 || wire == 5)) {
      take(wire == 2 ? in.message() : in.bytes(4), reals);
    } else if (field == 10 && (wire == 2 || wire == 1)) {
      take(wire == 2 ? in.message() : in.bytes(8), doubles);
    } else if ((field == 5 || field == 7 || field == 11) && wire == 0) {
      integers.push_back(in.varint());
    } else if ((field == 5 || field == 7 || field == 11) && wire == 2) {
      wire_reader part = in.message();
      while (!part.done()) integers.push_back(part.varint());
      in.good &= part.good;
    } else if (field == 14 && wire == 0) {
      if (in.varint() == 1) return "keeps its data in another file, which this program does not read";
    } else {
      in.skip(wire);
    }
  }
  if (!in.good || type == 0) return "is not a tensor in ONNX's format, or is cut short";
  if (!parse_proto_type(type, result.type))
    return "has elements of ONNX type " + std::to_string(type) + ", which this program does not read";
  std::size_t count, width = element_bytes(result.type);
  if (!count_elements(result.shape, count)) return "has an absurd shape";
  if (has_raw) {
    result.bytes = raw;
  } else if (result.type == element_type::float32) {
    result.bytes = reals;
  } else if (result.type == element_type::float64) {
    result.bytes = doubles;
  } else {
    result.bytes.resize(integers.size() * width);
    for (std::size_t i = 0; i < integers.size(); ++i) std::memcpy(result.bytes.data() + i * width, &integers[i], width);
  }
  if (result.bytes.size() != count * width)
    return "holds " + std::to_string(result.bytes.size()) + " bytes of data, which do not make up its shape " +
           describe_shape(result.shape);
  return {};
}

}  // namespace m2crt
