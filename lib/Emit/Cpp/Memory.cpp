// Prints the operations of the family: Memory.
#include "m2c/Emit/Cpp/Expression.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

void m2c::emit::registerMemoryEmitters(EmitterRegistry &registry) {}
