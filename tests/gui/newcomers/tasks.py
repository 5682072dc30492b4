"""Six tasks of a newcomer as scripts of gestures: what stands at first, what is done, what must stand then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import resources
from core.data.settings import DatasetSettings
from core.files import load
from core.project import Project
from core.training.settings import Optimizer
from tests.gui.hand import ALT, CTRL, KEY, SHIFT
from tests.gui.newcomers.newcomer import Newcomer
from tools.gallery.drawing import Drawing, settings

TEMPLATES = Path(resources.__file__).parent / "templates"
LINES = (
    "mnist",
    "conv2d 6 5 padding=2",
    "tanh",
    "avgpool2d 2",
    "conv2d 16 5",
    "tanh",
    "avgpool2d 2",
    "flatten",
    "linear 120",
    "tanh",
    "linear 84",
    "tanh",
    "linear",
    "crossentropy",
)


@dataclass(frozen=True)
class Task:
    """One task: its words, the script, the project at first (None: the start page) and the one it is to be."""

    name: str
    words: str
    script: Callable[[Newcomer], None]
    begin: Callable[[], Project] | None
    wanted: Callable[[], Project]
    python: tuple[str, str]
    """The same edit in Python: the source before, if there is one, and after."""


def lenet_by_mouse(hand: Newcomer) -> None:
    """Only the mouse: rows of the palette, and titles of numbers that are dragged."""
    hand.begin()
    hand.add("Data", "data:mnist")
    hand.add("Convolution", "Conv2d")
    hand.scrub("out_channels", -2)
    hand.scrub("kernel_size", 2)
    hand.scrub("padding", 2)
    hand.add("Activation", "Tanh")
    hand.add("Pooling", "AvgPool2d")
    hand.add("Convolution", "Conv2d")
    hand.scrub("out_channels", 8)
    hand.scrub("kernel_size", 2)
    hand.add("Activation", "Tanh")
    hand.add("Pooling", "AvgPool2d")
    hand.add("Shape", "Flatten")
    hand.add("Linear", "Linear")
    hand.scrub("out_features", 56)
    hand.add("Activation", "Tanh")
    hand.add("Linear", "Linear")
    hand.scrub("out_features", 20)
    hand.add("Activation", "Tanh")
    hand.add("Linear", "Linear")
    hand.add("Loss", "CrossEntropy")


def lenet_by_keyboard(hand: Newcomer) -> None:
    """Only the keyboard: a line a layer."""
    hand.key(KEY.Key_N, CTRL)
    hand.key(KEY.Key_F6, SHIFT)
    for line in LINES:
        hand.type(line, KEY.Key_Return)


def norm_after_every_conv(hand: Newcomer) -> None:
    """One convolution, all of its kind, and a norm behind each."""
    hand.click(hand.card(hand.node("conv1").id))
    hand.key(KEY.Key_G, SHIFT)
    hand.key(KEY.Key_F6, SHIFT)
    hand.type("batchnorm2d", KEY.Key_Return)


def plain_to_residual(hand: Newcomer) -> None:
    """A wire from what goes in onto the wire of what comes out: the search has Add first."""
    for source, target in (("relu1", "relu3"), ("relu3", "relu5")):
        hand.drop_on_wire(source, target)
        hand.key(KEY.Key_Return)


def fold_and_repeat(hand: Newcomer) -> None:
    """A box around three layers, one key, and the count dragged from one to four."""
    hand.box("fc2", "relu2")
    hand.key(KEY.Key_G, CTRL)
    hand.scrub("repeat", 3)


def repair(hand: Newcomer) -> None:
    """The exercise of the start page: the first fix of what is wrong, until nothing is."""
    hand.open_card("repair-lenet5")
    while hand.work.editor.reading.problems:
        hand.key(KEY.Key_Return, ALT)


def lenet() -> Project:
    """LeNet-5 as our template has it."""
    return load(TEMPLATES / "lenet5.chain")


def _begun(columns: int) -> tuple[Drawing, str]:
    draw = Drawing(columns)
    return draw, draw.data("mnist", "digits", "image")


def _ended(draw: Drawing, digits: str, name: str) -> Project:
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"))
    training = settings(1, 32, Optimizer("SGD", 0.05))
    return draw.project(name, "", DatasetSettings("mnist"), training, "mnist")


def plain(normalized: bool = False, residual: bool = False) -> Project:
    """Five convolutions of one width, with norms or with ways around each second pair."""
    draw, digits = _begun(6)
    skip = draw.tip
    for number in range(1, 6):
        draw.layer("Conv2d", f"conv{number}", out_channels=16, kernel_size=3, padding=1)
        if normalized:
            draw.layer("BatchNorm2d", f"bn{number}")
        if residual and number in (3, 5):
            node, inside = draw.add("Add", f"add{number // 2}"), draw.tip
            draw.wire(inside, node, "inputs", 0)
            draw.wire(skip, node, "inputs", 1)
            draw.tip = (node, "output")
        draw.layer("ReLU", f"relu{number}")
        skip = draw.tip if number in (1, 3) else skip
    draw.layer("AdaptiveAvgPool2d", "pool", output_size=1)
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc", out_features=10)
    return _ended(draw, digits, "Plain")


def shallow(hidden: int = 1) -> Project:
    """A few layers, of which three are to be repeated; already repeated where there are to be more."""
    draw, digits = _begun(9)
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc1", out_features=64)
    draw.layer("ReLU", "relu1")
    for number in range(2, 2 + hidden):
        draw.layer("Linear", f"fc{number}", out_features=64)
        draw.layer("BatchNorm1d", f"bn{number}")
        draw.layer("ReLU", f"relu{number}")
    draw.layer("Linear", f"fc{hidden + 2}", out_features=10)
    return _ended(draw, digits, "Shallow")


def repaired() -> Project:
    """What is left of the exercise when its faults are mended: LeNet-5, with a ReLU where a tanh was forgotten."""
    draw, digits = _begun(5)
    draw.layer("Conv2d", "conv1", out_channels=6, kernel_size=5, padding=2)
    draw.layer("Tanh", "tanh1")
    draw.layer("AvgPool2d", "pool1", kernel_size=2)
    draw.layer("Conv2d", "conv2", out_channels=16, kernel_size=5)
    draw.layer("Tanh", "tanh2")
    draw.layer("AvgPool2d", "pool2", kernel_size=2)
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc1", out_features=120)
    draw.layer("ReLU", "relu1")
    draw.layer("Linear", "fc2", out_features=84)
    draw.layer("Tanh", "tanh3")
    draw.layer("Linear", "fc3", out_features=10)
    return _ended(draw, digits, "Repaired")


TASKS = (
    Task("mouse", "Build LeNet-5 from nothing, mouse alone", lenet_by_mouse, None, lenet, ("", "lenet5")),
    Task("keyboard", "Build LeNet-5 from nothing, keyboard alone", lenet_by_keyboard, None, lenet, ("", "lenet5")),
    Task(
        "norms",
        "Insert batch norm after each of five convolutions",
        norm_after_every_conv,
        plain,
        lambda: plain(normalized=True),
        ("plain", "normalized"),
    ),
    Task(
        "residual",
        "Turn a plain net into a residual one, two skips",
        plain_to_residual,
        plain,
        lambda: plain(residual=True),
        ("plain", "residual"),
    ),
    Task(
        "block",
        "Fold three layers into a block and repeat it four times",
        fold_and_repeat,
        shallow,
        lambda: shallow(hidden=4),
        ("shallow", "repeated"),
    ),
    Task("repair", "Repair the exercise with seven faults", repair, None, repaired, ("broken", "repaired")),
)
"""In the order of the table in docs/newcomers.md."""
