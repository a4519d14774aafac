// Prints the operations of the family: Attention.
#include "m2c/Emit/Cpp/Printer.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

void m2c::emit::registerAttentionEmitters(EmitterRegistry &registry) {}
