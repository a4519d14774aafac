"""read_digits.py SOURCE PROGRAM: the program must read each digit, also with one dot wrong, as onnxruntime does."""
import pathlib
import subprocess
import sys

import numpy as np
import onnxruntime

sys.dont_write_bytecode = True
source, program = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(source / "scripts"))
from models import digits

session = onnxruntime.InferenceSession(source / "examples/mlp/mlp.onnx", providers=["CPUExecutionProvider"])
random = np.random.default_rng(1)
for digit, dots in enumerate(digits.digits()):
    spoilt = dots.copy()
    spoilt[random.integers(len(dots))] -= 1
    spoilt = np.abs(spoilt)
    for picture in (dots, spoilt):
        scores = session.run(None, {"dots": picture[None].astype(np.float32)})[0][0]
        text = "".join("#" if dot else "." for dot in picture)
        last = subprocess.run([program, text], check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        read, score = int(last.split()[1].rstrip(",")), float(last.split()[-1])
        if read != digit or np.argmax(scores) != digit or abs(score - scores[digit]) > 1e-3:
            sys.exit(f"digit {digit}: the program says '{last}', onnxruntime {np.argmax(scores)} with {scores.max():.3f}")
