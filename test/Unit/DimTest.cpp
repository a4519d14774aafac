// Sizes in symbols: equal ones are equal objects, whatever way they were computed.
#include "m2c/IR/Dim.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace mlir;
using m2c::Dim;
using m2c::Dims;

namespace {

class DimTest : public testing::Test {
protected:
  Dim symbol(unsigned i) { return Dim(getAffineSymbolExpr(i, &context)); }
  MLIRContext context{MLIRContext::Threading::DISABLED};
  Dim a = symbol(0), b = symbol(1);
};

TEST_F(DimTest, HasACanonicalForm) {
  EXPECT_EQ(a * b, b * a);
  EXPECT_EQ(a + b, b + a);
  EXPECT_EQ((a + 1) * b, b + b * a);
  EXPECT_EQ((a + b) * (a - b), a * a - b * b);
  EXPECT_EQ(a * 3 - a * 2, a);
  EXPECT_EQ(a - a, Dim(0));
  EXPECT_EQ((a * 64).floorDiv(4), a * 16);
  EXPECT_EQ((a * 64 + 5).floorDiv(64), a + Dim(5).floorDiv(64));
  EXPECT_EQ((a + b * 2).floorDiv(2), b + a.floorDiv(2));
  EXPECT_NE(a, b);
  EXPECT_NE(a, Dim(1));
}

TEST_F(DimTest, UnknownEqualsNothing) {
  EXPECT_NE(Dim::unknown(), Dim::unknown());
  EXPECT_TRUE((a + Dim::unknown()).isUnknown());
  EXPECT_TRUE((Dim::unknown() * 2).isUnknown());
  EXPECT_EQ(Dim::unknown() * 0, Dim(0));
  EXPECT_TRUE(a.floorDiv(0).isUnknown());
}

TEST_F(DimTest, DividesExactly) {
  EXPECT_EQ((a * b * 12).divideExactly(b * 4), std::optional(a * 3));
  EXPECT_EQ((a * b + b).divideExactly(b), std::optional(a + 1));
  EXPECT_EQ(a.divideExactly(a), std::optional(Dim(1)));
  EXPECT_EQ(a.divideExactly(2), std::nullopt);
  EXPECT_EQ((a + 1).divideExactly(a), std::nullopt);
  EXPECT_EQ(Dim(12).divideExactly(5), std::nullopt);
}

TEST_F(DimTest, Evaluates) {
  EXPECT_EQ(((a * b + 3).floorDiv(2)).evaluate({5, 4}), 11);
  EXPECT_EQ(Dim(7).evaluate({}), 7);
}

TEST_F(DimTest, KnowsTheLargest) {
  // s0 is given; s1 is at most 2 * s0, s2 at most 5, s3 has no bound.
  Dim s0 = symbol(0), s1 = symbol(1), s2 = symbol(2), s3 = symbol(3);
  Dims largest{s0, s0 * 2, 5, Dim::unknown()};
  EXPECT_EQ((s1 * s2 + 3).atMost(largest), s0 * 10 + 3);
  EXPECT_EQ((s2 * 3 - s1).atMost(largest), Dim(15));
  EXPECT_EQ((s2 * 3 - s0).atMost(largest), Dim(15) - s0); // what is subtracted for sure counts
  EXPECT_EQ((s1 + 1).floorDiv(4).atMost(largest), (s0 * 2 + 1).floorDiv(4));
  EXPECT_EQ(s0.atMost(largest), s0);
  EXPECT_TRUE((s3 * s2).atMost(largest).isUnknown());
  EXPECT_TRUE((s1 * s2).dependsOn([](unsigned symbol) { return symbol == 2; }));
  EXPECT_FALSE((s1 * s2).dependsOn([](unsigned symbol) { return symbol == 0; }));
}

TEST_F(DimTest, GoesThroughTypes) {
  Dims dims{a, Dim(64), a * b};
  RankedTensorType type = m2c::getTensorType(dims, Float32Type::get(&context));
  EXPECT_EQ(type.getShape(), ArrayRef<int64_t>({ShapedType::kDynamic, 64, ShapedType::kDynamic}));
  EXPECT_EQ(m2c::getDims(type), dims);
  RankedTensorType plain = m2c::getTensorType({Dim(2), Dim::unknown()}, Float32Type::get(&context));
  EXPECT_FALSE(plain.getEncoding());
  EXPECT_TRUE(m2c::getDims(plain)[1].isUnknown());
  RankedTensorType mixed = m2c::getTensorType({Dim::unknown(), a}, Float32Type::get(&context));
  EXPECT_TRUE(m2c::getDims(mixed)[0].isUnknown());
  EXPECT_EQ(m2c::getDims(mixed)[1], a);
}

TEST_F(DimTest, PrintsNames) {
  std::vector<std::string> names{"batch", "length"};
  EXPECT_EQ(a.str(names), "batch");
  EXPECT_EQ((a * b * 4 + 1).str(names), "batch*length*4 + 1");
  EXPECT_EQ(m2c::formatDims({a, Dim(3), Dim::unknown()}, names), "[batch,3,?]");
  EXPECT_EQ(((a - 1).floorDiv(2) + 1).str(names), "(batch - 1)/2 + 1");
}

} // namespace
