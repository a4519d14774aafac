// Gradient names tensors of the graph around it: they become operands.
#include "GraphImporter.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

/// Behind the inputs come the tensors that xs and zs name, one for each input, and y.
LogicalResult GraphImporter::resolveGradient(Node &node, const Scope &scope) {
  SmallVector<StringRef> names;
  for (StringRef list : {"xs", "zs"})
    if (auto strings = dyn_cast_or_null<ArrayAttr>(node.attributes.get(list)))
      for (Attribute name : strings)
        names.push_back(cast<StringAttr>(name).getValue());
  if (names.size() != node.operands.size())
    return node.error() << "xs and zs name " << names.size() << " tensors but it has " << node.operands.size()
                        << " inputs";
  if (auto y = dyn_cast_or_null<StringAttr>(node.attributes.get("y")))
    names.push_back(y.getValue());
  for (StringRef name : names) {
    std::optional<Value> value = scope.find(name);
    if (!value || !*value)
      return node.error() << "no node before it, input or initializer makes the tensor " << quote(name);
    node.operands.push_back(*value);
  }
  return success();
}
