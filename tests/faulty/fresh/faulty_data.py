"""Faults of the samples: scales, labels, order, parts that differ."""

from __future__ import annotations

from tests.faulty.case import merge
from tests.faulty.fresh.bodies import body, plain, sound
from tests.faulty.fresh.drawn import Drawn, faulty, measured
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import Task, task

RUNS = ("SATURATED_ACTIVATION", "DEAD_RELU", "EXPLODING_GRADIENT", "LR_TOO_HIGH", "NONFINITE")


def far_inputs(luck: Luck, hard: bool) -> Drawn:
    """Inputs far from nought, or far apart."""
    what = task(luck)
    twin = plain(luck, what, body(luck, depth=(1, 3), norm=""))
    scale = luck.wide(15, 40) if hard else luck.wide(50, 500)
    shift = luck.one((0.0, 3.0, -3.0, 10.0)) * scale
    fault = {"data": {"x_scale": scale, "x_shift": shift}}
    return faulty("INPUT_NOT_NORMALIZED", twin, fault, f"inputs {shift:g} ± {scale:g}", RUNS)


def uneven_inputs(luck: Luck, hard: bool) -> Drawn:
    """One feature far larger than the others."""
    name = luck.one(("friedman", "product", "features"))
    number = {"y_standardize": True} if name != "features" else {"k": 3}
    width = 8 if name == "friedman" else luck.whole(6, 9)
    said = {"name": name, "n": 900, "f": width, "standardize": True, **number}
    what = Task(said, 1 if name != "features" else 3, "features", name != "features")
    twin = plain(luck, what, body(luck, depth=(1, 3), norm=""))
    scale = luck.wide(40, 80) if hard else luck.wide(300, 5000)
    factors = [1.0] * width
    factors[luck.whole(4, width - 1)] = scale
    return faulty("INPUT_NOT_NORMALIZED", twin, {"data": {"x_scale": factors}}, f"one feature x{scale:g}", RUNS)


def faint_inputs(luck: Luck, _hard: bool) -> Drawn:
    """Inputs so small that nothing of them comes through."""
    twin = plain(luck, task(luck), body(luck, depth=(2, 3), norm=""))
    scale = luck.wide(3e-4, 5e-3)
    also = ("BAD_INIT_SMALL", "LR_TOO_LOW", "VANISHING_GRADIENT")
    return faulty("INPUT_NOT_NORMALIZED", twin, {"data": {"x_scale": scale}}, f"inputs x{scale:g}", also)


def raw_inputs(luck: Luck, _hard: bool) -> Drawn:
    """Measured features as they were measured."""
    names = ("wine", "cancer", "circuit")
    what = task(luck, ("features",))
    while what.data["name"] not in names:
        what = task(luck, ("features",))
    twin = plain(luck, what, body(luck, depth=(1, 3), norm=""))
    fault = {"data": {"raw": True, "standardize": False}}
    return faulty("INPUT_NOT_NORMALIZED", twin, fault, f"{what.data['name']} as measured", RUNS)


def far_targets(luck: Luck, hard: bool) -> Drawn:
    """Targets far from nought, or far apart."""
    what = task(luck, is_number=True)
    what = what.with_data(y_standardize=True)
    twin = plain(luck, what, body(luck, depth=(1, 2), norm=""), luck.one(("adam", "adam", "sgd")))
    scale = luck.wide(5, 15) if hard else luck.wide(50, 2000)
    shift = scale * luck.one((8, 10) if hard else (0, 0, 5, 15))
    twin = {**twin, "data": {**twin["data"]}}
    spec = merge(twin, {"data": {"y_standardize": None, "y_scale": scale, "y_shift": shift}})
    also = ("LR_TOO_LOW", "EXPLODING_GRADIENT", "NONFINITE", "LR_TOO_HIGH")
    return Drawn("TARGET_NOT_NORMALIZED", spec, twin, f"targets {shift:g} ± {scale:g}", also)


def rare_class(luck: Luck, hard: bool) -> Drawn:
    """A class of which training has next to nothing."""
    many = {"n": 3000, "n_val": 600}
    what = task(luck, is_number=False)
    while what.data["name"] in ("digits", "wine", "cancer"):
        what = task(luck, is_number=False)
    noise = {"noise": 0.2} if what.data["name"] in ("moons", "circles") else {}
    what = what.with_data(**many, **noise)
    share = luck.even(0.05, 0.07) if hard else luck.even(0.01, 0.03)
    rare = {str(luck.whole(0, what.outputs - 1)): share}
    twin = measured(plain(luck, what, body(luck, depth=(1, 2), norm=""), "adam", 0.7), "bacc")
    twin = merge(twin, {"data": {"keep_frac": rare}, "train": {"class_weight": "balanced", "batch": 64}})
    return faulty("CLASS_IMBALANCE", twin, {"train": {"class_weight": None}}, f"classes kept {rare}")


def wrong_labels(luck: Luck, hard: bool) -> Drawn:
    """Labels that do not follow from the samples."""
    what = task(luck, ("points", "features", "pictures"), is_number=False)
    what = what.with_data(n_train=luck.one((250, 400, 600))) if what.data["name"] != "wine" else what
    twin = sound(luck, what)
    if hard:
        share = luck.even(0.75, 0.9)
        return faulty("LABEL_NOISE", twin, {"data": {"label_noise": share}}, f"labels wrong {share}", ("OVERFITTING",))
    return faulty("LABEL_NOISE", twin, {"data": {"shuffle_labels": True}}, "labels permuted", ("OVERFITTING",))


def in_order(luck: Luck, hard: bool) -> Drawn:
    """Batches of one class after another."""
    what = task(luck, is_number=False)
    what = what.with_data(n_train=600) if what.data["name"] == "digits" else what
    twin = plain(luck, what, body(luck, norm=luck.one(("", "ln"))))
    order = {"window_shuffle": luck.whole(60, 120)} if hard else {"sort_by_class": True}
    fault = {"data": order, "train": {"shuffle": False}}
    return faulty("DATA_NOT_SHUFFLED", twin, fault, f"in order: {order}", ("LR_TOO_HIGH",))


def other_parts(luck: Luck, hard: bool) -> Drawn:
    """Held-out samples that went through something else."""
    what = task(luck)
    twin = plain(luck, what, body(luck, norm=luck.one(("", "", "ln"))))
    if not hard and luck.chance(0.4):
        return _raw_held(luck)
    factor = luck.one((luck.even(0.3, 0.45), luck.even(2.2, 3.5))) if luck.chance(0.6) else 1.0
    shift = 0.0 if factor != 1 else luck.one((-1, 1)) * luck.even(0.8, 2)
    fault = {"data": {"val_scale": factor, "val_shift": shift}}
    return faulty("TRAIN_VAL_MISMATCH", twin, fault, f"held-out x{factor} + {shift}", ("OVERFITTING",))


def _raw_held(luck: Luck) -> Drawn:
    what = task(luck, ("features",))
    while what.data["name"] not in ("digits", "friedman"):
        what = task(luck, ("features",))
    twin = plain(luck, what)
    fault = {"data": {"standardize": "train_only"}}
    return faulty("TRAIN_VAL_MISMATCH", twin, fault, f"{what.data['name']}: held-out raw", ("OVERFITTING",))


def not_a_number(luck: Luck, _hard: bool) -> Drawn:
    """Some rows with a NaN."""
    what = task(luck, ("points", "features", "pictures", "sequence"))
    rows = luck.whole(1, 8)
    return faulty("NAN_INPUT", sound(luck, what), {"data": {"nan_rows": rows}}, f"{rows} rows with NaN", ("NONFINITE",))


def overfitted(luck: Luck, hard: bool) -> Drawn:
    """Far more weights than a few noisy samples can hold."""
    what = task(luck, ("points", "features"), is_number=False)
    while what.data["name"] in ("wine", "digits", "cancer"):
        what = task(luck, ("points", "features"), is_number=False)
    noise = {"noise": luck.even(0.3, 0.4)} if what.data["name"] in ("moons", "circles") else {}
    what = what.with_data(n=1000, n_train=luck.whole(60, 120), n_val=600, label_noise=luck.even(0.1, 0.25), **noise)
    stack = body(luck, luck.one(("relu", "tanh", "gelu")), (2, 3), "")
    stack = type(stack)((luck.one((128, 256)),) * len(stack.widths), stack.act)
    spec = measured(plain(luck, what, stack, "adam"), "neg_val_loss")
    spec = merge(spec, {"train": {"lr": luck.wide(1e-3, 3e-3), "batch": 16, "steps": 500 if hard else 900}})
    twin = merge(spec, {"train": {"steps": 25}})
    return Drawn("OVERFITTING", spec, twin, f"{what.data['n_train']} samples, {stack.widths}", ("LABEL_NOISE",))


def both(luck: Luck, _hard: bool) -> Drawn:
    """Inputs far apart and a rare class at once; either may be told first."""
    drawn = rare_class(luck, hard=True)
    scale = luck.wide(40, 150)
    spec = merge(drawn.spec, {"data": {"x_scale": scale}})
    also = ("CLASS_IMBALANCE", "SATURATED_ACTIVATION")
    return Drawn("INPUT_NOT_NORMALIZED", spec, drawn.twin, f"inputs x{scale:g} and {drawn.note}", also)


DATA = (
    *(far_inputs, uneven_inputs, faint_inputs, raw_inputs, far_targets, rare_class, wrong_labels),
    *(in_order, other_parts, not_a_number, overfitted),
)
