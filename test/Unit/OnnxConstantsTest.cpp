// Constants.h: what is made can be read, whether it is text, splat or resource.
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include <gmock/gmock.h>

using namespace mlir;
using namespace m2c::onnx;
using testing::ElementsAre;
using testing::Optional;

namespace {

class OnnxConstantsTest : public testing::Test {
protected:
  OnnxConstantsTest() : context(MLIRContext::Threading::DISABLED) { context.loadDialect<OnnxDialect>(); }

  RankedTensorType type(ArrayRef<int64_t> shape, Type element) { return RankedTensorType::get(shape, element); }
  Type integer(unsigned width, IntegerType::SignednessSemantics sign = IntegerType::Signless) {
    return IntegerType::get(&context, width, sign);
  }

  MLIRContext context;
};

TEST_F(OnnxConstantsTest, SmallOnesAreTextAndLargeOnesAlignedResources) {
  std::vector<float> elements(1000, 0);
  elements[999] = 3;
  Type f32 = Float32Type::get(&context);
  EXPECT_TRUE(isa<DenseElementsAttr>(createConstant<float>(type({2}, f32), {1, 2})));
  ElementsAttr large = createConstant<float>(type({10, 100}, f32), elements);
  ASSERT_TRUE(isa<DenseResourceElementsAttr>(large));
  std::optional<ConstantData> data = readConstant(large);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->as<float>()[999], 3);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(data->getBytes().data()) % 64, 0U);
}

TEST_F(OnnxConstantsTest, SplatsAndBoolsAreExpanded) {
  auto splat = DenseElementsAttr::get(type({3}, Float32Type::get(&context)), 2.5f);
  EXPECT_THAT(readConstant(splat)->as<float>(), ElementsAre(2.5f, 2.5f, 2.5f));
  ElementsAttr bools = createConstant<uint8_t>(type({9}, integer(1)), {1, 0, 1, 1, 0, 0, 0, 0, 1});
  EXPECT_THAT(readConstant(bools)->as<uint8_t>(), ElementsAre(1, 0, 1, 1, 0, 0, 0, 0, 1));
  EXPECT_THAT(getIntegers(bools), Optional(ElementsAre(1, 0, 1, 1, 0, 0, 0, 0, 1)));
}

TEST_F(OnnxConstantsTest, IntegersOfEveryWidthKeepTheirSign) {
  auto unsignedInteger = [&](unsigned width) { return integer(width, IntegerType::Unsigned); };
  EXPECT_THAT(getIntegers(createConstant<uint8_t>(type({2}, integer(4)), {15, 7})), Optional(ElementsAre(-1, 7)));
  EXPECT_THAT(getIntegers(createConstant<uint8_t>(type({1}, unsignedInteger(4)), {15})), Optional(ElementsAre(15)));
  EXPECT_THAT(getIntegers(createConstant<int8_t>(type({1}, integer(8)), {-3})), Optional(ElementsAre(-3)));
  EXPECT_THAT(getIntegers(createConstant<uint8_t>(type({1}, unsignedInteger(8)), {253})), Optional(ElementsAre(253)));
  EXPECT_THAT(getIntegers(createConstant<int32_t>(type({1}, integer(32)), {-3})), Optional(ElementsAre(-3)));
  EXPECT_THAT(getIntegers(createConstant(&context, {5, -6})), Optional(ElementsAre(5, -6)));
}

TEST_F(OnnxConstantsTest, FloatsOfEveryWidthAreConverted) {
  EXPECT_THAT(getFloats(createConstant<double>(type({1}, Float64Type::get(&context)), {0.1})),
              Optional(ElementsAre(0.1)));
  EXPECT_THAT(getFloats(createConstant<uint16_t>(type({1}, Float16Type::get(&context)), {0x3C00})),
              Optional(ElementsAre(1.0)));
  EXPECT_THAT(getFloats(createConstant<uint16_t>(type({1}, BFloat16Type::get(&context)), {0x3FC0})),
              Optional(ElementsAre(1.5)));
  EXPECT_THAT(getFloats(createConstant<uint8_t>(type({2}, Float8E5M2Type::get(&context)), {0x3C, 0xBC})),
              Optional(ElementsAre(1.0, -1.0)));
}

TEST_F(OnnxConstantsTest, SplatsAreFoundInEveryForm) {
  Type f32 = Float32Type::get(&context);
  EXPECT_THAT(getSplat(DenseElementsAttr::get(type({3}, f32), 2.5f)), Optional(2.5));
  EXPECT_EQ(getSplat(createConstant<float>(type({2}, f32), {1, 2})), std::nullopt);
  EXPECT_THAT(getSplat(createConstant<float>(type({1000}, f32), std::vector<float>(1000, 4))), Optional(4.0));
  EXPECT_EQ(getSplat(createConstant<float>(type({0}, f32), {})), std::nullopt);
}

TEST_F(OnnxConstantsTest, MemoryOfOthersIsKeptUntilTheContextGoes) {
  std::vector<char> memory(2048, 1);
  bool isFree = false;
  {
    MLIRContext own(MLIRContext::Threading::DISABLED);
    auto bytes = RankedTensorType::get({2048}, IntegerType::get(&own, 8));
    ElementsAttr value = createConstant(bytes, memory, [&](void *, size_t, size_t) { isFree = true; }, "weight");
    EXPECT_EQ(readConstant(value)->getBytes().data(), memory.data());
    EXPECT_FALSE(isFree);
  }
  EXPECT_TRUE(isFree);
}

TEST_F(OnnxConstantsTest, AbsurdSizesAreNotCounted) {
  Type f32 = Float32Type::get(&context);
  EXPECT_EQ(getTensorBytes(type({int64_t(1) << 40, int64_t(1) << 40}, f32)), std::nullopt);
  EXPECT_EQ(getTensorBytes(type({ShapedType::kDynamic}, f32)), std::nullopt);
  EXPECT_THAT(getTensorBytes(type({3, 5}, f32)), Optional(60));
}

} // namespace
