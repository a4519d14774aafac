// The kernel dialect: what every op shares.
#ifndef M2C_KERNEL_BASE
#define M2C_KERNEL_BASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "m2c/Dialect/Kernel/KernelInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::m2c::kernel";
  let summary = "operations for which m2c has a hand-made algorithm";
  let description = [{
    Destination-style operations on tensors and, after bufferization, on strided memrefs. Each stands for one call of a
    kernel in `m2crt`. Spatial operations are channels-last: batch, height, width, channels.

    An operation's `epilogue` region is scalar code applied to each element before it is stored: its first argument is the
    kernel's own result, the others are the elements of `extras` that `extra_maps` (from the output's dimensions to the
    extra's) selects. Bias, activation, residual addition and requantisation are all epilogues.
  }];
}

// A tensor before bufferization, a strided memref after it.
def AnyBuf : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef], "tensor or memref">;

class Kernel_Op<string mnemonic, list<Trait> traits = []> : Op<Kernel_Dialect, mnemonic, !listconcat(traits, [
    AlwaysSpeculatable, KernelOpInterface, DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])> {
  let results = (outs Variadic<AnyRankedTensor>:$results); // none after bufferization
}

// An op with extras and an epilogue region.
class Kernel_FusedOp<string mnemonic> : Kernel_Op<mnemonic, [AttrSizedOperandSegments]> {
  let regions = (region SizedRegion<1>:$epilogue);
  code kernelDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
    ::mlir::Region *getEpilogueRegion() { return &getEpilogue(); }
  }];
  let extraClassDeclaration = kernelDeclaration;
  let extraClassDefinition = [{
    void $cppClass::getEffects(
        ::mlir::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      addDestinationStyleEffects(*this, effects);
    }
  }];
}

// An op without a region.
class Kernel_PlainOp<string mnemonic, list<Trait> traits = []> : Kernel_Op<mnemonic, traits> {
  code kernelDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
    ::mlir::Region *getEpilogueRegion() { return nullptr; }
    ::mlir::MutableOperandRange getExtrasMutable() { return ::mlir::MutableOperandRange(*this, 0, 0); }
    ::mlir::ArrayAttr getExtraMaps() { return ::mlir::ArrayAttr::get(getContext(), {}); }
    void setExtraMapsAttr(::mlir::ArrayAttr) {}
  }];
  let extraClassDeclaration = kernelDeclaration;
  let extraClassDefinition = [{
    void $cppClass::getEffects(
        ::mlir::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      addDestinationStyleEffects(*this, effects);
    }
  }];
}

#endif
