// Prints the operations of the family: Recurrent.
#include "m2c/Emit/Cpp/Printer.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

void m2c::emit::registerRecurrentEmitters(EmitterRegistry &registry) {}
