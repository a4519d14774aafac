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

namespace m2crt {

enum class element_type { float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, boolean };

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
      return 2;
    default:
      return 1;
  }
}

inline const char* element_name(element_type type) {
  static const char* const names[] = {"float32", "float64", "int8",   "int16",  "int32", "int64",
                                      "uint8",   "uint16",  "uint32", "uint64", "bool"};
  return names[static_cast<int>(type)];
}

inline bool is_real(element_type type) { return type == element_type::float32 || type == element_type::float64; }

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
      return f(std::int8_t{});
    case element_type::int16:
      return f(std::int16_t{});
    case element_type::int32:
      return f(std::int32_t{});
    case element_type::int64:
      return f(std::int64_t{});
    case element_type::uint16:
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
    return static_cast<double>(zero);
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
    zero = static_cast<decltype(zero)>(value);
    std::memcpy(t.bytes.data() + i * sizeof zero, &zero, sizeof zero);
  });
}

}  // namespace m2crt
