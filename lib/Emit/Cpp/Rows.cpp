// Prints the operations of the family: Rows.
#include "m2c/Emit/Cpp/Printer.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

void m2c::emit::registerRowsEmitters(EmitterRegistry &registry) {}
