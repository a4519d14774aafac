// Tensors of a program's inputs and outputs as the generated main function sees them: element types, shapes, raw bytes.
// Not for kernels.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "m2crt/narrow.h"

namespace m2crt {

enum class element_type {
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  boolean,
  float16,
  bfloat16,
  float8e4m3fn,
  float8e4m3fnuz,
  float8e5m2,
  float8e5m2fnuz,
  float8e8m0fnu,
  float4e2m1fn,
  int4,  // these and the one before have a byte each
  uint4,
  int2,
  uint2
};

inline std::size_t element_bytes(element_type type) {
  switch (type) {
    case element_type::float64:
    case element_type::int64:
    case element_type::uint64:
      return 8;
    case element_type::float32:
    case element_type::int32:
    case element_type::uint32:
      return 4;
    case element_type::int16:
    case element_type::uint16:
    case element_type::float16:
    case element_type::bfloat16:
      return 2;
    default:
      return 1;
  }
}

inline const char* element_name(element_type type) {
  static const char* const names[] = {"float32",    "float64",        "int8",          "int16",        "int32",
                                      "int64",      "uint8",          "uint16",        "uint32",       "uint64",
                                      "bool",       "float16",        "bfloat16",      "float8e4m3fn", "float8e4m3fnuz",
                                      "float8e5m2", "float8e5m2fnuz", "float8e8m0fnu", "float4e2m1fn", "int4",
                                      "uint4",      "int2",           "uint2"};
  return names[static_cast<int>(type)];
}

/// f(the format) for a float of less than 32 bits; false for other types.
template <class F>
inline bool with_narrow_format(element_type type, F f) {
  switch (type) {
    case element_type::float16:
      return f(float16{}), true;
    case element_type::bfloat16:
      return f(bfloat16{}), true;
    case element_type::float8e4m3fn:
      return f(float8e4m3fn{}), true;
    case element_type::float8e4m3fnuz:
      return f(float8e4m3fnuz{}), true;
    case element_type::float8e5m2:
      return f(float8e5m2{}), true;
    case element_type::float8e5m2fnuz:
      return f(float8e5m2fnuz{}), true;
    case element_type::float8e8m0fnu:
      return f(float8e8m0fnu{}), true;
    case element_type::float4e2m1fn:
      return f(float4e2m1fn{}), true;
    default:
      return false;
  }
}

inline bool is_real(element_type type) {
  return type == element_type::float32 || type == element_type::float64 || with_narrow_format(type, [](auto) {});
}

struct tensor {
  element_type type = element_type::float32;
  std::vector<std::size_t> shape;
  std::vector<unsigned char> bytes;

  std::size_t size() const { return bytes.size() / element_bytes(type); }
};

constexpr std::size_t max_rank = 32;  // as NumPy's

/// The number of elements of `shape`; false if it has more dimensions or elements than make sense.
inline bool count_elements(const std::vector<std::size_t>& shape, std::size_t& count) {
  if (shape.size() > max_rank) return false;
  count = 1;
  for (std::size_t extent : shape) {
    if (extent != 0 && count > (std::size_t{1} << 48) / extent) return false;
    count *= extent;
  }
  return true;
}

inline std::string describe_shape(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i != 0 ? "," : "") + std::to_string(shape[i]);
  return text + "]";
}

// f(a value of the element's C++ type).
template <class F>
inline auto with_element_type(element_type type, F f) {
  switch (type) {
    case element_type::float32:
      return f(float{});
    case element_type::float64:
      return f(double{});
    case element_type::int8:
    case element_type::int4:
    case element_type::int2:
      return f(std::int8_t{});
    case element_type::int16:
      return f(std::int16_t{});
    case element_type::int32:
      return f(std::int32_t{});
    case element_type::int64:
      return f(std::int64_t{});
    case element_type::uint16:
    case element_type::float16:
    case element_type::bfloat16:
      return f(std::uint16_t{});
    case element_type::uint32:
      return f(std::uint32_t{});
    case element_type::uint64:
      return f(std::uint64_t{});
    default:
      return f(std::uint8_t{});
  }
}

/// Element i as a double.
inline double element_value(const tensor& t, std::size_t i) {
  return with_element_type(t.type, [&](auto zero) {
    std::memcpy(&zero, t.bytes.data() + i * sizeof zero, sizeof zero);
    double value = static_cast<double>(zero);
    with_narrow_format(t.type, [&](auto format) {
      value = static_cast<double>(decode_float<decltype(format)>(static_cast<unsigned>(zero)));
    });
    return value;
  });
}

/// Whether `value`, rounded towards zero, is a value of the type; every value is one of a floating-point type.
inline bool fits(element_type type, double value) {
  return with_element_type(type, [&](auto zero) {
    using limits = std::numeric_limits<decltype(zero)>;
    if (!limits::is_integer) return true;
    const double low = static_cast<double>(limits::min()), whole = std::trunc(value);
    return whole >= low && whole < std::ldexp(1.0, limits::digits);
  });
}

/// Element i = value, converted; it fits.
inline void set_element(tensor& t, std::size_t i, double value) {
  with_element_type(t.type, [&](auto zero) {
    bool narrow = with_narrow_format(t.type, [&](auto format) {
      zero = static_cast<decltype(zero)>(encode_float<decltype(format)>(static_cast<float>(value)));
    });
    if (!narrow) zero = static_cast<decltype(zero)>(value);
    std::memcpy(t.bytes.data() + i * sizeof zero, &zero, sizeof zero);
  });
}

}  // namespace m2crt
