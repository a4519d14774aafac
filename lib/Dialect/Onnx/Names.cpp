// Names of ONNX nodes and values in locations.
#include "m2c/Dialect/Onnx/Names.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;

Location m2c::onnx::makeNodeLoc(MLIRContext *context, StringRef node, ArrayRef<StringRef> results) {
  auto nameLoc = [&](StringRef name) -> Location { return NameLoc::get(StringAttr::get(context, name)); };
  Location inner = UnknownLoc::get(context);
  if (results.size() == 1)
    inner = nameLoc(results.front());
  else if (!results.empty()) // The metadata keeps locations that are alike from being merged into one.
    inner = FusedLoc::get(llvm::map_to_vector(results, nameLoc), UnitAttr::get(context), context);
  return NameLoc::get(StringAttr::get(context, node), inner);
}

static void collectNodeNames(Location loc, SmallVectorImpl<StringRef> &names) {
  if (auto name = dyn_cast<NameLoc>(loc)) {
    if (!llvm::is_contained(names, name.getName().getValue()))
      names.push_back(name.getName());
  } else if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collectNodeNames(part, names);
  }
}

SmallVector<StringRef> m2c::onnx::getNodeNames(Location loc) {
  SmallVector<StringRef> names;
  collectNodeNames(loc, names);
  return names;
}

StringRef m2c::onnx::getNodeName(Location loc) {
  SmallVector<StringRef> names = getNodeNames(loc);
  return names.empty() ? StringRef() : names.front();
}

/// The name of the result with this number in the location of an op.
static StringRef getResultName(Location loc, unsigned number) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    if (!fused.getMetadata()) // merged ops: the last one makes the result
      return getResultName(fused.getLocations().back(), number);
    if (number < fused.getLocations().size())
      return getResultName(fused.getLocations()[number], 0);
    return {};
  }
  auto name = dyn_cast<NameLoc>(loc);
  if (!name)
    return {};
  if (isa<UnknownLoc>(name.getChildLoc())) // a constant, or the name of a result itself
    return number == 0 ? name.getName().getValue() : StringRef();
  return getResultName(name.getChildLoc(), number);
}

StringRef m2c::onnx::getValueName(Value value) {
  if (auto result = dyn_cast<OpResult>(value))
    return getResultName(value.getLoc(), result.getResultNumber());
  auto argument = cast<BlockArgument>(value);
  if (auto function = dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp()))
    if (auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "onnx.name"))
      return name;
  return getResultName(argument.getLoc(), 0);
}
