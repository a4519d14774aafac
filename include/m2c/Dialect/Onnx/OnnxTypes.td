// The types of ONNX that MLIR lacks.
#ifndef M2C_DIALECT_ONNX_ONNXTYPES
#define M2C_DIALECT_ONNX_ONNXTYPES

include "m2c/Dialect/Onnx/OnnxBase.td"

class Onnx_Type<string name, string typeMnemonic> : TypeDef<Onnx_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Onnx_StringType : Onnx_Type<"String", "string"> {
  let summary = "element type of string tensors";
}

def Onnx_UnknownType : Onnx_Type<"Unknown", "unknown"> {
  let summary = "element type that type inference has not found yet";
}

def Onnx_SequenceType : Onnx_Type<"Sequence", "seq"> {
  let summary = "sequence of values of one type";
  let parameters = (ins "::mlir::Type":$elementType);
  let assemblyFormat = "`<` $elementType `>`";
}

def Onnx_OptionalType : Onnx_Type<"Optional", "optional"> {
  let summary = "a value or nothing";
  let parameters = (ins "::mlir::Type":$elementType);
  let assemblyFormat = "`<` $elementType `>`";
}

def Onnx_MapType : Onnx_Type<"Map", "map"> {
  let summary = "map from strings or integers to values";
  let parameters = (ins "::mlir::Type":$keyType, "::mlir::Type":$valueType);
  let assemblyFormat = "`<` $keyType `,` $valueType `>`";
}

#endif // M2C_DIALECT_ONNX_ONNXTYPES
