"""A sentiment classifier over characters, trained here: an embedding, one LSTM, a sigmoid. Its sentences come from the
short templates and word lists below; the seeds are fixed. Takes about a minute."""
import itertools

import numpy as np

from models.graph import INT64

LENGTH = 48
ALPHABET = " abcdefghijklmnopqrstuvwxyz'"  # index 0 pads in front; other characters count as spaces

GOOD = "good great lovely wonderful excellent brilliant funny beautiful charming perfect superb delightful fantastic nice"
BAD = "bad awful terrible boring horrible dreadful ugly dull stupid weak poor disappointing annoying miserable"
LIKE = "love like enjoy adore"
HATE = "hate dislike despise detest"
FILLERS = ["well ", "honestly ", "to be fair ", "last night ", "i must say that ", "in the end ", "as my friend said ", "and "]
THINGS = "film movie story book song acting music play ending plot show cast food place"

# {g} a good word, {b} a bad one, {l} likes, {h} hates, {t} a thing.
POSITIVE = ["the {t} was {g}", "a {g} {t}", "i {l} this {t}", "we {l} the {t}", "what a {g} {t}", "this {t} is really {g}",
            "the {t} was not {b}", "this is not a {b} {t}", "never {b}", "i {l} it", "it is {g}", "such a {g} {t}",
            "the {t} was {g} and {g2}", "very {g}", "i do not {h} this {t}", "not {b} at all", "{g}"]
NEGATIVE = ["the {t} was {b}", "a {b} {t}", "i {h} this {t}", "we {h} the {t}", "what a {b} {t}", "this {t} is really {b}",
            "the {t} was not {g}", "this is not a {g} {t}", "never {g}", "i {h} it", "it is {b}", "such a {b} {t}",
            "the {t} was {b} and {b2}", "very {b}", "i do not {l} this {t}", "not {g} at all", "{b}"]


def sentences(random, per_template):
    """Sentences and whether each is positive. Half of them begin with words that mean nothing."""
    words = {"g": GOOD, "b": BAD, "l": LIKE, "h": HATE, "t": THINGS, "g2": GOOD, "b2": BAD}
    for template, label in itertools.chain(zip(POSITIVE, itertools.repeat(1)), zip(NEGATIVE, itertools.repeat(0))):
        for _ in range(per_template):
            text = template.format(**{key: random.choice(text.split()) for key, text in words.items()})
            for _ in range(random.integers(2) * random.integers(1, 4)):
                text = random.choice(FILLERS) + text
            yield text, label


def encode(text):
    """The last LENGTH characters as indices, zeros in front."""
    indices = [max(ALPHABET.find(c), 0) for c in text.lower()][-LENGTH:]
    return [0] * (LENGTH - len(indices)) + indices


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Classifier:
    """The network and its gradient, by hand. Gates are in ONNX's order: input, output, forget, cell."""

    def __init__(self, random, embed, hidden):
        self.hidden = hidden
        normal = lambda spread, *shape: random.normal(0, spread, shape).astype(np.float32)
        self.weights = {"table": normal(0.5, len(ALPHABET), embed), "W": normal(embed**-0.5, 4 * hidden, embed),
                        "R": normal(hidden**-0.5, 4 * hidden, hidden), "b": np.zeros(4 * hidden, np.float32),
                        "v": normal(hidden**-0.5, 1, hidden), "c": np.zeros(1, np.float32)}
        self.weights["b"][2 * hidden:3 * hidden] = 1  # remember at first

    def forward(self, tokens):
        w, n = self.weights, self.hidden
        h = c = np.zeros((len(tokens), n), np.float32)
        steps = []
        for column in tokens.T:
            x = w["table"][column]
            gates = x @ w["W"].T + h @ w["R"].T + w["b"]
            i, o, f = (sigmoid(gates[:, k * n:(k + 1) * n]) for k in range(3))
            u = np.tanh(gates[:, 3 * n:])
            before, c = c, f * c + i * u
            steps.append((column, x, h, before, i, o, f, u, np.tanh(c)))
            h = o * steps[-1][-1]
        return sigmoid(h @ w["v"].T + w["c"])[:, 0], h, steps

    def gradient(self, tokens, labels):
        """Of the mean cross entropy, by back-propagation through time."""
        w, (score, h, steps) = self.weights, self.forward(tokens)
        gradient = {key: np.zeros_like(value) for key, value in w.items()}
        error = ((score - labels) / len(labels))[:, None].astype(np.float32)
        gradient["v"], gradient["c"] = error.T @ h, error.sum(0)
        dh, dc = error @ w["v"], 0
        for column, x, before_h, before_c, i, o, f, u, t in reversed(steps):
            dc = dc + dh * o * (1 - t * t)
            gates = np.hstack([dc * u * i * (1 - i), dh * t * o * (1 - o), dc * before_c * f * (1 - f), dc * i * (1 - u * u)])
            gradient["W"] += gates.T @ x
            gradient["R"] += gates.T @ before_h
            gradient["b"] += gates.sum(0)
            np.add.at(gradient["table"], column, gates @ w["W"])
            dh, dc = gates @ w["R"], dc * f
        return gradient

    def train(self, tokens, labels, random, epochs, batch=64, rate=4e-3):
        """Adam with the gradient clipped; the rate falls to zero."""
        mean, square = ({key: np.zeros_like(value) for key, value in self.weights.items()} for _ in range(2))
        steps = epochs * (len(tokens) // batch)
        for step in range(steps):
            chosen = random.choice(len(tokens), batch, replace=False)
            gradient = self.gradient(tokens[chosen], labels[chosen])
            norm = np.sqrt(sum(float((g * g).sum()) for g in gradient.values()))
            for key, g in gradient.items():
                g = g / max(norm, 1)
                mean[key] = 0.9 * mean[key] + 0.1 * g
                square[key] = 0.99 * square[key] + 0.01 * g * g
                m, s = mean[key] / (1 - 0.9 ** (step + 1)), square[key] / (1 - 0.99 ** (step + 1))
                self.weights[key] -= (rate * (1 - step / steps) * m / (np.sqrt(s) + 1e-8)).astype(np.float32)


def sentiment_lstm(g, embed=12, hidden=40, per_template=80, epochs=40):
    texts, labels = zip(*sentences(g.random, per_template))
    model = Classifier(g.random, embed, hidden)
    model.train(np.array([encode(text) for text in texts]), np.array(labels, np.float32), g.random, epochs)
    w = model.weights

    tokens = g.input("characters", [1, LENGTH], INT64, below=len(ALPHABET))
    x = g.Transpose(g.Gather(g.initializer("embedding", w["table"]), tokens), perm=[1, 0, 2])
    with g.scope("lstm"):
        bias = np.concatenate([w["b"], np.zeros_like(w["b"])])
        state = g.LSTM(x, g.initializer("W", w["W"][None]), g.initializer("R", w["R"][None]), g.initializer("B", bias[None]),
                       outputs=2, hidden_size=hidden)[1]
    with g.scope("classifier"):
        x = g.Gemm(g.Squeeze(state, g.ints(0)), g.initializer("weight", w["v"]), g.initializer("bias", w["c"]), transB=1)
    g.output(g.Sigmoid(x), "score", [1, 1])
