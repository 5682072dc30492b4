"""Healthy networks whose optimizer, batches or length look odd."""

from __future__ import annotations

from dataclasses import replace

from tests.faulty.case import merge
from tests.faulty.fresh.bodies import Body, body, pictures, plain, recurrent, sound, worded
from tests.faulty.fresh.drawn import Drawn, healthy
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import task

ANY = ("points", "features", "pictures", "sequence", "tokens")


def descending(luck: Luck, _hard: bool) -> Drawn:
    """Plain steps at a small rate, still on their way down when the run ends."""
    what = task(luck)
    spec = plain(luck, what, body(luck, luck.one(("relu", "tanh", "gelu"))), "sgd", luck.even(1.0, 2.5))
    rate = luck.wide(0.01, 0.05)
    return healthy(merge(spec, {"train": {"momentum": 0.0, "lr": rate}}), f"SGD at {rate}, still descending")


def short(luck: Luck, _hard: bool) -> Drawn:
    """A run of a few dozen steps that is enough."""
    what = task(luck, ("points", "features"))
    steps = luck.whole(50, 130)
    spec = plain(luck, what, body(luck, depth=(1, 2)), luck.one(("adam", "sgd")))
    return healthy(merge(spec, {"train": {"steps": steps}}), f"{steps} steps")


def long_since_done(luck: Luck, _hard: bool) -> Drawn:
    """A run that had learned what there is long before its end."""
    what = task(luck, ("points", "features"))
    spec = plain(luck, what, body(luck, depth=(1, 2)), steps=luck.even(2.5, 4.0))
    return healthy(spec, "learned long before the end")


def smoothed(luck: Luck, _hard: bool) -> Drawn:
    """Labels that are smoothed, so that the loss ends far above nothing."""
    share = luck.one((0.05, 0.1, 0.2))
    spec = sound(luck, task(luck, ANY, is_number=False))
    return healthy(merge(spec, {"train": {"smooth": share}}), f"labels smoothed by {share}")


def one_by_one(luck: Luck, _hard: bool) -> Drawn:
    """One or two samples a step, at a rate that suits that."""
    batch = luck.one((1, 2))
    spec = plain(luck, task(luck), body(luck, depth=(1, 2), norm=""), "sgd", 2.5)
    train = {"batch": batch, "lr": luck.wide(1e-3, 5e-3), "momentum": luck.one((0.0, 0.9, 0.9))}
    return healthy(merge(spec, {"train": train}), f"{batch} a batch at {train['lr']}")


def bold(luck: Luck, _hard: bool) -> Drawn:
    """A rate that would be too large elsewhere, and works."""
    what = task(luck)
    stack = body(luck, luck.one(("relu", "tanh", "gelu")), (1, 2), "")
    opt = luck.one(("sgd", "adam"))
    rate = luck.wide(0.2, 0.8) if opt == "sgd" else luck.wide(0.015, 0.05)
    spec = plain(luck, what, stack, opt)
    return healthy(merge(spec, {"train": {"lr": rate, "momentum": 0.0}}), f"{opt} at {rate}")


def clipped_now_and_then(luck: Luck, _hard: bool) -> Drawn:
    """Clipping that is at work in some steps."""
    clip = luck.one((1.0, 2.0, 5.0))
    what = task(luck, ("sequence", "features"))
    spec = recurrent(luck, what) if what.shape == "sequence" else plain(luck, what, opt="sgd")
    return healthy(merge(spec, {"train": {"clip": clip}}), f"clip {clip}, now and then")


def normed_in_fours(luck: Luck, _hard: bool) -> Drawn:
    """Batch norm over four to six samples, with many steps."""
    batch = luck.one((4, 5, 6))
    if luck.chance(0.4):
        spec = pictures(luck, task(luck, ("pictures",)), "bn")
    else:
        spec = plain(luck, task(luck), body(luck, depth=(1, 2), norm="bn"), "sgd", 2.0)
    rate = luck.wide(2e-3, 6e-3) if spec["train"]["opt"] == "sgd" else luck.wide(5e-4, 2e-3)
    return healthy(merge(spec, {"train": {"batch": batch, "lr": rate}}), f"batch norm of {batch}")


def decayed_lightly(luck: Luck, _hard: bool) -> Drawn:
    """Decay as it is usual with momentum, or more with AdamW."""
    spec = sound(luck, task(luck, ANY))
    opt = luck.one(("sgd", "adamw"))
    if opt == "sgd":
        train = {"opt": "sgd", "momentum": 0.9, "lr": luck.wide(0.01, 0.04), "wd": luck.one((1e-4, 5e-4, 1e-3))}
    else:
        train = {"opt": "adamw", "momentum": None, "lr": luck.wide(2e-3, 5e-3), "wd": luck.one((0.05, 0.1, 0.2))}
    return healthy(merge(spec, {"train": train}), f"{opt}, decay {train['wd']}")


def other_moments(luck: Luck, _hard: bool) -> Drawn:
    """Moments that some prefer to the usual ones."""
    betas = luck.one(([0.5, 0.999], [0.9, 0.98], [0.9, 0.95], [0.95, 0.999], [0.0, 0.99]))
    spec = plain(luck, task(luck), opt="adam")
    return healthy(merge(spec, {"train": {"betas": betas}}), f"Adam betas {betas}")


def long_memory(luck: Luck, _hard: bool) -> Drawn:
    """A momentum of 0.99 at a rate that is as much smaller."""
    spec = plain(luck, task(luck), body(luck, norm=""), "sgd", 1.5)
    return healthy(merge(spec, {"train": {"momentum": 0.99, "lr": luck.wide(5e-4, 2e-3)}}), "momentum 0.99")


def crowded(luck: Luck, _hard: bool) -> Drawn:
    """Hundreds of samples a batch."""
    batch = luck.one((128, 256))
    spec = plain(luck, task(luck), body(luck, norm=luck.one(("", "bn"))), luck.one(("adam", "sgd")))
    return healthy(merge(spec, {"train": {"batch": batch}}), f"{batch} a batch")


def high_then_down(luck: Luck, _hard: bool) -> Drawn:
    """A high rate that warms up and falls to nothing at the end."""
    spec = sound(luck, task(luck, ANY))
    steps, times = spec["train"]["steps"], luck.even(1.5, 3.0)
    train = {"lr": spec["train"]["lr"] * times, "sched": ["cosine", steps // luck.one((5, 10, 20))]}
    return healthy(merge(spec, {"train": train}), f"rate x{times}, cosine")


def in_its_own_order(luck: Luck, _hard: bool) -> Drawn:
    """Samples never shuffled, which stand in no order."""
    spec = plain(luck, task(luck))
    return healthy(merge(spec, {"train": {"shuffle": False}}), "not shuffled, in no order")


def slowly_forgotten(luck: Luck, _hard: bool) -> Drawn:
    """A rate that halves every so often, or fades a little each step."""
    spec = sound(luck, task(luck, ANY))
    steps = spec["train"]["steps"]
    sched = luck.one((["step", steps // 4, 0.5], ["step", steps // 5, 0.5], ["exp", round(1 - 3 / steps, 5)]))
    return healthy(merge(spec, {"train": {"sched": sched}}), f"schedule {sched}")


def tuned(luck: Luck, _hard: bool) -> Drawn:
    """A trained embedding and attention at a small rate with warm-up."""
    spec = worded(luck, task(luck, ("tokens",)))
    train = {"lr": luck.wide(2e-3, 5e-3), "steps": 450, "sched": ["cosine", 50], "clip": 1.0}
    return healthy(merge(spec, {"train": train}), "tokens, warm-up and clip")


def flat_start(luck: Luck, _hard: bool) -> Drawn:
    """Deep plain layers whose loss stands for a while before it falls."""
    what = task(luck, is_bent=True)
    stack = Body((luck.one((32, 48)),) * luck.whole(4, 6), luck.one(("tanh", "relu")))
    spec = plain(luck, what, stack, "sgd", 2.5)
    return healthy(merge(replace_start(spec), {"train": {"lr": luck.wide(0.02, 0.05)}}), "stands a while, then falls")


def replace_start(spec: dict[str, object]) -> dict[str, object]:
    """The same with torch's own start."""
    return {**spec, "init": {}}


def small_and_slow(luck: Luck, _hard: bool) -> Drawn:
    """A few units, trained for long at a usual rate."""
    what = task(luck, ("points",))
    stack = replace(body(luck, luck.one(("tanh", "relu", "gelu")), (1, 2), ""), widths=(luck.whole(6, 10),) * 2)
    return healthy(plain(luck, what, stack, "adam", 2.0), f"{stack.widths[0]} units a layer")


SETTINGS = (
    *(descending, short, long_since_done, smoothed, one_by_one, bold, clipped_now_and_then, normed_in_fours),
    *(decayed_lightly, other_moments, long_memory, crowded, high_then_down, in_its_own_order, slowly_forgotten),
    *(tuned, flat_start, small_and_slow),
)
