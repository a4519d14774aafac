// The structure of an operator, for code that handles all operators alike (importer, printers, tests). It is computed
// from the ODS definitions: `OnnxOp::getOpSchema()`, or by name `findSchema(context, "", "Conv")`.
#pragma once

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpAsmSupport.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"

namespace m2c::onnx {

/// How many values a declared operand or result stands for. Only the last one of an op can be variadic.
enum class Arity { Required, Optional, Variadic };

/// What a declared operand or result may be. Any: also an optional or a map.
enum class ValueKind { Tensor, Sequence, Any };

struct ValueSchema {
  llvm::StringRef name;
  ValueKind kind = ValueKind::Tensor;
  Arity arity = Arity::Required;
  unsigned minCount = 1;
};

/// The attribute kinds of ONNX and the MLIR attributes that hold them. Graphs are regions.
enum class AttrKind {
  Int,     // IntegerAttr, i64
  Float,   // FloatAttr, f32
  String,  // StringAttr
  Ints,    // DenseI64ArrayAttr
  Floats,  // DenseF32ArrayAttr
  Strings, // ArrayAttr of StringAttr
  Tensor,  // ElementsAttr
  Type,    // TypeAttr
  Dict,    // DictionaryAttr; not in ONNX: the attributes of a custom operator
};

struct AttrSchema {
  llvm::StringRef name;
  AttrKind kind = AttrKind::Int;
  bool required = false;
};

struct OpSchema {
  template <size_t O, size_t A, size_t R, size_t G>
  OpSchema(llvm::StringRef domain, llvm::StringRef opType, unsigned sinceVersion, const ValueSchema (&operands)[O],
           const AttrSchema (&attributes)[A], const ValueSchema (&results)[R], const llvm::StringRef (&regions)[G])
      : domain(domain), opType(opType), sinceVersion(sinceVersion), operands(operands, O - 1),
        attributes(attributes, A - 1), results(results, R - 1), regions(regions, G - 1) {}

  llvm::StringRef domain; // empty for ai.onnx
  llvm::StringRef opType;
  unsigned sinceVersion; // of the opset
  llvm::ArrayRef<ValueSchema> operands;
  llvm::ArrayRef<AttrSchema> attributes;
  llvm::ArrayRef<ValueSchema> results;
  llvm::ArrayRef<llvm::StringRef> regions;

  const AttrSchema *findAttribute(llvm::StringRef name) const;
};

/// The name of the dialect's op: ("ai.onnx.ml", "Scaler") -> "onnx.ml.Scaler". The domain "ai.onnx" is "".
std::string getOperationName(llvm::StringRef domain, llvm::StringRef opType);

/// Null if the dialect has no such operator.
const OpSchema *findSchema(mlir::MLIRContext *context, llvm::StringRef domain, llvm::StringRef opType);

/// Whether a value may have this type: a tensor, or an onnx sequence, optional or map.
bool isValueType(mlir::Type type);

/// Whether the op has segment size attributes, because several of its operands (results) may be absent or many.
bool hasSegments(llvm::ArrayRef<ValueSchema> values);

namespace detail {
template <class Cpp>
constexpr ValueKind valueKind() {
  return std::is_same_v<Cpp, mlir::TensorType> ? ValueKind::Tensor
         : std::is_same_v<Cpp, mlir::Type>     ? ValueKind::Any
                                               : ValueKind::Sequence;
}

template <class Storage>
constexpr AttrKind attrKind() {
  if constexpr (std::is_same_v<Storage, mlir::IntegerAttr>)
    return AttrKind::Int;
  else if constexpr (std::is_same_v<Storage, mlir::FloatAttr>)
    return AttrKind::Float;
  else if constexpr (std::is_same_v<Storage, mlir::StringAttr>)
    return AttrKind::String;
  else if constexpr (std::is_same_v<Storage, mlir::DenseI64ArrayAttr>)
    return AttrKind::Ints;
  else if constexpr (std::is_same_v<Storage, mlir::DenseF32ArrayAttr>)
    return AttrKind::Floats;
  else if constexpr (std::is_same_v<Storage, mlir::ArrayAttr>)
    return AttrKind::Strings;
  else if constexpr (std::is_same_v<Storage, mlir::ElementsAttr>)
    return AttrKind::Tensor;
  else if constexpr (std::is_same_v<Storage, mlir::DictionaryAttr>)
    return AttrKind::Dict;
  else {
    static_assert(std::is_same_v<Storage, mlir::TypeAttr>, "no such attribute kind in ONNX");
    return AttrKind::Type;
  }
}

// What every operator's class calls.
mlir::ParseResult parseOnnxOp(mlir::OpAsmParser &parser, mlir::OperationState &result, const OpSchema &schema);
void printOnnxOp(mlir::OpAsmPrinter &printer, mlir::Operation *op, const OpSchema &schema);
mlir::LogicalResult verifyOnnxOp(mlir::Operation *op);
void nameResults(mlir::Operation *op, mlir::OpAsmSetValueNameFn setName);
} // namespace detail
} // namespace m2c::onnx
