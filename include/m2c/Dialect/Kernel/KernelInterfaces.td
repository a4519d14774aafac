// What all kernel ops have in common, for code that does not care which one it holds.
#ifndef M2C_KERNEL_INTERFACES
#define M2C_KERNEL_INTERFACES

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

def KernelOpInterface : OpInterface<"KernelOpInterface", [DestinationStyleOpInterface]> {
  let cppNamespace = "::m2c::kernel";
  let description = "What fusion, bufferization and emission need to know of a kernel operation.";
  let methods = [
    InterfaceMethod<"The scalar code applied to each element; null for an op without.", "::mlir::Region *", "getEpilogueRegion">,
    InterfaceMethod<"The buffers that the epilogue reads.", "::mlir::MutableOperandRange", "getExtrasMutable">,
    InterfaceMethod<"One map per extra: from the epilogue's domain to the extra's dimensions.", "::mlir::ArrayAttr", "getExtraMaps">,
    InterfaceMethod<"Replaces the maps of the extras.", "void", "setExtraMapsAttr", (ins "::mlir::ArrayAttr":$maps)>,
    InterfaceMethod<"Whether the epilogue's domain is the first output, so that element-wise consumers may join it.",
      "bool", "hasOutputEpilogue", (ins), "", [{ return $_op.getEpilogueRegion() != nullptr; }]>,
    InterfaceMethod<[{Floats of scratch memory that the kernel wants beside its operands (operand `scratch`, attached after
      bufferization); 0 for none.}], "int64_t", "getScratchSize", (ins), "", [{ return 0; }]>,
    InterfaceMethod<"Attaches the scratch buffer.", "void", "setScratch", (ins "::mlir::Value":$scratch), "",
      [{ llvm_unreachable("this kernel wants no scratch memory"); }]>,
  ];
}

#endif
