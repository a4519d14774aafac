// Nodes that the user's own functions compute (--custom-op).
#include "GraphImporter.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;

/// The node becomes an onnx.m2c.Custom; its attributes become the function's last arguments.
LogicalResult GraphImporter::makeCustom(Node &node, const CustomOp &custom) {
  auto isArgument = [](Attribute value) {
    return isa<IntegerAttr, FloatAttr, StringAttr, DenseI64ArrayAttr, DenseF32ArrayAttr>(value) ||
           (isa<ArrayAttr>(value) &&
            llvm::all_of(cast<ArrayAttr>(value), [](Attribute item) { return isa<StringAttr>(item); }));
  };
  for (NamedAttribute attribute : node.attributes)
    if (!isArgument(attribute.getValue()))
      return node.error() << "attribute " << quote(attribute.getName())
                          << " is no number, string or list of them, which is all that a custom operator takes";
  node.domain = "m2c";
  node.opType = "Custom";
  DictionaryAttr parameters = node.attributes.getDictionary(builder.getContext());
  node.attributes = NamedAttrList();
  node.attributes.set("function", builder.getStringAttr(custom.function));
  node.attributes.set("header", builder.getStringAttr(custom.header));
  node.attributes.set("parameters", parameters);
  return success();
}
