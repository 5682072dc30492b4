"""Faults of how signals and gradients flow: bends, starts, depth."""

from __future__ import annotations

from dataclasses import replace

from tests.faulty.case import merge
from tests.faulty.fresh.bodies import Body, arch, body, pictures, plain, recurrent, residual
from tests.faulty.fresh.drawn import Drawn, faulty, measured
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import Task, task


def sigmoids(luck: Luck, hard: bool) -> Drawn:
    """Many sigmoids above one another."""
    what = task(luck)
    depth = luck.whole(4, 5) if hard else luck.whole(6, 9)
    stack = Body((luck.one((12, 16, 24, 32, 48)),) * depth, "relu")
    opt = "sgd" if hard else luck.one(("sgd", "adam", "adamw"))
    twin = plain(luck, what, stack, opt)
    start = luck.one(({}, {"w": "xavier"}))
    layers = arch(what, replace(stack, act="sigmoid"))
    spec = {**twin, "arch": layers, "init": start}
    also = ("SATURATED_ACTIVATION", "LR_TOO_LOW") if hard else ("SATURATED_ACTIVATION",)
    return Drawn("VANISHING_GRADIENT", spec, twin, f"{depth} sigmoid layers, {opt}", also)


def mixed(luck: Luck, _hard: bool) -> Drawn:
    """Sigmoids in one part of a network of other bends."""
    what, depth = task(luck), luck.whole(8, 10)
    other = luck.one(("tanh", "relu"))
    stack = Body((luck.one((16, 24, 32)),) * depth, other)
    twin = plain(luck, what, stack)
    count = depth - luck.whole(1, 2)
    acts = ["sigmoid"] * count + [other] * (depth - count)
    acts = acts if luck.chance(0.5) else acts[::-1]
    spec = {**twin, "arch": arch(what, stack, acts)}
    return Drawn("VANISHING_GRADIENT", spec, twin, f"{count} sigmoid among {other} layers", ("SATURATED_ACTIVATION",))


def too_deep(luck: Luck, _hard: bool) -> Drawn:
    """A great many plain layers with torch's own start."""
    what, depth = task(luck), luck.whole(12, 16)
    stack = Body((luck.one((24, 32)),) * depth, "relu")
    twin = plain(luck, what, replace(stack, norm="bn"), "adam")
    spec = {**twin, "arch": arch(what, stack), "init": {}}
    return Drawn("VANISHING_GRADIENT", spec, twin, f"{depth} ReLU layers, torch's own start", ("BAD_INIT_SMALL",))


def forgetful(luck: Luck, hard: bool) -> Drawn:
    """A recurrent layer whose memory fades before what it needs."""
    length, kind = (luck.whole(20, 30), "rnn") if hard else (luck.whole(30, 55), "rnn")
    said = {"name": "recall", "n": 1200, "T": length, "k": luck.whole(2, 4), "distract": luck.even(0.2, 0.5)}
    what = Task(said, int(str(said["k"])), "sequence")
    twin = recurrent(luck, what, kind)
    twin = merge(twin, {"train": {"opt": "adam", "lr": luck.wide(1e-3, 3e-3), "batch": 64, "steps": 350}})
    gain = luck.even(0.5, 0.65) if hard else luck.even(0.2, 0.5)
    return faulty("VANISHING_GRADIENT", twin, {"init": {"rnn_gain": gain}}, f"RNN, gain {gain}, {length} steps")


def starts_small(luck: Luck, hard: bool) -> Drawn:
    """Weights far too small."""
    act, depth = luck.one(("relu", "tanh", "gelu", "leaky")), luck.whole(5, 9)
    what, stack = task(luck), Body((luck.one((24, 32, 48)),) * depth, act)
    twin = plain(luck, what, stack, luck.one(("sgd", "sgd", "adam")))
    if hard or luck.chance(0.5):
        gain = luck.even(0.35, 0.45) if hard else luck.even(0.15, 0.35)
        return _small(twin, {"init": {"gain": gain}}, f"{act} x{depth}, gain {gain}")
    std = luck.wide(0.01, 0.04)
    return _small(twin, {"init": {"w": "normal", "std": std}}, f"{act} x{depth}, N(0, {std})")


def _small(twin: dict[str, object], fault: dict[str, object], note: str) -> Drawn:
    return faulty("BAD_INIT_SMALL", twin, fault, note, ("VANISHING_GRADIENT",))


def starts_large(luck: Luck, hard: bool) -> Drawn:
    """Weights far too large, so that gradients grow."""
    what, depth = task(luck), luck.whole(4, 7)
    stack = Body((luck.one((32, 48, 64)),) * depth, luck.one(("relu", "leaky", "gelu")))
    twin = plain(luck, what, stack, luck.one(("sgd", "adam")))
    gain = luck.even(1.8, 2.2) if hard else luck.even(2.4, 4.0)
    also = ("NONFINITE", "BAD_INIT_LARGE", "BAD_INIT_OUTPUT")
    return faulty("EXPLODING_GRADIENT", twin, {"init": {"gain": gain}}, f"He x{gain}, {depth} layers", also)


def grows_by_blocks(luck: Luck, _hard: bool) -> Drawn:
    """Blocks that add without a norm, begun so that each doubles what it gets."""
    what, blocks = task(luck), luck.whole(9, 16)
    spec = residual(luck, what, blocks)
    gain = luck.even(1.1, 1.5)
    spec = merge(spec, {"init": {"w": "he", "gain": gain}, "train": {"opt": "sgd", "lr": 0.02, "momentum": 0.0}})
    twin = merge(spec, {"init": {"gain": 0.25}})
    also = ("NONFINITE", "BAD_INIT_LARGE", "BAD_INIT_OUTPUT")
    return Drawn("EXPLODING_GRADIENT", spec, twin, f"{blocks} blocks without a norm, He x{gain}", also)


def grows_through_time(luck: Luck, _hard: bool) -> Drawn:
    """A recurrent layer that multiplies what it remembers."""
    what = task(luck, ("sequence",))
    twin = recurrent(luck, what, "rnn")
    twin = merge(twin, {"arch": [["rnn", 24, "relu"], ["last"], ["linear", what.outputs]]})
    gain = luck.even(2.4, 3.4)
    also = ("NONFINITE", "BAD_INIT_LARGE", "BAD_INIT_OUTPUT")
    return faulty("EXPLODING_GRADIENT", twin, {"init": {"rnn_gain": gain}}, f"ReLU RNN, gain {gain}", also)


def dead(luck: Luck, hard: bool) -> Drawn:
    """Biases that shut every ReLU."""
    what, act = task(luck), "relu"
    stack = Body((luck.one((24, 32, 64)),) * luck.whole(2, 3), act)
    twin = plain(luck, what, stack, luck.one(("adam", "sgd")))
    bias = -luck.even(2.5, 4) if hard else -luck.even(5, 10)
    return faulty("DEAD_RELU", twin, {"init": {"b": bias}}, f"hidden biases {bias}")


def dead_pictures(luck: Luck, _hard: bool) -> Drawn:
    """Biases that shut the ReLUs of convolutions."""
    twin = pictures(luck, task(luck, ("pictures",)), "", "relu")
    bias = -luck.even(4, 9)
    return faulty("DEAD_RELU", twin, {"init": {"b": bias}}, f"biases {bias} of convolutions")


def saturated(luck: Luck, hard: bool) -> Drawn:
    """Weights so large that every sigmoid or tanh stands at its limits."""
    what, act = task(luck), luck.one(("tanh", "sigmoid"))
    good = body(luck, "tanh", (2, 4), "")
    twin = plain(luck, what, good, luck.one(("sgd", "sgd", "adam")))
    gain = luck.even(5, 8) if hard else luck.even(10, 25)
    fault = {"arch": arch(what, replace(good, act=act)), "init": {"w": "xavier", "gain": gain, "last_scale": 1 / gain}}
    return faulty("SATURATED_ACTIVATION", twin, fault, f"{act}, Xavier x{gain}", ("BAD_INIT_LARGE",))


def symmetric(luck: Luck, _hard: bool) -> Drawn:
    """All weights of a layer alike."""
    what = task(luck, is_bent=True)
    stack = body(luck, luck.one(("tanh", "relu", "gelu")), (1, 3), "")
    twin = plain(luck, what, stack)
    value = luck.one((0.0, 0.02, 0.05, 0.1, 0.2))
    also = ("BAD_INIT_SMALL",) if value == 0 else ()
    return faulty("SYMMETRIC_INIT", twin, {"init": {"w": "const", "value": value}}, f"all weights {value}", also)


def loud_output(luck: Luck, hard: bool) -> Drawn:
    """A last layer so large that the loss begins far above chance."""
    what = task(luck, is_number=False)
    twin = plain(luck, what, body(luck, depth=(1, 2), norm=""), luck.one(("adam", "sgd")))
    twin = measured(merge(twin, {"train": {"steps": 120}}), "neg_val_loss")
    scale = luck.even(8, 15) if hard else luck.even(20, 60)
    fault = {"init": {"last_scale": scale}}
    return faulty("BAD_INIT_OUTPUT", twin, fault, f"last layer x{scale}", ("BAD_INIT_LARGE",))


FLOW = (sigmoids, mixed, too_deep, forgetful, starts_small, starts_large, grows_by_blocks, grows_through_time)
UNITS = (dead, dead_pictures, saturated, symmetric, loud_output)
