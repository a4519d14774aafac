// Legal, unique C++ identifiers from ONNX names.
#include "m2c/Emit/Names.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace m2c::emit;

std::string m2c::emit::legalizeName(StringRef name) {
  std::string legal;
  for (char c : name) {
    bool ok = llvm::isAlnum(c) && static_cast<unsigned char>(c) < 128;
    if (ok)
      legal += c;
    else if (!legal.empty() && legal.back() != '_')
      legal += '_';
  }
  while (!legal.empty() && legal.back() == '_')
    legal.pop_back();
  if (legal.empty())
    return "value";
  if (llvm::isDigit(legal.front()))
    legal.insert(0, "_");
  return isReservedName(legal) ? legal + "_" : legal;
}

std::vector<std::string> m2c::emit::getOutputFileNames(ArrayRef<StringRef> outputs) {
  std::vector<std::string> files;
  llvm::StringSet<> used;
  for (StringRef output : outputs) {
    std::string clean = output.str(), candidate;
    for (char &c : clean)
      if (!llvm::isAlnum(c) && c != '_' && c != '.' && c != '-')
        c = '_';
    candidate = clean;
    for (unsigned n = 2; !used.insert(candidate).second; ++n)
      candidate = clean + "_" + std::to_string(n);
    files.push_back(candidate + ".npy");
  }
  return files;
}

std::string NameScope::unique(StringRef hint) {
  std::string name = legalizeName(hint);
  std::string candidate = name;
  for (unsigned &n = next.try_emplace(name, 1).first->second; contains(candidate);)
    candidate = name + (name.back() == '_' ? "" : "_") + std::to_string(++n);
  used.insert(candidate);
  return candidate;
}

static void collectNames(Location loc, llvm::SetVector<StringRef> &names) {
  if (auto named = dyn_cast<NameLoc>(loc)) {
    if (!named.getName().empty())
      names.insert(named.getName().getValue());
  } else if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectNames(part, names);
  } else if (auto call = dyn_cast<CallSiteLoc>(loc)) {
    collectNames(call.getCallee(), names);
  }
}

SmallVector<StringRef> m2c::emit::getNodeNames(Location loc) {
  llvm::SetVector<StringRef> names;
  collectNames(loc, names);
  return SmallVector<StringRef>(names.begin(), names.end());
}

/// "/layers/layers.0/Gemm" -> {"layers.0", "Gemm"}: a scope that the next one repeats says nothing.
static SmallVector<StringRef> getScopes(StringRef node) {
  SmallVector<StringRef> parts, kept;
  node.split(parts, '/', -1, /*KeepEmpty=*/false);
  for (size_t i = 0; i < parts.size(); ++i)
    if (i + 1 == parts.size() || !parts[i + 1].starts_with((parts[i] + ".").str()))
      kept.push_back(parts[i]);
  return kept;
}

std::string m2c::emit::getKernelName(ArrayRef<StringRef> nodes) {
  constexpr size_t longest = 48;
  if (nodes.empty())
    return "kernel";
  SmallVector<StringRef> scopes = getScopes(nodes.front());
  // The outermost scopes go first where the name is too long.
  std::string name = llvm::join(scopes, "_");
  while (scopes.size() > 2 && name.size() > longest) {
    scopes.erase(scopes.begin());
    name = llvm::join(scopes, "_");
  }
  StringRef last;
  for (StringRef node : nodes.drop_front()) {
    SmallVector<StringRef> parts = getScopes(node);
    if (parts.empty())
      continue;
    StringRef operation = parts.back().rtrim("0123456789").rtrim('_');
    if (operation.empty() || operation == last || operation == "Identity" || operation == "Constant")
      continue;
    if (name.size() + operation.size() > longest)
      break;
    name += "_" + operation.str();
    last = operation;
  }
  std::string legal = legalizeName(StringRef(name).lower());
  return legal;
}

/// loc("node"("result")); of merged ops the last one makes the result.
static StringRef getResultName(Location loc) {
  if (auto fused = dyn_cast<FusedLoc>(loc))
    return fused.getLocations().empty()
               ? ""
               : getResultName(fused.getMetadata() ? fused.getLocations().front() : fused.getLocations().back());
  auto named = dyn_cast<NameLoc>(loc);
  if (!named)
    return {};
  return isa<UnknownLoc>(named.getChildLoc()) ? named.getName().getValue() : getResultName(named.getChildLoc());
}

std::string m2c::emit::getBufferName(Location loc) {
  StringRef name = getResultName(loc);
  if (name.empty())
    return "";
  SmallVector<StringRef> scopes = getScopes(name);
  if (scopes.empty())
    return "";
  scopes.back().consume_back("_output_0");
  while (scopes.size() > 2 && llvm::join(scopes, "_").size() > 40)
    scopes.erase(scopes.begin());
  return legalizeName(StringRef(llvm::join(scopes, "_")).lower());
}
