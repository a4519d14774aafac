"""Motion synthesis: the demo's models in full size, and in small for the tests.

deepphase reads one pose (22 joints x 6 features) and gives the phase of the gait as (cos, sin); the style encoder
summarises a window of motion, transitionnet blends two poses in a style, the actor and critic drive a physics character.
"""
INT64_MAX = 2**63 - 1


def deepphase(g, batch=1, widths=(132, 256, 128, 32, 2)):
    x = g.input("motion_input", [batch, widths[0]])
    g.output(g.multilayer(x, widths), "phase_output", [batch, widths[-1]])


def stylevae_encoder(g, batch=1, frames=60, features=73, hidden=(512, 256), style=256):
    """A window of motion to the mean and log-variance of its style: one layer's output split by two Slices."""
    x = g.input("motion_sequence", [batch, frames * features])
    x = g.multilayer(x, [frames * features, *hidden, 2 * style])
    for name, start, end in (("style_mean", 0, style), ("style_logvar", style, INT64_MAX)):
        g.output(g.Slice(x, g.ints(start), g.ints(end), g.ints(1), g.ints(1)), name, [batch, style])


def stylevae_decoder(g, batch=1, frames=60, features=73, hidden=(256, 512), style=256):
    x = g.input("style_vector", [batch, style])
    x = g.multilayer(x, [style, *hidden, frames * features])
    g.output(g.reshape(x, -1, frames, features), "motion_output", [batch, frames, features])


def transitionnet(g, batch=1, pose=132, style=256, hidden=(1024, 512, 256)):
    """Its attention is a softmax over an axis of length 1, so always 1: query and key do not matter."""
    width = 2 * pose + style
    inputs = (("source_motion", pose), ("target_motion", pose), ("style_vector", style))
    x = g.Concat(*(g.input(name, [batch, size]) for name, size in inputs), axis=-1)
    query, key, value = (g.linear(x, f"attention_{part}", width, width, 1.0) for part in ("query", "key", "value"))
    scores = g.ReduceSum(g.Mul(query, key), g.ints(-1), keepdims=1)
    x = g.linear(g.Mul(value, g.Softmax(scores, axis=-1)), "attention_out", width, width, 1.0)
    g.output(g.multilayer(x, [width, *hidden, pose]), "transition_motion", [batch, pose])


def deepmimic_actor(g, batch=1, widths=(197, 1024, 512, 36)):
    x = g.input("state_input", [batch, widths[0]])
    g.output(g.Tanh(g.multilayer(x, widths)), "action_output", [batch, widths[-1]])


def deepmimic_critic(g, batch=1, widths=(197, 1024, 512, 1)):
    x = g.input("state_input", [batch, widths[0]])
    g.output(g.multilayer(x, widths), "value_output", [batch, 1])


def deepphase_conv(g, batch=1, steps=240, channels=(69, 32, 64, 128), kernels=(25, 15, 5), hidden=256, phases=10):
    """Convolutions along time with BatchNormalization left in the graph."""
    x = g.input("motion_input", [batch, channels[0], steps])
    for i, (pair, kernel) in enumerate(zip(zip(channels, channels[1:]), kernels)):
        x = g.conv(x, f"conv{i}", pair, kernel, rank=1)
        x = g.Relu(g.batch_norm(x, f"norm{i}", pair[1]))
        steps -= kernel - 1
    x = g.multilayer(g.Flatten(x, axis=1), [channels[-1] * steps, hidden, phases])
    g.output(x, "phase_output", [batch, phases])


DEMO = {"deepphase": deepphase, "stylevae_encoder": stylevae_encoder, "stylevae_decoder": stylevae_decoder,
        "transitionnet": transitionnet, "deepmimic_actor": deepmimic_actor, "deepmimic_critic": deepmimic_critic}

SMALL = {
    "deepphase": (deepphase, {}),
    "stylevae_encoder": (stylevae_encoder, dict(frames=7, features=11, hidden=(40, 24), style=20)),
    "stylevae_decoder": (stylevae_decoder, dict(frames=7, features=11, hidden=(24, 40), style=20)),
    "transitionnet": (transitionnet, dict(pose=13, style=24, hidden=(64, 36, 20))),
    "deepmimic_actor": (deepmimic_actor, dict(widths=(37, 96, 64, 9))),
    "deepmimic_critic": (deepmimic_critic, dict(widths=(37, 96, 64, 1))),
    "deepphase_conv": (deepphase_conv, dict(steps=40, channels=(7, 12, 16, 20), kernels=(9, 5, 3), hidden=24)),
}
