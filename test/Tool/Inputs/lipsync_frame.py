"""lipsync_frame.py MODEL FRAME PICTURE.ppm: the picture must be the model's output for that frame, in 8 bits."""
import pathlib
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
visual, audio = (i.shape for i in session.get_inputs())
frame = int(sys.argv[2])
channel, y, x = np.indices(visual[1:])
image = 0.5 + 0.5 * np.sin(0.07 * (1 + channel % 3) * x + 0.05 * y + 0.1 * frame)
image[:3, visual[2] // 2:] = 0
sound = np.sin(0.3 * frame + 0.02 * np.arange(np.prod(audio)))
feeds = {"visual_input": image[None].astype(np.float32), "audio_input": sound.reshape(audio).astype(np.float32)}
expected = session.run(None, feeds)[0][0].transpose(1, 2, 0)
header, pixels = pathlib.Path(sys.argv[3]).read_bytes().split(b"\n255\n", 1)
picture = np.frombuffer(pixels, np.uint8).reshape(expected.shape)
error = np.abs(picture / 255 - expected).max()
if error > 0.51 / 255:
    sys.exit(f"the picture differs by {255 * error:.2f} of 255")
if np.ptp(picture) < 16:
    sys.exit("the picture is nearly flat: it tells nothing")
