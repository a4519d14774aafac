#include "m2c/Dialect/Kernel/Parts.h"
#include "m2c/Dialect/Kernel/Sizes.h"

using namespace mlir;

std::optional<m2c::Dim> m2c::getParts(Operation *op) {
  auto parts = op->getAttrOfType<AffineMapAttr>(partsAttrName);
  return parts ? std::optional(Dim(parts.getValue().getResult(0))) : std::nullopt;
}

void m2c::setParts(Operation *op, const Dim &parts) {
  op->setAttr(partsAttrName, toAttribute({parts}, op->getContext()));
}
