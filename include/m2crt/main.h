// The command line of a program made of one model: inputs from files, numbers or random, outputs to files or in short
// on the terminal, timing. Not for kernels. Exit status: 0 done, 1 wrong usage, 2 a file or the model is bad.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "m2crt/npy.h"
#include "m2crt/tensor_proto.h"

namespace m2crt {

/// An input or output as the program's user sees it.
struct tensor_info {
  const char* name;
  const char* file;  // that an output is written to
  element_type type;
  std::vector<std::size_t> shape;
  bool has_range;  // random values come from [low, high]
  double low, high;
  std::vector<int> sizes = {};  // per dimension the size of the run that it is; -1 for a number or an expression
  bool is_found = false;        // an output whose shape the run finds in the data

  std::string describe() const { return element_name(type) + describe_shape(shape); }
};

struct model_info {
  const char* name;
  const tensor_info* inputs;
  std::size_t num_inputs;
  const tensor_info* outputs;
  std::size_t num_outputs;
  void* model;
  const char* error;  // why it cannot run, or did not; "" otherwise
  bool (*run)(void* model, const std::size_t* sizes, void* const* inputs, void* const* outputs);
  // Where sizes are left to the run:
  const char* const* size_names;
  std::size_t num_sizes;
  void (*shapes)(const std::size_t* sizes, std::vector<std::size_t>* inputs, std::vector<std::size_t>* outputs);
  bool (*profile)(void* model) = nullptr;  // prints what each kernel takes; null where there is no such thing
  bool (*set_threads)(void* model, std::size_t count) = nullptr;  // null where nothing is split among threads
  // Where the run finds the shapes of outputs: how many elements fit each, how many there can be (unknown_size without
  // a bound), and the shapes of the last run.
  std::size_t* room = nullptr;
  void (*capacities)(const std::size_t* sizes, std::size_t* room) = nullptr;
  void (*found)(void* model, std::vector<std::size_t>* outputs) = nullptr;
};

constexpr std::size_t unknown_size = static_cast<std::size_t>(-1);

struct main_options {
  std::vector<std::pair<std::string, std::string>> inputs;  // name, value
  std::vector<std::size_t> sizes;                           // unknown_size where none is given
  std::string output_dir;
  std::uint64_t seed = 0;
  bool benchmark = false, json = false, profile = false;
  double seconds = 1, threads = 1;
};

inline int fail(int status, const std::string& message) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return status;
}

inline void print_help(const model_info& info) {
  std::printf("Runs the model '%s'.\n\nUsage: %s [options]\n", info.name, info.name);
  std::printf("  --input NAME=VALUE   a .npy or .pb file, or a number that fills the input\n");
  for (std::size_t i = 0; i < info.num_sizes; ++i)
    std::printf("  --dim %s=N   a size of the inputs that are not read from files (default 1)\n", info.size_names[i]);
  std::printf("  --random SEED        seed of the inputs not given (default 0)\n");
  std::printf("  --output-dir DIR     write the outputs to .npy files in DIR\n");
  std::printf("  --benchmark          measure the time of one run\n");
  std::printf("  --json               as one line of JSON\n");
  if (info.profile != nullptr) std::printf("  --profile            measure each kernel\n");
  std::printf("  --seconds S          how long to measure (default 1)\n");
  std::printf("  --threads N          threads to use, 0 for all of the machine (default 1)%s\n",
              info.set_threads == nullptr ? "; this program uses one" : "");
  std::printf("  --help               this text\n\n");
  for (std::size_t i = 0; i < info.num_inputs; ++i)
    std::printf("input   %s  %s\n", info.inputs[i].name, info.inputs[i].describe().c_str());
  for (std::size_t i = 0; i < info.num_outputs; ++i)
    std::printf("output  %s  %s\n", info.outputs[i].name, info.outputs[i].describe().c_str());
}

/// A number that is the whole text.
inline bool parse_number(const std::string& text, double& number) {
  char* end = nullptr;
  number = std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0';
}

/// Parses the command line. Returns an exit status, or -1 to go on.
inline int parse_options(int argc, char** argv, const model_info& info, main_options& options) {
  options.sizes.assign(info.num_sizes, unknown_size);
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i], value;
    bool has_value = false;
    if (std::size_t equals = name.find('='); equals != std::string::npos && name.compare(0, 2, "--") == 0) {
      value = name.substr(equals + 1);
      name.resize(equals);
      has_value = true;
    }
    if (name == "--help" || name == "-h") {
      print_help(info);
      return 0;
    }
    if (name == "--profile" && info.profile != nullptr) {
      options.profile = true;
      continue;
    }
    if (name == "--benchmark" || name == "--json") {
      (name == "--json" ? options.json : options.benchmark) = true;
      continue;
    }
    bool known = name == "--input" || name == "--dim" || name == "--random" || name == "--output-dir" ||
                 name == "--seconds" || name == "--threads";
    if (!known) return fail(1, "unknown option '" + name + "'; see --help");
    if (!has_value) {
      if (++i == argc) return fail(1, name + " needs a value; see --help");
      value = argv[i];
    }
    double number = 0;
    if (name == "--input") {
      // The name of an input may contain '=' itself: the longest one that fits counts.
      std::size_t best = 0;
      for (std::size_t k = 0; k < info.num_inputs; ++k) {
        std::string candidate = info.inputs[k].name;
        if (value.compare(0, candidate.size() + 1, candidate + "=") == 0) best = std::max(best, candidate.size());
      }
      if (best == 0) {
        if (info.num_inputs == 0) return fail(1, "--input " + value + ": the model has no inputs");
        std::string names;
        for (std::size_t k = 0; k < info.num_inputs; ++k)
          names += (k != 0 ? ", " : "") + std::string(info.inputs[k].name);
        return fail(1, "--input " + value + " names no input of the model; write NAME=VALUE with one of: " + names);
      }
      options.inputs.emplace_back(value.substr(0, best), value.substr(best + 1));
    } else if (name == "--dim") {
      std::size_t equals = value.rfind('='), found = info.num_sizes;
      for (std::size_t k = 0; k < info.num_sizes; ++k)
        if (equals != std::string::npos && value.compare(0, equals, info.size_names[k]) == 0) found = k;
      if (found == info.num_sizes) return fail(1, "--dim " + value + " names no size of this program; see --help");
      if (!parse_number(value.substr(equals + 1), number) || number < 1 || number > 1e9 || number != std::floor(number))
        return fail(1, "--dim " + value + ": not a size");
      options.sizes[found] = static_cast<std::size_t>(number);
    } else if (name == "--output-dir") {
      options.output_dir = value;
    } else if (!parse_number(value, number) || !(number >= 0) || number > 1e18) {
      return fail(1, name + " " + value + ": not a number that makes sense here");
    } else if (name == "--random") {
      options.seed = static_cast<std::uint64_t>(number);
    } else if (name == "--seconds") {
      options.seconds = number;
    } else if (number > 1024 || number != std::floor(number)) {
      return fail(1, "--threads " + value + ": not a number of threads from 0 to 1024");
    } else {
      options.threads = number;
    }
  }
  return -1;
}

/// A small generator of random numbers (splitmix64): the same numbers everywhere.
struct random_numbers {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// Mean 0, variance 1.
  double normal() { return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(6.283185307179586 * uniform()); }
};

inline void fill_random(const tensor_info& info, tensor& t, random_numbers& random) {
  for (std::size_t i = 0, n = t.size(); i < n; ++i) {
    double value;
    if (info.has_range && is_real(info.type))
      value = info.low + (info.high - info.low) * random.uniform();
    else if (info.has_range)
      value = info.low + std::floor((info.high - info.low + 1) * random.uniform());
    else
      value = is_real(info.type) ? random.normal() : static_cast<double>(random.next() & 1);
    set_element(t, i, value);
  }
}

inline bool ends_with(const std::string& text, const char* suffix) {
  std::size_t length = std::strlen(suffix);
  return text.size() >= length && text.compare(text.size() - length, length, suffix) == 0;
}

/// The tensor in a .npy or .pb file. Returns what is wrong, or an empty text.
inline std::string read_tensor(const std::string& value, tensor& found) {
  bool npy = ends_with(value, ".npy");
  if (!npy && !ends_with(value, ".pb")) return "'" + value + "' is neither a number nor a .npy or .pb file";
  std::vector<unsigned char> file;
  if (!read_file(value, file)) return "cannot read '" + value + "'";
  std::string problem = npy ? parse_npy(file, found) : parse_tensor_proto(file, found);
  return problem.empty() ? problem : "'" + value + "' " + problem;
}

/// Gives sizes that are not known yet those of the files that are inputs.
inline std::string take_sizes(const model_info& info, const tensor_info& input, const std::string& value,
                              std::vector<std::size_t>& sizes) {
  double number;
  if (info.num_sizes == 0 || parse_number(value, number)) return {};
  tensor found;
  if (std::string problem = read_tensor(value, found); !problem.empty()) return problem;
  for (std::size_t d = 0; d < input.sizes.size() && d < found.shape.size(); ++d)
    if (input.sizes[d] >= 0 && sizes[static_cast<std::size_t>(input.sizes[d])] == unknown_size)
      sizes[static_cast<std::size_t>(input.sizes[d])] = found.shape[d];
  return {};
}

/// One input from a file or a number. Returns what is wrong, or an empty text.
inline std::string read_input(const tensor_info& info, const std::string& value, tensor& t) {
  double number;
  if (parse_number(value, number)) {
    if (!fits(info.type, number)) return value + " is not a value of type " + element_name(info.type);
    for (std::size_t i = 0, n = t.size(); i < n; ++i) set_element(t, i, number);
    return {};
  }
  tensor found;
  if (std::string problem = read_tensor(value, found); !problem.empty()) return problem;
  if (found.type != info.type || found.shape != info.shape)
    return "'" + value + "' holds " + element_name(found.type) + describe_shape(found.shape) + " but the input is " +
           info.describe();
  t.bytes = found.bytes;
  return {};
}

inline void print_summary(const tensor_info& info, const tensor& t) {
  double low = 0, high = 0, sum = 0;
  std::size_t n = t.size();
  for (std::size_t i = 0; i < n; ++i) {
    double value = element_value(t, i);
    low = i == 0 || value < low ? value : low;
    high = i == 0 || value > high ? value : high;
    sum += value;
  }
  std::printf("%s %s  min %.6g  max %.6g  mean %.6g  [", info.name, info.describe().c_str(), low, high,
              n != 0 ? sum / static_cast<double>(n) : 0);
  for (std::size_t i = 0; i < n && i < 8; ++i) std::printf(i != 0 ? ", %.6g" : "%.6g", element_value(t, i));
  std::printf(n > 8 ? ", ...]\n" : "]\n");
}

/// Runs for about `seconds` (at most a million times) after a warm-up and prints the time per run.
inline bool benchmark(const model_info& info, void* const* inputs, void* const* outputs, const main_options& options) {
  using clock = std::chrono::steady_clock;
  auto since = [](clock::time_point start) {
    return std::chrono::duration<double, std::micro>(clock::now() - start).count();
  };
  clock::time_point begin = clock::now();
  double warm_up = std::min(options.seconds * 0.2, 0.5) * 1e6;
  int warm_runs = 0;
  do {
    if (!info.run(info.model, options.sizes.data(), inputs, outputs)) return false;
  } while (++warm_runs < 3 || since(begin) < warm_up);
  std::vector<float> times;
  times.reserve(1 << 20);
  begin = clock::now();
  do {
    clock::time_point start = clock::now();
    if (!info.run(info.model, options.sizes.data(), inputs, outputs)) return false;
    float time = static_cast<float>(since(start));
    times.push_back(time);
  } while ((since(begin) < options.seconds * 1e6 && times.size() < times.capacity()) || times.size() < 5);
  std::size_t n = times.size();
  std::sort(times.begin(), times.end());
  double median = n % 2 != 0 ? times[n / 2] : (times[n / 2 - 1] + times[n / 2]) / 2;
  double p99 = times[std::min(n - 1, n * 99 / 100)];
  if (options.json)
    std::printf("{\"median_us\": %.3f, \"min_us\": %.3f, \"p99_us\": %.3f, \"iterations\": %zu}\n", median,
                static_cast<double>(times[0]), p99, n);
  else
    std::printf("median %.3f us  min %.3f us  p99 %.3f us  (%zu runs)\n", median, static_cast<double>(times[0]), p99,
                n);
  return true;
}

/// Runs the model, with more room for the outputs whose shapes it finds where that is too small, and gives them those
/// shapes.
inline bool run_and_find(const model_info& info, const main_options& options, std::vector<tensor_info>& output_infos,
                         std::vector<tensor>& outputs, void* const* inputs, std::vector<void*>& output_pointers) {
  while (true) {
    bool done = info.run(info.model, options.sizes.data(), inputs, output_pointers.data());
    if (info.found == nullptr) return done;
    std::vector<std::vector<std::size_t>> shapes(outputs.size());
    info.found(info.model, shapes.data());
    bool has_grown = false;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!output_infos[i].is_found) continue;
      output_infos[i].shape = outputs[i].shape = shapes[i];
      std::size_t count = 1;
      for (std::size_t extent : shapes[i]) count *= extent;
      if (!done && count > info.room[i]) {
        info.room[i] = count;
        has_grown = true;
      }
      outputs[i].bytes.resize((done ? count : info.room[i]) * element_bytes(outputs[i].type));
      output_pointers[i] = outputs[i].bytes.data();
    }
    if (done || !has_grown) return done;
  }
}

/// The program.
inline int run_main(int argc, char** argv, const model_info& given) {
  main_options options;
  if (int status = parse_options(argc, argv, given, options); status >= 0) return status;
  if (given.error[0] != '\0') return fail(2, given.error);
  if (given.set_threads == nullptr && options.threads > 1)
    std::fprintf(stderr, "note: --threads %.0f: this program uses one thread\n", options.threads);
  if (given.set_threads != nullptr && options.threads != 1 &&
      !given.set_threads(given.model, static_cast<std::size_t>(options.threads)))
    return fail(2, given.error);
  // The tensors of this run: with the sizes that files or options give.
  std::vector<tensor_info> input_infos(given.inputs, given.inputs + given.num_inputs),
      output_infos(given.outputs, given.outputs + given.num_outputs);
  model_info info = given;
  info.inputs = input_infos.data();
  info.outputs = output_infos.data();
  if (info.num_sizes != 0) {
    for (const tensor_info& input : input_infos)
      for (const auto& value : options.inputs)
        if (value.first == input.name)
          if (std::string problem = take_sizes(info, input, value.second, options.sizes); !problem.empty())
            return fail(2, "input '" + std::string(input.name) + "': " + problem);
    for (std::size_t& size : options.sizes)
      if (size == unknown_size) size = 1;
    std::vector<std::vector<std::size_t>> shapes(info.num_inputs + info.num_outputs);
    info.shapes(options.sizes.data(), shapes.data(), shapes.data() + info.num_inputs);
    for (std::size_t i = 0; i < info.num_inputs; ++i) input_infos[i].shape = shapes[i];
    for (std::size_t i = 0; i < info.num_outputs; ++i) output_infos[i].shape = shapes[info.num_inputs + i];
  }
  if (info.room != nullptr) {
    info.capacities(options.sizes.data(), info.room);
    constexpr std::size_t first_guess = 4096;
    for (std::size_t i = 0; i < info.num_outputs; ++i)
      if (output_infos[i].is_found) {
        if (info.room[i] == unknown_size) info.room[i] = first_guess;
        output_infos[i].shape = {info.room[i]};
      }
  }
  auto make = [](const tensor_info& from) {
    tensor t;
    t.type = from.type;
    t.shape = from.shape;
    std::size_t count = 1;
    for (std::size_t extent : from.shape) count *= extent;
    // One more, so that an empty tensor has an address too.
    t.bytes.reserve(count * element_bytes(from.type) + 64);
    t.bytes.resize(count * element_bytes(from.type));
    return t;
  };
  std::vector<tensor> inputs, outputs;
  std::vector<void*> input_pointers, output_pointers;
  random_numbers random{options.seed};
  for (std::size_t i = 0; i < info.num_inputs; ++i) {
    inputs.push_back(make(info.inputs[i]));
    const std::string* value = nullptr;
    for (const auto& given : options.inputs)
      if (given.first == info.inputs[i].name) value = &given.second;
    if (value == nullptr) {
      fill_random(info.inputs[i], inputs.back(), random);
    } else {
      std::string problem = read_input(info.inputs[i], *value, inputs.back());
      if (!problem.empty()) return fail(2, "input '" + std::string(info.inputs[i].name) + "': " + problem);
    }
  }
  for (std::size_t i = 0; i < info.num_outputs; ++i) outputs.push_back(make(info.outputs[i]));
  for (tensor& t : inputs) input_pointers.push_back(t.bytes.data());
  for (tensor& t : outputs) output_pointers.push_back(t.bytes.data());

  if (!run_and_find(info, options, output_infos, outputs, input_pointers.data(), output_pointers))
    return fail(2, std::string("the model does not run") + (info.error[0] != '\0' ? ": " : "") + info.error);
  if (options.benchmark)
    return benchmark(info, input_pointers.data(), output_pointers.data(), options) ? 0
                                                                                   : fail(2, "the model does not run");
  if (options.profile) return info.profile(info.model) ? 0 : fail(2, info.error);
  for (std::size_t i = 0; i < info.num_outputs; ++i) {
    print_summary(info.outputs[i], outputs[i]);
    if (options.output_dir.empty()) continue;
    std::error_code ignored;  // writing reports what is wrong
    std::filesystem::create_directories(options.output_dir, ignored);
    std::string path = options.output_dir + "/" + info.outputs[i].file;
    if (!write_npy(path, outputs[i])) return fail(2, "cannot write '" + path + "'");
  }
  return 0;
}

}  // namespace m2crt
