// Prints the time loops of LSTM, GRU and RNN.
#include "m2c/Emit/Cpp/Expression.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::emit;

namespace {

/// An activation of m2crt/recurrent.h, and what ONNX assumes where alpha and beta are not given.
struct Activation {
  StringRef name, functor;
  unsigned parameters;
  float alpha, beta;
};
constexpr Activation activationTable[] = {{"Sigmoid", "sigmoid", 0, 0, 0},
                                          {"Tanh", "tanh", 0, 0, 0},
                                          {"Relu", "relu", 0, 0, 0},
                                          {"Softsign", "softsign", 0, 0, 0},
                                          {"Softplus", "softplus", 0, 0, 0},
                                          {"Affine", "affine", 2, 1, 0},
                                          {"LeakyRelu", "leaky_relu", 1, 0.01f, 0},
                                          {"ThresholdedRelu", "thresholded_relu", 1, 1, 0},
                                          {"ScaledTanh", "scaled_tanh", 2, 1, 1},
                                          {"HardSigmoid", "hard_sigmoid", 2, 0.2f, 0.5f},
                                          {"Elu", "elu", 1, 1, 0}};

/// The functors of the op's activations; none where they are the defaults.
template <class Op>
FailureOr<SmallVector<std::string>> printActivations(Op op, Printer &printer) {
  SmallVector<std::string> functors;
  ArrayRef<float> alphas = op.getActivationAlpha(), betas = op.getActivationBeta();
  auto next = [&](ArrayRef<float> &list, float fallback) {
    float value = list.empty() ? fallback : list.front();
    list = list.drop_front(list.empty() ? 0 : 1);
    return printConstant(Builder(op.getContext()).getF32FloatAttr(value));
  };
  for (StringRef name : op.getActivations().template getAsValueRange<StringAttr>()) {
    const auto *known = llvm::find_if(
        activationTable, [&](const Activation &activation) { return name.equals_insensitive(activation.name); });
    if (known == std::end(activationTable))
      return op.emitOpError("has an unknown activation '") << name << "'";
    std::string arguments;
    if (known->parameters > 0)
      arguments = next(alphas, known->alpha);
    if (known->parameters > 1)
      arguments += ", " + next(betas, known->beta);
    functors.push_back("rt::" + known->functor.str() + "_activation{" + arguments + "}");
  }
  return functors;
}

/// Prints the call of `function`; `optional` are the operands between the weights and the sequence lengths, `defaults`
/// the activations where the op has none.
template <class Op>
LogicalResult emitRecurrent(Op op, StringRef function, ArrayRef<Value> optional, ArrayRef<ShapeField> more,
                            ArrayRef<StringRef> defaults, Printer &printer) {
  printer.require("recurrent.h");
  if (!op.getPanel())
    return op.emitOpError("needs packed weights (pass pack-weights)");
  if (!op.getScratch())
    return op.emitOpError("needs scratch memory (pass add-scratch)");
  Buffer projected = printer.buffer(op.getProjected()), weights = printer.buffer(op.getRecurrence());
  SmallVector<std::string> arguments{projected.pointer(), weights.pointer()};
  SmallVector<Value> values(optional);
  values.push_back(op.getSequenceLens());
  for (Value value : values) {
    if (!value) {
      arguments.push_back("nullptr");
      continue;
    }
    Buffer view = printer.buffer(value);
    if (!view.isContiguous())
      return op.emitOpError("expects its initial states, peepholes and lengths each in one run of memory");
    arguments.push_back(view.pointer());
  }
  SmallVector<Buffer> outputs = llvm::map_to_vector(op.getInits(), [&](Value init) { return printer.buffer(init); });
  FailureOr<SmallVector<std::string>> activations = printActivations(op, printer);
  if (printer.failed() || failed(activations))
    return failure();
  Dim steps = projected.shape[0], batch = projected.shape[1], hidden = outputs.back().shape.back();
  Dim yStep = 0, yRow = 0;
  if (op.getHasY()) {
    yStep = outputs[0].strides[0];
    yRow = outputs[0].strides[1];
  } else {
    arguments.push_back("nullptr");
  }
  for (auto [i, output] : llvm::enumerate(outputs)) {
    bool isSequence = i == 0 && op.getHasY();
    if (output.strides.back() != 1 && hidden != 1)
      return op.emitOpError("has an output whose units are not consecutive elements");
    if (!isSequence && !output.isContiguous())
      return op.emitOpError("expects its last states in one run of memory");
    arguments.push_back(output.pointer());
  }
  arguments.push_back(printer.buffer(op.getScratch()).pointer());
  llvm::append_range(arguments, *activations);
  if (Printer::isSplit(op)) { // behind the activations
    for (StringRef name : defaults.drop_front(activations->size()))
      arguments.push_back(("rt::" + name + "_activation{}").str());
    Printer::addPart(op, arguments);
  }

  SmallVector<ShapeField> shape{{"steps", steps},
                                {"batch", batch},
                                {"hidden", hidden},
                                {"projected_step", projected.strides[0]},
                                {"projected_row", projected.strides[1]},
                                {"y_step", yStep},
                                {"y_row", yRow},
                                {"width", static_cast<int64_t>(*op.getPanel())},
                                {"reverse", op.getReverse()}};
  llvm::append_range(shape, more);
  FloatAttr clip = Builder(op.getContext()).getF32FloatAttr(op.getClip().convertToFloat());
  shape.emplace_back("clip", "float", printConstant(clip));
  if (printer.failed())
    return failure();
  printer.callShaped(op, function, shape, arguments,
                     {"steps", "batch", "projected_step", "projected_row", "y_step", "y_row"});
  return failure(printer.failed());
}

LogicalResult emitLstm(kernel::LstmOp op, Printer &printer) {
  return emitRecurrent(op, "lstm", {op.getPeephole(), op.getInitialH(), op.getInitialC()},
                       {{"input_forget", op.getInputForget()}}, {"sigmoid", "tanh", "tanh"}, printer);
}

LogicalResult emitGru(kernel::GruOp op, Printer &printer) {
  return emitRecurrent(op, "gru", {op.getRecurrenceBias(), op.getInitialH()},
                       {{"linear_before_reset", op.getLinearBeforeReset()}}, {"sigmoid", "tanh"}, printer);
}

LogicalResult emitRnn(kernel::RnnOp op, Printer &printer) {
  return emitRecurrent(op, "rnn", {op.getInitialH()}, {}, {"tanh"}, printer);
}

} // namespace

void m2c::emit::registerRecurrentEmitters(EmitterRegistry &registry) {
  registry.add(emitLstm);
  registry.add(emitGru);
  registry.add(emitRnn);
}
