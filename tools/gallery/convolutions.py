"""Networks of convolutions."""

from __future__ import annotations

from core.data.settings import DatasetSettings
from core.graph import Value
from core.project import Project
from core.training.optimizers import Optimizer
from tools.gallery.drawing import Drawing, one_cycle, settings
from tools.gallery.exhibit import Exhibit, Figure, accuracy


def lenet5() -> Project:
    """LeNet-5 (LeCun et al. 1998, figure 2) with tanh, average pooling and dense third convolution."""
    draw = Drawing(5)
    digits = draw.data("mnist", "digits", "image")
    draw.layer("Conv2d", "conv1", out_channels=6, kernel_size=5, padding=2)
    draw.layer("Tanh", "tanh1")
    draw.layer("AvgPool2d", "pool1", kernel_size=2)
    draw.layer("Conv2d", "conv2", out_channels=16, kernel_size=5)
    draw.layer("Tanh", "tanh2")
    draw.layer("AvgPool2d", "pool2", kernel_size=2)
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc1", out_features=120)
    draw.layer("Tanh", "tanh3")
    draw.layer("Linear", "fc2", out_features=84)
    draw.layer("Tanh", "tanh4")
    draw.layer("Linear", "fc3", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"))
    return draw.project(
        "LeNet-5",
        "How convolutions share weights: two of them read handwritten digits.",
        DatasetSettings("mnist"),
        settings(20, 32, Optimizer("Momentum", 0.05)),
        "mnist",
    )


TOWERS = ("a", "b")
WEIGHTED = ("Conv2d", "Linear")


def he(project: Project) -> Project:
    """With weights that begin as He et al. 2015 draw them, as deep stacks of ReLU need it."""
    graph = project.graph
    for node in tuple(graph.nodes.values()):
        if node.kind in WEIGHTED:
            graph = graph.replace_node(node.with_params(weight_init="kaiming_uniform"))
    return project.with_scope(graph)


def alexnet() -> Project:
    """AlexNet of 2012 in small: two towers that meet at the third convolution and at the dense layers."""
    draw = Drawing(9)
    clothes = draw.add("Dataset", "clothes", draw.place(0, 0.5), dataset="fashion")
    first = [_tower(draw, (clothes, "image"), tower, row) for row, tower in enumerate(TOWERS)]
    meeting = draw.add("Concat", "exchange", draw.place(8, 0.5))
    for order, end in enumerate(first):
        draw.wire(end, meeting, "inputs", order)
    last = [_upper_tower(draw, (meeting, "output"), tower, row + 2.6) for row, tower in enumerate(TOWERS)]
    joined = draw.add("Concat", "join", draw.place(7, 3.1))
    for order, end in enumerate(last):
        draw.wire(end, joined, "inputs", order)
    draw.tip = (joined, "output")
    for column, (kind, name, params) in enumerate(_HEAD):
        draw.layer(kind, name, draw.place(column, 5.1), **params)
    draw.loss("CrossEntropy", "cross_entropy", (clothes, "label"), draw.place(len(_HEAD), 5.1))
    return draw.project(
        "AlexNet",
        "Two towers of convolutions, ReLU, dropout: the network that made depth win, in small.",
        DatasetSettings("fashion", (("samples", 6000),)),
        one_cycle(7, Optimizer("Adam", 0.002)),
        "fashion",
    )


_HEAD: tuple[tuple[str, str, dict[str, Value]], ...] = (
    ("Flatten", "flatten", {}),
    ("Linear", "fc6", {"out_features": 128}),
    ("ReLU", "relu6", {}),
    ("Dropout", "drop6", {"p": 0.5}),
    ("Linear", "fc7", {"out_features": 128}),
    ("ReLU", "relu7", {}),
    ("Dropout", "drop7", {"p": 0.5}),
    ("Linear", "fc8", {"out_features": 10}),
)


def _tower(draw: Drawing, tip: tuple[str, str], tower: str, row: float) -> tuple[str, str]:
    """The two convolutions before the towers exchange what they found."""
    draw.tip = tip
    body: tuple[tuple[str, str, dict[str, Value]], ...] = (
        ("Conv2d", "conv1", {"out_channels": 12, "kernel_size": 5, "padding": 2}),
        ("ReLU", "relu1", {}),
        ("LocalResponseNorm", "lrn1", {"size": 5}),
        ("MaxPool2d", "pool1", {"kernel_size": 3, "stride": 2}),
        ("Conv2d", "conv2", {"out_channels": 24, "kernel_size": 3, "padding": 1}),
        ("ReLU", "relu2", {}),
        ("MaxPool2d", "pool2", {"kernel_size": 3, "stride": 2}),
    )
    for column, (kind, name, params) in enumerate(body, 1):
        draw.layer(kind, f"{name}{tower}", draw.place(column, row), **params)
    return draw.tip


def _upper_tower(draw: Drawing, tip: tuple[str, str], tower: str, row: float) -> tuple[str, str]:
    """The three convolutions behind the exchange."""
    draw.tip = tip
    body: list[tuple[str, str, dict[str, Value]]] = []
    for number, channels in ((3, 32), (4, 32), (5, 24)):
        body.append(("Conv2d", f"conv{number}", {"out_channels": channels, "kernel_size": 3, "padding": 1}))
        body.append(("ReLU", f"relu{number}", {}))
    for column, (kind, name, params) in enumerate(body):
        draw.layer(kind, f"{name}{tower}", draw.place(column, row), **params)
    return draw.tip


def vgg() -> Project:
    """A network of 3 x 3 convolutions in the manner of VGG: two, two, three, each group at half the size."""
    draw = Drawing(8)
    clothes = draw.data("fashion", "clothes", "image")
    for group, (channels, count) in enumerate(((16, 2), (32, 2), (64, 3)), 1):
        for number in range(1, count + 1):
            draw.layer("Conv2d", f"conv{group}_{number}", out_channels=channels, kernel_size=3, padding=1)
            draw.layer("ReLU", f"relu{group}_{number}")
        draw.layer("MaxPool2d", f"pool{group}", kernel_size=2)
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc1", out_features=128)
    draw.layer("ReLU", "relu_fc1")
    draw.layer("Dropout", "drop", p=0.5)
    draw.layer("Linear", "fc2", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (clothes, "label"))
    return draw.project(
        "VGG-like",
        "Only 3 x 3 convolutions, one after another: three of them see as far as one of 7 x 7, with fewer weights.",
        DatasetSettings("fashion", (("samples", 6000),)),
        one_cycle(6, Optimizer("Adam", 0.002)),
        "fashion",
    )


EXHIBITS = (
    Exhibit(
        "lenet5",
        lenet5,
        "Vision",
        (
            "A convolution looks for one small pattern everywhere in the picture, with the same few weights.",
            "Pooling lets the pattern move a little, so a second layer sees larger shapes made of small ones.",
            "With 61,706 weights it reads digits that a dense network of that size reads worse.",
        ),
        "LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998",
        Figure("validation accuracy", accuracy, 0.96),
    ),
    Exhibit(
        "alexnet",
        lambda: he(alexnet()),
        "Vision",
        (
            "Graphics cards of 2012 were too small for it, so it was cut into two towers that meet in two places.",
            "ReLU trained six times faster than tanh, and dropout kept 60 million weights from learning by heart.",
            "This one has the same plan with a hundredth of the channels, for pictures of clothes.",
        ),
        "Krizhevsky, Sutskever, Hinton: ImageNet classification with deep convolutional neural networks, 2012",
        Figure("validation accuracy", accuracy, 0.8),
    ),
    Exhibit(
        "vgg",
        lambda: he(vgg()),
        "Vision",
        (
            "Two 3 x 3 convolutions see 5 x 5 pixels, three see 7 x 7, with fewer weights and more bends.",
            "Whenever pooling halves the picture, the channels double, so each group costs about the same.",
            "The rule is so plain that the whole network can be said in one line.",
        ),
        "Simonyan and Zisserman: Very deep convolutional networks for large-scale image recognition, 2014",
        Figure("validation accuracy", accuracy, 0.84),
    ),
)
