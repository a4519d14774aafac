// Three models in one program.
#include "one.h"
#include "three.h"
#include "two.h"

#include <cstdio>
#include <vector>

int main() {
  one::Model first;
  two::Model second;
  three::Model third;
  std::vector<float> in1(one::Model::input_size, 0.5f), out1(one::Model::output_size);
  std::vector<float> in2(two::Model::input_size, 0.5f), out2(two::Model::output_size);
  std::vector<float> in3(three::Model::input_size, 0.5f), out3(three::Model::output_size);
  if (!first.run(in1, out1) || !second.run(in2, out2) || !third.run(in3, out3))
    return 1;
  std::puts("one, two and three ran");
  return 0;
}
