#include "QuantizeReport.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace llvm;
using namespace m2c;

static std::string formatDecibels(const std::optional<double> &value) {
  if (!value)
    return "-";
  std::string text;
  raw_string_ostream(text) << format("%.1f", *value);
  return text;
}

void m2c::printText(const QuantizeReport &report, const QuantizeOptions &options, raw_ostream &os) {
  size_t width = 5;
  for (const QuantizedLayer &layer : report.layers)
    width = std::max(width, std::min<size_t>(layer.node.size(), 60));
  bool hasAlone = any_of(report.layers, [](const QuantizedLayer &layer) { return layer.alone.has_value(); });
  os << left_justify("layer", width) << "  operator            output low   output high         scale  zero   SNR dB"
     << (hasAlone ? "   alone" : "") << "\n";
  for (const QuantizedLayer &layer : report.layers) {
    os << left_justify(layer.node, width) << "  " << left_justify(layer.op, 18);
    if (layer.output.range)
      os << format("  %12.5g  %12.5g", layer.output.range->low, layer.output.range->high);
    else
      os << right_justify("-", 14) << right_justify("-", 14);
    if (layer.output.affine)
      os << format("  %12.6g  %4d", layer.output.affine->scale, layer.output.affine->zeroPoint);
    else
      os << right_justify(layer.isQuantized ? "float out" : "float", 14) << right_justify("-", 6);
    os << right_justify(formatDecibels(layer.snr), 9);
    if (hasAlone)
      os << right_justify(formatDecibels(layer.alone), 8);
    os << "\n";
  }
  size_t quantized = count_if(report.layers, [](const QuantizedLayer &layer) { return layer.isQuantized; });
  os << quantized << " of " << report.layers.size() << " layers quantised";
  if (report.foldedNorms != 0)
    os << ", " << report.foldedNorms << " BatchNormalization folded into weights";
  os << "\n";
  if (report.error) {
    os << format("error of the outputs over %zu data sets: %.4g", report.dataSets, *report.error);
    if (report.errorOfAll && *report.errorOfAll != *report.error)
      os << format("; with all layers quantised: %.4g", *report.errorOfAll);
    os << "\n";
  }
  os << options.output
     << format(": %llu bytes, %.3f of %llu\n", static_cast<unsigned long long>(report.bytes),
               static_cast<double>(report.bytes) / static_cast<double>(report.bytesBefore),
               static_cast<unsigned long long>(report.bytesBefore));
}

/// JSON has no infinity.
static json::Value toJson(const std::optional<double> &value) {
  return value && std::isfinite(*value) ? json::Value(*value) : json::Value(nullptr);
}

static json::Object toJson(const QuantizedValue &value) {
  json::Object object{{"value", value.name}};
  if (value.range) {
    object["low"] = value.range->low;
    object["high"] = value.range->high;
  }
  if (value.affine) {
    object["scale"] = value.affine->scale;
    object["zero_point"] = value.affine->zeroPoint;
  }
  return object;
}

void m2c::printJson(const QuantizeReport &report, const QuantizeOptions &options, raw_ostream &os) {
  json::Array layers;
  for (const QuantizedLayer &layer : report.layers) {
    json::Array inputs;
    for (const QuantizedValue &value : layer.inputs)
      inputs.push_back(toJson(value));
    json::Object object{
        {"node", layer.node},          {"operator", layer.op},           {"quantized", layer.isQuantized},
        {"inputs", std::move(inputs)}, {"output", toJson(layer.output)}, {"snr_db", toJson(layer.snr)}};
    if (layer.alone)
      object["snr_alone_db"] = toJson(layer.alone);
    layers.push_back(std::move(object));
  }
  json::Object object{{"model", report.model},
                      {"output", report.output},
                      {"activations", options.activations},
                      {"weights", options.weights},
                      {"method", options.method},
                      {"data_sets", static_cast<int64_t>(report.dataSets)},
                      {"folded_batch_normalizations", static_cast<int64_t>(report.foldedNorms)},
                      {"layers", std::move(layers)},
                      {"error", toJson(report.error)},
                      {"error_of_all", toJson(report.errorOfAll)},
                      {"bytes", static_cast<int64_t>(report.bytes)},
                      {"bytes_before", static_cast<int64_t>(report.bytesBefore)}};
  os << formatv("{0:2}", json::Value(std::move(object))) << "\n";
}
