"""Faults of the network and of what it is judged by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.case import merge
from tests.faulty.fresh.bodies import Body, arch, body, pictures, plain, recurrent, residual, worded
from tests.faulty.fresh.drawn import Drawn, faulty, measured
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import task
from tests.faulty.view import Layer


def no_bend(luck: Luck, _hard: bool) -> Drawn:
    """Linear layers with nothing but norms or dropout between."""
    what = task(luck, is_bent=True)
    stack = body(luck, depth=(2, 4), norm=luck.one(("", "bn", "ln")))
    if stack.norm == "ln":
        stack = replace(stack, norm="", drop=0.1)
    twin = plain(luck, what, stack)
    layers = [layer for layer in twin["arch"] if layer[0] != stack.act]
    return faulty("MISSING_NONLINEARITY", twin, {"arch": layers}, "no bend between", ("UNDERFITTING_CAPACITY",))


def no_bend_pictures(luck: Luck, _hard: bool) -> Drawn:
    """Convolutions one after another, averaged: a linear map of the picture."""
    what = task(luck, ("pictures",))
    stack = Body((12, 16), luck.one(("relu", "gelu")), luck.one(("", "bn")))
    train = {"opt": "adam", "lr": luck.wide(2e-3, 8e-3), "batch": 64, "steps": 350}
    layers: list[Layer] = [*stack.layers("conv"), ["gap"], ["linear", what.outputs]]
    twin = {"data": what.data, "arch": layers, "init": stack.start, "train": train}
    bare = [layer for layer in layers if layer[0] != stack.act]
    return faulty("MISSING_NONLINEARITY", twin, {"arch": bare}, "convolutions, no bend", ("UNDERFITTING_CAPACITY",))


def twice_squashed(luck: Luck, _hard: bool) -> Drawn:
    """A softmax or sigmoid before a loss that has its own."""
    what = task(luck, ("points", "features"), is_number=False)
    stack = body(luck, depth=(1, 2))
    twin = measured(plain(luck, what, stack), "neg_val_loss")
    if what.outputs == 2 and luck.chance(0.6):
        twin = {**twin, "arch": [*stack.layers(), ["linear", 1]], "train": {**twin["train"], "loss": "bce"}}
        return faulty("DOUBLE_SOFTMAX", twin, {"arch": [*twin["arch"], ["sigmoid"]]}, "sigmoid before logits' loss")
    return faulty("DOUBLE_SOFTMAX", twin, {"arch": [*twin["arch"], ["softmax"]]}, "softmax before cross-entropy")


def twice_squashed_elsewhere(luck: Luck, _hard: bool) -> Drawn:
    """The same behind convolutions, memories or words."""
    what = task(luck, ("pictures", "sequence", "tokens"), is_number=False)
    makers = {"pictures": pictures, "sequence": recurrent, "tokens": worded}
    twin = measured(makers[what.shape](luck, what), "neg_val_loss")
    return faulty("DOUBLE_SOFTMAX", twin, {"arch": [*twin["arch"], ["softmax"]]}, "softmax before cross-entropy")


def cramped_output(luck: Luck, _hard: bool) -> Drawn:
    """A bend at the output that cannot reach the targets."""
    what = task(luck, is_number=True)
    bend = luck.one(("tanh", "sigmoid", "relu"))
    scale = luck.even(2.5, 5) if bend != "relu" else luck.even(1, 2)
    twin = plain(luck, what.with_data(y_scale=scale, **({"y_standardize": None})), body(luck, depth=(1, 3)))
    if "y_standardize" in what.data:  # the scale would be taken away again
        small = {"friedman": 0.8, "circuit": 0.01}.get(what.data["name"], scale)
        shift = {"friedman": -11.5, "circuit": -4.5}.get(what.data["name"], 0.0)
        twin = merge(twin, {"data": {"y_scale": small, "y_shift": shift}})
    fault = {"arch": [*twin["arch"], [bend]]}
    also = ("SATURATED_ACTIVATION", "TARGET_NOT_NORMALIZED", *(("DEAD_RELU",) if bend == "relu" else ()))
    return faulty("OUTPUT_ACTIVATION_MISMATCH", twin, fault, f"{bend} at the output", also)


def narrow(luck: Luck, hard: bool) -> Drawn:
    """A layer through which next to nothing fits."""
    what = task(luck, ("points", "features"), is_number=False)
    while what.outputs < 4:
        what = task(luck, ("points", "features"), is_number=False)
    stack = Body((48, 32, 48), luck.one(("tanh", "gelu", "relu")))
    twin = plain(luck, what, stack)
    thin = (
        replace(stack, widths=(2,)) if hard else replace(stack, widths=luck.one(((1,), (48, 1, 48), (48, 1), (1, 32))))
    )
    layers = arch(what, thin)
    return faulty("UNDERFITTING_CAPACITY", twin, {"arch": layers}, f"widths {thin.widths}", ("DEAD_RELU",))


def dropped(luck: Luck, hard: bool) -> Drawn:
    """Dropout that leaves next to nothing."""
    what, share = task(luck), luck.even(0.75, 0.85) if hard else luck.even(0.88, 0.97)
    stack = replace(body(luck, "relu", (2, 3), ""), drop=0.02)
    if hard:
        stack = replace(stack, widths=(24,) * len(stack.widths))
    twin = plain(luck, what, stack, luck.one(("adam", "sgd")))
    fault = {"arch": arch(what, replace(stack, drop=share))}
    return faulty("DROPOUT_TOO_HIGH", twin, fault, f"dropout {share}")


def frozen(luck: Luck, hard: bool) -> Drawn:
    """Layers that are not trained."""
    what = task(luck, is_bent=True)
    stack = Body((luck.one((4, 6, 8)),) * luck.whole(2, 3), luck.one(("tanh", "relu")))
    twin = plain(luck, what, replace(stack, widths=(24,) * len(stack.widths)))
    places = [0] if hard else list(range(len(stack.widths)))
    if hard or luck.chance(0.5):
        fault: dict[str, Any] = {"arch": arch(what, stack), "train": {"freeze": places}}
        return faulty("UNTRAINED_LAYER", twin, fault, f"layers {places} frozen")
    layers = arch(what, stack)
    place = 2 * luck.whole(1, len(stack.widths))
    return faulty("UNTRAINED_LAYER", twin, {"arch": [*layers[:place], ["detach"], *layers[place:]]}, "gradient cut off")


def frozen_everywhere(luck: Luck, _hard: bool) -> Drawn:
    """A trunk of pictures, blocks or memories that is not trained."""
    what = task(luck, ("pictures", "sequence", "points"))
    if what.shape == "pictures":
        twin, count = pictures(luck, what), 2
    elif what.shape == "sequence":
        twin, count = recurrent(luck, what), 1
    else:
        twin, count = residual(luck, what, 3), 6
    return faulty("UNTRAINED_LAYER", twin, {"train": {"freeze": list(range(count))}}, f"first {count} layers frozen")


def wrong_loss(luck: Luck, _hard: bool) -> Drawn:
    """Classes as if they were a number."""
    what = task(luck, ("points", "features"), is_number=False)
    while what.outputs < 4:
        what = task(luck, ("points", "features"), is_number=False)
    twin = plain(luck, what, body(luck, depth=(1, 3)))
    loss = luck.one(("mse", "mse", "bce"))
    fault = {"arch": [*twin["arch"][:-1], ["linear", 1]], "train": {"loss": loss}}
    also = ("UNDERFITTING_CAPACITY", "TARGET_NOT_NORMALIZED")
    return faulty("WRONG_LOSS", twin, fault, f"{what.outputs} classes by {loss} of one output", also)


MODEL = (
    *(no_bend, no_bend_pictures, twice_squashed, twice_squashed_elsewhere, cramped_output, narrow),
    *(dropped, frozen, frozen_everywhere, wrong_loss),
)
