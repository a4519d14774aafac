// A talking face: a stream of frames through one instance of a UNet. Each frame takes two pictures (one to complete,
// one for reference) and a window of audio features, and gives the finished picture.
//
//   lipsync [FRAMES [FILE.ppm]]    the last frame goes to the file
//
// Pictures and sound are made up and the weights are seeded, not trained: the work done is real, the face is not.
#include <lipsync.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using lipsync::Model;
constexpr auto visual = Model::visual_input_shape, audio = Model::audio_input_shape, output = Model::output_shape;

/// A picture of three colours, drawn twice: without its lower half, and whole.
void draw(int frame, std::vector<float> &image) {
  std::size_t height = visual[2], width = visual[3];
  for (std::size_t channel = 0; channel < visual[1]; ++channel)
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x) {
        bool masked = channel < 3 && y >= height / 2;
        double shade = 0.5 + 0.5 * std::sin(0.07 * (1 + channel % 3) * x + 0.05 * y + 0.1 * frame);
        image[(channel * height + y) * width + x] = masked ? 0 : static_cast<float>(shade);
      }
}

/// A window of sound around the frame: bands that swell and fade.
void listen(int frame, std::vector<float> &features) {
  for (std::size_t i = 0; i < features.size(); ++i)
    features[i] = static_cast<float>(std::sin(0.3 * frame + 0.02 * i));
}

bool writePpm(const char *path, const std::vector<float> &image) {
  std::FILE *file = std::fopen(path, "wb");
  if (!file)
    return false;
  std::size_t pixels = output[2] * output[3];
  std::fprintf(file, "P6\n%zu %zu\n255\n", output[3], output[2]);
  for (std::size_t pixel = 0; pixel < pixels; ++pixel)
    for (std::size_t channel = 0; channel < 3; ++channel)
      std::fputc(static_cast<int>(std::lround(255 * image[channel * pixels + pixel])), file);
  return std::fclose(file) == 0;
}

} // namespace

int main(int argc, char **argv) {
  int frames = argc > 1 ? std::atoi(argv[1]) : 100;
  if (frames < 1) {
    std::fprintf(stderr, "usage: %s [FRAMES [FILE.ppm]]\n", argv[0]);
    return 1;
  }
  Model model; // all its memory is taken here; a frame allocates nothing
  std::vector<float> image(Model::visual_input_size), features(Model::audio_input_size), face(Model::output_size);
  double slowest = 0, total = 0;
  for (int frame = 0; frame < frames; ++frame) {
    draw(frame, image);
    listen(frame, features);
    auto start = std::chrono::steady_clock::now();
    if (!model.run(image, features, face)) {
      std::fprintf(stderr, "%s\n", model.error());
      return 1;
    }
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    total += seconds;
    slowest = std::max(slowest, seconds);
  }
  std::printf("%d frames of %zu x %zu, %zu KB of memory\n", frames, output[3], output[2], Model::arena_bytes / 1024);
  std::printf("%.1f fps, slowest frame %.2f ms\n", frames / total, 1e3 * slowest);
  if (argc > 2 && !writePpm(argv[2], face)) {
    std::fprintf(stderr, "cannot write %s\n", argv[2]);
    return 1;
  }
  return 0;
}
