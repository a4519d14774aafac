// The arguments and the arena of the model mlp. The macros choose what must not compile.
#include <cstdio>
#include <cstring>

#include "mlp.h"

alignas(64) static unsigned char arena[mlp::Model::arena_bytes + 64];

#if defined(DOUBLES)
static double input[1][mlp::Model::input_size / 2];
#else
static const float input[1][mlp::Model::input_size] = {};
#endif
#if defined(CONSTANT)
static const float output[mlp::Model::output_size] = {};
#else
static float output[mlp::Model::output_size];
#endif

int main() {
  mlp::Model model(arena, sizeof arena);
  if (!model.run(input, output))
    return std::puts(model.error()), 1;
  mlp::Model crooked(arena + 4, sizeof arena - 4);
  if (crooked.ok() || std::strstr(crooked.error(), "which is no multiple of 64") == nullptr)
    return 2;
  return 0;
}
