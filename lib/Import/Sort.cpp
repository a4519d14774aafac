#include "Sort.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include <queue>

using namespace mlir;
using namespace m2c::importer;
using ::onnx::NodeProto;

/// Calls `use` with every name that the node needs, its subgraphs' too (some of those are made inside them).
static void forEachInput(const NodeProto &node, llvm::function_ref<void(const std::string &)> use) {
  for (const std::string &input : node.input())
    if (!input.empty())
      use(input);
  for (const auto &attribute : node.attribute()) {
    if (!attribute.has_g())
      continue;
    for (const auto &inner : attribute.g().node())
      forEachInput(inner, use);
    for (const auto &output : attribute.g().output())
      use(output.name());
  }
}

FailureOr<std::vector<const NodeProto *>> m2c::importer::sortNodes(std::vector<const NodeProto *> nodes,
                                                                   Context &context) {
  llvm::StringMap<size_t> makers;
  for (auto [i, node] : llvm::enumerate(nodes))
    for (const std::string &output : node->output())
      if (!output.empty())
        makers.try_emplace(output, i);

  // Edges between nodes, and how many inputs each still waits for.
  std::vector<SmallVector<size_t, 2>> users(nodes.size());
  std::vector<size_t> waiting(nodes.size(), 0);
  bool isSorted = true;
  for (auto [i, node] : llvm::enumerate(nodes)) {
    llvm::SmallSetVector<size_t, 8> inputs;
    forEachInput(*node, [&](const std::string &name) {
      if (auto maker = makers.find(name); maker != makers.end())
        inputs.insert(maker->second);
    });
    waiting[i] = inputs.size();
    for (size_t input : inputs) {
      users[input].push_back(i);
      isSorted &= input < i;
    }
  }
  if (isSorted)
    return nodes;

  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
  for (size_t i = 0; i != nodes.size(); ++i)
    if (waiting[i] == 0)
      ready.push(i);
  std::vector<const NodeProto *> sorted;
  while (!ready.empty()) {
    size_t i = ready.top();
    ready.pop();
    sorted.push_back(nodes[i]);
    for (size_t user : users[i])
      if (--waiting[user] == 0)
        ready.push(user);
  }
  if (sorted.size() == nodes.size())
    return sorted;

  // Walking from a waiting node to one that it waits for must come back to a node seen before: that is a cycle.
  std::vector<size_t> waitsFor(nodes.size(), 0);
  for (size_t i = 0; i != nodes.size(); ++i)
    if (waiting[i] != 0)
      for (size_t user : users[i])
        waitsFor[user] = i;
  size_t start = llvm::find_if(waiting, [](size_t count) { return count != 0; }) - waiting.begin();
  for (size_t i = 0; i != nodes.size(); ++i) // after as many steps we are on the cycle
    start = waitsFor[start];
  SmallVector<std::string> cycle;
  constexpr size_t kNamed = 5;
  size_t at = start;
  do {
    cycle.push_back(describe(*nodes[at]));
    at = waitsFor[at];
  } while (at != start && cycle.size() < kNamed);
  context.error() << "the graph has a cycle: " << llvm::join(cycle, " needs ") << (at == start ? "" : " needs ...")
                  << (at == start ? " needs " + cycle.front() : "");
  return failure();
}
