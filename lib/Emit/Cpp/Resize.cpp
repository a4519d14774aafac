// Prints the operations of the family: Resize.
#include "m2c/Emit/Cpp/Printer.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

void m2c::emit::registerResizeEmitters(EmitterRegistry &registry) {}
