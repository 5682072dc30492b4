"""What depth does to gradients: the same network ill and healthy."""

from __future__ import annotations

from core.data.settings import DatasetSettings
from core.project import Project
from core.training.optimizers import Optimizer
from tools.gallery.drawing import Drawing, settings
from tools.gallery.exhibit import Exhibit, Figure, Outcome, accuracy


def deep_mlp(healthy: bool) -> Project:
    """Twelve layers of 64 units: sigmoid, where the gradient vanishes, or ReLU with batch norm, where it does not."""
    per_layer = ("BatchNorm1d", "ReLU") if healthy else ("Sigmoid",)
    draw = Drawing(9 if healthy else 8)
    digits = draw.data("mnist", "digits", "image")
    draw.layer("Flatten", "flatten")
    for number in range(1, 12):
        draw.layer("Linear", f"fc{number}", out_features=64)
        for kind in per_layer:
            stem = {"BatchNorm1d": "bn", "ReLU": "relu", "Sigmoid": "sigmoid"}[kind]
            draw.layer(kind, f"{stem}{number}")
    draw.layer("Linear", "fc12", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"))
    if healthy:
        name, lesson = (
            "Deep MLP, healthy",
            "The same twelve layers learn once ReLU and batch norm keep gradients alive.",
        )
    else:
        name, lesson = (
            "Deep MLP, vanishing",
            "Twelve sigmoid layers: watch the gradient fade before it reaches the first.",
        )
    return draw.project(name, lesson, DatasetSettings("mnist"), settings(20, 32, Optimizer("SGD", 0.05)), "mnist")


def at_chance(outcome: Outcome) -> float:
    """How far the accuracy is from that of guessing among ten digits."""
    return abs(accuracy(outcome) - 0.1)


EXHIBITS = (
    Exhibit(
        "mlp12-sigmoid",
        lambda: deep_mlp(healthy=False),
        "Lessons",
        (
            "The derivative of a sigmoid is at most a quarter, and the gradient is multiplied by it in every layer.",
            "After twelve layers some ten decades are lost: the first layers stay as they were drawn at random.",
            "The heatmap shows it at a glance, the loss curve only that nothing happens.",
        ),
        "Hochreiter 1991; Glorot and Bengio: Understanding the difficulty of training deep networks, 2010",
        Figure("distance of the accuracy from chance", at_chance, 0.05, lower=True),
    ),
    Exhibit(
        "mlp12-relu-batchnorm",
        lambda: deep_mlp(healthy=True),
        "Lessons",
        (
            "These are the twelve layers of the vanishing network, with two changes in each.",
            "ReLU passes gradients on as they are where it is open, and batch norm keeps it open for half of them.",
            "Gradients arrive at the first layer, and the network learns within an epoch.",
        ),
        "Nair and Hinton 2010; Ioffe and Szegedy: Batch normalization, 2015",
        Figure("validation accuracy", accuracy, 0.93),
    ),
)
