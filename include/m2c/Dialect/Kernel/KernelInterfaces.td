// What all kernel ops have in common, for code that does not care which one it holds.
#ifndef M2C_KERNEL_INTERFACES
#define M2C_KERNEL_INTERFACES

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

def KernelOpInterface : OpInterface<"KernelOpInterface", [DestinationStyleOpInterface]> {
  let cppNamespace = "::m2c::kernel";
  let description = "What fusion, bufferization and emission need to know of a kernel operation.";
  let verify = [{ return ::m2c::kernel::verifyEpilogue($_op); }];
  let verifyWithRegions = 1;
  let methods = [
    InterfaceMethod<"The scalar code applied to each element; null for an op without.", "::mlir::Region *", "getEpilogueRegion">,
    InterfaceMethod<"The buffers that the epilogue reads.", "::mlir::MutableOperandRange", "getExtrasMutable">,
    InterfaceMethod<"One map per extra: from the epilogue's domain to the extra's dimensions.", "::mlir::ArrayAttr", "getExtraMaps">,
    InterfaceMethod<"Replaces the maps of the extras.", "void", "setExtraMapsAttr", (ins "::mlir::ArrayAttr":$maps)>,
    InterfaceMethod<"Whether the epilogue's domain is the first output, so that element-wise consumers may join it.",
      "bool", "hasOutputEpilogue", (ins), "", [{ return $_op.getEpilogueRegion() != nullptr; }]>,
    InterfaceMethod<"Whether the epilogue may yield another type than the kernel's sums have, which is then the output's.",
      "bool", "canChangeType", (ins), "", [{ return false; }]>,
    InterfaceMethod<"The scratch buffer that the kernel wants beside its operands, attached after bufferization; null for none.",
      "::mlir::MemRefType", "getScratchType", (ins), "", [{ return {}; }]>,
    InterfaceMethod<"The operand that the scratch buffer is attached as.", "::mlir::MutableOperandRange", "getScratchMutable",
      (ins), "", [{ return ::mlir::MutableOperandRange($_op.getOperation(), 0, 0); }]>,
    InterfaceMethod<"Whether the elements of the operand's last dimension must lie side by side.",
      "bool", "needsConsecutiveRows", (ins "::mlir::OpOperand &":$operand), "", [{ return true; }]>,
    InterfaceMethod<"Whether the operand must lie in one run of memory.",
      "bool", "needsContiguous", (ins "::mlir::OpOperand &":$operand), "", [{ return false; }]>,
  ];
}

#endif
