"""Two faults at once, either of which may be told first, and single ones near the edge of what does harm."""

from __future__ import annotations

from typing import Any

from tests.faulty.case import Spec, merge
from tests.faulty.fresh.bodies import Body, arch, body, plain, recurrent, sound
from tests.faulty.fresh.drawn import Drawn, faulty
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import task

HIGH = ("NONFINITE", "EXPLODING_GRADIENT", "DEAD_RELU", "SATURATED_ACTIVATION", "UNSTABLE_LOSS")


def pair(first: str, also: tuple[str, ...], twin: Spec, fault: dict[str, Any], note: str) -> Drawn:
    """Two faults laid over a twin; the labels of both are right."""
    return faulty(first, twin, fault, note, also)


def far_and_slow(luck: Luck, _hard: bool) -> Drawn:
    """Raw inputs, and a rate that was lowered until they trained without a NaN."""
    twin = plain(luck, task(luck), body(luck, depth=(1, 3), norm=""))
    scale, rate = luck.wide(30, 200), twin["train"]["lr"] / luck.wide(100, 1000)
    fault = {"data": {"x_scale": scale}, "train": {"lr": rate}}
    also = ("LR_TOO_LOW", "SATURATED_ACTIVATION", "BAD_INIT_OUTPUT", "EXPLODING_GRADIENT")
    return pair("INPUT_NOT_NORMALIZED", also, twin, fault, f"inputs x{scale:g}, rate {rate:.2g}")


def straight_and_squashed(luck: Luck, _hard: bool) -> Drawn:
    """No bends, and a softmax before the loss."""
    what, stack = task(luck, is_number=False, is_bent=True), body(luck, depth=(2, 3), norm="")
    twin = plain(luck, what, stack)
    layers = [layer for layer in twin["arch"] if layer[0] != stack.act]
    fault = {"arch": [*layers, ["softmax"]]}
    return pair("MISSING_NONLINEARITY", ("DOUBLE_SOFTMAX",), twin, fault, "no bends, and a softmax")


def dropped_and_decayed(luck: Luck, _hard: bool) -> Drawn:
    """Too much of everything that is to keep a network from learning by heart."""
    what, share = task(luck), luck.even(0.82, 0.92)
    stack = Body((48,) * luck.whole(1, 2), "relu", "", share)
    twin = plain(luck, what, Body(stack.widths, "relu"), "adamw")
    decay = float(f"{luck.wide(0.03, 0.1) / twin['train']['lr']:.3g}")
    fault = {"arch": arch(what, stack), "train": {"wd": decay}}
    return pair("DROPOUT_TOO_HIGH", ("WEIGHT_DECAY_TOO_HIGH",), twin, fault, f"dropout {share}, decay {decay}")


def deep_and_slow(luck: Luck, _hard: bool) -> Drawn:
    """Many sigmoids at a rate that would be too low anyway."""
    what, depth = task(luck), luck.whole(5, 8)
    twin = plain(luck, what, Body((24,) * depth, "relu"), "adam")
    acts = arch(what, Body((24,) * depth, "sigmoid"))
    fault = {"arch": acts, "init": {"w": "xavier"}, "train": {"lr": twin["train"]["lr"] / luck.wide(20, 100)}}
    also = ("LR_TOO_LOW", "SATURATED_ACTIVATION")
    return pair("VANISHING_GRADIENT", also, twin, fault, f"{depth} sigmoids, slow")


def clipped_and_gone(luck: Luck, _hard: bool) -> Drawn:
    """Gradients clipped to nothing, and a rate that is soon gone."""
    twin = merge(plain(luck, task(luck), opt="sgd"), {"train": {"momentum": 0.9, "lr": luck.wide(0.02, 0.1)}})
    clip, steps = luck.wide(2e-3, 2e-2), twin["train"]["steps"]
    fault = {"train": {"clip": clip, "sched": ["exp", round(1 - luck.wide(15, 40) / steps, 4)]}}
    also = ("CLIP_TOO_TIGHT", "LR_TOO_LOW")
    return pair("SCHEDULE_COLLAPSE", also, twin, fault, f"clip {clip}, rate soon gone")


def in_order_and_other(luck: Luck, _hard: bool) -> Drawn:
    """Sorted samples, and held-out ones on another scale."""
    twin = plain(luck, task(luck, is_number=False), body(luck, norm=""))
    fault = {"data": {"sort_by_class": True, "val_scale": luck.even(0.2, 0.45)}, "train": {"shuffle": False}}
    also = ("TRAIN_VAL_MISMATCH", "LR_TOO_HIGH")
    return pair("DATA_NOT_SHUFFLED", also, twin, fault, "in order, and held out on another scale")


def far_and_cramped(luck: Luck, _hard: bool) -> Drawn:
    """Targets far out, behind a tanh."""
    what = task(luck, is_number=True).with_data(y_standardize=True)
    twin, scale = plain(luck, what, body(luck, depth=(1, 2)), "adam"), luck.wide(30, 300)
    fault = {"data": {"y_standardize": None, "y_scale": scale}, "arch": [*twin["arch"], ["tanh"]]}
    also = ("TARGET_NOT_NORMALIZED", "SATURATED_ACTIVATION")
    return pair("OUTPUT_ACTIVATION_MISMATCH", also, twin, fault, f"targets x{scale:g} behind a tanh")


def slower(luck: Luck, _hard: bool) -> Drawn:
    """A rate some times too low."""
    twin, times = sound(luck, task(luck, ("points", "features", "pictures"))), luck.wide(15, 50)
    return faulty(
        "LR_TOO_LOW", twin, {"train": {"lr": twin["train"]["lr"] / times}}, f"rate / {times}", ("SLOW_CONVERGENCE",)
    )


def faster(luck: Luck, _hard: bool) -> Drawn:
    """A rate some times too high."""
    twin, times = sound(luck, task(luck, ("points", "features", "pictures", "sequence"))), luck.wide(8, 20)
    return faulty("LR_TOO_HIGH", twin, {"train": {"lr": twin["train"]["lr"] * times}}, f"rate x{times}", HIGH)


def fewer_sigmoids(luck: Luck, _hard: bool) -> Drawn:
    """Three or four sigmoids, or tanhs begun small, with plain steps."""
    what, depth = task(luck), luck.whole(3, 4)
    twin = plain(luck, what, Body((32,) * depth, "tanh"), "sgd")
    spec = {**twin, "arch": arch(what, Body((32,) * depth, "sigmoid")), "init": {}}
    also = ("SATURATED_ACTIVATION", "LR_TOO_LOW", "SLOW_CONVERGENCE")
    return Drawn("VANISHING_GRADIENT", spec, twin, f"{depth} sigmoids", also)


def a_little_loud(luck: Luck, _hard: bool) -> Drawn:
    """Weights that begin some times too large."""
    what, depth = task(luck), luck.whole(3, 5)
    twin = plain(luck, what, Body((48,) * depth, luck.one(("relu", "gelu"))), "sgd")
    gain = luck.even(1.9, 2.5)
    also = ("NONFINITE", "BAD_INIT_LARGE", "BAD_INIT_OUTPUT", "DEAD_RELU", "LR_TOO_HIGH")
    return faulty("EXPLODING_GRADIENT", twin, {"init": {"gain": gain}}, f"He x{gain}, {depth} layers", also)


def held_out_shifted(luck: Luck, _hard: bool) -> Drawn:
    """Held-out samples shifted by half a deviation and more."""
    twin, shift = plain(luck, task(luck)), luck.one((-1, 1)) * luck.even(0.5, 1.2)
    return faulty("TRAIN_VAL_MISMATCH", twin, {"data": {"val_scale": 1.0, "val_shift": shift}}, f"held out {shift:+g}")


def forgets_sooner(luck: Luck, _hard: bool) -> Drawn:
    """A recurrent layer whose matrix shrinks what it remembers a little."""
    said = {"name": "recall", "n": 1000, "T": luck.whole(25, 40), "k": 3, "distract": 0.3}
    what = task(luck, ("sequence",), is_number=False)
    twin = recurrent(luck, type(what)(said, 3, "sequence"), "rnn")
    twin = merge(twin, {"train": {"opt": "adam", "lr": luck.wide(1e-3, 3e-3), "batch": 64, "steps": 350}})
    gain = luck.even(0.5, 0.7)
    return faulty("VANISHING_GRADIENT", twin, {"init": {"rnn_gain": gain}}, f"RNN, gain {gain}, {said['T']} steps")


NEAR = (
    *(far_and_slow, straight_and_squashed, dropped_and_decayed, deep_and_slow, clipped_and_gone, in_order_and_other),
    *(far_and_cramped, slower, faster, fewer_sigmoids, a_little_loud, held_out_shifted, forgets_sooner),
)
