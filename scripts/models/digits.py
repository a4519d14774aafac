"""A multilayer perceptron that reads digits of 5 x 7 dots. Nothing is trained by steps: the first layer is random, the
second is solved by least squares, so it is done in a moment."""
import numpy as np

WIDTH, HEIGHT = 5, 7
DIGITS = """
.###.  ..#..  .###.  .###.  ...#.  #####  .###.  #####  .###.  .###.
#...#  .##..  #...#  #...#  ..##.  #....  #....  ....#  #...#  #...#
#..##  ..#..  ....#  ....#  .#.#.  ####.  #....  ...#.  #...#  #...#
#.#.#  ..#..  ...#.  ..##.  #..#.  ....#  ####.  ..#..  .###.  .####
##..#  ..#..  ..#..  ....#  #####  ....#  #...#  .#...  #...#  ....#
#...#  ..#..  .#...  #...#  ...#.  #...#  #...#  .#...  #...#  ....#
.###.  .###.  #####  .###.  ...#.  .###.  .###.  .#...  .###.  .###.
"""


def digits():
    """The ten digits as rows of 0 and 1, [10, 35]."""
    lines = [line.split() for line in DIGITS.split("\n") if line]
    return np.array([[dot == "#" for line in lines for dot in line[digit]] for digit in range(10)], np.float64)


def solve(random, hidden, samples, noise=0.25):
    """Weights of both layers: the second one gives the labels of digits with noise, in the least squares."""
    labels = np.tile(np.arange(10), samples // 10)
    dots = digits()[labels] + random.normal(0, noise, (len(labels), WIDTH * HEIGHT))
    first, bias = random.normal(0, 0.3, (hidden, WIDTH * HEIGHT)), random.normal(0, 0.3, hidden)
    features = np.maximum(dots @ first.T + bias, 0)
    features = np.hstack([features, np.ones((len(labels), 1))])
    second = np.linalg.lstsq(features, 2.0 * np.eye(10)[labels] - 1, rcond=None)[0]
    return first, bias, second[:-1].T, second[-1]


def digit_mlp(g, hidden=48, samples=4000):
    first, bias, second, offset = solve(g.random, hidden, samples)
    x = g.input("dots", [1, WIDTH * HEIGHT])
    for i, (weight, shift) in enumerate(((first, bias), (second, offset))):
        with g.scope(f"layer{i}"):
            x = g.Gemm(x, g.initializer("weight", weight.astype(np.float32)),
                       g.initializer("bias", shift.astype(np.float32)), transB=1)
        x = g.Relu(x) if i == 0 else x
    g.output(x, "scores", [1, 10])
