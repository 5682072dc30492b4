"""Write the exercises, graphs with faults to find: python -m tools.make_exercises [FOLDER]."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from core.annotations import Annotation
from core.data.settings import DatasetSettings
from core.files import save
from core.project import Project
from core.training.optimizers import Optimizer
from tools.gallery.drawing import Drawing, settings

NOTE = """# Repair this network

It should read handwritten digits as **LeNet-5** does, but somebody drew it in a hurry. Seven things are wrong:

- two keep it from training, and two more show once those are mended,
- three would let it train, and learn less.

`F8` goes to the next problem, `Alt+Enter` makes the first fix that is offered. Say **why** before you take it, and
look whether another one is better. When the status line says *Graph valid*, press Train.
"""


def repair_lenet5() -> Project:
    """LeNet-5 with seven faults, as beginners make them.

    A loose target, a channel count left over from another net, no Flatten before the first Linear, nine scores for ten
    classes, a softmax before a loss that has one, no activation between two Linear, and a layer that nothing reads.
    """
    draw = Drawing(5)
    draw.data("mnist", "digits", "image")
    draw.layer("Conv2d", "conv1", out_channels=6, kernel_size=5, padding=2)
    draw.layer("Tanh", "tanh1")
    draw.layer("AvgPool2d", "pool1", kernel_size=2)
    draw.layer("Conv2d", "conv2", out_channels=16, kernel_size=5, in_channels=3)
    draw.layer("Tanh", "tanh2")
    draw.layer("AvgPool2d", "pool2", kernel_size=2)
    pooled = draw.tip
    draw.layer("Linear", "fc1", out_features=120)
    draw.layer("Linear", "fc2", out_features=84)
    draw.layer("Tanh", "tanh3")
    draw.layer("Linear", "fc3", out_features=9)
    draw.layer("Softmax", "softmax")
    loss = draw.add("CrossEntropy", "cross_entropy")
    draw.wire(draw.tip, loss, "logits")
    draw.wire(pooled, draw.add("BatchNorm2d", "bn"))
    project = draw.project(
        "Repair LeNet-5",
        "An exercise: seven faults, as beginners make them. A note says what to do.",
        DatasetSettings("mnist"),
        settings(20, 32, Optimizer("Momentum", 0.05)),
        "mnist",
    )
    note = Annotation("a1", "note", (0.0, -232.0, 578.0, 184.0), NOTE, "yellow")
    return replace(project, annotations=MappingProxyType({note.id: note}))


WIRING = """# Wire your first network

Four lengths of a flower go in, and out comes which of three species it is. The layers are there, the wires are not:

- drag from **features** to *fc1*, then from layer to layer, and from *fc2* to **logits** of the loss,
- drag from **label** of *iris* to **label** of the loss: the species that the answer is held against.

A wire says the shape of what it carries. When the status line says *Graph valid*, press Train.
"""


def wire_iris() -> Project:
    """The layers of a small network for iris, without a single wire."""
    draw = Drawing(5)
    draw.add("Dataset", "iris", dataset="iris")
    draw.add("Linear", "fc1", out_features=16)
    draw.add("ReLU", "relu1")
    draw.add("Linear", "fc2", out_features=3)
    draw.add("CrossEntropy", "cross_entropy")
    data = DatasetSettings("iris")
    project = draw.project(
        "Wire iris",
        "A first exercise: five cards that want wires.",
        data,
        settings(60, 16, Optimizer("Adam", 0.01)),
        "iris",
    )
    note = Annotation("a1", "note", (0.0, -184.0, 632.0, 144.0), WIRING, "yellow")
    return replace(project, annotations=MappingProxyType({note.id: note}))


EXERCISES = {"repair-lenet5": repair_lenet5, "wire-iris": wire_iris}


def main(folder: Path) -> None:
    """Write every exercise into the folder."""
    folder.mkdir(exist_ok=True)
    for name, make in EXERCISES.items():
        save(make(), folder / f"{name}.chain")
        print(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "resources" / "exercises")
