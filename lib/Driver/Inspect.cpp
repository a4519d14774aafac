// m2c inspect: what a model contains and what it becomes.
#include "Report.h"
#include "m2c/Dialect/Onnx/OnnxOps.h"
#include "m2c/Pipeline/Describe.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace m2c;

void m2c::printText(const Report &report, raw_ostream &os) {
  auto head = [&](StringRef title) -> raw_ostream & { return os << left_justify(title, 12); };
  head("model") << report.model << " (IR " << report.irVersion;
  for (const auto &[domain, version] : report.opsets)
    os << ", " << domain << " " << version;
  os << (report.producer.empty() ? "" : ", by " + report.producer) << ")\n";
  for (const ModelValue &value : report.inputs)
    head("input") << value.name << "  " << value.type << "\n";
  for (const ModelValue &value : report.outputs)
    head("output") << value.name << "  " << value.type << "\n";
  std::string separator;
  head("operators");
  for (const auto &[name, count] : report.operators) {
    os << separator << name << " " << count;
    separator = ", ";
  }
  os << "\n";
  head("parameters") << report.parameters << "\n";
  if (!report.unsupported.empty()) {
    os << "unsupported\n";
    for (const std::string &text : report.unsupported)
      os << "  " << text << "\n";
    return;
  }
  head("compute") << format("%.3f MFLOP\n", report.mflop);
  head("weights") << report.weightBytes << " bytes\n";
  head("arena") << report.arenaBytes << " bytes\n";
  os << "kernels\n";
  for (const KernelReport &kernel : report.kernels)
    os << "  " << left_justify(kernel.name, 36) << " " << kernel.algorithm << format(" (%.3f MFLOP)", kernel.mflop)
       << (kernel.parts.empty() ? "" : ", up to " + kernel.parts + " threads") << "  <- " << join(kernel.nodes, ", ")
       << "\n";
}

static json::Array toJson(const std::vector<ModelValue> &values) {
  json::Array array;
  for (const ModelValue &value : values)
    array.push_back(json::Object{{"name", value.name}, {"type", value.type}});
  return array;
}

static json::Object toJson(const std::map<std::string, int64_t> &counts) {
  json::Object object;
  for (const auto &[name, count] : counts)
    object[name] = count;
  return object;
}

void m2c::printJson(const Report &report, raw_ostream &os) {
  json::Array kernels;
  for (const KernelReport &kernel : report.kernels)
    kernels.push_back(json::Object{{"name", kernel.name},
                                   {"algorithm", kernel.algorithm},
                                   {"nodes", json::Array(kernel.nodes)},
                                   {"mflop", kernel.mflop},
                                   {"threads", kernel.parts.empty() ? "1" : kernel.parts}});
  json::Object object{{"model", report.model},
                      {"producer", report.producer},
                      {"sha256", report.sha256},
                      {"ir_version", report.irVersion},
                      {"opsets", toJson(report.opsets)},
                      {"inputs", toJson(report.inputs)},
                      {"outputs", toJson(report.outputs)},
                      {"operators", toJson(report.operators)},
                      {"parameters", report.parameters},
                      {"unsupported", json::Array(report.unsupported)}};
  if (report.unsupported.empty()) {
    object["mflop"] = report.mflop;
    object["weight_bytes"] = report.weightBytes;
    object["arena_bytes"] = report.arenaBytes;
    object["kernels"] = std::move(kernels);
  }
  os << formatv("{0:2}", json::Value(std::move(object))) << "\n";
}

/// Operators that nothing handles, also those behind one whose result is not known, which the Graph station cannot
/// judge.
static void listUnknownOperators(Compilation &compilation, Report &report) {
  std::function<bool(StringRef)> isKnown = getOperatorCheck(*compilation.getModule()->getContext());
  std::map<std::string, size_t> counts;
  compilation.getModule().walk([&](mlir::Operation *op) {
    if (isa<onnx::OnnxOp>(op) && op->getNumRegions() == 0 && !isKnown(op->getName().getStringRef()))
      ++counts[op->getName().stripDialect().str()];
  });
  for (const auto &[name, count] : counts) {
    std::string text = "operator " + name + " is not supported";
    if (none_of(report.unsupported, [&](const std::string &line) { return StringRef(line).contains(text); }))
      report.unsupported.push_back(text + " (" + std::to_string(count) + (count == 1 ? " node)" : " nodes)"));
  }
}

/// Fills the report as far as the model's stages succeed.
static ExitStatus describe(Compilation &compilation, Report &report) {
  describeModel(compilation, report);
  compilation.collectErrors(report.unsupported); // the report lists them
  if (ExitStatus status = compilation.runTo(Stage::Graph)) {
    listUnknownOperators(compilation, report);
    return status;
  }
  report.outputs = compilation.getOutputs(); // with the shapes that were inferred
  if (ExitStatus status = compilation.runTo(Stage::Emit))
    return status;
  describeKernels(compilation.getModule(), report);
  return exitOk;
}

int m2c::runInspect(const InspectOptions &options) {
  Compilation compilation(options);
  if (ExitStatus status = compilation.import())
    return status;
  Report report;
  report.model = options.model;
  ExitStatus status = describe(compilation, report);
  options.json ? printJson(report, outs()) : printText(report, outs());
  return status;
}
