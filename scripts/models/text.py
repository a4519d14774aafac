"""Recurrent classifiers and transformer encoders, as exporters write them, in small."""
import math

import numpy as np

from models.graph import INT64


def sentiment(g, cell="LSTM", directions=1, batch=3, length=5, vocab=11, embed=12, hidden=20, classes=3):
    """Embedding, one recurrent layer, a dense layer on its last state; logits, probabilities and label."""
    tokens = g.input("input_ids", [batch, length], INT64, below=vocab)
    x = g.Transpose(g.Gather(g.weight("embedding", (vocab, embed), 1.0), tokens), perm=[1, 0, 2])
    gates, limit = {"LSTM": 4, "GRU": 3}[cell], 1 / math.sqrt(hidden)

    def uniform(name, *shape):
        return g.initializer(name, g.random.uniform(-limit, limit, shape).astype(np.float32))

    with g.scope(cell.lower()):
        weights = [uniform("W", directions, gates * hidden, embed), uniform("R", directions, gates * hidden, hidden),
                   uniform("B", directions, 2 * gates * hidden)]
        states = [g.initializer("state", np.zeros((directions, batch, hidden), np.float32))
                  for _ in range(2 if cell == "LSTM" else 1)]
        options = {"linear_before_reset": 1} if cell == "GRU" else {}
        results = getattr(g, cell)(x, *weights, "", *states, outputs=len(states) + 1, hidden_size=hidden,
                                   direction="bidirectional" if directions == 2 else "forward", **options)
    last = results[1]
    if directions == 2:
        last = g.Concat(*(g.Gather(last, g.const(i, np.int64), axis=0) for i in (-2, -1)), axis=1)
    else:
        last = g.Gather(last, g.const(-1, np.int64), axis=0)
    logits = g.linear(last, "classifier", directions * hidden, classes, 4.0)
    probabilities = g.Softmax(logits, axis=1)
    label = g.ArgMax(probabilities, axis=1, keepdims=0)
    g.output(logits, "logits", [batch, classes])
    g.output(probabilities, "probabilities", [batch, classes])
    g.output(label, "label", [batch], INT64)


def transformer(g, batch=1, length=9, layers=2, width=32, heads=4, vocab=20, classes=10):
    """Encoder layers with one projection for query, key and value, split by Squeeze and Gather; mean, classifier."""
    tokens = g.input("input_ids", [batch, length], INT64, below=vocab)
    x = g.Add(g.Gather(g.weight("embedding", (vocab, width), 1.0), tokens), g.weight("positions", (1, length, width), 0.5))
    head = width // heads
    for i in range(layers):
        with g.scope(f"layers.{i}"):
            y = g.dense(g.Transpose(x, perm=[1, 0, 2]), "attention.in", width, 3 * width)
            y = g.reshape(y, length, batch, 3, width)
            y = g.Squeeze(g.Transpose(g.Unsqueeze(y, g.ints(0)), perm=[3, 1, 2, 0, 4]), g.ints(3))
            q, k, v = (g.Gather(y, g.const(part, np.int64), axis=0) for part in range(3))
            q, k, v = (g.Transpose(g.reshape(z, length, batch * heads, head), perm=[1, 0, 2]) for z in (q, k, v))
            q, k, v = (g.reshape(z, batch, heads, length, head) for z in (q, k, v))
            root = g.const(head**-0.25)
            scores = g.MatMul(g.Mul(q, root), g.Mul(g.Transpose(k, perm=[0, 1, 3, 2]), root))
            y = g.Transpose(g.MatMul(g.Softmax(scores, axis=-1), v), perm=[2, 0, 1, 3])
            y = g.linear(g.reshape(y, length * batch, width), "attention.out", width, width, 1.0)
            y = g.Transpose(g.reshape(y, length, batch, width), perm=[1, 0, 2])
            x = g.layer_norm(g.Add(x, y), "norm1", width)
            y = g.gelu(g.dense(x, "linear1", width, 4 * width))
            x = g.layer_norm(g.Add(x, g.dense(y, "linear2", 4 * width, width)), "norm2", width)
    g.output(g.linear(g.ReduceMean(x, axes=[1], keepdims=0), "classifier", width, classes, 1.0), "output", [batch, classes])


def bert_mini(g, layers=2, width=32, heads=4, vocab=50, positions=64):
    """BERT with symbolic batch and length: shapes are computed in the graph, LayerNorm is spelled out."""
    symbols = ["batch_size", "sequence"]
    tokens = g.input("input_ids", symbols, INT64, below=vocab)
    mask = g.input("attention_mask", symbols, INT64, below=2)
    types = g.input("token_type_ids", symbols, INT64, below=2)
    mask = g.Cast(g.Unsqueeze(g.Unsqueeze(mask, g.ints(1)), g.ints(2)), to=1)
    mask = g.Mul(g.Sub(g.const(1), mask), g.const(np.finfo(np.float32).min))
    batch, length, head = g.size(tokens, 0), g.size(tokens, 1), width // heads
    with g.scope("embeddings"):
        ids = g.initializer("position_ids", np.arange(positions)[None])
        ids = g.Slice(ids, g.ints(0), g.Unsqueeze(length, g.ints(0)), g.ints(1), g.ints(1))
        parts = (("word", vocab, tokens), ("token_type", 2, types), ("position", positions, ids))
        word, kind, place = (g.Gather(g.weight(n, (rows, width), 0.5), i) for n, rows, i in parts)
        x = g.layer_norm(g.Add(g.Add(word, kind), place), "norm", width)
    for i in range(layers):
        with g.scope(f"layer.{i}"):
            heads_of = {}
            for part in ("query", "key", "value"):
                y = g.reshape(g.dense(x, part, width, width), batch, length, heads, head)
                heads_of[part] = g.Transpose(y, perm=[0, 2, 3, 1] if part == "key" else [0, 2, 1, 3])
            scores = g.Div(g.MatMul(heads_of["query"], heads_of["key"]), g.const(math.sqrt(head)))
            y = g.MatMul(g.Softmax(g.Add(scores, mask), axis=-1), heads_of["value"])
            y = g.reshape(g.Transpose(y, perm=[0, 2, 1, 3]), batch, length, width)
            x = g.layer_norm(g.Add(g.dense(y, "output", width, width), x), "norm1", width)
            y = g.dense(g.gelu(g.dense(x, "intermediate", width, 4 * width)), "dense", 4 * width, width)
            x = g.layer_norm(g.Add(y, x), "norm2", width)
    first = g.Gather(x, g.const(0, np.int64), axis=1)
    g.output(x, "last_hidden_state", symbols + [width])
    g.output(g.Tanh(g.linear(first, "pooler", width, width, 1.0)), "pooler_output", ["batch_size", width])


SMALL = {
    "sentiment_lstm": (sentiment, {}),
    "sentiment_lstm_b1": (sentiment, dict(batch=1)),
    "sentiment_gru": (sentiment, dict(cell="GRU")),
    "sentiment_bilstm": (sentiment, dict(directions=2)),
    "sentiment_bigru": (sentiment, dict(cell="GRU", directions=2)),
    "transformer": (transformer, {}),
    "bert_mini": (bert_mini, dict(opset=14)),
}
# What the symbolic dimensions are in the reference data.
DIMS = {"batch_size": 2, "sequence": 7}
