// The order in which nodes can be imported.
#pragma once

#include "Context.h"

namespace m2c::importer {

/// The nodes so that each comes after those that make its inputs (also those that its subgraphs capture); the file's
/// order where that will do. Names that no node makes are left to the caller. An error if there is a cycle.
mlir::FailureOr<std::vector<const ::onnx::NodeProto *>> sortNodes(std::vector<const ::onnx::NodeProto *> nodes,
                                                                  Context &context);

} // namespace m2c::importer
