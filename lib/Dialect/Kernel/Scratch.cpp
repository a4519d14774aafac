// How much scratch memory each kernel wants: the sizes come from the kernel's own header.
#include "m2c/Dialect/Kernel/Kernel.h"
#include "m2c/Dialect/Kernel/Sizes.h"
#include "llvm/ADT/TypeSwitch.h"
#include <m2crt/attention.h>
#include <m2crt/gemm.h>
#include <m2crt/recurrent.h>
#include <m2crt/winograd.h>

using namespace mlir;
using namespace m2c::kernel;

static MemRefType makeScratch(int64_t elements, Type element) {
  return elements == 0 ? MemRefType() : MemRefType::get({elements}, element);
}

/// A right operand known only at run time is packed first where that pays.
MemRefType ContractOp::getScratchType() {
  auto lhs = dyn_cast<MemRefType>(getLhs().getType()), rhs = dyn_cast<MemRefType>(getRhs().getType());
  if (getPanel() || !lhs || !rhs)
    return {};
  SmallVector<int64_t> extents = getIterationShape();
  auto dims = static_cast<unsigned>(extents.size());
  unsigned m = dims - 3, n = dims - 2, k = dims - 1;
  // As lib/Emit/Cpp/Contract.cpp prints it.
  auto stride = [&](MemRefType type, AffineMap map, unsigned dim) -> int64_t {
    SmallVector<int64_t> strides;
    int64_t offset;
    if (extents[dim] == 1 || failed(type.getStridesAndOffset(strides, offset)))
      return 1;
    for (auto [i, expr] : llvm::enumerate(map.getResults()))
      if (cast<AffineDimExpr>(expr).getPosition() == dim)
        return strides[i];
    return 0;
  };
  int64_t bytes = lhs.getElementTypeBitWidth() / 8;
  m2crt::operand way = m2crt::operand_way(extents[m], extents[n], extents[k], stride(lhs, getMap(0), k),
                                          stride(rhs, getMap(1), k), stride(rhs, getMap(1), n), bytes);
  return makeScratch(m2crt::scratch_size(way, extents[n], extents[k], bytes), lhs.getElementType());
}

/// Winograd's transformed tiles.
MemRefType ConvOp::getScratchType() {
  if (!getWinogradTile())
    return {};
  auto in = cast<ShapedType>(getInput().getType()), out = cast<ShapedType>(getInits().front().getType());
  int64_t tiles = out.isDynamicDim(0) ? 1 : out.getDimSize(0), bytes = in.getElementTypeBitWidth() / 8;
  for (unsigned d = 0; d < 2; ++d)
    tiles *= llvm::divideCeil(out.getDimSize(d + 1), (*getWinogradTile())[d]);
  int64_t elements = m2crt::winograd_scratch(tiles, in.getDimSize(3), getWinogradTaps(),
                                             static_cast<int64_t>(getPanel().value_or(1)), bytes);
  return makeScratch(elements, in.getElementType());
}

MemRefType AttentionOp::getScratchType() {
  // The extent of a logical dimension (batch, head, position, width) of operand `i`.
  auto extent = [&](Value operand, unsigned i, unsigned logical) {
    auto shape = cast<ShapedType>(operand.getType()).getShape();
    for (auto [physical, expr] : llvm::enumerate(getMap(i).getResults()))
      if (cast<AffineDimExpr>(expr).getPosition() == logical)
        return shape[physical];
    return int64_t{1};
  };
  return makeScratch(m2crt::attention_scratch(extent(getQuery(), 0, 2), extent(getKey(), 1, 2),
                                              extent(getQuery(), 0, 3), extent(getValue(), 2, 3)),
                     Float32Type::get(getContext()));
}

// [batch, hidden] is the shape of a recurrent kernel's last state.
template <class Op>
static MemRefType recurrentScratch(Op op, m2crt::idx (*size)(m2crt::idx, m2crt::idx)) {
  auto state = cast<ShapedType>(op.getInits().back().getType());
  return makeScratch(size(state.getDimSize(0), state.getDimSize(1)), state.getElementType());
}

MemRefType LstmOp::getScratchType() { return recurrentScratch(*this, m2crt::lstm_scratch); }
MemRefType GruOp::getScratchType() { return recurrentScratch(*this, m2crt::gru_scratch); }
MemRefType RnnOp::getScratchType() { return recurrentScratch(*this, m2crt::rnn_scratch); }

std::pair<m2c::Dim, Type> m2c::kernel::getScratchSize(KernelOpInterface kernel) {
  return llvm::TypeSwitch<Operation *, std::pair<Dim, Type>>(kernel)
      .Case([](AttentionOp op) {
        Dims keys = getBufferDims(op.getKey());
        Dim length = 1, width = 1;
        for (auto [physical, expr] : llvm::enumerate(op.getMap(1).getResults())) {
          unsigned logical = cast<AffineDimExpr>(expr).getPosition();
          if (logical == 2)
            length = keys[physical];
          else if (logical == 3)
            width = keys[physical];
        }
        return std::pair<Dim, Type>(m2crt::attention_sized_scratch(length, width.getNumber()),
                                    Float32Type::get(op.getContext()));
      })
      .Case<LstmOp, GruOp, RnnOp>([](auto op) {
        // The states of the batch's rows follow one another.
        m2crt::idx (*size)(m2crt::idx, m2crt::idx) = std::is_same_v<decltype(op), LstmOp>  ? m2crt::lstm_scratch
                                                     : std::is_same_v<decltype(op), GruOp> ? m2crt::gru_scratch
                                                                                           : m2crt::rnn_scratch;
        Dims state = getBufferDims(op.getInits().back());
        return std::pair<Dim, Type>(state[0] * size(1, state[1].getNumber()),
                                    cast<ShapedType>(op.getInits().back().getType()).getElementType());
      })
      .Case([](ConvOp op) { // one image at a time
        MemRefType type = op.getScratchType();
        return std::pair<Dim, Type>(type ? type.getNumElements() : 0, type ? type.getElementType() : Type());
      })
      .Default([](Operation *) { return std::pair<Dim, Type>(0, Type()); });
}
