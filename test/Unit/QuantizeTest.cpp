// Statistics of calibration against values known from analysis or computed by NumPy.
#include "m2c/Quantize/Histogram.h"
#include "m2c/Quantize/Weights.h"
#include <cmath>
#include <gmock/gmock.h>
#include <random>

using namespace m2c::quantize;
using testing::ElementsAre;
using testing::FloatEq;

static CalibrationOptions by(Method method, ActivationType type = ActivationType::Uint8, double percentile = 99.99) {
  return {method, percentile, type};
}

static std::vector<float> makeNormal(size_t size, unsigned seed = 1) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(size);
  for (float &x : values)
    x = normal(engine);
  return values;
}

/// The mean squared error of quantised samples, element by element.
static double measureError(llvm::ArrayRef<float> values, Range range, ActivationType type) {
  Affine affine = chooseAffine(range, type);
  bool isUnsigned = type == ActivationType::Uint8;
  double sum = 0;
  for (float x : values) {
    int q = quantize(x, affine, isUnsigned ? 0 : -128, isUnsigned ? 255 : 127);
    sum += std::pow(x - static_cast<double>(affine.scale) * (q - affine.zeroPoint), 2);
  }
  return sum / static_cast<double>(values.size());
}

TEST(AffineTest, CoversTheRangeWithZeroOnAnInteger) {
  // (-1, 3) in 255 steps of 4/255: zero is step 63.75, so 64.
  Affine affine = chooseAffine({-1, 3}, ActivationType::Uint8);
  EXPECT_THAT(affine.scale, FloatEq(4.0F / 255));
  EXPECT_EQ(affine.zeroPoint, 64);
  EXPECT_EQ(quantize(0, affine, 0, 255), 64);
  EXPECT_EQ(quantize(3, affine, 0, 255), 255);
  EXPECT_EQ(quantize(100, affine, 0, 255), 255);
  EXPECT_EQ(quantize(-100, affine, 0, 255), 0);
}

TEST(AffineTest, TakesZeroIntoTheRange) {
  EXPECT_EQ(chooseAffine({2, 5}, ActivationType::Uint8).zeroPoint, 0);
  EXPECT_THAT(chooseAffine({2, 5}, ActivationType::Uint8).scale, FloatEq(5.0F / 255));
  EXPECT_EQ(chooseAffine({-5, -2}, ActivationType::Uint8).zeroPoint, 255);
}

TEST(AffineTest, IsSymmetricForInt8) {
  Affine affine = chooseAffine({-1, 3}, ActivationType::Int8);
  EXPECT_THAT(affine.scale, FloatEq(3.0F / 127));
  EXPECT_EQ(affine.zeroPoint, 0);
}

TEST(AffineTest, HasAFiniteScaleForAnyRange) {
  EXPECT_EQ(chooseAffine({0, 0}, ActivationType::Uint8).scale, 1);
  EXPECT_EQ(chooseAffine({0, 0}, ActivationType::Int8).scale, 1);
  float largest = std::numeric_limits<float>::max(), least = std::numeric_limits<float>::denorm_min();
  for (ActivationType type : {ActivationType::Uint8, ActivationType::Int8}) {
    EXPECT_TRUE(std::isfinite(chooseAffine({-largest, largest}, type).scale));
    EXPECT_TRUE(std::isfinite(1 / chooseAffine({0, least}, type).scale));
  }
}

TEST(AffineTest, RoundsTiesToEven) {
  Affine affine{2, 10};
  EXPECT_THAT((std::vector<int>{quantize(1, affine, 0, 255), quantize(3, affine, 0, 255), quantize(5, affine, 0, 255)}),
              ElementsAre(10, 12, 12));
}

TEST(HistogramTest, CountsAlikeInAnyOrder) {
  std::vector<float> small = {0.1F, -0.2F, 0, 0}, large = {100, -3, 0.5F};
  Histogram a, b, c;
  ASSERT_TRUE(a.add(small) && a.add(large));
  ASSERT_TRUE(b.add(large) && b.add(small));
  Histogram other;
  ASSERT_TRUE(c.add(small) && other.add(large));
  c.add(other);
  EXPECT_TRUE(a.getBins() == b.getBins());
  EXPECT_TRUE(a.getBins() == c.getBins());
  EXPECT_EQ(a.getCount(), 7U);
  EXPECT_EQ(a.getZeros(), 2U);
  EXPECT_EQ(a.getRange().low, -3);
  EXPECT_EQ(a.getRange().high, 100);
  for (size_t i = 0; i != a.getBins().size(); ++i)
    if (a.getBins()[i] != 0) {
      double x = a.getCenter(i), half = a.getBinWidth() / 2; // 256 / 16384 / 2
      EXPECT_TRUE(llvm::any_of(std::vector<float>{0.1F, -0.2F, 100, -3, 0.5F},
                               [&](float value) { return std::abs(value - x) <= half; }));
    }
}

TEST(HistogramTest, RefusesWhatIsNoNumber) {
  Histogram histogram;
  EXPECT_FALSE(histogram.add({1, std::numeric_limits<float>::quiet_NaN()}));
  EXPECT_FALSE(histogram.add({1, -std::numeric_limits<float>::infinity()}));
  EXPECT_TRUE(histogram.add({0, 0}));
  EXPECT_EQ(calibrate(histogram, by(Method::Mse)).high, 0);
  EXPECT_EQ(Histogram().getCount(), 0U);
}

TEST(CalibrateTest, MinMaxIsExact) {
  Histogram histogram;
  histogram.add({-1.25F, 7.3F, 2});
  Range range = calibrate(histogram, by(Method::MinMax));
  EXPECT_EQ(range.low, -1.25F);
  EXPECT_EQ(range.high, 7.3F);
}

TEST(CalibrateTest, PercentileCutsTheEnds) {
  // -0.5 to 0.5 in 100001 steps: 98 % lie within -0.49 to 0.49; numpy.percentile([1, 99]) says the same.
  std::vector<float> values;
  for (int i = 0; i <= 100000; ++i)
    values.push_back(static_cast<float>(i) / 100000 - 0.5F);
  Histogram histogram;
  histogram.add(values);
  Range range = calibrate(histogram, by(Method::Percentile, ActivationType::Uint8, 98));
  EXPECT_NEAR(range.low, -0.49, histogram.getBinWidth());
  EXPECT_NEAR(range.high, 0.49, histogram.getBinWidth());
  // With 0.1 % outliers on one side, 99.9 % in the middle leave the other side alone.
  std::vector<float> skewed(9990, 1.0F);
  skewed.insert(skewed.end(), 10, 50.0F);
  Histogram other;
  other.add(skewed);
  range = calibrate(other, by(Method::Percentile, ActivationType::Uint8, 99));
  EXPECT_EQ(range.low, 1);
  EXPECT_NEAR(range.high, 1, other.getBinWidth());
}

TEST(CalibrateTest, EstimatesTheErrorOfTheElements) {
  std::vector<float> values = makeNormal(20000);
  Histogram histogram;
  histogram.add(values);
  for (ActivationType type : {ActivationType::Uint8, ActivationType::Int8})
    for (float high : {4.0F, 2.0F, 1.0F}) {
      double measured = measureError(values, {-high, high}, type);
      EXPECT_NEAR(estimateSquaredError(histogram, {-high, high}, type), measured, 0.02 * measured) << high;
    }
  // Far within the range it is that of rounding: a twelfth of the step's square.
  EXPECT_NEAR(estimateSquaredError(histogram, {-5.1F, 5.1F}, ActivationType::Uint8), 0.04 * 0.04 / 12, 2e-6);
}

TEST(CalibrateTest, MseFindsTheBestClip) {
  // Of a Laplace distribution of width 1 in 2^8 steps it is at 9.89 (Banner et al., "Post training 4-bit quantization
  // of convolutional networks", table 1); these are its quantiles, the last one beyond 12.
  std::vector<float> values;
  constexpr int kSize = 200000;
  for (int i = 0; i != kSize; ++i) {
    double x = -std::log((i + 0.5) / kSize);
    values.push_back(static_cast<float>(x));
    values.push_back(static_cast<float>(-x));
  }
  Histogram histogram;
  ASSERT_TRUE(histogram.add(values));
  for (ActivationType type : {ActivationType::Uint8, ActivationType::Int8}) {
    Range range = calibrate(histogram, by(Method::Mse, type));
    EXPECT_NEAR(range.high, 9.89, 0.5);
    EXPECT_NEAR(range.low, -9.89, 0.5);
    EXPECT_LT(measureError(values, range, type), 0.9 * measureError(values, histogram.getRange(), type));
  }
}

TEST(CalibrateTest, MseKeepsAUniformRange) {
  std::vector<float> values;
  for (int i = 0; i <= 100000; ++i)
    values.push_back(static_cast<float>(i) / 10000);
  Histogram histogram;
  histogram.add(values);
  EXPECT_NEAR(calibrate(histogram, by(Method::Mse)).high, 10, 0.2);
}

TEST(CalibrateTest, EntropyCutsOutliersOnly) {
  std::vector<float> values = makeNormal(50000);
  Histogram without;
  without.add(values);
  values.push_back(60);
  Histogram with;
  with.add(values);
  Range range = calibrate(with, by(Method::Entropy, ActivationType::Int8));
  EXPECT_LT(range.high, 12);
  EXPECT_GT(range.high, 2.5);
  EXPECT_EQ(range.low, -range.high);
  range = calibrate(without, by(Method::Entropy, ActivationType::Int8));
  EXPECT_GT(range.high, 2.5);
}

TEST(WeightsTest, HaveAScaleForEachChannel) {
  // 2 x 3, channels along the last axis.
  std::vector<float> weights = {1, -2, 0, 0.5F, 4, 0};
  IntegerWeights integers = quantizeWeights(weights, ScaleMap::perAxis({2, 3}, 1), 127, {}, false);
  EXPECT_THAT(integers.scales, ElementsAre(FloatEq(1.0F / 127), FloatEq(4.0F / 127), 1));
  EXPECT_THAT(integers.elements, ElementsAre(127, -64, 0, 64, 127, 0)); // 63.5 goes to 64, which is even
  EXPECT_THAT(quantizeWeights(weights, ScaleMap::perAxis({2, 3}, {}), 127, {}, false).scales,
              ElementsAre(FloatEq(4.0F / 127)));
  EXPECT_THAT(quantizeWeights(weights, ScaleMap::perAxis({2, 3}, 1), 127, {1, 0, 0}, false).scales.front(), 1);
}

TEST(WeightsTest, HaveAScaleForEachBlock) {
  // 3 x 2 in blocks of 2 along the first axis: the last block has one row.
  std::vector<float> weights = {7, 1, -14, 0, 3.5F, 70};
  IntegerWeights integers = quantizeWeights(weights, ScaleMap::blocked({3, 2}, 0, 2), 7, {}, false);
  EXPECT_THAT(integers.scales, ElementsAre(2, FloatEq(1.0F / 7), 0.5F, 10));
  EXPECT_THAT(integers.elements, ElementsAre(4, 7, -7, 0, 7, 7)); // 3.5 goes to 4
  EXPECT_THAT(packInt4({4, 7, -7}), ElementsAre(0x74, 0x09));
}

TEST(WeightsTest, SearchTheScaleWithTheLeastError) {
  // In seven steps the single large weight of many small ones is better cut off.
  std::vector<float> weights = makeNormal(1000);
  auto measure = [&](bool searches) {
    IntegerWeights integers = quantizeWeights(weights, ScaleMap::perAxis({1000}, {}), 7, {}, searches);
    double sum = 0;
    for (auto [x, q] : llvm::zip_equal(weights, integers.elements))
      sum += std::pow(x - integers.scales.front() * q, 2);
    return sum;
  };
  EXPECT_LT(measure(true), 0.9 * measure(false));
}

TEST(WeightsTest, HaveABiasOfTheProductsScale) {
  EXPECT_THAT(quantizeBias({1, -0.25F}, {0.5F, 0.125F}), ElementsAre(2, -2));
  EXPECT_THAT(quantizeBias({1, -0.25F}, {0.25F}), ElementsAre(4, -1));
}
