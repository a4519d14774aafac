// NumPy's .npy files, versions 1 to 3: little endian, C or Fortran order on reading, C order on writing. Not for
// kernels.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "m2crt/tensor.h"

namespace m2crt {

/// The whole file; false if it cannot be read.
inline bool read_file(const std::string& path, std::vector<unsigned char>& bytes) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  bytes.clear();
  unsigned char part[1 << 16];
  std::size_t got;
  while ((got = std::fread(part, 1, sizeof part, file)) > 0) bytes.insert(bytes.end(), part, part + got);
  bool good = std::ferror(file) == 0;
  std::fclose(file);
  return good;
}

inline bool parse_npy_type(const std::string& text, element_type& type) {
  static const struct {
    const char* name;
    element_type type;
  } known[] = {{"f4", element_type::float32}, {"f8", element_type::float64}, {"i1", element_type::int8},
               {"i2", element_type::int16},   {"i4", element_type::int32},   {"i8", element_type::int64},
               {"u1", element_type::uint8},   {"u2", element_type::uint16},  {"u4", element_type::uint32},
               {"u8", element_type::uint64},  {"b1", element_type::boolean}, {"f2", element_type::float16}};
  if (text.size() != 3 || (text[0] != '<' && text[0] != '|' && text[0] != '=')) return false;
  for (const auto& candidate : known)
    if (text.compare(1, 2, candidate.name) == 0) {
      type = candidate.type;
      return true;
    }
  return false;
}

// The beginning of a text from a file, for a message: no control characters.
inline std::string npy_excerpt(std::string text) {
  if (text.size() > 24) text.replace(24, std::string::npos, "...");
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return text;
}

// The text behind 'key': in the header's dictionary.
inline std::string npy_field(const std::string& header, const char* key) {
  std::size_t at = header.find("'" + std::string(key) + "'");
  if (at == std::string::npos) return {};
  at = header.find(':', at);
  if (at == std::string::npos) return {};
  at = header.find_first_not_of(' ', at + 1);
  return at == std::string::npos ? std::string() : header.substr(at);
}

/// Parses a .npy file. Returns what is wrong with it, or an empty text.
inline std::string parse_npy(const std::vector<unsigned char>& file, tensor& result) {
  if (file.size() < 10 || std::memcmp(file.data(), "\x93NUMPY", 6) != 0) return "is not a .npy file";
  unsigned version = file[6];
  if (version < 1 || version > 3) return "has .npy version " + std::to_string(version) + ", not 1 to 3";
  std::size_t start = version == 1 ? 10 : 12;
  if (file.size() < start) return "is cut short";
  std::size_t length = file[8] | file[9] << 8;
  if (version > 1) length |= static_cast<std::size_t>(file[10]) << 16 | static_cast<std::size_t>(file[11]) << 24;
  if (length > file.size() - start) return "is cut short";
  std::string header(file.begin() + static_cast<std::ptrdiff_t>(start),
                     file.begin() + static_cast<std::ptrdiff_t>(start + length));
  std::string type = npy_field(header, "descr"), order = npy_field(header, "fortran_order"),
              shape = npy_field(header, "shape");
  if (type.size() < 2 || shape.empty() || shape[0] != '(') return "has a damaged .npy header";
  type = type.substr(1, type.find(type[0], 1) - 1);
  if (!parse_npy_type(type, result.type))
    return "has elements of type '" + npy_excerpt(type) + "', which this program does not read";
  result.shape.clear();
  for (std::size_t at = 1; at < shape.size() && shape[at] != ')';) {
    if (shape[at] == ' ' || shape[at] == ',') {
      ++at;
      continue;
    }
    if (shape[at] < '0' || shape[at] > '9' || result.shape.size() == max_rank) return "has a damaged .npy header";
    std::size_t extent = 0;
    for (; at < shape.size() && shape[at] >= '0' && shape[at] <= '9'; ++at) {
      if (extent > (std::size_t{1} << 48)) return "has an absurd shape";
      extent = extent * 10 + static_cast<std::size_t>(shape[at] - '0');
    }
    if (at < shape.size() && shape[at] == 'L') ++at;
    result.shape.push_back(extent);
  }
  std::size_t count, width = element_bytes(result.type);
  if (!count_elements(result.shape, count) || count * width != file.size() - start - length)
    return "holds " + std::to_string(file.size() - start - length) + " bytes of data, which do not make up its shape " +
           describe_shape(result.shape);
  const unsigned char* data = file.data() + start + length;
  result.bytes.assign(data, data + count * width);
  if (order.compare(0, 4, "True") == 0 && result.shape.size() > 1) {
    // Element (i0, i1, ...) lies at i0 + n0 (i1 + n1 (...)).
    std::vector<std::size_t> index(result.shape.size());
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t from = 0;
      for (std::size_t d = index.size(); d-- > 0;) from = from * result.shape[d] + index[d];
      std::memcpy(result.bytes.data() + i * width, data + from * width, width);
      for (std::size_t d = index.size(); d-- > 0;) {
        if (++index[d] < result.shape[d]) break;
        index[d] = 0;
      }
    }
  }
  return {};
}

/// Writes a .npy file; false if that fails.
inline bool write_npy(const std::string& path, const tensor& t) {
  static const char* const types[] = {"<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "|b1",
                                      // NumPy has no names for the other narrow types: their bits, or the integers.
                                      "<f2", "<u2", "|u1", "|u1", "|u1", "|u1", "|u1", "|u1", "|i1", "|u1", "|i1",
                                      "|u1"};
  std::string shape = "(";
  for (std::size_t extent : t.shape) shape += std::to_string(extent) + ", ";
  if (t.shape.size() > 1) shape.resize(shape.size() - 2);
  if (t.shape.size() == 1) shape.resize(shape.size() - 1);
  std::string header = std::string("{'descr': '") + types[static_cast<int>(t.type)] +
                       "', 'fortran_order': False, 'shape': " + shape + "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  unsigned char start[10] = {0x93,
                             'N',
                             'U',
                             'M',
                             'P',
                             'Y',
                             1,
                             0,
                             static_cast<unsigned char>(header.size() & 255),
                             static_cast<unsigned char>(header.size() >> 8)};
  bool good = std::fwrite(start, 1, 10, file) == 10 &&
              std::fwrite(header.data(), 1, header.size(), file) == header.size() &&
              std::fwrite(t.bytes.data(), 1, t.bytes.size(), file) == t.bytes.size();
  return std::fclose(file) == 0 && good;
}

}  // namespace m2crt
