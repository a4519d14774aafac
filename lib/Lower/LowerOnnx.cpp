// The Lower station: every onnx operator becomes linalg, tensor and scf ops or one kernel op.
#include "ControlFlow.h"
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Onnx/Names.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "m2c/Lower/Lower.h"
#include "m2c/Lower/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

namespace m2c {
#define GEN_PASS_DEF_LOWERONNXPASS
#define GEN_PASS_DEF_OUTPUTSTOARGUMENTSPASS
#include "m2c/Lower/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

void lower::populateLoweringPatterns(OnnxTypeConverter &converter, RewritePatternSet &patterns) {
  populateConstantPatterns(converter, patterns);
  populateElementwisePatterns(converter, patterns);
  populateShapePatterns(converter, patterns);
  populateIndexPatterns(converter, patterns);
  populateReducePatterns(converter, patterns);
  populateNormalizePatterns(converter, patterns);
  populateMatMulPatterns(converter, patterns);
  populateConvPatterns(converter, patterns);
  populatePoolPatterns(converter, patterns);
  populateResizePatterns(converter, patterns);
  populateRecurrentPatterns(converter, patterns);
  populateAttentionPatterns(converter, patterns);
  populateQuantizePatterns(converter, patterns);
  populateScatterPatterns(converter, patterns);
  populateImagePatterns(converter, patterns);
  populateCallPatterns(converter, patterns);
  populateOwnPatterns(converter, patterns);
  populateRandomPatterns(converter, patterns);
  populateControlFlowPatterns(converter, patterns);
}

namespace {

/// A result without elements needs no computation, whatever the operator.
struct LowerEmpty : ConversionPattern {
  LowerEmpty(const TypeConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), /*benefit=*/100, context) {}

  LogicalResult matchAndRewrite(Operation *op, ArrayRef<Value> operands,
                                ConversionPatternRewriter &rewriter) const override {
    bool isEmpty = llvm::all_of(op->getResults(), [](Value result) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      return type && type.hasStaticShape() && (type.getNumElements() == 0 || result.use_empty());
    });
    if (!isa<onnx::OnnxDialect>(op->getDialect()) || op->use_empty() || !isEmpty)
      return failure();
    SmallVector<Value> results;
    for (Type type : op->getResultTypes())
      results.push_back(createEmpty(rewriter, op->getLoc(), getTypeConverter()->convertType<RankedTensorType>(type)));
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// Why patterns did not match, by the location of the op. Conversion itself writes that into its debug log only, which
/// release builds of MLIR lack.
struct RefusalRecorder {
  struct Listener : RewriterBase::ForwardingListener {
    Listener(OpBuilder::Listener *next, DenseMap<Location, std::string> &reasons)
        : ForwardingListener(next), reasons(reasons) {}
    void notifyMatchFailure(Location loc, function_ref<void(Diagnostic &)> explain) override {
      Diagnostic diagnostic(loc, DiagnosticSeverity::Remark);
      explain(diagnostic);
      reasons[loc] = diagnostic.str();
    }
    DenseMap<Location, std::string> &reasons;
  };
  DenseMap<Location, std::string> reasons;
  std::unique_ptr<Listener> listener;
};

/// Runs before the patterns that lower an operator, and sees to it that the rewriter tells the recorder.
struct RecordRefusals : ConversionPattern {
  RecordRefusals(const TypeConverter &converter, MLIRContext *context, RefusalRecorder &recorder)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), /*benefit=*/1000, context), recorder(recorder) {}
  LogicalResult matchAndRewrite(Operation *, ArrayRef<Value>, ConversionPatternRewriter &rewriter) const override {
    if (!recorder.listener || rewriter.getListener() != recorder.listener.get()) {
      recorder.listener = std::make_unique<RefusalRecorder::Listener>(rewriter.getListener(), recorder.reasons);
      static_cast<OpBuilder &>(rewriter).setListener(recorder.listener.get());
    }
    return failure();
  }
  RefusalRecorder &recorder;
};

struct LowerOnnx : m2c::impl::LowerOnnxPassBase<LowerOnnx> {
  void runOnOperation() override {
    MLIRContext &context = getContext();
    lower::OnnxTypeConverter converter;
    RewritePatternSet patterns(&context);
    patterns.add<LowerEmpty>(converter, &context);
    lower::populateLoweringPatterns(converter, patterns);
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns, converter);
    populateReturnOpTypeConversionPattern(patterns, converter);

    ConversionTarget target(context);
    lower::allowControlFlow(converter, target);
    target.addDynamicallyLegalOp<func::FuncOp>(
        [&](func::FuncOp function) { return converter.isSignatureLegal(function.getFunctionType()); });
    target.addDynamicallyLegalOp<func::ReturnOp>([&](func::ReturnOp op) { return converter.isLegal(op); });
    // An operator without a matching pattern stays, neither legal nor illegal, and is reported with all others of its
    // kind.
    target.markUnknownOpDynamicallyLegal([](Operation *op) -> std::optional<bool> {
      return isa<onnx::OnnxDialect>(op->getDialect()) ? std::nullopt : std::optional(true);
    });

    for (auto function : getOperation().getOps<func::FuncOp>()) {
      keepElementTypes(function, converter);
      keepShapes(function);
    }

    RefusalRecorder refusals;
    patterns.add<RecordRefusals>(converter, &context, refusals);
    (void)applyPartialConversion(getOperation(), target, std::move(patterns));
    if (failed(report(refusals.reasons)) || failed(lower::lowerControlFlow(getOperation())))
      return signalPassFailure();
    dropEncodings();
  }

  /// What the symbolic dimensions of inputs and outputs are.
  static void keepShapes(func::FuncOp function) {
    auto shape = [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor ? dyn_cast_or_null<AffineMapAttr>(tensor.getEncoding()) : AffineMapAttr();
    };
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
      if (AffineMapAttr map = shape(type))
        function.setArgAttr(i, "m2c.shape", map);
    for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
      if (AffineMapAttr map = shape(type))
        function.setResultAttr(i, "m2c.shape", map);
  }

  /// From here on the sizes are kernel.size ops; upstream's ops know nothing of encodings.
  void dropEncodings() {
    auto drop = [](Value value) {
      if (auto type = dyn_cast<RankedTensorType>(value.getType()); type && type.getEncoding())
        value.setType(RankedTensorType::get(type.getShape(), type.getElementType()));
    };
    getOperation()->walk([&](Operation *op) {
      for (Value result : op->getResults())
        drop(result);
      for (Region &region : op->getRegions())
        for (Block &block : region)
          for (Value argument : block.getArguments())
            drop(argument);
    });
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal()) {
        Block &body = function.getBody().front();
        function.setType(
            FunctionType::get(function.getContext(), body.getArgumentTypes(), body.getTerminator()->getOperandTypes()));
      }
  }

  /// The types that the generated interface states, where conversion changes them.
  static void keepElementTypes(func::FuncOp function, const lower::OnnxTypeConverter &converter) {
    auto changed = [&](Type type) -> TypeAttr {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && converter.convertType(type) != type ? TypeAttr::get(tensor.getElementType()) : TypeAttr();
    };
    for (auto [i, type] : llvm::enumerate(function.getArgumentTypes()))
      if (TypeAttr element = changed(type))
        function.setArgAttr(i, "m2c.element", element);
    for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
      if (TypeAttr element = changed(type))
        function.setResultAttr(i, "m2c.element", element);
  }

  /// All operators that are left, by name with count, first node and reason.
  LogicalResult report(const DenseMap<Location, std::string> &reasons) {
    llvm::MapVector<StringRef, SmallVector<Operation *>> left;
    getOperation()->walk([&](Operation *op) {
      if (isa<onnx::OnnxDialect>(op->getDialect()) && !lower::isControlFlow(op))
        left[op->getName().getStringRef()].push_back(op);
    });
    for (auto &[name, ops] : left) {
      InFlightDiagnostic diagnostic = mlir::emitError(ops.front()->getLoc())
                                      << "operator " << name.drop_front(StringRef("onnx.").size())
                                      << " is not supported (" << ops.size() << (ops.size() == 1 ? " node" : " nodes")
                                      << ", first '" << onnx::getNodeName(ops.front()->getLoc()) << "')";
      if (auto reason = reasons.find(ops.front()->getLoc()); reason != reasons.end())
        diagnostic.attachNote() << reason->second;
    }
    return success(left.empty());
  }
};

/// Results become memref arguments behind the inputs: each is built directly in the caller's buffer.
struct OutputsToArguments : m2c::impl::OutputsToArgumentsPassBase<OutputsToArguments> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto result = cast<func::ReturnOp>(function.getBody().front().getTerminator());
    OpBuilder builder(result);
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      function.setArgAttr(i, "bufferization.writable", builder.getBoolAttr(false));
    for (auto [i, value] : llvm::enumerate(result.getOperands())) {
      auto type = cast<RankedTensorType>(value.getType());
      unsigned position = function.getNumArguments();
      auto memref = MemRefType::get(type.getShape(), type.getElementType());
      SmallVector<NamedAttribute> attributes(function.getResultAttrDict(i) ? function.getResultAttrDict(i).getValue()
                                                                           : ArrayRef<NamedAttribute>());
      attributes.emplace_back(builder.getStringAttr("m2c.output"), builder.getUnitAttr());
      if (failed(function.insertArgument(position, memref, builder.getDictionaryAttr(attributes), value.getLoc())))
        return signalPassFailure();
      auto store = bufferization::MaterializeInDestinationOp::create(builder, result.getLoc(), value,
                                                                     function.getArgument(position));
      store.setRestrict(true);
      store.setWritable(true);
    }
    result.getOperandsMutable().clear();
    function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), {}));
    function.removeResAttrsAttr();
  }
};

} // namespace
