// AttributeProto and TypeProto as attributes and types.
#include "GraphImporter.h"
#include "Types.h"
#include "m2c/Dialect/Onnx/Onnx.h"
#include "onnx-ml.pb.h"

using namespace mlir;
using namespace m2c;
using namespace m2c::importer;
using m2c::onnx::AttrKind;
using ::onnx::AttributeProto;

/// The type, which files before IR version 2 leave out.
static AttributeProto::AttributeType getType(const AttributeProto &attribute) {
  if (attribute.type() != AttributeProto::UNDEFINED)
    return attribute.type();
  return attribute.has_f()             ? AttributeProto::FLOAT
         : attribute.has_i()           ? AttributeProto::INT
         : attribute.has_s()           ? AttributeProto::STRING
         : attribute.has_t()           ? AttributeProto::TENSOR
         : attribute.has_g()           ? AttributeProto::GRAPH
         : attribute.floats_size() > 0 ? AttributeProto::FLOATS
         : attribute.ints_size() > 0   ? AttributeProto::INTS
                                       : AttributeProto::STRINGS;
}

/// The attribute itself or, in a function, the one that the call binds to it; null if the call leaves it out.
const AttributeProto *GraphImporter::resolve(const AttributeProto &attribute, const Scope &scope) const {
  if (attribute.ref_attr_name().empty() || !scope.attributes)
    return &attribute;
  return scope.attributes->lookup(attribute.ref_attr_name());
}

FailureOr<Attribute> GraphImporter::convert(const AttributeProto &attribute, const Twine &where) {
  auto fail = [&](const Twine &why) {
    return context.error(where) << "attribute " << quote(attribute.name()) << " " << why;
  };
  if (!attribute.ref_attr_name().empty())
    return fail("refers to a function's attribute " + quote(attribute.ref_attr_name()) + ", but is not in a function");
  std::string inside = (where + ", attribute " + quote(attribute.name())).str();
  switch (getType(attribute)) {
  case AttributeProto::FLOAT:
    return Attribute(builder.getF32FloatAttr(attribute.f()));
  case AttributeProto::INT:
    return Attribute(builder.getI64IntegerAttr(attribute.i()));
  case AttributeProto::STRING:
    return Attribute(builder.getStringAttr(attribute.s()));
  case AttributeProto::FLOATS:
    return Attribute(builder.getDenseF32ArrayAttr(ArrayRef(attribute.floats().data(), attribute.floats_size())));
  case AttributeProto::INTS:
    return Attribute(builder.getDenseI64ArrayAttr(ArrayRef(attribute.ints().data(), attribute.ints_size())));
  case AttributeProto::STRINGS: {
    SmallVector<StringRef> strings(attribute.strings().begin(), attribute.strings().end());
    return Attribute(builder.getStrArrayAttr(strings));
  }
  case AttributeProto::TENSOR: {
    FailureOr<ElementsAttr> tensor = tensors.read(attribute.t(), inside);
    return failed(tensor) ? FailureOr<Attribute>() : FailureOr<Attribute>(*tensor);
  }
  case AttributeProto::SPARSE_TENSOR: {
    FailureOr<ElementsAttr> tensor = tensors.read(attribute.sparse_tensor(), inside);
    return failed(tensor) ? FailureOr<Attribute>() : FailureOr<Attribute>(*tensor);
  }
  case AttributeProto::TYPE_PROTO: {
    FailureOr<Type> type = convert(attribute.tp(), inside);
    return failed(type) ? FailureOr<Attribute>() : FailureOr<Attribute>(TypeAttr::get(*type));
  }
  default:
    return fail("has a type that no operator takes: " + AttributeProto::AttributeType_Name(attribute.type()));
  }
}

FailureOr<Type> GraphImporter::convert(const ::onnx::TypeProto &type, const Twine &where) {
  MLIRContext *mlirContext = &context.mlirContext;
  if (type.has_tensor_type()) {
    int32_t dataType = type.tensor_type().elem_type();
    Type element = getElementType(mlirContext, dataType);
    if (!element)
      return context.error(where) << "its element type is " << getDataTypeName(dataType) << ", which m2c does not know";
    if (!type.tensor_type().has_shape())
      return Type(UnrankedTensorType::get(element));
    SmallVector<int64_t> shape;
    for (const auto &dim : type.tensor_type().shape().dim()) {
      if (dim.has_dim_value() && dim.dim_value() < 0)
        return context.error(where) << "dimension " << shape.size() << " is " << dim.dim_value();
      shape.push_back(dim.has_dim_value() ? dim.dim_value() : ShapedType::kDynamic);
    }
    return Type(RankedTensorType::get(shape, element));
  }
  auto wrap = [&](const ::onnx::TypeProto &inner, auto make) -> FailureOr<Type> {
    FailureOr<Type> converted = convert(inner, where);
    return failed(converted) ? converted : FailureOr<Type>(make(*converted));
  };
  if (type.has_sequence_type())
    return wrap(type.sequence_type().elem_type(),
                [&](Type inner) { return onnx::SequenceType::get(mlirContext, inner); });
  if (type.has_optional_type())
    return wrap(type.optional_type().elem_type(),
                [&](Type inner) { return onnx::OptionalType::get(mlirContext, inner); });
  if (type.has_map_type()) {
    Type key = getElementType(mlirContext, type.map_type().key_type());
    if (key)
      return wrap(type.map_type().value_type(),
                  [&](Type inner) { return onnx::MapType::get(mlirContext, key, inner); });
  }
  return context.error(where) << "it has " << (type.value_case() == 0 ? "no type" : "a type that m2c does not know");
}

StringRef m2c::importer::getKindName(AttrKind kind) {
  static constexpr StringRef kNames[] = {"an integer",         "a float",          "a string",
                                         "a list of integers", "a list of floats", "a list of strings",
                                         "a tensor",           "a type",           "a dictionary"};
  return kNames[static_cast<unsigned>(kind)];
}

bool m2c::importer::isKind(Attribute attribute, AttrKind kind) {
  switch (kind) {
  case AttrKind::Int:
    return isa<IntegerAttr>(attribute);
  case AttrKind::Float:
    return isa<FloatAttr>(attribute);
  case AttrKind::String:
    return isa<StringAttr>(attribute);
  case AttrKind::Ints:
    return isa<DenseI64ArrayAttr>(attribute);
  case AttrKind::Floats:
    return isa<DenseF32ArrayAttr>(attribute);
  case AttrKind::Strings:
    return isa<ArrayAttr>(attribute);
  case AttrKind::Tensor:
    return isa<ElementsAttr>(attribute);
  case AttrKind::Type:
    return isa<TypeAttr>(attribute);
  case AttrKind::Dict:
    return isa<DictionaryAttr>(attribute);
  }
  return false;
}
