// m2c verify --against: one model's outputs against another one's.
#pragma once

#include "m2c/Driver/Driver.h"

namespace m2c {

int verifyAgainst(const VerifyOptions &options);

} // namespace m2c
