// The kernel dialect's C++ classes.
#pragma once

#include "m2c/IR/Dim.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

// The generated code of an interface that inherits DestinationStyleOpInterface names it unqualified.
namespace m2c::kernel {
using namespace mlir; // NOLINT(google-build-using-namespace)

/// Reads and writes of a destination-style op on memrefs: inputs are read, inits and scratch are written.
void addDestinationStyleEffects(Operation *op,
                                SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects);

/// An epilogue takes the kernel's element and one element per extra, each with a map to its dimensions, and yields what
/// is stored. Succeeds for an op without one.
LogicalResult verifyEpilogue(Operation *op);
} // namespace m2c::kernel

#include "m2c/Dialect/Kernel/KernelDialect.h.inc"
#include "m2c/Dialect/Kernel/KernelInterfaces.h.inc"

#define GET_OP_CLASSES
#include "m2c/Dialect/Kernel/KernelOps.h.inc"

namespace m2c::kernel {
/// Registers the models by which One-Shot Bufferize handles the kernel ops.
void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry);

/// Gives `region` the block of an epilogue that stores its first argument unchanged: one argument of `elementType`.
void buildIdentityEpilogue(OpBuilder &builder, Location loc, Region &region, Type elementType);

/// Elements of scratch memory, and their type, of a kernel with symbolic dimensions; 0 for none.
std::pair<m2c::Dim, Type> getScratchSize(KernelOpInterface kernel);

/// How often an operation inside a loop runs in one run of the model (i64); not there for once. For reports.
constexpr llvm::StringLiteral runsAttrName = "m2c.runs";
} // namespace m2c::kernel
