// Legal, unique C++ identifiers from ONNX names.
#include "m2c/Emit/Names.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace m2c::emit;

bool m2c::emit::isReservedName(StringRef name) {
  static const llvm::StringSet<> reserved = {
      // C++20 and C keywords
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
      "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
      "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
      "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
      "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
      "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "restrict", "return",
      "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this",
      "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual",
      "void", "volatile", "wchar_t", "while", "xor", "xor_eq", "typeof", "linux", "unix", "errno", "assert", "NULL",
      // global names of the C library that headers bring along, and main
      "abs", "acos", "asin", "atan", "atan2", "atof", "atoi", "bcmp", "bcopy", "bzero", "calloc", "cbrt", "ceil",
      "copysign", "cos", "cosh", "div", "drem", "erf", "erfc", "exit", "exp", "exp2", "expm1", "fabs", "fdim", "ffs",
      "floor", "fma", "fmax", "fmin", "fmod", "free", "frexp", "gamma", "getenv", "hypot", "ilogb", "index", "j0", "j1",
      "jn", "labs", "ldexp", "ldiv", "lgamma", "llabs", "lldiv", "log", "log10", "log1p", "log2", "logb", "lrint",
      "lround", "main", "malloc", "memchr", "memcmp", "memcpy", "memmove", "memset", "modf", "nan", "nearbyint",
      "nextafter", "open", "pow", "printf", "puts", "qsort", "rand", "random", "read", "realloc", "remainder", "remove",
      "remquo", "rename", "rindex", "rint", "round", "scalb", "select", "signal", "signgam", "significand", "sin",
      "sinh", "sqrt", "stat", "stdin", "stdout", "stderr", "strlen", "system", "tan", "tanh", "tgamma", "time", "trunc",
      "write", "y0", "y1", "yn",
      // names of the generated file itself
      "std", "m2crt", "rt", "Model", "arena", "weights", "run", "lanes", "model"};
  return reserved.contains(name) || name.contains("__") ||
         (name.size() > 1 && name[0] == '_' && llvm::isUpper(name[1]));
}

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
