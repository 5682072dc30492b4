"""The first steps of a newcomer: what each opens, what is to be done there, and how one sees that it was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from core.instances import instances
from core.project import Project

DEEP = 20
"""Layers from which a network is deep enough to watch gradients fade."""
LEARNT = 0.5
"""The accuracy that shows that gradients arrive; chance is a tenth."""


class Seen(NamedTuple):
    """What has happened so far in one document."""

    before: Project
    """As it was opened."""
    now: Project
    ready: bool = False
    """Whether nothing keeps it from training."""
    epochs: int = 0
    """Those that its newest run has finished."""
    ended: bool = False
    """Whether a run came to its end, or was stopped."""
    accuracy: float | None = None
    """On held-out samples."""
    answered: bool = False
    """Whether the network was asked about something that the user gave by hand."""


class FirstStep(NamedTuple):
    """One thing to have done."""

    name: str
    """What its being done is kept under."""
    title: str
    opens: str
    """The file of resources that it begins with."""
    todo: str
    """What is to be done there, in words that stand over the canvas."""
    done: Callable[[Seen], bool]


def _wired(seen: Seen) -> bool:
    return seen.ready and len(seen.now.graph.edges) > len(seen.before.graph.edges)


def _watched(seen: Seen) -> bool:
    return seen.epochs > 0 and len(seen.now.graph.nodes) >= DEEP


def _cured(seen: Seen) -> bool:
    if seen.accuracy is None or seen.accuracy < LEARNT:
        return False
    return sum(node.kind == "Sigmoid" for node in seen.before.graph.nodes.values()) * 2 >= DEEP


def _reused(seen: Seen) -> bool:
    return _most_placed(seen.now) > max(_most_placed(seen.before), 1)


def _most_placed(project: Project) -> int:
    """How often the block that is used most runs, where it stands and repeats."""
    return max((sum(node.repeat for _scope, node in instances(project, block)) for block in project.blocks), default=0)


FIRST_STEPS = (
    FirstStep(
        "wire",
        "Wire your first network",
        "exercises/wire-iris.chain",
        "Drag from the dot at the right of a card to the left of the next, as the note says, until the status line "
        "tells that the graph is valid.",
        _wired,
    ),
    FirstStep(
        "curve",
        "Read a loss curve",
        "templates/learning-rate.chain",
        "Press Train. Three equal networks differ in the learning rate alone: which curve creeps, which one jumps?",
        lambda seen: seen.ended,
    ),
    FirstStep(
        "gradients",
        "Watch gradients flow back",
        "templates/mlp12-relu-batchnorm.chain",
        "Press Train, and read the heatmap from the last layer to the first: one colour says that gradients arrive.",
        _watched,
    ),
    FirstStep(
        "cure",
        "Cure a vanishing gradient",
        "templates/mlp12-sigmoid.chain",
        "Press Train: the first layers get no gradient, and the accuracy stays at a tenth. Select a Linear, all of "
        "them with Shift+G, and put a BatchNorm1d behind each; train again until half of the digits are right.",
        _cured,
    ),
    FirstStep(
        "digit",
        "Let a network read your hand",
        "templates/lenet5.chain",
        "Press Train, open Predict (Ctrl+P) and draw a digit. Where does it hesitate?",
        lambda seen: seen.answered,
    ),
    FirstStep(
        "block",
        "Build a block and reuse it",
        "templates/vgg.chain",
        "Draw a box around conv3_2 and relu3_2, make them a block with Ctrl+G, and let it repeat in the inspector: the "
        "network grows by a number.",
        _reused,
    ),
)
