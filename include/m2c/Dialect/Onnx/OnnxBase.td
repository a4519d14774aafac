// The onnx dialect: its types, and the classes that its operators are made of.
#ifndef M2C_DIALECT_ONNX_ONNXBASE
#define M2C_DIALECT_ONNX_ONNXBASE

include "m2c/Dialect/Onnx/OnnxInterfaces.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Onnx_Dialect : Dialect {
  let name = "onnx";
  let cppNamespace = "::m2c::onnx";
  let summary = "the operators of ONNX on tensors";
  let description = [{
    One operation per ONNX operator, in its newest version only: the importer rewrites older ones. An operator `Op` of
    the domain ai.onnx is `onnx.Op`, of ai.onnx.ml `onnx.ml.Op`, of the preview domains `onnx.preview.Op` and
    `onnx.preview.training.Op`. Operands, results and attributes have the names of the specification; subgraphs are
    regions that end in `onnx.yield` and may use values from outside.

    Text form: `onnx.Clip %x, none, %max {...} : (tensor<4xf32>, none, tensor<f32>) -> tensor<4xf32>`, where `none`
    stands for an absent optional operand or result; those at the end are left out. Attributes with their default value
    need not be present.

    The types of ONNX map so: signed integers are signless (`i64`), unsigned ones are `ui8` etc., bool is `i1`, string
    is `!onnx.string`; sequences, optionals and maps have own types. What shape inference has not yet found out is
    `tensor<*x!onnx.unknown>`.

    Constants are `onnx.Constant` with an ElementsAttr: see Constants.h.

    Names: the location of an op is `loc("node name"("result name"))`, with a fused inner location if it has several
    results; see Names.h. A constant's is `loc("initializer name")`.

    A model is a module with one `func.func @main_graph`; its arguments and results carry `onnx.name`, the function the
    symbols of its dimensions (see m2c/IR/Symbols.h). The module carries `onnx.opsets`, `onnx.ir_version`,
    `onnx.producer`, `onnx.graph_name`, `onnx.metadata` and `onnx.sha256`.
  }];
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let extraClassDeclaration = [{
    // One per family, in lib/Dialect/Onnx/<Family>.cpp.
    void addAttentionOps();
    void addControlFlowOps();
    void addConvOps();
    void addElementwiseOps();
    void addImageOps();
    void addIndexOps();
    void addMatMulOps();
    void addMicrosoftOps();
    void addMlOps();
    void addNormalizeOps();
    void addOwnOps();
    void addPoolOps();
    void addQuantizeOps();
    void addRandomOps();
    void addRecurrentOps();
    void addReduceOps();
    void addSequenceOps();
    void addShapeOps();
    void addStringOps();
  }];
}

//===- Values -------------------------------------------------------------------------------------------------------===//

def Onnx_Tensor : Type<AnyTensor.predicate, "tensor", "::mlir::TensorType">;
def Onnx_Sequence : Type<CPred<"::llvm::isa<::m2c::onnx::SequenceType>($_self)">, "sequence", "::m2c::onnx::SequenceType">;
def Onnx_Value : Type<CPred<"::m2c::onnx::isValueType($_self)">, "tensor, sequence, optional or map">;

/// A variadic group that is not empty.
class Onnx_NonEmpty<Type type> : Variadic<type>;

//===- Attributes ---------------------------------------------------------------------------------------------------===//

def Onnx_Int : TypedAttrBase<I64, "IntegerAttr", I64Attr.predicate, "64-bit integer attribute"> {
  let returnType = "int64_t";
  let convertFromStorage = "$_self.getInt()";
}

def Onnx_Float : TypedAttrBase<F32, "FloatAttr", F32Attr.predicate, "32-bit float attribute"> {
  let returnType = "float";
  let convertFromStorage = "$_self.getValue().convertToFloat()";
}

class Onnx_IntOr<int default> : DefaultValuedOptionalAttr<Onnx_Int, !cast<string>(default)>;
class Onnx_FloatOr<string default> : DefaultValuedOptionalAttr<Onnx_Float, default>;
class Onnx_StrOr<string default> : DefaultValuedOptionalStrAttr<StrAttr, default>;

//===- Schemas ------------------------------------------------------------------------------------------------------===//

/// The C++ initializers of the schema's entries, made from the dags `arguments`, `results` and `regions`.
class Onnx_ValueEntry<dag values, int i> {
  defvar value = !getdagarg<TypeConstraint>(values, i);
  string text = "{\"" # !getdagname(values, i) # "\", detail::valueKind<" # value.cppType # ">(), " #
    !cond(!isa<Optional>(value): "Arity::Optional, 0", !isa<Onnx_NonEmpty>(value): "Arity::Variadic, 1",
          !isa<Variadic>(value): "Arity::Variadic, 0", true: "Arity::Required, 1") # "}, ";
}

class Onnx_AttrEntry<dag values, int i> {
  defvar attr = !getdagarg<Attr>(values, i);
  string text = "{\"" # !getdagname(values, i) # "\", detail::attrKind<" # attr.storageType # ">(), " #
    !if(attr.isOptional, "false", "true") # "}, ";
}

class Onnx_IsValue<dag values, int i> {
  bit result = !isa<TypeConstraint>(!getdagarg<Constraint>(values, i));
}

class Onnx_Schema<dag arguments, dag results, dag regions> {
  string operandList = !foldl("", !range(!size(arguments)), text, i,
    text # !if(Onnx_IsValue<arguments, i>.result, Onnx_ValueEntry<arguments, i>.text, ""));
  string attributeList = !foldl("", !range(!size(arguments)), text, i,
    text # !if(Onnx_IsValue<arguments, i>.result, "", Onnx_AttrEntry<arguments, i>.text));
  string resultList = !foldl("", !range(!size(results)), text, i, text # Onnx_ValueEntry<results, i>.text);
  string regionList = !foldl("", !range(!size(regions)), text, i, text # "\"" # !getdagname(regions, i) # "\", ");
}

//===- Operators ----------------------------------------------------------------------------------------------------===//

class Onnx_OpBase<string domainName, string prefix, string opType, int since, list<Trait> traits>
    : Op<Onnx_Dialect, prefix # opType, !listconcat([OnnxOpInterface, OpAsmOpInterface], traits)> {
  string domain = domainName;

  // An op with its own assembly format clears the first two.
  let hasCustomAssemblyFormat = 1;
  code formatDefinition = [{
    ::mlir::ParseResult $cppClass::parse(::mlir::OpAsmParser &parser, ::mlir::OperationState &result) {
      return detail::parseOnnxOp(parser, result, getOpSchema());
    }
    void $cppClass::print(::mlir::OpAsmPrinter &printer) {
      detail::printOnnxOp(printer, getOperation(), getOpSchema());
    }
  }];

  // An op with more C++ members gives them in these two.
  code moreClassDeclaration = "";
  code moreClassDefinition = "";
  let extraClassDeclaration = [{
    static const ::m2c::onnx::OpSchema &getOpSchema();
    void getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) { detail::nameResults(getOperation(), setName); }
  }] # moreClassDeclaration;
  let extraClassDefinition = [{
    const ::m2c::onnx::OpSchema &$cppClass::getOpSchema() {
      // Each list ends in an empty entry, for C++ has no empty arrays.
      static constexpr ValueSchema operands[] = {}] # Onnx_Schema<arguments, results, regions>.operandList # [{{}};
      static constexpr AttrSchema attributes[] = {}] # Onnx_Schema<arguments, results, regions>.attributeList # [{{}};
      static constexpr ValueSchema results[] = {}] # Onnx_Schema<arguments, results, regions>.resultList # [{{}};
      static constexpr ::llvm::StringRef regions[] = {}] # Onnx_Schema<arguments, results, regions>.regionList # [{""};
      static const OpSchema schema(}] # "\"" # domainName # "\", \"" # opType # "\", " # since # [{, operands, attributes, results, regions);
      return schema;
    }
  }] # formatDefinition # moreClassDefinition;
}

class Onnx_Op<string opType, int since, list<Trait> traits = [Pure]>
    : Onnx_OpBase<"", "", opType, since, traits>;
// No pattern makes these, and builders with so many arguments take long to compile.
defvar Onnx_genericBuilder = OpBuilder<(ins "::mlir::TypeRange":$types, "::mlir::ValueRange":$operands,
    CArg<"::llvm::ArrayRef<::mlir::NamedAttribute>", "{}">:$attributes), [{
  $_state.addTypes(types);
  $_state.addOperands(operands);
  $_state.addAttributes(attributes);
}]>;

class Onnx_MlOp<string opType, int since, list<Trait> traits = [Pure]>
    : Onnx_OpBase<"ai.onnx.ml", "ml.", opType, since, traits> {
  let skipDefaultBuilders = 1;
  let builders = [Onnx_genericBuilder];
}
class Onnx_PreviewOp<string opType, int since, list<Trait> traits = [Pure]>
    : Onnx_OpBase<"ai.onnx.preview", "preview.", opType, since, traits>;
class Onnx_TrainingOp<string opType, int since, list<Trait> traits = [Pure]>
    : Onnx_OpBase<"ai.onnx.preview.training", "preview.training.", opType, since, traits> {
  let skipDefaultBuilders = 1;
  let builders = [Onnx_genericBuilder];
}

#endif // M2C_DIALECT_ONNX_ONNXBASE
