/* Two generated models in one C program. */
#include "beside.h"
#include "inside.h"

#include <stdio.h>
#include <string.h>

int main(void) {
  float x[INSIDE_X_SIZE] = {3}, y[INSIDE_Y_1_SIZE] = {0}, z[BESIDE_Y_1_SIZE] = {0};
  inside_model *inside = inside_create(), *second = inside_create();
  beside_model *beside = beside_create(), *lost = beside_create_with(NULL, 0, "nowhere.weights");
  int errors = 0;
  if (strcmp(beside_error(beside), "") != 0) {
    printf("%s\n", beside_error(beside));
    return 1;
  }
  errors += inside_run(inside, x, 1, y, 1) != 0 || y[0] != 900000.0f;
  inside_destroy(inside);
  y[0] = 0;
  errors += inside_run(second, x, 1, y, 1) != 0 || y[0] != 900000.0f;
  errors += beside_run(beside, x, 1, z, 1) != 0 || z[0] != 900000.0f;
  /* Weights are there already, so nobody looks for the other file. */
  errors += beside_run(lost, x, 1, z, 1) != 0;
  errors += inside_run(second, x, 2, y, 1) == 0;
  errors += strcmp(inside_error(second), "x has 2 elements but needs 1") != 0;
  beside_destroy(beside);
  beside_destroy(lost);
  inside_destroy(second);
  lost = beside_create_with(NULL, 0, "nowhere.weights");
  errors += strcmp(beside_error(lost), "cannot open the weights file 'nowhere.weights'") != 0;
  errors += beside_run(lost, x, 1, z, 1) == 0;
  beside_destroy(lost);
  if (errors != 0)
    printf("%d errors: y = %g, z = %g\n", errors, y[0], z[0]);
  return errors != 0;
}
