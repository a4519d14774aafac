"""latency.py TIMES MODEL.onnx ...: the demo's times, beside those of ONNX Runtime where it is installed."""
import pathlib
import statistics
import sys
import time

ours = dict(line.split() for line in pathlib.Path(sys.argv[1]).read_text().splitlines())
ours = {name: float(value) for name, value in ours.items()}


def time_onnxruntime(paths):
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    random = np.random.default_rng(0)
    calls = {}
    for path in paths:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        feeds = {i.name: random.standard_normal(i.shape).astype(np.float32) for i in session.get_inputs()}
        calls[pathlib.Path(path).stem] = lambda session=session, feeds=feeds: session.run(None, feeds)
    times = {name: [] for name in calls}
    for _ in range(600):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - start) * 1e6)
    medians = {name: statistics.median(values) for name, values in times.items()}
    medians["pipeline"] = statistics.median(map(sum, zip(*times.values())))
    return medians


try:
    theirs = time_onnxruntime(sys.argv[2:])
except ImportError:
    theirs = None
print(f"{'one thread, median':20} {'m2c':>12}" + (f" {'ONNX Runtime':>14} {'ratio':>7}" if theirs else ""))
for name, value in ours.items():
    row = f"{name:20} {value:9.1f} us"
    print(row + (f" {theirs[name]:11.1f} us {value / theirs[name]:7.2f}" if theirs else ""))
