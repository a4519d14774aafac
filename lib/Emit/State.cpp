// What the generated class of a streaming model has besides: the memory of its states, the sizes that grow with them,
// and reset().
#include "Model.h"

using namespace m2c;
using namespace m2c::emit;

void m2c::emit::printStateInterface(const ModelParts &model, CodeWriter &code) {
  if (model.states.empty())
    return;
  for (const StateBlock &state : model.states)
    code.line("// state \"" + inComment(model.arguments[state.input].onnxName) + "\": the \"" +
              inComment(model.arguments[state.output].onnxName) + "\" of the run before, at first " +
              (state.isHeld ? "empty" : "zeros") + (state.isHeld && !state.isShared ? "; copied in each run" : ""));
  code.line("static constexpr std::size_t state_bytes = " + std::to_string(model.stateBytes) + ";");
  code.line("/// Forgets all runs.\nvoid reset() noexcept;");
  size_t held = 0;
  for (const SizeArgument &size : model.sizes)
    if (size.isHeld())
      code.line("/// The size \"" + inComment(size.onnxName) + "\" of the next run, at most " +
                std::to_string(size.bound) + ".\nstd::size_t " + size.name + "() const { return held_[" +
                std::to_string(held++) + "]; }");
  code.line();
}

static size_t countHeld(const ModelParts &model) { return model.sizes.size() - getCallerSizes(model).size(); }

static bool hasPairs(const ModelParts &model) {
  return llvm::any_of(model.states, [](const StateBlock &state) { return !state.isShared; });
}

std::string m2c::emit::printStateMembers(const ModelParts &model) {
  if (model.states.empty())
    return "";
  std::string text = "  unsigned char* state_ = nullptr;\n";
  if (size_t held = countHeld(model))
    text += "  std::size_t held_[" + std::to_string(held) + "] = {};\n";
  if (hasPairs(model))
    text += "  bool turn_ = false;  // which buffer of each pair is the input\n";
  return text;
}

void m2c::emit::printStateFunctions(const ModelParts &model, CodeWriter &code) {
  if (model.states.empty())
    return;
  code.open("\nvoid Model::reset() noexcept {");
  if (countHeld(model))
    code.line("for (std::size_t& size : held_) size = 0;");
  if (hasPairs(model))
    code.line("turn_ = false;");
  for (const StateBlock &state : model.states)
    if (!state.isHeld)
      code.line("if (state_ != nullptr) std::memset(state_ + " + std::to_string(state.offset) + ", 0, " +
                std::to_string(state.bytes) + ");");
  code.close();
}

void m2c::emit::printHeldSizes(const ModelParts &model, CodeWriter &code) {
  size_t held = 0;
  for (const SizeArgument &size : model.sizes)
    if (size.isHeld())
      code.line("const std::size_t " + size.name + " = held_[" + std::to_string(held++) + "];");
}

std::string m2c::emit::printStatePointer(const ModelParts &model, size_t argument) {
  auto found = llvm::find_if(
      model.states, [&](const StateBlock &state) { return state.input == argument || state.output == argument; });
  const TensorArgument &tensor = model.arguments[argument];
  std::string place = "state_ + " + std::to_string(found->offset);
  if (!found->isShared) {
    std::string bytes = std::to_string(found->bytes);
    place += tensor.isOutput ? " + (turn_ ? 0 : " + bytes + ")" : " + (turn_ ? " + bytes + " : 0)";
  }
  return std::string("reinterpret_cast<") + (tensor.isOutput ? "" : "const ") + tensor.element + "*>(" + place + ")";
}

void m2c::emit::printStateStep(const ModelParts &model, CodeWriter &code) {
  size_t held = 0;
  for (const SizeArgument &size : model.sizes)
    if (size.isHeld())
      code.line("held_[" + std::to_string(held++) + "] = " + printSize(size.next, model.file.symbols) + ";");
  if (hasPairs(model))
    code.line("turn_ = !turn_;");
}
