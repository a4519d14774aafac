// One bufferization model for all kernel ops: the same op on memrefs, results written into the inits' buffers.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace m2c::kernel {
namespace {

template <class Op>
struct Model : DstBufferizableOpInterfaceExternalModel<Model<Op>, Op> {
  /// No kernel reads what its inits held, so bufferization never copies into them.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand, const AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  /// An extra read at exactly the element that is written may share the output's buffer.
  bool bufferizesToElementwiseAccess(Operation *op, const AnalysisState &, ArrayRef<OpOperand *> operands) const {
    auto kernel = cast<KernelOpInterface>(op);
    if (!kernel.hasOutputEpilogue())
      return false;
    MutableOperandRange extras = kernel.getExtrasMutable();
    for (OpOperand *operand : operands) {
      if (kernel.isDpsInit(operand))
        continue;
      bool identity = false;
      for (unsigned i = 0; i < extras.size(); ++i)
        if (&extras[i] == operand)
          identity = cast<AffineMapAttr>(kernel.getExtraMaps()[i]).getValue().isIdentity();
      if (!identity)
        return false;
    }
    return true;
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &state) const {
    rewriter.setInsertionPoint(op);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      operands.push_back(*buffer);
    }
    OperationState newOp(op->getLoc(), op->getName(), operands, TypeRange(), op->getAttrs());
    newOp.propertiesAttr = op->getPropertiesAsAttribute();
    for (Region &region : op->getRegions())
      newOp.addRegion()->takeBody(region);
    rewriter.create(newOp);
    SmallVector<Value> results;
    for (OpOperand &init : cast<DestinationStyleOpInterface>(op).getDpsInitsMutable())
      results.push_back(operands[init.getOperandNumber()]);
    replaceOpWithBufferizedValues(rewriter, op, results);
    return success();
  }
};

/// Reads a tensor, and has no result.
struct DefineSizesModel : BufferizableOpInterface::ExternalModel<DefineSizesModel, DefineSizesOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &, const AnalysisState &) const { return true; }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &, const AnalysisState &) const { return false; }
  AliasingValueList getAliasingValues(Operation *, OpOperand &, const AnalysisState &) const { return {}; }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto define = cast<DefineSizesOp>(op);
    FailureOr<Value> buffer = getBuffer(rewriter, define.getValues(), options, state);
    if (failed(buffer))
      return failure();
    DefineSizesOp::create(rewriter, op->getLoc(), *buffer, define.getSymbols());
    rewriter.eraseOp(op);
    return success();
  }
};

template <class... Ops>
void attach(MLIRContext *context) {
  (Ops::template attachInterface<Model<Ops>>(*context), ...);
}

} // namespace

void registerBufferizableOpInterfaceExternalModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, KernelDialect *) {
    attach<ContractOp, ConvOp, DepthwiseConvOp, PoolOp, ResizeOp, PadBorderOp, SoftmaxOp, NormalizeOp, ArgReduceOp,
           AttentionOp, LstmOp, GruOp, RnnOp, PackOp, CallOp>(context);
    DefineSizesOp::attachInterface<DefineSizesModel>(*context);
  });
}

} // namespace m2c::kernel
