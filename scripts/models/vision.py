"""Dense and convolutional image models in small: the same operators and shapes of graph as the full ones."""


def mlp(g, batch=1, widths=(28, 40, 10)):
    x = g.input("input", [batch, widths[0]])
    g.output(g.multilayer(x, widths), "output", [batch, widths[-1]])


def cnn(g, batch=1, size=12, channels=(1, 8, 16), hidden=24):
    x = g.input("input", [batch, channels[0], size, size])
    for i, pair in enumerate(zip(channels, channels[1:])):
        x = g.Relu(g.conv(x, f"conv{i}", pair, 3, pad=1))
        x = g.MaxPool(x, kernel_shape=[2, 2], strides=[2, 2])
    x = g.Flatten(x, axis=1)
    g.output(g.multilayer(x, [channels[-1] * (size // 4) ** 2, hidden, 10]), "output", [batch, 10])


def resnet(g, size=32, widths=(8, 8, 16, 24)):
    """resnet18 with three stages of one or two basic blocks: a strided stem, max pooling, projections, average pool."""
    x = g.Relu(g.conv(g.input("input", [1, 3, size, size]), "conv1", (3, widths[0]), 7, 2, 3))
    x = g.MaxPool(x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = widths[0]
    for stage, width in enumerate(widths[1:]):
        for block in range(2 if stage == 0 else 1):
            stride = 2 if stage and not block else 1
            with g.scope(f"layer{stage}.{block}"):
                y = g.Relu(g.conv(x, "conv1", (channels, width), 3, stride, 1))
                y = g.conv(y, "conv2", (width, width), 3, 1, 1, gain=0.5)
                if stride == 2:
                    x = g.conv(x, "downsample", (channels, width), 1, stride, gain=1.0)
                x = g.Relu(g.Add(y, x))
                channels = width
    x = g.Flatten(g.GlobalAveragePool(x), axis=1)
    g.output(g.linear(x, "fc", channels, 11, 1.0), "output", [1, 11])


def mobilenet(g, size=32):
    """mobilenet_v2 with four inverted residuals; ReLU6 is a Clip with constant bounds."""

    def relu6(x):
        return g.Clip(x, g.const(0), g.const(6))

    x, channels = relu6(g.conv(g.input("input", [1, 3, size, size]), "stem", (3, 8), 3, 2, 1)), 8
    for i, (expand, width, stride) in enumerate(((1, 8, 1), (6, 12, 2), (6, 12, 1), (6, 20, 2))):
        with g.scope(f"block{i}"):
            middle, y = channels * expand, x
            if expand > 1:
                y = relu6(g.conv(y, "expand", (channels, middle), 1, gain=1.0))
            y = relu6(g.conv(y, "depthwise", (middle, middle), 3, stride, 1, groups=middle))
            y = g.conv(y, "project", (middle, width), 1)
            x = g.Add(x, y) if stride == 1 and width == channels else y
            channels = width
    x = relu6(g.conv(x, "head", (channels, 48), 1, gain=1.0))
    x = g.Flatten(g.GlobalAveragePool(x), axis=1)
    g.output(g.linear(x, "classifier", 48, 13), "output", [1, 13])


def wide_residuals(g, batch=2, size=48):
    """Inverted residuals whose expanded channels outgrow a second-level cache: with a residual, with stride 2, and without an
    expansion; windows of 3 and 5."""
    x = g.input("input", [batch, 16, size, size])
    for i, (expand, kernel, stride, width) in enumerate(((96, 3, 1, 16), (96, 5, 1, 16), (96, 3, 2, 256), (0, 3, 1, 24))):
        with g.scope(f"block{i}"):
            fan_in, y = (16, 16, 16, 256)[i], x
            if expand:
                y = g.Relu(g.conv(y, "expand", (fan_in, expand), 1))
            middle = expand or fan_in
            y = g.Relu(g.conv(y, "depthwise", (middle, middle), kernel, stride, kernel // 2, groups=middle))
            y = g.conv(y, "project", (middle, width), 1, gain=1.0)
            x = g.Add(x, y) if i < 2 else y
    g.output(x, "output", [batch, 24, size // 2, size // 2])


def lipsync_unet(g, size=32, widths=(8, 12, 16)):
    """A UNet of inverted residuals: image and audio features joined at the bottom, bilinear upsampling, skips."""

    def inverted(x, name, pair, stride=1, residual=False):
        fan_in, middle = pair[0], 2 * pair[0]
        with g.scope(name):
            y = g.Relu(g.conv(x, "expand", (fan_in, middle), 1, gain=1.0))
            y = g.Relu(g.conv(y, "depthwise", (middle, middle), 3, stride, 1, groups=middle))
            y = g.conv(y, "project", (middle, pair[1]), 1, gain=0.5 if residual else 2.0)
        return g.Add(x, y) if residual else y

    def double(x, name, pair, stride=1):
        with g.scope(name):
            return inverted(inverted(x, "0", pair, stride), "1", (pair[1], pair[1]), residual=True)

    bottom = size >> (len(widths) - 1)
    visual, audio = g.input("visual_input", [1, 6, size, size]), g.input("audio_input", [1, 4, 2 * bottom - 4, 2 * bottom - 4])
    x = inverted(visual, "in", (6, widths[0]))
    skips = [x]
    for i, pair in enumerate(zip(widths, widths[1:])):
        x = double(x, f"down{i}", pair, 2)
        skips.append(x)
    a = g.Relu(g.conv(audio, "audio", (4, widths[-1]), 3, 2, 3))
    x = double(g.Concat(skips.pop(), a, axis=1), "fuse", (2 * widths[-1], widths[-1]))
    channels = widths[-1]
    for i, width in enumerate(reversed(widths[:-1])):
        x = g.Resize(x, "", g.const([1, 1, 2, 2]), mode="linear", coordinate_transformation_mode="align_corners")
        x = g.Pad(x, g.ints(*[0] * 8), mode="constant")
        x = double(g.Concat(x, skips.pop(), axis=1), f"up{i}", (channels + width, width))
        channels = width
    g.output(g.Sigmoid(g.conv(x, "out", (channels, 3), 1, gain=0.5)), "output", [1, 3, size, size])


SMALL = {
    "mlp": (mlp, {}),
    "mlp_b32": (mlp, dict(batch=32)),
    "mlp_ir3": (mlp, dict(batch=2, opset=7, ir_version=3)),
    "cnn": (cnn, {}),
    "cnn_b32": (cnn, dict(batch=3)),
    "resnet18": (resnet, {}),
    "mobilenet_v2": (mobilenet, {}),
    "wide_residuals": (wide_residuals, {}),
    "lipsync_unet": (lipsync_unet, {}),
}
