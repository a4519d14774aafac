// How long operations on buffers take, by the cost model: what decides whether splitting them pays.
#pragma once

#include "m2c/IR/Dim.h"
#include "m2c/Target/Target.h"
#include "mlir/IR/Operation.h"

namespace m2c {

/// `amount` times `cycles` of one core: the amount holds the sizes that only the run knows.
struct Work {
  Dim amount = 0;
  double cycles = 0;
};

/// What a kernel or structured operation takes; an amount of 0 where nothing is known.
Work estimateWork(mlir::Operation *op, const Target &target);

/// The most parts that this work is worth splitting into; 1 for none.
Dim chooseParts(const Work &work);

} // namespace m2c
