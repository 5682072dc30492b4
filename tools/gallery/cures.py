"""Three more cures of a gradient that vanishes behind sigmoids: a better start, batch norm, and a way around."""

from __future__ import annotations

from collections.abc import Callable

from core.data.settings import DatasetSettings
from core.graph import Value
from core.project import Project
from core.training.optimizers import Optimizer
from tools.gallery.drawing import Drawing, settings
from tools.gallery.exhibit import Exhibit, Figure, accuracy

GAIN = 8.0
"""The slope of a sigmoid is a quarter in its middle and less beside it: weights as many times larger make up for it."""
LAYERS = 11


def better_start() -> Project:
    """The twelve sigmoid layers, with Xavier's weights times eight."""
    return _digits(
        Drawing(8),
        lambda draw, number: _bent(draw, number, weight_init="xavier_normal", init_gain=GAIN),
        "Sigmoid, better start",
        "Twelve sigmoid layers that learn, as their first weights are as large as sigmoids ask for.",
    )


def normalised() -> Project:
    """The same with a batch norm before each sigmoid."""

    def layer(draw: Drawing, number: int) -> None:
        draw.layer("Linear", f"fc{number}", out_features=64)
        draw.layer("BatchNorm1d", f"bn{number}")
        draw.layer("Sigmoid", f"sigmoid{number}")

    words = "Batch norm keeps what enters a sigmoid where it is steep, so twelve of them learn."
    return _digits(Drawing(9), layer, "Sigmoid, batch norm", words)


def residual() -> Project:
    """The same with what entered each layer added to what comes out."""

    def layer(draw: Drawing, number: int) -> None:
        before, (row, block) = draw.tip, divmod(number + 1, 3)
        if number == 1:
            _bent(draw, number)
            return
        column = 3 * block
        draw.layer("Linear", f"fc{number}", draw.place(column, row), out_features=64)
        draw.layer("Sigmoid", f"sigmoid{number}", draw.place(column + 1, row))
        bent, node = draw.tip, draw.add("Add", f"add{number}", draw.place(column + 2, row))
        draw.wire(bent, node, "inputs", 0)
        draw.wire(before, node, "inputs", 1)
        draw.tip = (node, "output")

    words = "A way around each sigmoid hands the gradient back as it is, so twelve of them learn."
    return _digits(Drawing(9), layer, "Sigmoid, skips", words)


def _bent(draw: Drawing, number: int, **start: Value) -> None:
    draw.layer("Linear", f"fc{number}", None, out_features=64, **start)
    draw.layer("Sigmoid", f"sigmoid{number}")


def _digits(draw: Drawing, layer: Callable[[Drawing, int], None], name: str, words: str) -> Project:
    """The deep network for digits, of such layers."""
    digits = draw.data("mnist", "digits", "image")
    draw.layer("Flatten", "flatten")
    for number in range(1, LAYERS + 1):
        layer(draw, number)
    end = draw.place(3, 4) if draw.nodes[-1].kind == "Add" else None
    beside = draw.place(4, 4) if end is not None else None
    draw.layer("Linear", "fc12", end, out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"), beside)
    return draw.project(name, words, DatasetSettings("mnist"), settings(20, 32, Optimizer("SGD", 0.05)), "mnist")


EXHIBITS = (
    Exhibit(
        "mlp12-sigmoid-start",
        better_start,
        "Lessons",
        (
            "A sigmoid divides the gradient by four at least, so weights eight times as large keep it alive.",
            "Nothing is changed but the numbers that training begins with, and the network learns.",
            "It is the weakest of the cures: what enters a sigmoid may still drift to where it is flat.",
        ),
        "Glorot and Bengio: Understanding the difficulty of training deep networks, 2010",
        Figure("validation accuracy", accuracy, 0.6),
    ),
    Exhibit(
        "mlp12-sigmoid-batchnorm",
        normalised,
        "Lessons",
        (
            "Batch norm moves what enters each sigmoid to its middle, where it is steepest.",
            "Its learned factor makes up for the quarter that every sigmoid takes.",
            "The activation is the same as in the network that does not learn.",
        ),
        "Ioffe and Szegedy: Batch normalization, 2015",
        Figure("validation accuracy", accuracy, 0.88),
    ),
    Exhibit(
        "mlp12-sigmoid-residual",
        residual,
        "Lessons",
        (
            "What enters a layer is added to what comes out, so its derivative is one and something.",
            "The gradient goes back along the additions without passing a single sigmoid but the first.",
            "Ten layers can be skipped that way, and each learns only what it has to add.",
        ),
        "He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2015",
        Figure("validation accuracy", accuracy, 0.85),
    ),
)
