"""Lessons about the settings of training: several copies of a network side by side, each with a setting of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional as F

from core.data.settings import DatasetSettings
from core.graph import Node
from core.project import Project
from core.training.evaluate import predict
from core.training.optimizers import Optimizer
from core.training.settings import Phase, TrainingSettings
from tools.gallery.drawing import Drawing, settings
from tools.gallery.exhibit import Exhibit, Figure, Outcome

RATES = (("small", 0.001), ("right", 0.2), ("large", 6.0))
LATE = 200
"""The last steps, over which curves are compared."""


def side_by_side(
    draw: Drawing, names: Sequence[str], branch: Callable[[Drawing, str, float], None], dataset: str = "digits"
) -> None:
    """One data node at the left, and a row of layers with its own loss for each name."""
    digits = draw.add("Dataset", "digits", draw.place(0, (len(names) - 1) / 2), dataset=dataset)
    for row, name in enumerate(names):
        draw.tip = (digits, "image")
        branch(draw, name, float(row))


def learning_rates() -> Project:
    """The same network three times, with a rate that is too small, right, and too large."""
    draw = Drawing(7)

    def branch(draw: Drawing, name: str, row: float) -> None:
        digits = draw.tip[0]
        draw.layer("Flatten", f"{name}_flatten", draw.place(1, row))
        draw.layer("Linear", f"{name}_fc1", draw.place(2, row), out_features=32)
        draw.layer("Tanh", f"{name}_tanh", draw.place(3, row))
        draw.layer("Linear", f"{name}_fc2", draw.place(4, row), out_features=10)
        draw.loss("CrossEntropy", f"{name}_loss", (digits, "label"), draw.place(5, row))

    side_by_side(draw, [name for name, _rate in RATES], branch)
    phases = tuple(_phase(draw.nodes, name, Optimizer("SGD", rate)) for name, rate in RATES)
    return draw.project(
        "Learning rate",
        "Too small, right and too large: three copies of one network, three curves of loss.",
        DatasetSettings("digits"),
        TrainingSettings(epochs=15, batch_size=32, phases=phases),
        "digits",
    )


def _phase(nodes: Sequence[Node], name: str, optimizer: Optimizer) -> Phase:
    """What trains the layers of one branch, by its own loss."""
    (loss,) = (node.id for node in nodes if node.name == f"{name}_loss")
    layers = tuple(node.name for node in nodes if node.kind == "Linear" and node.name.startswith(f"{name}_"))
    return Phase((loss,), layers, optimizer)


def right_beside_the_others(outcome: Outcome) -> float:
    """The late loss with the right rate over that of the better of the other two."""
    late = {name: float(np.mean(outcome.column(f"loss:{name}_loss")[-LATE:])) for name, _rate in RATES}
    return late["right"] / min(late["small"], late["large"])


def dropout() -> Project:
    """A wide network on few pictures, twice: as it is, and with dropout."""
    draw = Drawing(9)

    def branch(draw: Drawing, name: str, row: float) -> None:
        digits = draw.tip[0]
        column = 1
        draw.layer("Flatten", f"{name}_flatten", draw.place(column, row))
        for number in (1, 2):
            for kind in ("Linear", "ReLU", *(("Dropout",) if name == "dropout" else ())):
                column += 1
                params = {"out_features": 256} if kind == "Linear" else {"p": 0.5} if kind == "Dropout" else {}
                draw.layer(kind, f"{name}_{kind.lower()}{number}", draw.place(column, row), **params)
        draw.layer("Linear", f"{name}_out", draw.place(column + 1, row), out_features=10)
        draw.loss("CrossEntropy", f"{name}_loss", (digits, "label"), draw.place(column + 2, row))

    side_by_side(draw, ("plain", "dropout"), branch, "fashion")
    return draw.project(
        "Overfitting and dropout",
        "A wide network learns few pictures by heart; dropout keeps it from that.",
        DatasetSettings("fashion", (("samples", 1000),), validation=0.5),
        settings(120, 32, Optimizer("Adam", 0.001)),
        "fashion",
    )


def dropout_beside_plain(outcome: Outcome) -> float:
    """The validation loss with dropout over that without."""
    (data,) = outcome.data.values()
    images, labels = (data.fields[name][data.validation] for name in ("image", "label"))
    outputs = predict(outcome.project, dict(outcome.weights), {"image": images})
    losses = {name: F.cross_entropy(torch.as_tensor(outputs[f"{name}_out"]), labels) for name in ("plain", "dropout")}
    return float(losses["dropout"] / losses["plain"])


def batches(size: int) -> Project:
    """A small network on digits with batches of this size, and a rate that grows as the batches do."""
    draw = Drawing(4)
    digits = draw.data("digits", "digits", "image")
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc1", out_features=32)
    draw.layer("ReLU", "relu")
    draw.layer("Linear", "fc2", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"))
    words = {4: ("Small batches", "Four digits a step: the loss jumps, for each gradient tells of few samples.")}
    words[256] = ("Large batches", "256 digits a step: the same network goes down smoothly, in fewer steps an epoch.")
    made = draw.project(*words[size], DatasetSettings("digits"), settings(10, size, Optimizer("SGD", 0.05)), "digits")
    if size == 4:
        return made
    return replace(made, training=replace(made.training, epochs=100, phases=(Phase(optimizer=Optimizer("SGD", 0.4)),)))


def jumpiness(outcome: Outcome) -> float:
    """How far the loss of a step is from the mean of its neighbours, relative to that: the mean over a late stretch."""
    losses = outcome.column("loss")[len(outcome.rows) // 2 :]
    smooth = np.convolve(losses, np.ones(25) / 25, "valid")
    return float(np.mean(np.abs(losses[12:-12] - smooth) / smooth))


EXHIBITS = (
    Exhibit(
        "learning-rate",
        learning_rates,
        "Lessons",
        (
            "Three copies of one network see the same batches and differ in nothing but the rate.",
            "The small one is still on its way when the right one has arrived; the large one jumps over the valley.",
            "A curve that wiggles is the sign of a rate that is too large, a straight slow one of a rate too small.",
        ),
        "Bengio: Practical recommendations for gradient-based training of deep architectures, 2012",
        Figure("late loss over that of the better other rate", right_beside_the_others, 0.2, lower=True, form=".3f"),
    ),
    Exhibit(
        "dropout",
        dropout,
        "Lessons",
        (
            "With 500 pictures and 270,000 weights a network knows every sample by heart within some epochs.",
            "Dropout hides half of the units in each step, so no unit can rely on another's memory.",
            "Both end with a training loss near zero, but on new pictures the plain one is surer when it is wrong.",
        ),
        "Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout, 2014",
        Figure("validation loss over that without dropout", dropout_beside_plain, 0.85, lower=True, form=".3f"),
    ),
    Exhibit(
        "batch-small",
        lambda: batches(4),
        "Lessons",
        (
            "The gradient of four samples is a poor guess of that of all, so each step goes a little astray.",
            "The noise is not only bad: it is cheap, and shakes the network out of narrow valleys.",
            "Compare the curve with that of batches of 256.",
        ),
        "McCandlish, Kaplan, Amodei: An empirical model of large-batch training, 2018",
        Figure("relative jump of the loss from step to step", jumpiness, 0.5, form=".2f"),
    ),
    Exhibit(
        "batch-large",
        lambda: batches(256),
        "Lessons",
        (
            "The mean over 256 samples has a sixty-fourth of the variance of the mean over four.",
            "So the loss goes down smoothly and bears a larger rate, but an epoch has only six steps.",
            "Beyond some size more samples make the step no better, only slower.",
        ),
        "McCandlish, Kaplan, Amodei: An empirical model of large-batch training, 2018",
        Figure("relative jump of the loss from step to step", jumpiness, 0.3, lower=True, form=".2f"),
    ),
)
