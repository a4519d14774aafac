// The interface of all ONNX operators.
#ifndef M2C_DIALECT_ONNX_ONNXINTERFACES
#define M2C_DIALECT_ONNX_ONNXINTERFACES

include "mlir/IR/OpBase.td"

def OnnxOpInterface : OpInterface<"OnnxOp"> {
  let cppNamespace = "::m2c::onnx";
  let description = [{
    Every operator of ONNX (not `onnx.yield`). `getOpSchema` tells the structure of the op, computed from its ODS
    definition, so that importer, printers and tests handle all operators alike. See Schema.h.
  }];
  let methods = [
    StaticInterfaceMethod<"the structure of the operator", "const ::m2c::onnx::OpSchema &", "getOpSchema">,
  ];
  let verify = [{ return ::m2c::onnx::detail::verifyOnnxOp($_op); }];
}

#endif // M2C_DIALECT_ONNX_ONNXINTERFACES
