#include "Report.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Parts.h"
#include "m2c/Dialect/Onnx/Constants.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Emit/Names.h"
#include "m2c/IR/Symbols.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace m2c;

static std::string getString(Operation *op, StringRef name) {
  auto attr = op->getAttrOfType<StringAttr>(name);
  return attr ? attr.str() : "";
}

void m2c::describeModel(Compilation &compilation, Report &report) {
  ModuleOp module = compilation.getModule();
  report.inputs = compilation.getInputs();
  report.outputs = compilation.getOutputs();
  report.producer = getString(module, "onnx.producer");
  report.sha256 = getString(module, "onnx.sha256");
  if (auto version = module->getAttrOfType<IntegerAttr>("onnx.ir_version"))
    report.irVersion = version.getInt();
  if (auto opsets = module->getAttrOfType<DictionaryAttr>("onnx.opsets"))
    for (NamedAttribute opset : opsets)
      if (auto version = dyn_cast<IntegerAttr>(opset.getValue()))
        report.opsets[opset.getName().empty() ? "ai.onnx" : opset.getName().str()] = version.getInt();
  module.walk([&](Operation *op) {
    if (auto constant = dyn_cast<onnx::ConstantOp>(op)) {
      auto type = dyn_cast<ShapedType>(constant.getType());
      if (type && type.hasStaticShape() && isa<FloatType>(type.getElementType()))
        report.parameters += type.getNumElements();
    } else if (auto node = dyn_cast<onnx::OnnxOp>(op)) {
      ++report.operators[op->getName().stripDialect().str()];
    }
  });
}

//===-- Kernels ---------------------------------------------------------------------------------------------------===//

static ArrayRef<int64_t> getShape(Value value) { return cast<ShapedType>(value.getType()).getShape(); }

static double product(ArrayRef<int64_t> extents) {
  double result = 1;
  for (int64_t extent : extents)
    result *= static_cast<double>(extent);
  return result;
}

static double countFlop(Operation *op) {
  using namespace kernel;
  return llvm::TypeSwitch<Operation *, double>(op)
      .Case([](ContractOp op) { return 2 * product(op.getIterationShape()); })
      .Case([](ConvOp op) {
        double channels = static_cast<double>(getShape(op.getInput()).back() / static_cast<int64_t>(op.getGroups()));
        return 2 * channels * product(op.getKernelShape()) * product(getShape(op.getInits()[0]));
      })
      .Case([](DepthwiseConvOp op) {
        return 2 * product(getShape(op.getFilter()).drop_back()) * product(getShape(op.getInits()[0]));
      })
      .Case([](PoolOp op) { return product(op.getKernelShape()) * product(getShape(op.getInits()[0])); })
      .Case([](AttentionOp op) {
        AffineMap key = op.getMap(1);
        double keys = static_cast<double>(
            getShape(op.getKey())[key.getResultPosition(getAffineDimExpr(2, op.getContext())).value_or(2)]);
        return 4 * keys * product(getShape(op.getQuery()));
      })
      .Case<LstmOp, GruOp, RnnOp>([](auto op) { // the recurrent product alone
        double hidden = static_cast<double>(getShape(op.getInits().back()).back());
        return 2 * hidden * product(getShape(op.getProjected()));
      })
      .Case([](linalg::GenericOp op) {
        double scalars = static_cast<double>(llvm::range_size(op.getBody()->without_terminator()));
        return scalars * product(op.getStaticLoopRanges());
      })
      .Default([](Operation *op) {
        auto kernel = dyn_cast<KernelOpInterface>(op);
        return kernel && !kernel.getDpsInits().empty() ? product(getShape(kernel.getDpsInits()[0])) : 0.0;
      });
}

double m2c::countMflop(Operation *op) {
  auto runs = op->getAttrOfType<IntegerAttr>(kernel::runsAttrName);
  return countFlop(op) / 1e6 * (runs ? static_cast<double>(runs.getInt()) : 1);
}

static std::string joinExtents(ArrayRef<int64_t> extents) {
  return llvm::join(llvm::map_range(extents, [](int64_t extent) { return std::to_string(extent); }), "x");
}

std::string m2c::describeKernel(Operation *op) {
  std::string text = op->getName().stripDialect().str();
  if (isa<linalg::GenericOp>(op))
    text = cast<linalg::GenericOp>(op).getNumReductionLoops() ? "reduction" : "elementwise";
  if (auto contract = dyn_cast<kernel::ContractOp>(op))
    text += " " + joinExtents(contract.getIterationShape());
  else if (auto conv = dyn_cast<kernel::ConvOp>(op))
    text += (conv.getWinogradTile() ? " Winograd F(" + joinExtents(*conv.getWinogradTile()) + "," : " direct (") +
            joinExtents(conv.getKernelShape()) + ")";
  if (auto style = dyn_cast<DestinationStyleOpInterface>(op); style && !style.getDpsInits().empty())
    text += " to " + joinExtents(getShape(style.getDpsInits()[0]));
  if (auto runs = op->getAttrOfType<IntegerAttr>(kernel::runsAttrName))
    text += ", " + std::to_string(runs.getInt()) + " times";
  if (auto panel = op->getAttrOfType<IntegerAttr>("panel"))
    text += ", panels of " + std::to_string(panel.getInt());
  if (auto kernel = dyn_cast<kernel::KernelOpInterface>(op))
    if (Region *epilogue = kernel.getEpilogueRegion())
      if (size_t fused = llvm::range_size(epilogue->front().without_terminator()))
        text += ", " + std::to_string(fused) + " scalar operations fused";
  return text;
}

void m2c::describeKernels(ModuleOp module, Report &report) {
  for (auto global : module.getOps<memref::GlobalOp>()) {
    MemRefType type = global.getType();
    report.weightBytes += type.getNumElements() * onnx::getElementBytes(type.getElementType());
  }
  std::vector<std::string> symbols;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isPrivate())
      symbols = getSymbolNames(function);
  module.walk([&](func::FuncOp function) {
    for (BlockArgument argument : function.getArguments())
      if (auto type = dyn_cast<MemRefType>(argument.getType());
          type && type.getElementType().isInteger(8) && argument == function.getArguments().back())
        report.arenaBytes = std::max(report.arenaBytes, type.getNumElements());
    function.walk([&](Operation *op) {
      if (!isa<kernel::KernelOpInterface, linalg::LinalgOp>(op))
        return;
      KernelReport kernel;
      kernel.name = function.getName().str();
      kernel.algorithm = describeKernel(op);
      for (StringRef node : emit::getNodeNames(op->getLoc()))
        kernel.nodes.push_back(node.str());
      kernel.mflop = countMflop(op);
      auto region = op->getParentOfType<scf::ExecuteRegionOp>(); // its operations are split together
      if (std::optional<Dim> parts = getParts(region ? region : op))
        kernel.parts = parts->str(symbols);
      report.mflop += kernel.mflop;
      report.kernels.push_back(std::move(kernel));
    });
  });
}
