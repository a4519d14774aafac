"""Writes models of ai.onnx.ml's operators with outputs from naive NumPy: DIR/<case>/. The formulas are those of onnx's
documentation, with onnxruntime's reading of what that leaves open (scores of two classes)."""
import os
import sys

import numpy as np

from cases import node, write_case

ML = "ai.onnx.ml"
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def ml(op, inputs, outputs, **attributes):
    return node(op, inputs, outputs, domain=ML, **attributes)


def normal(*shape, seed=0):
    return np.random.default_rng(seed + sum(shape)).normal(size=shape).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def softmax(x):
    e = np.exp(x.astype(np.float64) - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def floats(**values):
    return {k: np.asarray(v, np.float32) for k, v in values.items()}


# ---- preparation of features


@case
def features():
    x, i = normal(7, 4), np.arange(28).reshape(7, 4) % 5
    missing = x.copy()
    missing[::2, 1] = np.nan
    nodes = [
        ml("Scaler", "x", "scaled", offset=[1.0, 2.0, 3.0, 4.0], scale=[0.5, 2.0, 1.0, -1.0]),
        ml("Scaler", "i", "scaled_integers", offset=[1.0], scale=[0.25]),
        ml("Normalizer", "x", "l1", norm="L1"), ml("Normalizer", "x", "l2", norm="L2"),
        ml("Normalizer", "x", "max", norm="MAX"),
        ml("Imputer", "missing", "imputed", imputed_value_floats=[1.0, 2.0, 3.0, 4.0], replaced_value_float=float("nan")),
        ml("Imputer", "i", "imputed_integers", imputed_value_int64s=[-7], replaced_value_int64=3),
        ml("Binarizer", "x", "binary", threshold=0.25),
        ml("ArrayFeatureExtractor", "x columns", "extracted"),
        ml("FeatureVectorizer", "x scaled", "joined", inputdimensions=[4, 4]),
        ml("OneHotEncoder", "i", "one_hot", cats_int64s=[0, 3, 4]),
    ]
    outputs = floats(
        scaled=(x - [1, 2, 3, 4]) * [0.5, 2, 1, -1], scaled_integers=(i - 1) * 0.25,
        l1=x / np.abs(x).sum(1, keepdims=True), l2=x / np.sqrt((x * x).sum(1, keepdims=True)),
        max=x / np.abs(x).max(1, keepdims=True), imputed=np.where(np.isnan(missing), [1, 2, 3, 4], missing))
    outputs["imputed_integers"] = np.where(i == 3, -7, i)
    outputs.update(floats(binary=x > 0.25, extracted=x[:, [2, 0]], joined=np.concatenate([x, (x - [1, 2, 3, 4]) * [0.5, 2, 1, -1]], axis=1),
                          one_hot=i[:, :, None] == np.array([0, 3, 4])))
    return nodes, {"x": x, "i": i, "missing": missing}, {"columns": np.array([2, 0])}, outputs


@case
def labels():
    i = np.array([[5, -3, 8], [7, 5, 0]])
    x = np.array([1.5, np.nan, -2.0, 9.0], np.float32)
    nodes = [
        ml("LabelEncoder", "i", "a", keys_int64s=[8, 5, -3], values_floats=[0.5, 1.5, 2.5], default_float=-1.0),
        ml("LabelEncoder", "x", "b", keys_floats=[9.0, float("nan"), 1.5], values_int64s=[1, 2, 3], default_int64=42),
    ]
    table = {8: 0.5, 5: 1.5, -3: 2.5}
    a = np.vectorize(lambda k: table.get(k, -1.0))(i).astype(np.float32)
    return nodes, {"i": i, "x": x}, {}, {"a": a, "b": np.array([3, 2, 42, 1])}


# ---- linear models


@case
def linear():
    x, w, b = normal(6, 5), normal(3, 5, seed=1), normal(3, seed=2)
    flat = {"coefficients": w.ravel().tolist(), "intercepts": b.tolist()}
    one = {"coefficients": w[0].tolist(), "intercepts": [float(b[0])]}
    scores, two = x @ w.T + b, (x @ w[0] + b[0])[:, None]
    nodes = [
        ml("LinearRegressor", "x", "y", targets=3, **flat),
        ml("LinearClassifier", "x", "label logistic", classlabels_ints=[7, 3, 9], post_transform="LOGISTIC", **flat),
        ml("LinearClassifier", "x", "label2 soft", classlabels_ints=[0, 1, 2], post_transform="SOFTMAX", **flat),
        ml("LinearClassifier", "x", "label3 pair", classlabels_ints=[4, 6], post_transform="NONE", **one),
    ]
    outputs = {"y": scores, "label": np.array([7, 3, 9])[scores.argmax(1)], "logistic": sigmoid(scores).astype(np.float32),
               "label2": scores.argmax(1), "soft": softmax(scores).astype(np.float32),
               "label3": np.where(two[:, 0] > 0, 6, 4), "pair": np.concatenate([1 - two, two], axis=1)}
    return nodes, {"x": x}, {}, outputs


# ---- support vector machines


def kernel(kind, x, vectors, gamma, coef0, degree):
    product = x.astype(np.float64) @ vectors.astype(np.float64).T
    if kind == "RBF":
        return np.exp(-gamma * ((x[:, None] - vectors[None]).astype(np.float64) ** 2).sum(2))
    return {"LINEAR": product, "POLY": (gamma * product + coef0) ** degree, "SIGMOID": np.tanh(gamma * product + coef0)}[kind]


@case
def svm_regressor():
    x, vectors, coefficients = normal(5, 3), normal(4, 3, seed=1), normal(4, seed=2)
    nodes, outputs = [], {}
    for kind in ("LINEAR", "POLY", "RBF", "SIGMOID"):
        nodes.append(ml("SVMRegressor", "x", kind, kernel_type=kind, kernel_params=[0.5, 0.25, 3.0], n_supports=4,
                        coefficients=coefficients.tolist(), rho=[0.125], support_vectors=vectors.ravel().tolist()))
        y = kernel(kind, x, vectors, 0.5, 0.25, 3) @ coefficients + 0.125
        outputs[kind] = y[:, None].astype(np.float32)
    nodes.append(ml("SVMRegressor", "x", "inside", kernel_type="RBF", kernel_params=[0.5, 0.0, 0.0], n_supports=4, one_class=1,
                    coefficients=coefficients.tolist(), rho=[0.125], support_vectors=vectors.ravel().tolist()))
    outputs["inside"] = np.where(outputs["RBF"] > 0, 1, -1).astype(np.float32)
    return nodes, {"x": x}, {}, outputs


def couple(r, n):
    """Pairwise coupling by the iteration of libsvm: r[i][j] is the probability of i among i and j."""
    q = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            q[i, j] = sum(r[k, i] ** 2 for k in range(n) if k != i) if i == j else -r[j, i] * r[i, j]
    p = np.full(n, 1 / n)
    for _ in range(100):
        qp = q @ p
        pqp = p @ qp
        if np.abs(qp - pqp).max() < 0.005 / n:
            break
        for t in range(n):
            change = (pqp - qp[t]) / q[t, t]
            p[t] += change
            pqp = (pqp + change * (change * q[t, t] + 2 * qp[t])) / (1 + change) ** 2
            qp = (qp + change * q[t]) / (1 + change)
            p /= 1 + change
    return p


def svc(x, counts, seed):
    """Three lists for a machine with these numbers of vectors per class, and its kernel's values."""
    n, total = len(counts), sum(counts)
    vectors, coefficients = normal(total, x.shape[1], seed=seed), normal(n - 1, total, seed=seed + 1)
    rho = normal(n * (n - 1) // 2, seed=seed + 2)
    k = kernel("RBF", x, vectors, 0.4, 0, 0)
    starts, scores = np.cumsum([0, *counts]), []
    for i in range(n):
        for j in range(i + 1, n):
            of_i, of_j = slice(starts[i], starts[i + 1]), slice(starts[j], starts[j + 1])
            scores.append(k[:, of_i] @ coefficients[j - 1, of_i] + k[:, of_j] @ coefficients[i, of_j])
    scores = np.stack(scores, axis=1) + rho
    attributes = dict(kernel_type="RBF", kernel_params=[0.4, 0.0, 0.0], vectors_per_class=counts, rho=rho.tolist(),
                      coefficients=coefficients.ravel().tolist(), support_vectors=vectors.ravel().tolist())
    return attributes, scores


@case
def svm_classifier():
    x = normal(9, 3)
    attributes, scores = svc(x, [3, 2, 4], 3)
    votes, pair = np.zeros((9, 3)), 0
    r = np.zeros((9, 3, 3))
    prob_a, prob_b = [-1.5, -0.75, -2.0], [0.1, -0.2, 0.05]
    for i in range(3):
        for j in range(i + 1, 3):
            votes[:, i] += scores[:, pair] > 0
            votes[:, j] += scores[:, pair] <= 0
            p = sigmoid(-(scores[:, pair] * prob_a[pair] + prob_b[pair])).clip(1e-7, 1 - 1e-7)
            r[:, i, j], r[:, j, i] = p, 1 - p
            pair += 1
    labels = np.array([10, 20, 30])[votes.argmax(1)]
    nodes = [ml("SVMClassifier", "x", "label scores", classlabels_ints=[10, 20, 30], **attributes),
             ml("SVMClassifier", "x", "label2 p", classlabels_ints=[10, 20, 30], prob_a=prob_a, prob_b=prob_b, **attributes)]
    return nodes, {"x": x}, {}, {"label": labels, "scores": scores.astype(np.float32), "label2": labels,
                                 "p": np.stack([couple(row, 3) for row in r]).astype(np.float32)}


@case
def svm_two_classes():
    x = normal(8, 3)
    attributes, scores = svc(x, [3, 2], 5)
    p = sigmoid(-(scores[:, 0] * -1.25 + 0.1))
    label = np.where(scores[:, 0] > 0, 4, 6)
    nodes = [ml("SVMClassifier", "x", "label p", classlabels_ints=[4, 6], prob_a=[-1.25], prob_b=[0.1], **attributes)]
    r = np.zeros((8, 2, 2))
    r[:, 0, 1], r[:, 1, 0] = p, 1 - p
    return nodes, {"x": x}, {}, {"label": label, "p": np.stack([couple(row, 2) for row in r]).astype(np.float32)}


# ---- trees


MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


class Trees:
    """Random trees over integers and halves, so that equality happens, as the attributes of the older operators."""

    def __init__(self, trees, depth, features, targets, seed, modes=MODES, missing=True, positive=False):
        self.random = np.random.default_rng(seed)
        self.lists = {key: [] for key in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids",
                                          "missing_value_tracks_true")}
        self.leaves = []
        self.features, self.targets, self.allowed, self.missing, self.positive = features, targets, modes, missing, positive
        self.roots = [self.grow(tree, depth) for tree in range(trees)]

    def grow(self, tree, depth):
        self.count = 0
        return self.add(tree, depth)

    def add(self, tree, depth):
        lists, number = self.lists, self.count
        self.count += 1
        at = len(lists["treeids"])
        is_leaf = depth == 0 or self.random.random() < 0.15 and number > 0
        row = dict(treeids=tree, nodeids=number, featureids=int(self.random.integers(self.features)),
                   values=float(self.random.integers(-4, 5)) / 2, modes="LEAF" if is_leaf else str(self.random.choice(self.allowed)),
                   truenodeids=0, falsenodeids=0, missing_value_tracks_true=int(self.missing and self.random.random() < 0.5))
        for key, value in row.items():
            lists[key].append(value)
        if is_leaf:
            weights = self.random.normal(size=self.targets)
            weights = np.float32(np.abs(weights) / 10 if self.positive else weights)
            self.leaves.append((tree, number, weights))
            return ("leaf", weights)
        yes = self.add(tree, depth - 1)
        lists["truenodeids"][at] = number + 1
        lists["falsenodeids"][at] = self.count
        return (row, yes, self.add(tree, depth - 1))

    def attributes(self, kind, ids=None):
        found = {"nodes_" + key: values for key, values in self.lists.items()}
        entries = [(t, n, i, float(w)) for t, n, weights in self.leaves for i, w in zip(ids or range(self.targets), weights)]
        for key, column in zip(("treeids", "nodeids", "ids", "weights"), zip(*entries)):
            found[f"{kind}_{key}"] = list(column)
        return found

    def leaf(self, step, x):
        while step[0] != "leaf":
            row, yes, no = step
            v, value = x[row["featureids"]], row["values"]
            test = {"BRANCH_LEQ": v <= value, "BRANCH_LT": v < value, "BRANCH_GTE": v >= value, "BRANCH_GT": v > value,
                    "BRANCH_EQ": v == value, "BRANCH_NEQ": v != value}[row["modes"]]
            step = yes if test or (np.isnan(v) and row["missing_value_tracks_true"]) else no
        return step[1]

    def all_leaves(self, x):
        return np.array([[self.leaf(root, row) for root in self.roots] for row in x], np.float64)


def rows(n, features, nan=True, seed=9):
    x = np.float32(np.random.default_rng(seed).integers(-5, 6, size=(n, features)) / 2)
    if nan:
        x[::5, 1] = np.nan
    return x


@case
def tree_regressor():
    x = rows(21, 4)
    trees = Trees(9, 5, 4, 2, 1)
    leaves = trees.all_leaves(x)
    nodes, outputs = [], {}
    for name, aggregate in (("SUM", leaves.sum(1)), ("AVERAGE", leaves.mean(1)), ("MIN", leaves.min(1)), ("MAX", leaves.max(1))):
        nodes.append(ml("TreeEnsembleRegressor", "x", name, aggregate_function=name, n_targets=2, base_values=[0.5, -1.0],
                        **trees.attributes("target")))
        outputs[name] = np.float32(aggregate + [0.5, -1.0])
    return nodes, {"x": x}, {}, outputs


@case
def tree_regressor_one_row():
    x, trees = rows(1, 4, nan=False), Trees(11, 6, 4, 1, 2, modes=["BRANCH_LEQ"], missing=False)
    node_ = ml("TreeEnsembleRegressor", "x", "y", n_targets=1, **trees.attributes("target"))
    return [node_], {"x": x}, {}, {"y": np.float32(trees.all_leaves(x).sum(1))}


@case
def tree_classifier():
    x = rows(19, 4)
    many, one = Trees(6, 4, 4, 3, 3), Trees(6, 4, 4, 1, 4)
    positive = Trees(5, 3, 4, 1, 5, positive=True)
    scores, score, p = many.all_leaves(x).sum(1), one.all_leaves(x).sum(1), positive.all_leaves(x).sum(1)
    nodes = [
        ml("TreeEnsembleClassifier", "x", "label scores", classlabels_int64s=[5, 1, 3], **many.attributes("class")),
        ml("TreeEnsembleClassifier", "x", "label1 soft", classlabels_int64s=[5, 1, 3], post_transform="SOFTMAX",
           **many.attributes("class")),
        ml("TreeEnsembleClassifier", "x", "label2 logistic", classlabels_int64s=[0, 1], post_transform="LOGISTIC",
           base_values=[0.25], **one.attributes("class", [0])),
        ml("TreeEnsembleClassifier", "x", "label3 p", classlabels_int64s=[8, 9], **positive.attributes("class", [0])),
    ]
    shifted = score + 0.25
    outputs = {"label": np.array([5, 1, 3])[scores.argmax(1)], "scores": np.float32(scores),
               "label1": np.array([5, 1, 3])[scores.argmax(1)], "soft": np.float32(softmax(scores)),
               "label2": (shifted[:, 0] > 0).astype(np.int64),
               "logistic": np.float32(np.concatenate([sigmoid(-shifted), sigmoid(shifted)], axis=1)),
               "label3": np.where(p[:, 0] > 0.5, 9, 8), "p": np.float32(np.concatenate([1 - p, p], axis=1))}
    return nodes, {"x": x}, {}, outputs


if __name__ == "__main__":
    for name, function in CASES.items():
        write_case(os.path.join(sys.argv[1], name), *function(), [("", 21), (ML, 4)])
