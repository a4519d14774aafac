// The readers of .npy and TensorProto files: values of good files, and damaged ones, which end in a short message or in
// a tensor that is sound, never outside of the file's bytes (AddressSanitizer sees to that in the sanitized build).
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "m2crt/npy.h"
#include "m2crt/tensor_proto.h"

namespace {

using m2crt::element_type;
using bytes = std::vector<unsigned char>;

template <class T>
void append(bytes& to, std::initializer_list<T> values) {
  for (T value : values) {
    unsigned char part[sizeof(T)];
    std::memcpy(part, &value, sizeof(T));
    to.insert(to.end(), part, part + sizeof(T));
  }
}

bytes make_npy(unsigned char version, const std::string& header, const bytes& data) {
  bytes file = {0x93, 'N', 'U', 'M', 'P', 'Y', version, 0};
  std::size_t length = header.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file.push_back(static_cast<unsigned char>(length >> (8 * i)));
  file.insert(file.end(), header.begin(), header.end());
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

// A protobuf field of bytes.
bytes field(int number, const bytes& content) {
  bytes result = {static_cast<unsigned char>(number << 3 | 2), static_cast<unsigned char>(content.size())};
  result.insert(result.end(), content.begin(), content.end());
  return result;
}

bytes join(std::initializer_list<bytes> parts) {
  bytes result;
  for (const bytes& part : parts) result.insert(result.end(), part.begin(), part.end());
  return result;
}

bytes reals() {
  bytes data;
  append<float>(data, {1, 2, 3, 4, 5, 6});
  return data;
}

std::vector<double> values(const m2crt::tensor& t) {
  std::vector<double> result;
  for (std::size_t i = 0; i < t.size(); ++i) result.push_back(m2crt::element_value(t, i));
  return result;
}

std::vector<bytes> good_npy_files() {
  bytes integers;
  append<std::int64_t>(integers, {-1, 7});
  return {make_npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", reals()),
          make_npy(2, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", reals()),
          make_npy(3, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }\n", integers),
          make_npy(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (), }\n", {1}),
          make_npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (0, 2L, 3), }\n", {})};
}

std::vector<bytes> good_protos() {
  const bytes dims = {0x08, 2, 0x08, 3}, is_float = {0x10, 1}, is_int64 = {0x10, 7};
  bytes doubles;
  append<double>(doubles, {0.5, -0.5});
  return {join({dims, is_float, field(9, reals())}),                   // raw_data
          join({field(1, {2, 3}), is_float, field(4, reals())}),       // packed dims, float_data
          join({{0x08, 2}, is_int64, field(7, {5, 0x96, 1})}),         // packed int64_data
          join({{0x08, 2}, is_int64, {0x38, 5, 0x38, 0x96, 1}}),       // int64_data one by one
          join({{0x08, 2, 0x10, 11}, field(10, doubles)}),             // double_data
          join({{0x10, 9}, field(5, {1}), field(8, {'x', '=', 1})})};  // bool without dims, with a name
}

TEST(TensorFile, ReadsNpy) {
  std::vector<bytes> files = good_npy_files();
  m2crt::tensor t;
  EXPECT_EQ(m2crt::parse_npy(files[0], t), "");
  EXPECT_EQ(values(t), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(m2crt::parse_npy(files[1], t), "");
  EXPECT_EQ(values(t), (std::vector<double>{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(m2crt::parse_npy(files[2], t), "");
  EXPECT_EQ(values(t), (std::vector<double>{-1, 7}));
  EXPECT_EQ(m2crt::parse_npy(files[3], t), "");
  EXPECT_EQ(values(t), (std::vector<double>{1}));
  EXPECT_EQ(m2crt::parse_npy(files[4], t), "");
  EXPECT_EQ(t.shape, (std::vector<std::size_t>{0, 2, 3}));
}

TEST(TensorFile, ReadsProtos) {
  std::vector<bytes> files = good_protos();
  const std::vector<std::vector<double>> expected = {{1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6}, {5, 150},
                                                     {5, 150},           {0.5, -0.5},        {1}};
  for (std::size_t i = 0; i < files.size(); ++i) {
    m2crt::tensor t;
    EXPECT_EQ(m2crt::parse_tensor_proto(files[i], t), "");
    EXPECT_EQ(values(t), expected[i]);
  }
}

TEST(TensorFile, SaysWhatIsWrong) {
  m2crt::tensor t;
  EXPECT_EQ(m2crt::parse_npy({'x'}, t), "is not a .npy file");
  EXPECT_EQ(m2crt::parse_npy(make_npy(1, "{'descr': '\x1b[2J', 'shape': (1,)}", {}), t),
            "has elements of type '?[2J', which this program does not read");
  EXPECT_EQ(m2crt::parse_npy(make_npy(1, "{'descr': '<f4', 'shape': (3,)}", {1, 2}), t),
            "holds 2 bytes of data, which do not make up its shape [3]");
  EXPECT_EQ(m2crt::parse_npy(make_npy(1, "{'descr': '<f4', 'shape': (99999999999999999999,)}", {}), t),
            "has an absurd shape");
  // The packed dims end within a number.
  EXPECT_EQ(m2crt::parse_tensor_proto(join({field(1, {2, 0x83}), {0x10, 1}, field(9, {})}), t),
            "is not a tensor in ONNX's format, or is cut short");
  EXPECT_EQ(m2crt::parse_tensor_proto(join({field(1, bytes(100, 0)), {0x10, 1}}), t), "has an absurd shape");
}

TEST(TensorFile, KnowsWhichNumbersFit) {
  EXPECT_TRUE(m2crt::fits(element_type::uint8, 255.5));
  EXPECT_FALSE(m2crt::fits(element_type::uint8, 256));
  EXPECT_TRUE(m2crt::fits(element_type::uint8, -0.5));
  EXPECT_FALSE(m2crt::fits(element_type::uint8, -1));
  EXPECT_TRUE(m2crt::fits(element_type::int64, -0x1p63));
  EXPECT_FALSE(m2crt::fits(element_type::int64, 0x1p63));
  EXPECT_FALSE(m2crt::fits(element_type::int32, std::nan("")));
  EXPECT_TRUE(m2crt::fits(element_type::float32, 1e300));
}

bytes damage(bytes file, std::mt19937& random) {
  static const unsigned char special[] = {0, 1, 127, 128, 255, '(', ')', '\'', ',', '9', 'L', ' '};
  auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (std::size_t i = 0, changes = 1 + pick(4); i < changes && !file.empty(); ++i) {
    auto at = file.begin() + static_cast<std::ptrdiff_t>(pick(file.size()));
    switch (pick(6)) {
      case 0:
        *at = special[pick(sizeof special)];
        break;
      case 1:
        *at = static_cast<unsigned char>(*at ^ (1u << pick(8)));
        break;
      case 2:
        file.erase(at, file.end());
        break;
      case 3:
        file.erase(at);
        break;
      case 4:
        file.insert(at, 1 + pick(12), special[pick(sizeof special)]);
        break;
      default:
        *at = static_cast<unsigned char>(pick(256));
    }
  }
  file.shrink_to_fit();  // so that the byte behind the last one is out of bounds
  return file;
}

template <class Parse>
void check_damaged(const std::vector<bytes>& good, Parse parse) {
  std::mt19937 random(1);
  int accepted = 0, refused = 0;
  for (int i = 0; i < 100000; ++i) {
    bytes file = damage(good[static_cast<std::size_t>(i) % good.size()], random);
    m2crt::tensor t;
    std::string problem = parse(file, t);
    (problem.empty() ? accepted : refused) += 1;
    std::size_t count = 0;
    if (problem.empty()) {
      ASSERT_TRUE(m2crt::count_elements(t.shape, count));
      ASSERT_EQ(t.bytes.size(), count * m2crt::element_bytes(t.type));
      values(t);
    }
    ASSERT_LT(problem.size(), 500u);
    for (char c : problem) ASSERT_TRUE(c >= ' ' && c <= '~') << problem;
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 1000);
}

TEST(TensorFile, SurvivesDamagedNpy) { check_damaged(good_npy_files(), m2crt::parse_npy); }
TEST(TensorFile, SurvivesDamagedProtos) { check_damaged(good_protos(), m2crt::parse_tensor_proto); }

}  // namespace
