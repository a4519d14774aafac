// Places in the arena and the weights, on the CPU and on GPUs.
#pragma once

#include <cstddef>

namespace m2crt {

/// Elements of T at an offset into the arena or the weights.
template <class T>
struct block {
  std::size_t offset;
};
template <class T>
inline T* at(unsigned char* base, block<T> place) {
  return reinterpret_cast<T*>(base + place.offset);
}
template <class T>
inline const T* at(const unsigned char* base, block<T> place) {
  return reinterpret_cast<const T*>(base + place.offset);
}

}  // namespace m2crt
