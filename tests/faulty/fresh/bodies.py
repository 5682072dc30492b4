"""Networks that fit a task, and settings that train them well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.faulty.case import Spec
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import Task
from tests.faulty.view import Layer

BENDS = ("relu", "relu", "tanh", "gelu", "leaky", "elu")
STARTS = {"relu": "he", "leaky": "he", "gelu": "he", "elu": "he", "selu": "lecun", "tanh": "xavier"}


@dataclass(frozen=True)
class Body:
    """Layers that are not laid out yet."""

    widths: tuple[int, ...]
    act: str
    norm: str = ""
    drop: float = 0.0

    @property
    def start(self) -> dict[str, Any]:
        """How its weights begin well."""
        return {"w": STARTS[self.act]} if self.act in STARTS else {}

    def layers(self, kind: str = "linear", acts: Sequence[str] = ()) -> list[Layer]:
        """A layer of weights, norm, bend and dropout for each width; `acts` are bends of their own."""
        found: list[Layer] = []
        for place, width in enumerate(self.widths):
            found.append([kind, width, 3] if kind == "conv" else [kind, width])
            found += [[self.norm]] if self.norm else []
            found.append([acts[place] if acts else self.act])
            found += [["dropout", self.drop]] if self.drop else []
        return found


def body(luck: Luck, act: str | None = None, depth: tuple[int, int] = (1, 3), norm: str | None = None) -> Body:
    """A stack of a depth within bounds; each width alike."""
    return Body(
        (luck.one((24, 32, 48, 64, 96)),) * luck.whole(*depth),
        act or luck.one(BENDS),
        luck.one(("", "", "", "bn", "ln")) if norm is None else norm,
    )


def arch(task: Task, stack: Body, acts: Sequence[str] = ()) -> list[Layer]:
    """The layers of a network of rows of numbers."""
    return [*stack.layers("linear", acts), ["linear", task.outputs]]


def settings(luck: Luck, task: Task, stack: Body, opt: str | None = None, steps: float = 1.0) -> dict[str, Any]:
    """An optimizer with a rate that suits it, a batch and enough steps."""
    opt = opt or luck.one(("sgd", "sgd", "adam", "adam", "adamw", "rmsprop"))
    said: dict[str, Any] = {"opt": opt, "batch": luck.one((16, 32, 32, 64))}
    deep = len(stack.widths) > 4 and not stack.norm
    if opt == "sgd":
        said |= {"momentum": 0.9, "lr": luck.wide(0.01, 0.03) if deep or task.is_number else luck.wide(0.03, 0.1)}
    elif opt == "rmsprop":
        said["lr"] = luck.wide(5e-4, 2e-3)
    else:
        said["lr"] = luck.wide(1e-3, 3e-3) if deep else luck.wide(2e-3, 8e-3)
    if opt == "adamw":
        said["wd"] = luck.one((0.01, 0.01, 0.05))
    said["steps"] = int(luck.whole(4, 6) * 100 * task.effort * steps)
    return said


def plain(luck: Luck, task: Task, stack: Body | None = None, opt: str | None = None, steps: float = 1.0) -> Spec:
    """A healthy network of rows of numbers."""
    stack = stack or body(luck)
    train = settings(luck, task, stack, opt, steps)
    return {"data": task.data, "arch": arch(task, stack), "init": stack.start, "train": train}


def residual(luck: Luck, task: Task, blocks: int, norm: str = "") -> Spec:
    """A healthy network with a wire past every block."""
    width, act = luck.one((24, 32, 48)), luck.one(("relu", "tanh", "gelu"))
    inner: list[Layer] = [*([[norm]] if norm else []), ["linear", width], [act], ["linear", width]]
    layers: list[Layer] = [["linear", width], *([["res", inner]] * blocks), ["linear", task.outputs]]
    train = {"opt": "adam", "lr": luck.wide(5e-4, 2e-3), "batch": 32, "steps": int(450 * task.effort)}
    return {"data": task.data, "arch": layers, "init": {}, "train": train}


def pictures(luck: Luck, task: Task, norm: str | None = None, act: str | None = None) -> Spec:
    """A healthy network of convolutions."""
    norm = luck.one(("", "bn")) if norm is None else norm
    stack = Body((luck.one((8, 12)), luck.one((12, 16))), act or luck.one(("relu", "gelu", "leaky")), norm)
    layers: list[Layer] = []
    for width in stack.widths:
        layers += [*Body((width,), stack.act, norm).layers("conv"), ["maxpool", 2]]
    layers.append(["flatten"])
    if luck.chance(0.5):
        layers += [["linear", 32], [stack.act]]
    train = settings(luck, task, stack, luck.one(("sgd", "adam", "adam")), 0.6)
    return {"data": task.data, "arch": [*layers, ["linear", task.outputs]], "init": stack.start, "train": train}


def recurrent(luck: Luck, task: Task, kind: str | None = None) -> Spec:
    """A healthy network that walks along a sequence."""
    kind, width = kind or luck.one(("rnn", "gru", "lstm")), luck.one((20, 24, 32))
    layers: list[Layer] = [[kind, width], ["last"], ["linear", task.outputs]]
    init: dict[str, Any] = {"rnn_gain": 1.0} if kind == "rnn" else {}
    if kind == "lstm" and luck.chance(0.5):
        init["forget_bias"] = luck.even(1.0, 2.0)
    train = {"opt": luck.one(("adam", "adam", "rmsprop")), "lr": luck.wide(4e-3, 1e-2), "batch": luck.one((32, 64))}
    if train["opt"] == "rmsprop":
        train["lr"] = luck.wide(1e-3, 3e-3)
    return {"data": task.data, "arch": layers, "init": init, "train": {**train, "steps": int(300 * task.effort)}}


def worded(luck: Luck, task: Task) -> Spec:
    """A healthy network of tokens."""
    width = luck.one((12, 16))
    middle = luck.one([[["meanpool"]], [["attn", 2], ["meanpool"]], [["gru", 20], ["last"]]])
    bend = luck.one(("relu", "tanh"))
    layers: list[Layer] = [["embed", task.data["V"], width], *middle, ["linear", 24], [bend], ["linear", task.outputs]]
    train = {"opt": "adam", "lr": luck.wide(8e-3, 2e-2), "batch": 64, "steps": 250}
    return {"data": task.data, "arch": layers, "init": {}, "train": train}


def sound(luck: Luck, task: Task) -> Spec:
    """A healthy network of whatever shape the samples have."""
    match task.shape:
        case "pictures":
            return pictures(luck, task)
        case "sequence":
            return recurrent(luck, task)
        case "tokens":
            return worded(luck, task)
    if luck.chance(0.2):
        return residual(luck, task, luck.whole(2, 5), luck.one(("", "ln")))
    return plain(luck, task)
