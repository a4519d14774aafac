// The gait's phase from one pose, by the generated class deepphase::Model.
#include <deepphase.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  // The instance's memory can be the caller's: its size is a constant.
  alignas(64) static std::array<unsigned char, deepphase::Model::arena_bytes> arena;
  deepphase::Model model(arena.data(), arena.size());

  std::vector<float> pose(deepphase::Model::motion_input_size);
  for (std::size_t i = 0; i < pose.size(); ++i)
    pose[i] = std::sin(0.1f * static_cast<float>(i));
  std::array<float, deepphase::Model::phase_output_size> phase;
  if (!model.run(pose, phase)) {
    std::fprintf(stderr, "%s\n", model.error());
    return 1;
  }
  std::printf("phase %g %g\n", phase[0], phase[1]);

  pose.pop_back(); // a wrong size is refused, not read beyond
  if (model.run(pose, phase))
    return 1;
  std::printf("refused: %s\n", model.error());
  return 0;
}
