#include "m2c/Target/Target.h"
#include <gtest/gtest.h>

using m2c::Target;

static Target parse(llvm::StringRef march) { return llvm::cantFail(Target::parse(march)); }

TEST(Target, KnowsTheLevelsAsGccSpellsThem) {
  EXPECT_EQ(parse("x86-64").lanes(), 4);
  EXPECT_EQ(parse("x86-64-v2").lanes(), 4);
  EXPECT_EQ(parse("x86-64-v3").lanes(), 8);
  EXPECT_EQ(parse("x86-64-v4").lanes(), 16);
  EXPECT_EQ(parse("x86-64-v4").vectorRegisters, 32);
  EXPECT_EQ(parse("x86-64-v4").lanes(64), 8);
  EXPECT_FALSE(parse("x86-64-v2").hasFma);
}

TEST(Target, KnowsProcessors) {
  EXPECT_EQ(parse("znver3").instructions, "AVX2 and FMA");
  EXPECT_EQ(parse("znver3").cpu, "znver3");
  EXPECT_EQ(parse("skylake-avx512").vectorBytes, 64);
  EXPECT_EQ(parse("armv8-a").instructions, "NEON");
  EXPECT_EQ(parse("armv8.2-a").vectorRegisters, 32);
}

TEST(Target, AsksThisMachineForNative) {
  Target target = parse("native");
  EXPECT_EQ(target.march, "native");
  EXPECT_FALSE(target.instructions.empty());
  EXPECT_GE(target.l1Bytes, 8 << 10);
  EXPECT_GE(target.l2Bytes, target.l1Bytes);
}

TEST(Target, NamesWhatItDoesNotKnow) {
  auto target = Target::parse("x86-64-v9");
  ASSERT_FALSE(target);
  EXPECT_NE(llvm::toString(target.takeError()).find("unknown --march 'x86-64-v9'; use native"), std::string::npos);
}
