// The m2crt headers that a model uses, as one text.
#include "Amalgamate.h"

using namespace m2c::emit;
using llvm::StringRef;

/// Code without what only a reader of the header itself wants: its opening comment and blank lines in a row.
static std::string tidy(StringRef text) {
  std::string kept;
  bool atStart = true, wasBlank = true;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    text = rest;
    bool isBlank = line.trim().empty();
    if (atStart && (isBlank || line.starts_with("//")))
      continue;
    atStart = false;
    if (isBlank && wasBlank)
      continue;
    wasBlank = isBlank;
    kept += line.str() + "\n";
  }
  return kept;
}

bool RuntimeAmalgamator::add(StringRef header) {
  if (!seen.insert(header).second)
    return true;
  StringRef text = getRuntimeHeader(header);
  if (text.empty())
    return false;
  std::string own;
  unsigned conditional = 0; // inside #if, a system include stays where it is needed only sometimes
  std::string conditions;
  bool found = true;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    text = rest;
    StringRef word = line.ltrim();
    bool isDirective = word.consume_front("#");
    word = word.ltrim();
    if (isDirective && (word.consume_front("include \"m2crt/") || word.consume_front("include <m2crt/"))) {
      found &= add(word.take_until([](char c) { return c == '"' || c == '>'; }));
    } else if (isDirective && word.starts_with("include <") && conditional == 0) {
      includes.insert(("#" + word).str());
    } else if (isDirective && word.starts_with("if") && !conditional && rest.ltrim(" #").starts_with("include <")) {
      // #if ... #include <...> #endif goes outside whole.
      std::string block = line.str();
      for (;;) {
        auto [next, after] = text.split('\n');
        text = after;
        block += "\n" + next.str();
        if (next.starts_with("#endif") || after.empty())
          break;
      }
      includes.insert(block);
    } else if (!(isDirective && word.starts_with("pragma once"))) {
      if (isDirective && word.starts_with("if"))
        ++conditional;
      if (isDirective && word.starts_with("endif"))
        --conditional;
      own += line.str() + "\n";
    }
  }
  body += "// ---- m2crt/" + header.str() + " " + std::string(100 - std::min<size_t>(header.size(), 90), '-') + "\n\n" +
          tidy(own) + "\n";
  pasted += (pasted.empty() ? "" : " ") + header.str();
  return found;
}
