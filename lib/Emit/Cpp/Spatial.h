// Members that the shape structs of all spatial kernels have.
#pragma once

#include "m2c/Emit/Cpp/Printer.h"

namespace m2c::emit {

inline void addWindow(llvm::SmallVectorImpl<ShapeField> &shape, llvm::ArrayRef<int64_t> kernel,
                      llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations) {
  shape.emplace_back("kernel_h", kernel[0]);
  shape.emplace_back("kernel_w", kernel[1]);
  shape.emplace_back("stride_h", strides[0]);
  shape.emplace_back("stride_w", strides[1]);
  shape.emplace_back("dilation_h", dilations[0]);
  shape.emplace_back("dilation_w", dilations[1]);
}

/// Distances between the images, rows and pixels of input and output.
inline void addStrides(llvm::SmallVectorImpl<ShapeField> &shape, const Buffer &in, const Buffer &out) {
  const char *const names[2][3] = {{"in_batch", "in_row", "in_pixel"}, {"out_batch", "out_row", "out_pixel"}};
  for (auto [buffer, own] : {std::pair(&in, names[0]), std::pair(&out, names[1])})
    for (unsigned d = 0; d < 3; ++d)
      shape.emplace_back(own[d], buffer->strides[d]);
}

/// The kernels read and write the channels of a pixel as vectors.
inline mlir::LogicalResult checkChannels(mlir::Operation *op, const Buffer &buffer) {
  if (buffer.strides[3] == 1 || buffer.shape[3] == 1)
    return mlir::success();
  return op->emitOpError("has channels that are ")
         << buffer.strides[3].str() << " elements apart, expected consecutive ones";
}

/// A batch that only the run knows: one image after the other. Opens the loop, and from then on `in` and `out` are its
/// image and `epilogue` takes its place in the batch.
class ImageLoop {
public:
  ImageLoop(mlir::Operation *op, Printer &printer, Buffer &in, Buffer &out, std::string &epilogue) : printer(printer) {
    if (out.shape[0].isNumber())
      return;
    isOpen = true;
    std::string n = printer.freshName("n");
    if (Printer::hasEpilogue(mlir::cast<kernel::KernelOpInterface>(op))) {
      std::string finish = printer.freshName("finish");
      printer.code().line("const auto " + finish + " = " + epilogue + ";");
      epilogue =
          "[&](auto acc, rt::idx, rt::idx h, rt::idx w, rt::idx c) { return " + finish + "(acc, " + n + ", h, w, c); }";
    }
    printer.code().open("for (rt::idx " + n + " = 0; " + n + " < " + printer.text(out.shape[0]) + "; ++" + n + ") {");
    for (Buffer *buffer : {&in, &out}) {
      buffer->moved += (buffer->moved.empty() ? "" : " + ") + n + "*" + printer.text(buffer->strides[0]);
      buffer->shape[0] = 1;
    }
  }
  void close() {
    if (isOpen)
      printer.code().close();
  }

private:
  Printer &printer;
  bool isOpen = false;
};

} // namespace m2c::emit
