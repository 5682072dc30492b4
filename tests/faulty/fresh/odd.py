"""Healthy networks, plain ones and such as tempt a naive rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.case import merge
from tests.faulty.fresh.bodies import Body, arch, body, pictures, plain, recurrent, residual, sound, worded
from tests.faulty.fresh.drawn import Drawn, healthy, measured
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import task

ANY = ("points", "features", "pictures", "sequence", "tokens")


def ordinary(luck: Luck, _hard: bool) -> Drawn:
    """Nothing odd."""
    return healthy(sound(luck, task(luck, ANY)), "plain good run")


def warmed(luck: Luck, _hard: bool) -> Drawn:
    """A small rate that warms up, and long enough."""
    spec = plain(luck, task(luck), opt="adam", steps=1.5)
    rate, steps = luck.wide(8e-4, 2e-3), spec["train"]["steps"]
    sched = luck.one((["warmup", steps // 5], ["cosine", steps // 10]))
    return healthy(merge(spec, {"train": {"lr": rate, "sched": sched}}), f"rate {rate}, {sched}")


def fading(luck: Luck, _hard: bool) -> Drawn:
    """A rate that falls late, and far."""
    spec = sound(luck, task(luck, ANY))
    steps = spec["train"]["steps"]
    sched = luck.one((["cosine", 0], ["cosine", 20], ["step", steps // 2, 0.1], ["step", steps // 3, 0.1]))
    sched = ["cosine", 1] if sched == ["cosine", 0] else sched
    return healthy(merge(spec, {"train": {"sched": sched}}), f"schedule {sched}")


def dropped(luck: Luck, _hard: bool) -> Drawn:
    """Dropout of a half in wide layers, on purpose."""
    what = task(luck)
    share = luck.one((0.3, 0.4, 0.5))
    stack = Body((luck.one((96, 128, 192)),) * luck.whole(1, 2), luck.one(("relu", "gelu")), "", share)
    return healthy(plain(luck, what, stack, "adam", 1.3), f"dropout {share}")


def decayed(luck: Luck, _hard: bool) -> Drawn:
    """A heavy decay that suits noisy samples."""
    what = task(luck)
    spec = plain(luck, what, opt=luck.one(("adamw", "sgd")))
    decay = luck.one((0.1, 0.3, 0.5)) if spec["train"]["opt"] == "adamw" else luck.one((1e-3, 2e-3))
    return healthy(merge(spec, {"train": {"wd": decay}}), f"decay {decay}")


def weighted(luck: Luck, _hard: bool) -> Drawn:
    """A rare class that is weighed."""
    what = task(luck, ("points", "features"), is_number=False)
    while what.data["name"] in ("digits", "wine", "cancer", "checker"):
        what = task(luck, ("points", "features"), is_number=False)
    what = what.with_data(n=2500, n_val=600, keep_frac={"1": luck.even(0.08, 0.3)})
    spec = measured(plain(luck, what, body(luck, norm="")), "bacc")
    return healthy(merge(spec, {"train": {"class_weight": "balanced", "batch": 64}}), "a rare class, weighed")


def rare_but_clear(luck: Luck, _hard: bool) -> Drawn:
    """A rare class that is easily told."""
    centers = [[-3, 0], [3, 0], [0, 4]]
    said = {"name": "blobs", "n": 2000, "centers": centers, "std": 0.6, "standardize": True}
    what = replace(
        task(luck, ("points",), is_number=False), data={**said, "keep_frac": {"1": luck.even(0.1, 0.3)}}, outputs=3
    )
    return healthy(measured(plain(luck, what), "bacc"), "a rare class, clear")


def deep_blocks(luck: Luck, _hard: bool) -> Drawn:
    """Very many layers, with wires past them."""
    blocks, norm = luck.whole(5, 10), luck.one(("", "ln", "bn"))
    return healthy(residual(luck, task(luck), blocks, norm), f"{blocks} blocks, {norm or 'no norm'}")


def deep_normed(luck: Luck, _hard: bool) -> Drawn:
    """Very many layers, with norms."""
    what = task(luck)
    act = luck.one(("relu", "tanh", "sigmoid"))
    stack = Body((luck.one((24, 32, 48)),) * luck.whole(5, 9), act, "bn")
    return healthy(plain(luck, what, stack, "adam"), f"{len(stack.widths)} layers of {act} with batch norm")


def deep_plain(luck: Luck, _hard: bool) -> Drawn:
    """Many plain layers that begin well."""
    stack = Body((luck.one((32, 48)),) * luck.whole(5, 9), luck.one(("tanh", "relu", "gelu", "elu")))
    return healthy(plain(luck, task(luck), stack, luck.one(("adam", "sgd")), 1.3), f"{len(stack.widths)} {stack.act}")


def default_start(luck: Luck, _hard: bool) -> Drawn:
    """Torch's own start, some layers deep."""
    stack = Body((luck.one((32, 64)),) * luck.whole(3, 5), luck.one(("relu", "tanh", "gelu")))
    spec = plain(luck, task(luck), stack, "adam", 1.3)
    return healthy({**spec, "init": {}}, f"torch's own start, {len(stack.widths)} {stack.act}")


def squashing(luck: Luck, _hard: bool) -> Drawn:
    """One to three sigmoids, or an S with large weights at the end, that train."""
    what = task(luck)
    stack = Body((luck.one((24, 32, 48)),) * luck.whole(1, 2), "sigmoid")
    spec = plain(luck, what, stack, "adam", 1.5)
    return healthy(merge(spec, {"train": {"lr": luck.wide(8e-3, 2e-2)}}), f"{len(stack.widths)} sigmoids")


def remembering(luck: Luck, _hard: bool) -> Drawn:
    """Gates that saturate because they remember."""
    said = {"name": "recall", "n": 1200, "T": luck.whole(12, 25), "k": 3, "distract": luck.even(0.1, 0.3)}
    what = replace(task(luck, ("sequence",), is_number=False), data=said, outputs=3)
    kind = luck.one(("lstm", "gru", "rnn"))
    spec = recurrent(luck, what, kind)
    init = {"lstm": {"forget_bias": 3.0}, "gru": {}, "rnn": {"rnn_gain": 1.0}}[kind]
    return healthy(merge(spec, {"init": init}), f"{kind} remembers for {said['T']} steps")


def noisy_labels(luck: Luck, _hard: bool) -> Drawn:
    """Some labels are wrong, and it learns all the same."""
    what = task(luck, is_number=False)
    while what.data["name"] in ("wine", "cancer"):
        what = task(luck, is_number=False)
    share = luck.even(0.1, 0.3)
    what = (
        what.with_data(label_noise=share)
        if what.data["name"] == "digits"
        else what.with_data(label_noise=share, n=2000)
    )
    stack = Body((luck.one((16, 24)),), luck.one(("relu", "tanh")))
    return healthy(plain(luck, what, stack, steps=0.7), f"labels wrong {share}")


def noisy_targets(luck: Luck, _hard: bool) -> Drawn:
    """A loss that ends at the noise."""
    name = luck.one(("friedman", "diabetes", "waves"))
    said = {"name": name, "n": 1000, "standardize": True, "y_standardize": True}
    said |= {"friedman": {"noise": luck.even(2, 4)}, "waves": {"noise": 0.6, "f": 2}, "diabetes": {}}[name]
    what = replace(task(luck, ("features",), is_number=True), data=said, outputs=1, effort=1.0)
    stack = Body((luck.one((12, 16)),), luck.one(("relu", "tanh")))
    spec = plain(luck, what, stack, "adamw", 0.4)
    return healthy(merge(spec, {"train": {"wd": 0.3}}), f"{name}, noisy")


def stopped(luck: Luck, _hard: bool) -> Drawn:
    """A few samples, and an end before they are learned by heart."""
    what = task(luck, ("points", "features"), is_number=False)
    what = what.with_data(n_train=luck.whole(80, 160))
    spec = plain(luck, what, body(luck, depth=(1, 2), norm=""), "adam")
    return healthy(merge(spec, {"train": {"steps": luck.whole(60, 150), "batch": 16}}), "few samples, stopped early")


def far_targets(luck: Luck, _hard: bool) -> Drawn:
    """Large targets, brought to a deviation of 1."""
    what = task(luck, is_number=True).with_data(
        y_scale=luck.wide(50, 5000), y_shift=luck.wide(50, 5000), y_standardize=True
    )
    return healthy(plain(luck, what), "large targets, standardised")


def offset_targets(luck: Luck, _hard: bool) -> Drawn:
    """Targets a little off, which does no harm."""
    what = task(luck, ("points",), is_number=True).with_data(y_scale=luck.even(1, 3), y_shift=luck.even(-2, 2))
    return healthy(plain(luck, what, opt="adam", steps=1.5), "targets a little off")


def whole_batches(luck: Luck, _hard: bool) -> Drawn:
    """All samples in every batch."""
    what = task(luck)
    what = what.with_data(n_train=400) if what.data["name"] not in ("wine",) else what.with_data(n_train=120)
    spec = plain(luck, what, body(luck, norm=""), luck.one(("sgd", "adam")))
    train = {"batch": what.data["n_train"], "steps": 300}
    return healthy(merge(spec, {"train": train}), "whole batches")


def small_batches(luck: Luck, _hard: bool) -> Drawn:
    """Four or eight samples a batch, at a rate that suits them."""
    norm = luck.one(("", "ln", "bn"))
    spec = plain(luck, task(luck), body(luck, norm=norm), "sgd", 2.0)
    batch = 8 if norm == "bn" else luck.one((4, 8))
    return healthy(merge(spec, {"train": {"batch": batch, "lr": luck.wide(3e-3, 1e-2)}}), f"{batch} a batch, {norm}")


def large_eps(luck: Luck, _hard: bool) -> Drawn:
    """Adam with an eps that is large, yet below the gradients."""
    eps = luck.one((1e-5, 1e-4, 1e-3))
    return healthy(merge(plain(luck, task(luck), opt="adam"), {"train": {"eps": eps}}), f"Adam eps {eps}")


def large_rate(luck: Luck, _hard: bool) -> Drawn:
    """A large rate that norms bear."""
    spec = plain(luck, task(luck, is_number=False), body(luck, norm=luck.one(("bn", "ln"))), "sgd")
    rate = luck.wide(0.15, 0.4)
    return healthy(merge(spec, {"train": {"lr": rate}}), f"SGD at {rate} with norms")


def small_rate(luck: Luck, _hard: bool) -> Drawn:
    """A small rate, and the patience it needs."""
    what = task(luck)
    spec = plain(luck, what, Body((128,) * luck.whole(1, 2), luck.one(("relu", "tanh"))), "adam", 2.5)
    return healthy(merge(spec, {"train": {"lr": luck.wide(3e-4, 6e-4)}}), "small rate, long run")


def clipped(luck: Luck, _hard: bool) -> Drawn:
    """Clipping that works most of the time and does no harm."""
    spec = sound(luck, task(luck, ANY))
    clip = luck.one((0.3, 0.5, 1.0)) if spec["train"]["opt"] == "sgd" else luck.one((0.05, 0.1, 1.0))
    return healthy(merge(spec, {"train": {"clip": clip}}), f"clip {clip}")


def raw_inputs(luck: Luck, _hard: bool) -> Drawn:
    """Counts and pixels as they are, which does no harm."""
    name = luck.one(("counts", "digits"))
    said: dict[str, Any] = {"name": name, "n": 1200}
    what = replace(task(luck, ("features",), is_number=False), data=said, outputs={"counts": 4, "digits": 10}[name])
    return healthy(plain(luck, what), f"{name} as they are")


def shifted_inputs(luck: Luck, _hard: bool) -> Drawn:
    """Inputs some times too large, or a little off."""
    scale = luck.one((0.3, 2.0, 3.0))
    what = task(luck).with_data(x_scale=scale, x_shift=luck.even(-1, 1) * scale)
    return healthy(plain(luck, what, opt="adam"), f"inputs x{scale}")


def wide(luck: Luck, _hard: bool) -> Drawn:
    """Very wide layers on a few numbers, many of whose units rest."""
    what = task(luck, ("points",))
    return healthy(plain(luck, what, Body((256,) * luck.whole(1, 2), "relu"), "adam"), "256 ReLU on points")


def pinched(luck: Luck, _hard: bool) -> Drawn:
    """A narrow layer through which enough fits."""
    what = task(luck, ("features",))
    stack = Body((48, luck.one((6, 8)), 48), luck.one(("tanh", "relu", "gelu")))
    return healthy(plain(luck, what, stack, steps=1.3), f"widths {stack.widths}")


def straight(luck: Luck, _hard: bool) -> Drawn:
    """One linear layer on what a line tells."""
    what = task(luck, ("features",), is_bent=False)
    return healthy(plain(luck, what, Body((), "relu"), luck.one(("adam", "sgd")), 1.3), "one linear layer")


def exact(luck: Luck, _hard: bool) -> Drawn:
    """A loss that came to next to nothing long ago."""
    said = {"name": "linear", "f": luck.whole(5, 9), "n": 700, "noise": 0.0, "standardize": True}
    what = replace(task(luck, ("features",), is_number=True), data=said, outputs=1, effort=1.0)
    return healthy(plain(luck, what, steps=1.8), "learned to the last digit")


def sure(luck: Luck, _hard: bool) -> Drawn:
    """A sigmoid at the output that is sure of itself."""
    what = task(luck, ("points", "features"), is_number=False)
    while what.outputs != 2:
        what = task(luck, ("points", "features"), is_number=False)
    spec = plain(luck, what)
    layers = [*spec["arch"][:-1], ["linear", 1], ["sigmoid"]]
    return healthy(merge(spec, {"arch": layers, "train": {"loss": "bce_prob"}}), "sigmoid at the output")


def one_hot_squares(luck: Luck, _hard: bool) -> Drawn:
    """Squared error against classes as noughts and ones, or a loss that is kind to outliers."""
    what = task(luck)
    loss = "huber" if what.is_number else "mse_onehot"
    return healthy(merge(plain(luck, what, opt="adam"), {"train": {"loss": loss}}), loss)


def quiet_output(luck: Luck, _hard: bool) -> Drawn:
    """A last layer that begins with next to nothing."""
    spec = plain(luck, task(luck), body(luck, depth=(1, 3), norm=""), "adam")
    return healthy(merge(spec, {"init": {"last_scale": luck.one((0.01, 0.1))}}), "a quiet last layer")


def seen(luck: Luck, _hard: bool) -> Drawn:
    """Convolutions, most of whose places are nought."""
    return healthy(pictures(luck, task(luck, ("pictures",))), "convolutions")


def read(luck: Luck, _hard: bool) -> Drawn:
    """Tokens, of which most rows rest at each step."""
    return healthy(worded(luck, task(luck, ("tokens",))), "tokens")


def walked(luck: Luck, _hard: bool) -> Drawn:
    """A sequence."""
    return healthy(recurrent(luck, task(luck, ("sequence",))), "a sequence")


def strong_momentum(luck: Luck, _hard: bool) -> Drawn:
    """A momentum of 0.95 or more at a small rate."""
    spec = plain(luck, task(luck), body(luck, norm=""), "sgd", 1.3)
    value = luck.one((0.95, 0.98))
    return healthy(merge(spec, {"train": {"momentum": value, "lr": luck.wide(2e-3, 8e-3)}}), f"momentum {value}")


def two_of_a_kind(luck: Luck, _hard: bool) -> Drawn:
    """No momentum at all, and a rate that suits that."""
    spec = plain(luck, task(luck, is_number=False), opt="sgd", steps=1.5)
    return healthy(merge(spec, {"train": {"momentum": 0.0, "lr": luck.wide(0.1, 0.4)}}), "SGD without momentum")


def arch_of_selu(luck: Luck, _hard: bool) -> Drawn:
    """Layers that keep their own scale."""
    what = task(luck)
    stack = Body((luck.one((32, 48)),) * luck.whole(3, 6), "selu")
    spec = plain(luck, what, stack, "adam")
    return healthy({**spec, "arch": arch(what, stack)}, f"{len(stack.widths)} SELU")


ODD = (
    *(ordinary, warmed, fading, dropped, decayed, weighted, rare_but_clear, deep_blocks, deep_normed, deep_plain),
    *(default_start, squashing, remembering, noisy_labels, noisy_targets, stopped, far_targets, offset_targets),
    *(whole_batches, small_batches, large_eps, large_rate, small_rate, clipped, raw_inputs, shifted_inputs, wide),
    *(pinched, straight, exact, sure, one_hot_squares, quiet_output, seen, read, walked, strong_momentum),
    *(two_of_a_kind, arch_of_selu),
)
