"""Residual networks."""

from __future__ import annotations

from collections.abc import Iterable

from core.data.settings import DatasetSettings
from core.graph import Value
from core.project import Project
from core.training.optimizers import Optimizer
from tools.gallery.drawing import ROW, Drawing, settings
from tools.gallery.exhibit import Exhibit, Figure, accuracy


def resnet() -> Project:
    """A residual network of seven convolutions (He et al. 2015) for digits of 28 x 28."""
    draw = Drawing(7)
    digits = draw.add("Dataset", "digits", draw.place(0, 0), dataset="mnist")
    draw.tip = (digits, "image")
    draw.layer("Conv2d", "stem", draw.place(1, 0), out_channels=16, kernel_size=3, stride=2, padding=1)
    draw.layer("BatchNorm2d", "stem_bn", draw.place(2, 0))
    draw.layer("ReLU", "stem_relu", draw.place(3, 0))
    for number, channels, stride in ((1, 16, 1), (2, 32, 2), (3, 32, 1)):
        _residual(draw, number, channels, stride)
    draw.layer("AdaptiveAvgPool2d", "pool", draw.place(4, 0), output_size=1)
    draw.layer("Flatten", "flatten", draw.place(5, 0))
    draw.layer("Linear", "fc", draw.place(6, 0), out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"), draw.place(7, 0))
    _tail(draw)
    return draw.project(
        "Small ResNet",
        "Skip connections add what came in to what came out, so gradients have a short way back.",
        DatasetSettings("mnist"),
        settings(12, 32, Optimizer("Momentum", 0.05, weight_decay=1e-4)),
        "mnist",
    )


def _residual(draw: Drawing, number: int, channels: int, stride: int) -> None:
    """Two convolutions and the way around them; the skip has a 1 x 1 convolution where sizes change."""
    row, skip = number * 1.0, draw.tip
    body: Iterable[tuple[str, str, dict[str, Value]]] = (
        ("Conv2d", f"conv{number}a", {"out_channels": channels, "kernel_size": 3, "stride": stride, "padding": 1}),
        ("BatchNorm2d", f"bn{number}a", {}),
        ("ReLU", f"relu{number}a", {}),
        ("Conv2d", f"conv{number}b", {"out_channels": channels, "kernel_size": 3, "padding": 1}),
        ("BatchNorm2d", f"bn{number}b", {}),
    )
    for column, (kind, name, params) in enumerate(body):
        draw.layer(kind, name, draw.place(column, row), **params)
    tip = draw.tip
    if stride != 1:
        draw.tip = skip
        draw.layer(
            "Conv2d", f"skip{number}", draw.place(4, row + 0.8), out_channels=channels, kernel_size=1, stride=stride
        )
        skip = draw.tip
    node = draw.add("Add", f"add{number}", draw.place(5, row))
    draw.wire(tip, node, "inputs", 0)
    draw.wire(skip, node, "inputs", 1)
    draw.tip = (node, "output")
    draw.layer("ReLU", f"relu{number}b", draw.place(6, row))


def _tail(draw: Drawing) -> None:
    """Put the rows below a skip convolution, and the head in the last row."""
    by_name = {node.name: node.id for node in draw.nodes}
    shift = {"1": 0.0, "2": 0.0, "3": 0.8}
    for name, node in by_name.items():
        x, y = draw.places[node]
        digit = next((letter for letter in name if letter.isdigit()), "")
        draw.places[node] = (x, y + ROW * shift.get(digit, 0.0))
    for column, name in enumerate(("pool", "flatten", "fc", "cross_entropy")):
        draw.places[by_name[name]] = draw.place(column, 4.8)


EXHIBITS = (
    Exhibit(
        "resnet",
        resnet,
        "Vision",
        (
            "A residual block computes a change and adds it to what came in.",
            "The addition hands gradients back unchanged, whatever the layers beside it do.",
            "So networks may be as deep as one likes, and begin as if they were shallow.",
        ),
        "He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2015",
        Figure("validation accuracy", accuracy, 0.96),
    ),
)
