"""sentiment_scores.py SOURCE ANSWERS: each line `label score  text  (time)` must have onnxruntime's score."""
import pathlib
import re
import sys

import onnxruntime

sys.dont_write_bytecode = True
source = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(source / "scripts"))
from models import sentiment

session = onnxruntime.InferenceSession(source / "examples/sentiment/sentiment.onnx", providers=["CPUExecutionProvider"])
lines = pathlib.Path(sys.argv[2]).read_text().splitlines()
if not lines:
    sys.exit("no answers")
for line in lines:
    score, text = re.fullmatch(r"\w+ ([\d.]+)  (.*)  \(.*\)", line).groups()
    expected = session.run(None, {"characters": [sentiment.encode(text)]})[0].item()
    if abs(float(score) - expected) > 1e-3:
        sys.exit(f"'{text}': {score}, but onnxruntime gives {expected:.3f}")
