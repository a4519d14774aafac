// From the last form of the IR to CUDA C++ text.
#include "m2c/Emit/Cuda/EmitCuda.h"
#include "Files.h"
#include "Functor.h"
#include "m2c/IR/Symbols.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

/// Whether `op` is part of what a kernel computes for an element.
static bool isDeviceCode(Operation *op) {
  Operation *parent = op->getParentOp();
  return isa<linalg::LinalgOp, kernel::KernelOpInterface>(parent);
}

/// Reports everything that there is no kernel for, so that printing need not.
static LogicalResult verifyForCuda(ModuleOp module) {
  bool found = false;
  auto report = [&](Operation *op, const Twine &what) {
    found = true;
    emitError(op->getLoc()) << what << "; use --target cpu";
  };
  for (auto function : module.getOps<func::FuncOp>()) {
    std::vector<FoundSize> sizes = getFoundSizes(function);
    auto parts = function->getAttrOfType<ArrayAttr>("m2c.arena_parts");
    for (auto [i, name] : llvm::enumerate(getSymbolNames(function)))
      if (llvm::any_of(sizes, [&](const FoundSize &size) { return size.symbol == i; }))
        report(function, "the size '" + name + "' is found in data, which is not supported on GPUs");
      else if (i < getSymbolNames(function).size() - (parts ? parts.size() : 0))
        report(function, "dimension '" + name +
                             "' is left to the run, which is not supported on GPUs: pin it with --dim " + name +
                             "=SIZE");
  }
  if (found)
    return failure();
  module.walk([&](Operation *op) {
    if (isa<memref::GlobalOp>(op))
      return;
    for (Value value : op->getOperands()) {
      auto type = dyn_cast<MemRefType>(value.getType());
      if (!type)
        continue;
      if (!getNarrowFormat(type.getElementType()).empty())
        return report(op, "elements of type " + getNarrowFormat(type.getElementType()) + " have no kernels on GPUs");
      constexpr int64_t most = std::numeric_limits<int32_t>::max();
      if (type.hasStaticShape() && type.getElementType() != IntegerType::get(op->getContext(), 8) &&
          type.getNumElements() > most)
        return report(op, "a tensor of " + std::to_string(type.getNumElements()) +
                              " elements is too large for the kernels on GPUs, which count to " + std::to_string(most));
    }
    if (isa<memref::LoadOp, memref::StoreOp>(op) && !isDeviceCode(op))
      return report(op, "the program would read or write single elements of a tensor between kernels, which is not "
                        "supported on GPUs");
    if (isa<kernel::PackOp>(op))
      report(op, "weights that are known only at run time are not supported on GPUs for this operator");
  });
  return failure(found);
}

FailureOr<EmittedModel> m2c::emitCuda(ModuleOp module, const EmitOptions &options, const CudaTarget &target) {
  if (failed(verifyForCuda(module)))
    return failure();
  FailureOr<ModelParts> model = collectModel(module, options, cuda::getLanguage());
  if (failed(model))
    return failure();
  EmitOptions named = options;
  if (named.fileStem.empty())
    named.fileStem = model->name;
  EmittedModel files;
  files.stem = named.fileStem;
  FailureOr<std::string> source = cuda::printSourceFile(*model, named, target, module.getLoc());
  if (failed(source))
    return failure();
  files.source = std::move(*source);
  files.header = cuda::printHeaderFile(*model, named);
  if (!cuda::hasInlineWeights(*model, named))
    files.weights = makeWeightsFile(std::move(*model));
  return files;
}
