#include "m2c/Driver/Similarity.h"
#include <cmath>
#include <limits>

using namespace m2c;

void Similarity::add(const Tensor &actual, const Tensor &reference) {
  int64_t size = reference.numElements();
  int64_t columns = reference.shape.size() == 2 && reference.shape[1] > 1 ? reference.shape[1] : 0;
  int64_t best = 0, bestReference = 0;
  double top = 0, topReference = 0;
  for (int64_t i = 0; i != size; ++i) {
    double a = actual.at(i), r = reference.at(i);
    noise += (a - r) * (a - r);
    signal += r * r;
    actualSignal += a * a;
    product += a * r;
    if (columns == 0)
      continue;
    int64_t column = i % columns;
    if (column == 0 || a > top)
      top = a, best = column;
    if (column == 0 || r > topReference)
      topReference = r, bestReference = column;
    if (column == columns - 1) {
      ++rows;
      agreeing += best == bestReference;
    }
  }
}

void Similarity::add(const Similarity &other) {
  noise += other.noise;
  signal += other.signal;
  actualSignal += other.actualSignal;
  product += other.product;
  rows += other.rows;
  agreeing += other.agreeing;
}

double Similarity::getError() const {
  if (noise == 0)
    return 0;
  return signal == 0 ? std::numeric_limits<double>::infinity() : std::sqrt(noise / signal);
}

double Similarity::getSnr() const {
  double error = getError();
  return error == 0 ? std::numeric_limits<double>::infinity() : -20 * std::log10(error);
}

double Similarity::getCosine() const {
  if (signal == 0 || actualSignal == 0)
    return signal == actualSignal ? 1 : 0;
  return product / std::sqrt(signal * actualSignal);
}

std::optional<double> Similarity::getTopOneAgreement() const {
  if (rows == 0)
    return std::nullopt;
  return static_cast<double>(agreeing) / static_cast<double>(rows);
}
