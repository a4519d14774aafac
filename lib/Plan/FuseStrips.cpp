// Runs expand -> depthwise -> project, or depthwise -> project, a strip of output rows at a time.
//
// The channels of an inverted residual are many times those at its ends: unfused, they pass through memory twice. In
// strips they stay in the second-level cache. The expanded rows live in a ring: what the next strip's windows share
// with this one's is copied to its front. Expansion goes row by row, so that one shape of it serves the first rows, the
// strips and the last one.
//
//   for strip: expand its new rows (border past the image); depthwise(ring); project; copy the shared rows to the front
//
// Threads take strips side by side, each with a ring of its own: the first strip of a part expands all rows that its
// windows reach.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Plan/Passes.h"
#include "m2c/Target/CostModel.h"
#include "m2c/Target/PassTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace m2c {
#define GEN_PASS_DEF_FUSESTRIPSPASS
#include "m2c/Plan/Passes.h.inc"
} // namespace m2c

using namespace mlir;
using namespace m2c;

namespace {

ArrayRef<int64_t> shapeOf(Value buffer) { return cast<MemRefType>(buffer.getType()).getShape(); }

Value getRoot(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view->getOperand(0);
  return buffer;
}

bool isPointwise(kernel::ConvOp op) {
  auto isOne = [](int64_t extent) { return extent == 1; };
  return op && op.getPanel() && op.getGroups() == 1 && llvm::all_of(op.getKernelShape(), isOne) &&
         llvm::all_of(op.getStrides(), isOne);
}

/// The operations of one chain. Their intermediate buffers have no other users.
struct Chain {
  kernel::ConvOp expand; ///< null: the depthwise convolution reads a buffer that others make
  kernel::PadBorderOp border;
  kernel::DepthwiseConvOp depthwise;
  kernel::ConvOp project;
  int64_t padTop = 0, padLeft = 0;

  static std::optional<Chain> match(kernel::DepthwiseConvOp depthwise);
  int64_t kernelH() { return shapeOf(depthwise.getFilter())[0]; }
  int64_t stride() { return depthwise.getStrides()[0]; }
  StripProblem getProblem();
};

/// The only reader of `buffer` beside `writer`; null if there are more users.
Operation *getOnlyReader(Value buffer, Operation *writer) {
  Operation *reader = nullptr;
  for (Operation *user : buffer.getUsers()) {
    if (user == writer)
      continue;
    if (reader)
      return nullptr;
    reader = user;
  }
  return reader;
}

bool hasIndex(kernel::KernelOpInterface op) {
  return op.getEpilogueRegion()->walk([](linalg::IndexOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

std::optional<Chain> Chain::match(kernel::DepthwiseConvOp depthwise) {
  Chain chain;
  chain.depthwise = depthwise;
  auto middle = depthwise.getInits()[0].getDefiningOp<memref::AllocOp>();
  if (!middle || depthwise.getDilations()[0] != 1 || hasIndex(depthwise))
    return std::nullopt;
  chain.project = dyn_cast_or_null<kernel::ConvOp>(getOnlyReader(middle, depthwise));
  if (!isPointwise(chain.project) || chain.project.getInput() != middle.getResult() || hasIndex(chain.project) ||
      chain.project->getBlock() != depthwise->getBlock())
    return std::nullopt;

  // What fills the depthwise convolution's input: a border, and an expansion of the interior.
  auto wide = depthwise.getInput().getDefiningOp<memref::AllocOp>();
  if (!wide)
    return chain;
  kernel::ConvOp expand;
  kernel::PadBorderOp border;
  memref::SubViewOp interior;
  for (Operation *user : wide->getUsers()) {
    if (user == depthwise.getOperation())
      continue;
    if (auto found = dyn_cast<kernel::PadBorderOp>(user); found && !border) {
      border = found;
    } else if (auto found = dyn_cast<memref::SubViewOp>(user); found && !interior && found->hasOneUse()) {
      interior = found;
      expand = dyn_cast<kernel::ConvOp>(*found->user_begin());
    } else if (auto found = dyn_cast<kernel::ConvOp>(user); found && !expand && !interior) {
      expand = found;
    } else {
      return chain;
    }
  }
  Value target = interior ? interior.getResult() : wide.getResult();
  if (!isPointwise(expand) || hasIndex(expand) || expand.getInits()[0] != target || (border && !interior) ||
      expand->getBlock() != depthwise->getBlock() || !expand->isBeforeInBlock(depthwise))
    return chain;
  int64_t top = 0, left = 0;
  if (interior) {
    if (!border || llvm::any_of(interior.getMixedOffsets(), [](OpFoldResult o) { return !getConstantIntValue(o); }))
      return chain;
    top = *getConstantIntValue(interior.getMixedOffsets()[1]);
    left = *getConstantIntValue(interior.getMixedOffsets()[2]);
  }
  // Rows before the first strip: those that its windows share with a strip before it.
  if (chain.kernelH() - chain.stride() - top < 0)
    return chain;
  chain.expand = expand;
  chain.border = border;
  chain.padTop = top;
  chain.padLeft = left;
  return chain;
}

StripProblem Chain::getProblem() {
  ArrayRef<int64_t> in = shapeOf(depthwise.getInput()), out = shapeOf(depthwise.getInits()[0]);
  StripProblem problem;
  problem.outH = out[1];
  problem.outW = out[2];
  problem.kernelH = kernelH();
  problem.stride = stride();
  problem.inRowBytes = expand ? in[2] * in[3] * static_cast<int64_t>(sizeof(float)) : 0;
  problem.outRowBytes = out[2] * out[3] * static_cast<int64_t>(sizeof(float));
  return problem;
}

/// Whether the chain's operations may all run where the last one stands: nothing in between writes what they read, and
/// the last one writes nothing that the others read.
bool canMoveToProject(Chain &chain) {
  DenseSet<Value> read;
  DenseSet<Operation *> own{chain.depthwise, chain.project};
  auto addReads = [&](kernel::KernelOpInterface op) {
    for (OpOperand &operand : op->getOpOperands())
      if (!op.isDpsInit(&operand))
        read.insert(getRoot(operand.get()));
  };
  addReads(chain.depthwise);
  Operation *first = chain.depthwise;
  if (chain.expand) {
    addReads(chain.expand);
    own.insert(chain.expand);
    first = chain.expand;
  }
  if (chain.border)
    own.insert(chain.border);
  if (read.contains(getRoot(chain.project.getInits()[0])))
    return false;
  for (Operation *op = first; op != chain.project.getOperation(); op = op->getNextNode()) {
    if (own.contains(op) || isMemoryEffectFree(op) || isa<memref::AllocOp>(op))
      continue;
    auto style = dyn_cast<DestinationStyleOpInterface>(op);
    if (!style)
      return false;
    for (Value init : style.getDpsInits())
      if (read.contains(getRoot(init)))
        return false;
  }
  return true;
}

/// Builds one chain's loops.
class StripBuilder {
public:
  StripBuilder(Chain &chain, int64_t rows)
      : chain(chain), rows(rows), builder(chain.project), loc(getLocation(chain)) {}

  void build() {
    auto execute = scf::ExecuteRegionOp::create(builder, loc, TypeRange{});
    builder.createBlock(&execute.getRegion());
    ArrayRef<int64_t> in = shapeOf(chain.depthwise.getInput()), out = shapeOf(chain.depthwise.getInits()[0]);
    Type element = cast<MemRefType>(chain.depthwise.getInput().getType()).getElementType();
    int64_t windowRows = (rows - 1) * chain.stride() + chain.kernelH();
    OpBuilder outside(execute);
    if (chain.expand)
      ring = memref::AllocOp::create(outside, loc, MemRefType::get({1, windowRows, in[2], in[3]}, element));
    middle = memref::AllocOp::create(outside, loc, MemRefType::get({1, rows, out[2], out[3]}, element));
    Value n = constant(0);
    if (out[0] == 1) {
      buildImage(n);
    } else {
      auto images = scf::ForOp::create(builder, loc, n, constant(out[0]), constant(1));
      builder.setInsertionPointToStart(images.getBody());
      buildImage(images.getInductionVar());
      builder.setInsertionPointAfter(images);
    }
    scf::YieldOp::create(builder, loc);
  }

private:
  static Location getLocation(Chain &chain) {
    SmallVector<Location> parts;
    if (chain.expand)
      parts.push_back(chain.expand.getLoc());
    parts.append({chain.depthwise.getLoc(), chain.project.getLoc()});
    return FusedLoc::get(chain.project.getContext(), parts);
  }

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(builder, loc, value); }
  Value add(Value a, int64_t b) { return b == 0 ? a : arith::AddIOp::create(builder, loc, a, constant(b)).getResult(); }
  Value multiply(Value a, int64_t b) {
    return b == 1 ? a : arith::MulIOp::create(builder, loc, a, constant(b)).getResult();
  }

  void buildImage(Value n) {
    int64_t fresh = rows * chain.stride(), shared = chain.kernelH() - chain.stride();
    int64_t strips = shapeOf(chain.depthwise.getInits()[0])[1] / rows;
    if (chain.border)
      kernel::PadBorderOp::create(builder, loc, TypeRange{}, ValueRange{ring}, chain.border.getLow(),
                                  chain.border.getHigh(), chain.border.getValue());
    auto range = kernel::PartRangeOp::create(builder, loc, builder.getIndexType(), builder.getIndexType(),
                                             builder.getI64IntegerAttr(strips));
    auto loop = scf::ForOp::create(builder, loc, range.getBegin(), range.getEnd(), constant(1));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value strip = loop.getInductionVar();
    if (chain.expand)
      buildExpandRows(n, strip, range.getBegin());
    Value outRow = multiply(strip, rows);
    buildDepthwise(n, strip, outRow);
    cloneRows(chain.project, n, outRow, rows, middle, slice(chain.project.getInits()[0], n, outRow, rows));
    if (chain.expand && shared > 0)
      memref::CopyOp::create(builder, loc, slice(ring, constant(0), constant(fresh), shared),
                             slice(ring, constant(0), constant(0), shared));
  }

  /// Expands the rows that the strip's windows reach for the first time; those past the image are the border's value.
  void buildExpandRows(Value n, Value strip, Value first) {
    int64_t fresh = rows * chain.stride(), shared = chain.kernelH() - chain.stride();
    int64_t height = shapeOf(chain.expand.getInput())[1], strips = shapeOf(chain.depthwise.getInits()[0])[1] / rows;
    Value base = multiply(strip, fresh); // image row r lies in the ring's row r - base + padTop
    auto ringRow = [&](Value row) { return add(arith::SubIOp::create(builder, loc, row, base), chain.padTop); };
    Value begin = add(base, shared - chain.padTop), end = add(begin, fresh), insideEnd = end;
    if (shared > 0) { // the first strip has no strip before it that it shares rows with
      Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, strip, first);
      Value top = arith::MaxSIOp::create(builder, loc, add(base, -chain.padTop), constant(0));
      begin = arith::SelectOp::create(builder, loc, isFirst, top, begin);
    }
    bool overflows = strips * fresh + shared - chain.padTop > height;
    if (overflows)
      insideEnd = arith::MinSIOp::create(builder, loc, end, constant(height));
    auto inside = scf::ForOp::create(builder, loc, begin, insideEnd, constant(1));
    {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(inside.getBody());
      Value row = inside.getInductionVar();
      cloneRows(chain.expand, n, row, 1, slice(chain.expand.getInput(), n, row, 1), interiorRow(ringRow(row)));
    }
    if (!overflows)
      return;
    auto past = scf::ForOp::create(builder, loc, insideEnd, end, constant(1));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(past.getBody());
    Type element = cast<MemRefType>(ring.getType()).getElementType();
    TypedAttr value = chain.border ? chain.border.getValue() : builder.getZeroAttr(element);
    Value border = arith::ConstantOp::create(builder, loc, value);
    linalg::FillOp::create(builder, loc, ValueRange{border}, ValueRange{interiorRow(ringRow(past.getInductionVar()))});
  }

  /// The interior of one row of the ring.
  Value interiorRow(Value row) {
    ArrayRef<int64_t> expanded = shapeOf(chain.expand.getInits()[0]);
    SmallVector<OpFoldResult> offsets = getAsIndexOpFoldResult(builder.getContext(), {0, 0, chain.padLeft, 0});
    offsets[1] = row;
    return subview(ring, offsets, {1, 1, expanded[2], expanded[3]});
  }

  void buildDepthwise(Value n, Value strip, Value outRow) {
    int64_t windowRows = (rows - 1) * chain.stride() + chain.kernelH();
    Value input =
        chain.expand ? ring : slice(chain.depthwise.getInput(), n, multiply(strip, rows * chain.stride()), windowRows);
    cloneRows(chain.depthwise, n, outRow, rows, input, middle);
  }

  /// `op` on `count` rows of its output from `row` of image n on.
  void cloneRows(Operation *op, Value n, Value row, int64_t count, Value input, Value output) {
    auto original = cast<kernel::KernelOpInterface>(op);
    MutableOperandRange extras = original.getExtrasMutable();
    SmallVector<Value> slices;
    for (auto [extra, map] : llvm::zip_equal(extras, original.getExtraMaps().getAsValueRange<AffineMapAttr>()))
      slices.push_back(sliceExtra(extra.get(), map, n, row, count));
    auto copy = cast<kernel::KernelOpInterface>(builder.clone(*op));
    int64_t allRows = shapeOf(original.getDpsInits()[0])[0] * shapeOf(original.getDpsInits()[0])[1];
    copy->setAttr(kernel::runsAttrName, builder.getI64IntegerAttr(allRows / count));
    copy->setOperand(0, input);
    copy.setDpsInitOperand(0, output);
    MutableOperandRange copied = copy.getExtrasMutable();
    for (auto [i, value] : llvm::enumerate(slices))
      copied[i].set(value);
  }

  Value subview(Value buffer, ArrayRef<OpFoldResult> offsets, ArrayRef<int64_t> sizes) {
    SmallVector<int64_t> ones(sizes.size(), 1);
    return memref::SubViewOp::create(builder, loc, buffer, offsets, getAsIndexOpFoldResult(builder.getContext(), sizes),
                                     getAsIndexOpFoldResult(builder.getContext(), ones));
  }

  /// `count` rows from `row` of image n on.
  Value slice(Value buffer, Value n, Value row, int64_t count) {
    ArrayRef<int64_t> shape = shapeOf(buffer);
    SmallVector<OpFoldResult> offsets = getAsIndexOpFoldResult(builder.getContext(), {0, 0, 0, 0});
    offsets[0] = n;
    offsets[1] = row;
    return subview(buffer, offsets, {1, count, shape[2], shape[3]});
  }

  Value sliceExtra(Value extra, AffineMap map, Value n, Value row, int64_t count) {
    SmallVector<int64_t> sizes(shapeOf(extra));
    SmallVector<OpFoldResult> offsets =
        getAsIndexOpFoldResult(builder.getContext(), SmallVector<int64_t>(sizes.size(), 0));
    bool moved = false;
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      for (auto [dim, offset, size] : {std::tuple(0u, n, int64_t{1}), std::tuple(1u, row, count)})
        if (expr == getAffineDimExpr(dim, map.getContext()) && sizes[i] != 1) {
          offsets[i] = offset;
          sizes[i] = size;
          moved = true;
        }
    return moved ? subview(extra, offsets, sizes) : extra;
  }

  Chain &chain;
  int64_t rows;
  OpBuilder builder;
  Location loc;
  Value ring, middle;
};

/// Whether all extras vary with image and row as they are, or not at all.
bool hasPlainExtras(kernel::KernelOpInterface op) {
  for (AffineMap map : op.getExtraMaps().getAsValueRange<AffineMapAttr>())
    for (AffineExpr expr : map.getResults())
      if (!isa<AffineDimExpr>(expr) && (expr.isFunctionOfDim(0) || expr.isFunctionOfDim(1)))
        return false;
  return true;
}

struct FuseStrips : m2c::impl::FuseStripsPassBase<FuseStrips> {
  using FuseStripsPassBase::FuseStripsPassBase;

  LogicalResult initialize(MLIRContext *context) override { return parseTarget(march, context, target); }

  void runOnOperation() override {
    SmallVector<kernel::DepthwiseConvOp> candidates;
    getOperation().walk([&](kernel::DepthwiseConvOp op) { candidates.push_back(op); });
    for (kernel::DepthwiseConvOp op : candidates) {
      std::optional<Chain> chain = Chain::match(op);
      if (!chain || !hasPlainExtras(chain->depthwise) || !hasPlainExtras(chain->project) ||
          (chain->expand && !hasPlainExtras(chain->expand)) || !canMoveToProject(*chain))
        continue;
      int64_t rows = chooseStripRows(chain->getProblem(), target);
      if (rows == 0)
        continue;
      StripBuilder(*chain, rows).build();
      erase(*chain);
    }
  }

private:
  static void erase(Chain &chain) {
    Value middle = chain.depthwise.getInits()[0], wide = chain.depthwise.getInput();
    chain.project.erase();
    chain.depthwise.erase();
    middle.getDefiningOp()->erase();
    if (!chain.expand)
      return;
    Value expanded = chain.expand.getInits()[0];
    chain.expand.erase();
    if (chain.border)
      chain.border.erase();
    if (expanded != wide)
      expanded.getDefiningOp()->erase();
    wide.getDefiningOp()->erase();
  }

  Target target;
};

} // namespace
