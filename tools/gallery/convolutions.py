"""Networks of convolutions."""

from __future__ import annotations

from core.data.settings import DatasetSettings
from core.project import Project
from core.training.optimizers import Optimizer
from tools.gallery.drawing import Drawing, settings
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
)
