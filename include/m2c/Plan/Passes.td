// Passes of the Plan station: memory on bufferized code.
#ifndef M2C_PLAN_PASSES
#define M2C_PLAN_PASSES

include "mlir/Pass/PassBase.td"

def AddScratchPass : Pass<"add-scratch", "mlir::func::FuncOp"> {
  let summary = "allocates the scratch buffers that kernels ask for";
  let options = [Option<"stateOnly", "state-only", "bool", "false",
    "only those that hold the state of a recurrence: the kernels for GPUs need no others">];
  let dependentDialects = ["mlir::memref::MemRefDialect"];
}

def ContiguousRowsPass : Pass<"contiguous-rows", "mlir::func::FuncOp"> {
  let summary = "copies kernel operands into contiguous buffers where the kernel cannot read or write their strides";
  let dependentDialects = ["mlir::memref::MemRefDialect"];
}

def PlaceStatesPass : Pass<"place-states", "mlir::func::FuncOp"> {
  let summary = "lets a state that grows share the memory of the output that is its next value";
  let description = [{
    Where the output is the state, and behind it along one dimension what the run adds, both get the layout of the largest
    state (`m2c.strides`) and the state `m2c.in_place`: the copy from one to the other goes, and the run writes what it adds. All
    other states are two buffers that change places after each run.
  }];
  let dependentDialects = ["mlir::memref::MemRefDialect"];
}

def FuseStripsPass : Pass<"fuse-strips", "mlir::func::FuncOp"> {
  let summary = "runs expand, depthwise and project convolutions a strip of rows at a time";
  let description = [{
    The wide tensors of an inverted residual (or of a depthwise convolution before a pointwise one) shrink to a few rows that stay in
    the second-level cache, where the cost model (m2c/Target/CostModel.h) finds that they would not fit as a whole.
  }];
  let options = [Option<"march", "march", "std::string", "\"native\"", "the target, as gcc's -march spells it">];
  let dependentDialects = ["mlir::arith::ArithDialect", "mlir::linalg::LinalgDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "m2c::kernel::KernelDialect"];
}

def PlanArenaPass : Pass<"plan-arena", "mlir::func::FuncOp"> {
  let summary = "gives every buffer an offset in one arena";
  let description = [{
    Lifetimes from the buffers' alias sets, first fit, largest first, 64-byte aligned. Adds the arena as the function's last
    argument, `memref<Nxi8>`, and turns each memref.alloc into a memref.view of it. A validator checks that no two buffers
    that live at the same time overlap.
  }];
  let options = [Option<"alignment", "alignment", "int64_t", "64", "byte alignment of every buffer">];
  let dependentDialects = ["mlir::memref::MemRefDialect", "mlir::arith::ArithDialect"];
}

def SplitKernelsPass : Pass<"split-kernels", "mlir::func::FuncOp"> {
  let summary = "says which kernels are worth splitting among threads, and into how many parts";
  let description = [{
    By the cost model (m2c/Target/CostModel.h): each part must take several times as long as the threads' fork and join. Sets `m2c.parts`, the
    most parts, on the operation: a number or, where sizes are left to the run, an expression in symbols. What is split (the tiles of
    a product, rows, heads, images of a batch, strips) is the kernel's business, but for a contraction with a batch, whose `m2c.split_dim` says so.
    Scratch buffers of which each part needs its own are marked `m2c.own`. Runs on bufferized code before the arena is planned.
  }];
  let options = [Option<"march", "march", "std::string", "\"native\"", "the target, as gcc's -march spells it">];
}

#endif
