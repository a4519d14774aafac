// The emitters of all families, by operation name.
#include "m2c/Emit/Cpp/LoopNest.h"
#include "m2c/Emit/Cpp/Printer.h"

using namespace mlir;
using namespace m2c::emit;

const EmitterRegistry::Emitter *EmitterRegistry::find(Operation *op) const {
  auto found = emitters.find(op->getName().getStringRef());
  if (found != emitters.end())
    return &found->second;
  return structured && isa<linalg::LinalgOp>(op) ? &structured : nullptr;
}

const EmitterRegistry &m2c::emit::getEmitterRegistry() {
  static const EmitterRegistry registry = [] {
    EmitterRegistry all;
    registerCallEmitters(all);
    registerContractEmitters(all);
    registerConvEmitters(all);
    registerPoolEmitters(all);
    registerResizeEmitters(all);
    registerRowsEmitters(all);
    registerRecurrentEmitters(all);
    registerAttentionEmitters(all);
    registerTransposeEmitters(all);
    registerPackEmitters(all);
    registerLinalgEmitters(all);
    registerControlFlowEmitters(all);
    registerMemoryEmitters(all);
    all.setStructured(printStructured);
    return all;
  }();
  return registry;
}
