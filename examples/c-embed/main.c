/* The gait's phase from one pose, by the generated C functions deepphase_... */
#include <deepphase.h>

#include <math.h>
#include <stdio.h>

int main(void) {
  deepphase_model *model = deepphase_create();
  float pose[DEEPPHASE_MOTION_INPUT_SIZE], phase[DEEPPHASE_PHASE_OUTPUT_SIZE];
  for (size_t i = 0; i < DEEPPHASE_MOTION_INPUT_SIZE; ++i)
    pose[i] = sinf(0.1f * (float)i);
  if (!model || deepphase_run(model, pose, DEEPPHASE_MOTION_INPUT_SIZE, phase, DEEPPHASE_PHASE_OUTPUT_SIZE) != 0) {
    fprintf(stderr, "%s\n", model ? deepphase_error(model) : "out of memory");
    return 1;
  }
  printf("phase %g %g\n", phase[0], phase[1]);

  /* A wrong size is refused, not read beyond. */
  if (deepphase_run(model, pose, 7, phase, DEEPPHASE_PHASE_OUTPUT_SIZE) == 0)
    return 1;
  printf("refused: %s\n", deepphase_error(model));
  deepphase_destroy(model);
  return 0;
}
