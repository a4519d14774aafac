// The m2crt headers that a model uses, as one text.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"
#include <set>
#include <string>

namespace m2c::emit {

/// Pastes headers with what they include, each once, what is needed first.
class RuntimeAmalgamator {
public:
  /// `header` is relative to include/m2crt. False if there is no such header.
  bool add(llvm::StringRef header);
  /// A header of the standard library that the printed code itself needs: "algorithm".
  void addSystem(llvm::StringRef header) { includes.insert("#include <" + header.str() + ">"); }
  const std::string &text() const { return body; }
  const std::set<std::string> &systemIncludes() const { return includes; }
  /// The names of the headers pasted, in order.
  const std::string &names() const { return pasted; }

private:
  llvm::StringSet<> seen;
  std::set<std::string> includes;
  std::string body, pasted;
};

/// The text of include/m2crt/`header` as it was when m2c was built; empty if there is none.
llvm::StringRef getRuntimeHeader(llvm::StringRef header);

} // namespace m2c::emit
