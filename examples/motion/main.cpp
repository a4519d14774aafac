// Motion synthesis with six models in one program: a walking character at 60 frames a second.
//
//   pose, 22 joints x 6     -> deepphase           the phase of the gait
//   the last second         -> style encoder       how the character walks
//   pose, target, style     -> transition network  the pose to move towards
//   style                   -> style decoder       a second of motion in that style
//   state of the physics    -> actor and critic    torques, and how well it goes
//
// The weights are seeded, not trained, so the numbers mean nothing; the work done is that of the real models.
#include "deepmimic_actor.h"
#include "deepmimic_critic.h"
#include "deepphase.h"
#include "stylevae_decoder.h"
#include "stylevae_encoder.h"
#include "transitionnet.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr int kFrames = 600, kRate = 60, kJoints = 22, kWindow = 60, kFeatures = 73;
using Pose = std::array<float, kJoints * 6>;

/// Positions and velocities of the joints of someone who walks 1.8 steps a second: the limbs swing against each other.
Pose walk(double seconds) {
  Pose pose;
  for (int joint = 0; joint < kJoints; ++joint) {
    double side = joint % 2 ? 1 : -1, reach = 0.1 + 0.04 * (joint % 5), speed = 2 * 3.14159265 * 0.9;
    double angle = speed * seconds + (side > 0 ? 0 : 3.14159265) + 0.2 * joint;
    float *out = &pose[joint * 6];
    out[0] = static_cast<float>(side * 0.2);
    out[1] = static_cast<float>(0.08 * joint + 0.03 * std::cos(2 * angle));
    out[2] = static_cast<float>(reach * std::sin(angle));
    out[3] = 0;
    out[4] = static_cast<float>(-0.06 * speed * std::sin(2 * angle));
    out[5] = static_cast<float>(reach * speed * std::cos(angle));
  }
  return pose;
}

/// The times that one model took.
struct Clock {
  const char *name;
  std::vector<double> microseconds;

  template <class Run>
  void time(Run run) {
    auto start = std::chrono::steady_clock::now();
    bool ok = run();
    microseconds.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    if (!ok) {
      std::fprintf(stderr, "%s failed\n", name);
      std::exit(1);
    }
  }
  double median() {
    std::nth_element(microseconds.begin(), microseconds.begin() + microseconds.size() / 2, microseconds.end());
    return microseconds[microseconds.size() / 2];
  }
};

class Character {
public:
  /// One frame: all six models, each timed.
  void step(int frame) {
    pose = walk(static_cast<double>(frame) / kRate);
    Pose target = walk(static_cast<double>(frame + 15) / kRate);
    std::rotate(window.begin(), window.begin() + kFeatures, window.end());
    std::copy_n(pose.begin(), kFeatures, window.end() - kFeatures);

    pipeline.time([&] {
      clocks[0].time([&] { return phaseModel.run(pose, phase); });
      clocks[1].time([&] { return encoder.run(window, style, styleSpread); });
      clocks[2].time([&] { return transition.run(pose, target, style, next); });
      clocks[3].time([&] { return decoder.run(style, motion); });
      std::copy(next.begin(), next.end(), state.begin());
      std::copy(phase.begin(), phase.end(), state.begin() + next.size());
      clocks[4].time([&] { return actor.run(state, action); });
      clocks[5].time([&] { return critic.run(state, value); });
      return true;
    });
  }

  void print(int frame) const {
    double angle = std::atan2(phase[1], phase[0]) * 180 / 3.14159265, torque = 0;
    for (float a : action)
      torque += std::abs(a);
    std::printf("%7.2f s   %7.1f deg   %8.4f   %8.4f   %8.4f\n", static_cast<double>(frame) / kRate, angle, next[8],
                torque / action.size(), value[0]);
  }

  Clock pipeline{"all six", {}};
  std::array<Clock, 6> clocks{{{"deepphase", {}},
                               {"stylevae_encoder", {}},
                               {"transitionnet", {}},
                               {"stylevae_decoder", {}},
                               {"deepmimic_actor", {}},
                               {"deepmimic_critic", {}}}};

private:
  deepphase::Model phaseModel;
  stylevae_encoder::Model encoder;
  stylevae_decoder::Model decoder;
  transitionnet::Model transition;
  deepmimic_actor::Model actor;
  deepmimic_critic::Model critic;

  Pose pose{};
  std::array<float, 2> phase{};
  std::vector<float> window = std::vector<float>(kWindow * kFeatures);
  std::array<float, 256> style{}, styleSpread{};
  std::array<float, 132> next{};
  std::vector<float> motion = std::vector<float>(kWindow * kFeatures);
  std::array<float, 197> state{};
  std::array<float, 36> action{};
  std::array<float, 1> value{};
};

} // namespace

/// motion [FILE]: runs ten seconds; writes the median times to FILE, a line "model microseconds" each.
int main(int argc, char **argv) {
  static Character character;
  std::printf("     time           phase   next pose     torque      value\n");
  for (int frame = 0; frame < kFrames; ++frame) {
    character.step(frame);
    if (frame % (kFrames / 10) == 0)
      character.print(frame);
  }
  std::FILE *file = argc > 1 ? std::fopen(argv[1], "w") : stdout;
  if (!file)
    return 1;
  for (Clock &clock : character.clocks)
    std::fprintf(file, "%s %.3f\n", clock.name, clock.median());
  std::fprintf(file, "%s %.3f\n", "pipeline", character.pipeline.median());
  return 0;
}
