// The sentiment of each argument, by an LSTM over its characters.
#include <sentiment.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace {

using Characters = std::array<std::int64_t, sentiment::Model::characters_size>;

/// The last characters of `text` as indices into the model's alphabet, zeros in front. What is not in it is a space.
Characters encode(std::string_view text) {
  constexpr std::string_view alphabet = " abcdefghijklmnopqrstuvwxyz'";
  Characters characters{};
  std::size_t count = std::min(text.size(), characters.size());
  std::transform(text.end() - count, text.end(), characters.end() - count, [&](unsigned char c) {
    std::size_t index = alphabet.find(static_cast<char>(std::tolower(c)));
    return index == alphabet.npos ? 0 : static_cast<std::int64_t>(index);
  });
  return characters;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s TEXT...\n", argv[0]);
    return 1;
  }
  sentiment::Model model;
  std::array<float, sentiment::Model::score_size> score;
  if (!model.run(encode(""), score)) { // the first run warms the caches
    std::fprintf(stderr, "%s\n", model.error());
    return 1;
  }
  for (int i = 1; i < argc; ++i) {
    Characters characters = encode(argv[i]);
    auto start = std::chrono::steady_clock::now();
    if (!model.run(characters, score)) {
      std::fprintf(stderr, "%s\n", model.error());
      return 1;
    }
    std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    std::printf("%s %.3f  %s  (%.1f us)\n", score[0] > 0.5f ? "positive" : "negative", score[0], argv[i], time.count());
  }
  return 0;
}
