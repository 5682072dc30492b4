"""Faults of what the optimizer is told."""

from __future__ import annotations

from tests.faulty.case import merge
from tests.faulty.fresh.bodies import body, pictures, plain, recurrent, sound, worded
from tests.faulty.fresh.drawn import Drawn, faulty
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import task

ANY = ("points", "features", "features", "pictures", "sequence", "tokens")
HIGH = ("NONFINITE", "EXPLODING_GRADIENT", "DEAD_RELU", "SATURATED_ACTIVATION")


def rate_high(luck: Luck, hard: bool) -> Drawn:
    """A rate many times too high."""
    twin = sound(luck, task(luck, ANY))
    times = luck.wide(15, 30) if hard else luck.wide(40, 150)
    return faulty("LR_TOO_HIGH", twin, {"train": {"lr": twin["train"]["lr"] * times}}, f"rate x{times}", HIGH)


def rate_high_plain(luck: Luck, _hard: bool) -> Drawn:
    """Plain steps of a rate at which numbers run away or bounce."""
    twin = plain(luck, task(luck), body(luck, luck.one(("relu", "tanh")), norm=""), "sgd")
    rate = luck.wide(0.8, 4)
    twin = merge(twin, {"train": {"momentum": 0.0, "lr": 0.05}})
    return faulty("LR_TOO_HIGH", twin, {"train": {"lr": rate}}, f"SGD at {rate}", HIGH)


def rate_low(luck: Luck, hard: bool) -> Drawn:
    """A rate many times too low."""
    twin = sound(luck, task(luck, ANY))
    times = luck.wide(40, 100) if hard else luck.wide(300, 3000)
    return faulty("LR_TOO_LOW", twin, {"train": {"lr": twin["train"]["lr"] / times}}, f"rate / {times}")


def rate_falls(luck: Luck, hard: bool) -> Drawn:
    """A schedule that brings the rate to nothing long before the end."""
    twin = sound(luck, task(luck, ANY))
    steps = twin["train"]["steps"]
    if luck.chance(0.5):
        share = luck.wide(0.02, 0.03) if hard else luck.wide(0.008, 0.02)
        sched: list[object] = ["step", max(int(share * steps), 2), luck.one((0.2, 0.3, 0.5))]
    else:
        sched = ["exp", round(1 - (luck.wide(18, 25) if hard else luck.wide(30, 90)) / steps, 4)]
    return faulty("SCHEDULE_COLLAPSE", twin, {"train": {"sched": sched}}, f"schedule {sched}", ("LR_TOO_LOW",))


def clipped(luck: Luck, hard: bool) -> Drawn:
    """Gradients clipped to next to nothing."""
    what = task(luck, ("points", "features", "pictures"))
    twin = pictures(luck, what) if what.shape == "pictures" else plain(luck, what, opt="sgd")
    twin = merge(twin, {"train": {"opt": "sgd", "momentum": 0.9, "wd": None, "lr": luck.wide(0.02, 0.1)}})
    clip = luck.wide(0.005, 0.01) if hard else luck.wide(2e-4, 3e-3)
    return faulty("CLIP_TOO_TIGHT", twin, {"train": {"clip": clip}}, f"clip {clip}", ("LR_TOO_LOW",))


def momentum(luck: Luck, hard: bool) -> Drawn:
    """A momentum that never forgets."""
    twin = plain(luck, task(luck), body(luck, norm=""), "sgd")
    value = luck.one((0.993, 0.995)) if hard else luck.one((0.997, 0.998, 0.999))
    also = ("LR_TOO_HIGH", *HIGH)
    return faulty("OPTIMIZER_CONFIG", twin, {"train": {"momentum": value}}, f"momentum {value}", also)


def blunt_adam(luck: Luck, _hard: bool) -> Drawn:
    """An eps beside which gradients are nothing."""
    twin = plain(luck, task(luck), opt="adam")
    eps = luck.one((0.1, 0.3, 1.0))
    return faulty("OPTIMIZER_CONFIG", twin, {"train": {"eps": eps}}, f"Adam eps {eps}", ("LR_TOO_LOW",))


def hasty_adam(luck: Luck, _hard: bool) -> Drawn:
    """Moments that forget too quickly or never."""
    twin = plain(luck, task(luck), body(luck, norm=""), "adam")
    betas = luck.one(([0.9, 0.1], [0.9, 0.3], [0.999, 0.9], [0.9995, 0.999]))
    also = ("LR_TOO_HIGH", *HIGH)
    return faulty("OPTIMIZER_CONFIG", twin, {"train": {"betas": betas}}, f"Adam betas {betas}", also)


def decayed(luck: Luck, hard: bool) -> Drawn:
    """A decay that is stronger than what the data say."""
    twin = plain(luck, task(luck), body(luck, norm=""), luck.one(("sgd", "adamw", "adam")))
    opt, rate = twin["train"]["opt"], twin["train"]["lr"]
    if opt == "adamw":
        decay = luck.wide(0.03, 0.05) / rate if hard else luck.wide(0.08, 0.3) / rate
    else:
        decay = luck.wide(0.03, 0.05) if hard else luck.wide(0.08, 0.4)
    fault = {"train": {"wd": float(f"{decay:.3g}")}}
    return faulty("WEIGHT_DECAY_TOO_HIGH", twin, fault, f"{opt}, decay {decay:.3g}", ("UNDERFITTING_CAPACITY",))


def tiny_batches_norm(luck: Luck, _hard: bool) -> Drawn:
    """Batch norm of two or three samples."""
    if luck.chance(0.5):
        twin = pictures(luck, task(luck, ("pictures",)), "bn")
    else:
        twin = plain(luck, task(luck), body(luck, depth=(2, 3), norm="bn"))
    batch = luck.one((2, 2, 3))
    return faulty(
        "BN_SMALL_BATCH", twin, {"train": {"batch": batch}}, f"batch norm, {batch} a batch", ("BATCH_TOO_SMALL",)
    )


def noisy_steps(luck: Luck, _hard: bool) -> Drawn:
    """Batches of one or two samples at a rate that suits large ones."""
    what = task(luck)
    twin = plain(luck, what, body(luck, norm=""), "sgd")
    twin = merge(twin, {"train": {"batch": 64, "lr": luck.wide(0.05, 0.1)}})
    batch = luck.one((1, 1, 2))
    also = ("LR_TOO_HIGH", *HIGH)
    return faulty("BATCH_TOO_SMALL", twin, {"train": {"batch": batch}}, f"{batch} a batch", also)


def rate_high_gates(luck: Luck, _hard: bool) -> Drawn:
    """A recurrent or token network at a rate that suits no Adam."""
    what = task(luck, ("sequence", "tokens"))
    twin = worded(luck, what) if what.shape == "tokens" else recurrent(luck, what, luck.one(("lstm", "gru")))
    rate = luck.wide(0.3, 2.0)
    return faulty("LR_TOO_HIGH", twin, {"train": {"lr": rate}}, f"rate {rate}", HIGH)


SETTINGS = (
    *(rate_high, rate_high_plain, rate_high_gates, rate_low, rate_falls, clipped),
    *(momentum, blunt_adam, hasty_adam, decayed, tiny_batches_norm, noisy_steps),
)
