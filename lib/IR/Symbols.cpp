// The symbols of a function, kept in its attributes.
#include "m2c/IR/Symbols.h"

using namespace mlir;

namespace m2c {

static func::FuncOp functionOf(Operation *op) {
  if (!op)
    return {};
  auto function = dyn_cast<func::FuncOp>(op);
  return function ? function : op->getParentOfType<func::FuncOp>();
}

static SmallVector<Attribute> getList(func::FuncOp function, StringRef name) {
  auto list = function ? function->getAttrOfType<ArrayAttr>(name) : ArrayAttr();
  return list ? llvm::to_vector(list.getValue()) : SmallVector<Attribute>();
}

std::vector<std::string> getSymbolNames(Operation *op) {
  std::vector<std::string> names;
  for (Attribute name : getList(functionOf(op), "m2c.symbols"))
    names.push_back(cast<StringAttr>(name).str());
  return names;
}

SmallVector<int64_t> getSymbolBounds(Operation *op) {
  SmallVector<int64_t> bounds;
  for (Attribute bound : getList(functionOf(op), "m2c.bounds"))
    bounds.push_back(cast<IntegerAttr>(bound).getInt());
  return bounds;
}

Dim getSymbol(func::FuncOp function, StringRef name, StringRef hint, int64_t bound) {
  Builder builder(function.getContext());
  std::vector<std::string> names = getSymbolNames(function);
  if (auto found = name.empty() ? names.end() : llvm::find(names, name); found != names.end())
    return Dim(getAffineSymbolExpr(found - names.begin(), function.getContext()));
  std::string chosen = name.empty() ? hint.str() : name.str();
  for (unsigned number = 2; llvm::is_contained(names, chosen); ++number)
    chosen = (hint + "_" + Twine(number)).str();
  SmallVector<Attribute> all = getList(function, "m2c.symbols"), bounds = getList(function, "m2c.bounds");
  all.push_back(builder.getStringAttr(chosen));
  bounds.push_back(builder.getI64IntegerAttr(bound));
  function->setAttr("m2c.symbols", builder.getArrayAttr(all));
  function->setAttr("m2c.bounds", builder.getArrayAttr(bounds));
  return Dim(getAffineSymbolExpr(names.size(), function.getContext()));
}

std::vector<FoundSize> getFoundSizes(Operation *op) {
  std::vector<FoundSize> found;
  for (Attribute attr : getList(functionOf(op), "m2c.found")) {
    auto entry = cast<ArrayAttr>(attr);
    Dim bound(cast<AffineMapAttr>(entry[1]).getValue().getResult(0));
    found.push_back({static_cast<unsigned>(cast<IntegerAttr>(entry[0]).getInt()), bound == -1 ? Dim::unknown() : bound,
                     cast<StringAttr>(entry[2]).str()});
  }
  return found;
}

Dims getLargestSizes(Operation *op) {
  Dims largest;
  for (size_t i = 0, count = getSymbolNames(op).size(); i < count; ++i)
    largest.push_back(Dim(getAffineSymbolExpr(i, op->getContext())));
  for (const FoundSize &size : getFoundSizes(op)) // a bound depends on earlier symbols only
    largest[size.symbol] = size.bound.atMost(largest);
  return largest;
}

static StringRef nameOf(Operation *op) {
  Location loc = op->getLoc();
  while (auto fused = dyn_cast<FusedLoc>(loc))
    loc = fused.getLocations().back();
  auto name = dyn_cast<NameLoc>(loc);
  return name ? name.getName().getValue() : "";
}

Dim addFoundSize(Operation *op, StringRef hint, const Dim &bound) {
  func::FuncOp function = functionOf(op);
  Builder builder(op->getContext());
  Dim symbol = getSymbol(function, "", hint);
  SmallVector<Attribute> found = getList(function, "m2c.found");
  unsigned count = getSymbolNames(function).size();
  auto map =
      AffineMap::get(0, count, bound.isUnknown() ? builder.getAffineConstantExpr(-1) : bound.getExpr(op->getContext()));
  found.push_back(builder.getArrayAttr(
      {builder.getI64IntegerAttr(count - 1), AffineMapAttr::get(map), builder.getStringAttr(nameOf(op))}));
  function->setAttr("m2c.found", builder.getArrayAttr(found));
  return symbol;
}

static void addCheck(Operation *op, const Dim &a, const Dim &b, StringRef relation) {
  func::FuncOp function = functionOf(op);
  Builder builder(op->getContext());
  auto map = AffineMap::get(0, getSymbolNames(function).size(),
                            {a.getExpr(op->getContext()), b.getExpr(op->getContext())}, op->getContext());
  SmallVector<Attribute> checks = getList(function, "m2c.checks");
  for (Attribute check : checks) {
    auto known = cast<ArrayAttr>(check);
    if (cast<AffineMapAttr>(known[0]).getValue().getResults() == map.getResults() &&
        cast<StringAttr>(known[1]).getValue() == relation)
      return;
  }
  checks.push_back(builder.getArrayAttr(
      {AffineMapAttr::get(map), builder.getStringAttr(relation), builder.getStringAttr(nameOf(op))}));
  function->setAttr("m2c.checks", builder.getArrayAttr(checks));
}

void addEquality(Operation *op, const Dim &a, const Dim &b) { addCheck(op, a, b, "=="); }

void addAtMost(Operation *op, const Dim &a, const Dim &b) { addCheck(op, a, b, "<="); }

std::vector<HeldSymbol> getHeldSymbols(func::FuncOp function) {
  std::vector<HeldSymbol> held;
  for (Attribute attr : getList(function, "m2c.held")) {
    auto pair = cast<ArrayAttr>(attr);
    held.push_back({static_cast<unsigned>(cast<IntegerAttr>(pair[0]).getInt()),
                    Dim(cast<AffineMapAttr>(pair[1]).getValue().getResult(0))});
  }
  return held;
}

void setHeldSymbols(func::FuncOp function, ArrayRef<HeldSymbol> held) {
  Builder builder(function.getContext());
  unsigned symbols = getSymbolNames(function).size();
  SmallVector<Attribute> list;
  for (const HeldSymbol &entry : held) {
    auto next = AffineMap::get(0, symbols, entry.next.getExpr(function.getContext()));
    list.push_back(builder.getArrayAttr({builder.getI64IntegerAttr(entry.symbol), AffineMapAttr::get(next)}));
  }
  function->setAttr("m2c.held", builder.getArrayAttr(list));
}

Dim getLargest(Operation *op, const Dim &count) {
  Dims largest = getLargestSizes(op);
  Dim most = count.atMost(largest);
  for (const SizeCheck &check : getSizeChecks(functionOf(op))) {
    if (!most.isUnknown())
      break;
    if (check.isEquality && (check.a == count || check.b == count))
      most = (check.a == count ? check.b : check.a).atMost(largest);
  }
  return most;
}

std::vector<SizeCheck> getSizeChecks(func::FuncOp function) {
  std::vector<SizeCheck> checks;
  for (Attribute attr : getList(function, "m2c.checks")) {
    auto pair = cast<ArrayAttr>(attr);
    AffineMap map = cast<AffineMapAttr>(pair[0]).getValue();
    checks.push_back({Dim(map.getResult(0)), Dim(map.getResult(1)),
                      cast<StringAttr>(pair[1]).getValue() == "==", cast<StringAttr>(pair[2]).str()});
  }
  return checks;
}

} // namespace m2c
