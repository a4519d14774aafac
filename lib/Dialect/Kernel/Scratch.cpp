// How much scratch memory each kernel wants: the sizes come from the kernel's own header.
#include "m2c/Dialect/Kernel/Kernel.h"

using namespace mlir;
using namespace m2c::kernel;

int64_t ContractOp::getScratchSize() { return 0; }
int64_t AttentionOp::getScratchSize() { return 0; }
int64_t LstmOp::getScratchSize() { return 0; }
int64_t GruOp::getScratchSize() { return 0; }
int64_t RnnOp::getScratchSize() { return 0; }
