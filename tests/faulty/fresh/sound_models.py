"""Healthy networks whose layers or samples look odd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.faulty.case import merge
from tests.faulty.fresh.bodies import Body, arch, body, pictures, plain, recurrent, residual, settings, sound
from tests.faulty.fresh.drawn import Drawn, healthy, measured
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.tasks import Task, task
from tests.faulty.view import Layer


def near_bayes(luck: Luck, _hard: bool) -> Drawn:
    """Classes that overlap, or labels a third of which are wrong: the loss stays high, and rightly."""
    name = luck.one(("moons", "circles", "xor", "blobs", "features"))
    said: dict[str, Any] = {"name": name, "n": 3000, "standardize": True}
    if name == "blobs":
        said |= {"centers": [[-2, 0], [2, 0], [0, 3]], "std": luck.even(1.5, 1.9)}
    elif name in ("moons", "circles"):
        said |= {"noise": luck.even(0.3, 0.4) if name == "moons" else luck.even(0.2, 0.25)}
    else:
        said |= {"label_noise": luck.even(0.3, 0.5), "k": 2}
    what = Task(said, 3 if name == "blobs" else 2, "points")
    spec = plain(luck, what, Body((luck.one((12, 16, 24)),), luck.one(("relu", "tanh"))), steps=0.8)
    return healthy(spec, f"{name} near what can be known")


def heavy_noise(luck: Luck, _hard: bool) -> Drawn:
    """Numbers half of whose variance is noise."""
    name = luck.one(("linear", "friedman", "waves"))
    said = {"name": name, "n": 2500, "standardize": True, "y_standardize": True}
    said |= {"linear": {"f": 8, "noise": luck.even(100, 200)}, "friedman": {"noise": luck.even(3, 5)}}.get(
        name, {"noise": luck.even(0.6, 1.0), "f": 2}
    )
    what = Task(said, 1, "features", is_number=True)
    spec = plain(luck, what, Body((luck.one((8, 12)),), luck.one(("relu", "tanh"))), luck.one(("adam", "sgd")), 0.7)
    return healthy(spec, f"{name}, half of it noise")


def rarest(luck: Luck, _hard: bool) -> Drawn:
    """One sample of a class for each twenty or forty of others, and all are found."""
    said = {"name": "blobs", "n": 3000, "centers": [[-4, 0], [4, 0], [0, 5]], "std": 0.6, "standardize": True}
    what = Task({**said, "keep_frac": {"2": luck.even(0.03, 0.06)}}, 3, "points", is_bent=False)
    return healthy(measured(plain(luck, what), "bacc"), "a very rare class, clear")


def sparse(luck: Luck, _hard: bool) -> Drawn:
    """Noughts and ones, nearly all of them noughts."""
    said = {"name": "bags", "n": 1500, "f": luck.whole(60, 150), "k": luck.whole(3, 5)}
    what = Task(said, said["k"], "features", is_bent=False)
    return healthy(plain(luck, what, body(luck, depth=(1, 2))), f"{said['f']} columns of noughts and ones")


def copied(luck: Luck, _hard: bool) -> Drawn:
    """An autoencoder, with a narrow middle that is wide enough."""
    said = {"name": "copies", "n": 1200, "f": luck.whole(8, 16), "inner": luck.whole(2, 4), "standardize": True}
    what = Task(said, said["f"], "features", is_number=True)
    middle = said["inner"] + luck.whole(1, 3)
    stack = Body((32, middle, 32), luck.one(("relu", "tanh", "gelu")))
    layers = [layer for place, layer in enumerate(arch(what, stack)) if place != 3]  # the code itself is not bent
    train = settings(luck, what, stack, "adam", 1.2)
    return healthy({"data": said, "arch": layers, "init": {}, "train": train}, f"autoencoder through {middle}")


def deeper_blocks(luck: Luck, _hard: bool) -> Drawn:
    """A dozen and more blocks with norms."""
    blocks = luck.whole(11, 16)
    return healthy(residual(luck, task(luck), blocks, luck.one(("ln", "bn"))), f"{blocks} blocks")


def long_memory(luck: Luck, _hard: bool) -> Drawn:
    """Gates over some tens of steps."""
    said = {"name": "recall", "n": 1000, "T": luck.whole(25, 40), "k": 3, "distract": luck.even(0.1, 0.3)}
    if luck.chance(0.4):
        said = {"name": "pitch", "T": luck.whole(30, 40), "n": 1000}
    spec = recurrent(luck, Task(said, 3, "sequence"), luck.one(("lstm", "gru")))
    init = {"forget_bias": 4.0} if spec["arch"][0][0] == "lstm" else {}
    return healthy(merge(spec, {"init": init}), f"{spec['arch'][0][0]} over {said['T']} steps")


def blocks_of_attention(luck: Luck, _hard: bool) -> Drawn:
    """A small transformer."""
    what, width = task(luck, ("tokens",)), luck.one((16, 24))
    block: list[Layer] = [["res", [["ln"], ["attn", 2]]]]
    block.append(["res", [["ln"], ["linear", 2 * width], ["gelu"], ["linear", width]]])
    layers = [["embed", what.data["V"], width], *block * luck.whole(1, 3), ["ln"], ["meanpool"]]
    train = {"opt": luck.one(("adam", "adamw")), "lr": luck.wide(3e-3, 8e-3), "batch": 64, "steps": 250}
    spec = {"data": what.data, "arch": [*layers, ["linear", what.outputs]], "init": {}, "train": train}
    return healthy(spec, "a small transformer")


def enormous(luck: Luck, _hard: bool) -> Drawn:
    """One layer of very many units."""
    what = task(luck)
    stack = Body((luck.one((384, 512)),), luck.one(("relu", "tanh", "gelu")))
    return healthy(plain(luck, what, stack, luck.one(("adam", "sgd"))), f"{stack.widths[0]} units")


def just_enough(luck: Luck, _hard: bool) -> Drawn:
    """As few units as will do."""
    what = task(luck, ("features",))
    stack = Body((luck.whole(4, 8),) * luck.whole(1, 2), luck.one(("tanh", "gelu", "relu")))
    return healthy(plain(luck, what, stack, "adam", 1.8), f"{stack.widths} units")


def no_hidden(luck: Luck, _hard: bool) -> Drawn:
    """A linear model of what is linear, by plain steps."""
    what = task(luck, ("points", "features"), is_bent=False)
    spec = plain(luck, what, Body((), "relu"), "sgd", luck.even(0.5, 2.0))
    return healthy(merge(spec, {"train": {"momentum": luck.one((0.0, 0.9))}}), "a linear model")


def fitting_output(luck: Luck, _hard: bool) -> Drawn:
    """A bend at the output with room for all targets."""
    bend = luck.one(("tanh", "sigmoid", "relu"))
    scale, shift = {"tanh": (0.7, 0.0), "sigmoid": (0.3, 0.5), "relu": (0.5, 1.0)}[bend]
    said = {"name": "bowl", "n": 1000, "noise": 0.03, "y_scale": scale, "y_shift": shift}
    spec = plain(luck, Task(said, 1, "points", is_number=True), body(luck, depth=(1, 2)), "adam", 1.5)
    return healthy({**spec, "arch": [*spec["arch"], [bend]]}, f"{bend} at the output, room enough")


def factored(luck: Luck, _hard: bool) -> Drawn:
    """Matrices in two narrow factors."""
    what = task(luck)
    act, wide = luck.one(("relu", "gelu")), luck.one((48, 64))
    layers: list[Layer] = [["linear", wide], [act], ["linear", 8], ["linear", wide], [act], ["linear", what.outputs]]
    spec = plain(luck, what, Body((wide, wide), act), "adam", 1.3)
    return healthy({**spec, "arch": layers}, "a matrix in two factors")


def mixed_bends(luck: Luck, _hard: bool) -> Drawn:
    """A bend of its own for every layer."""
    what, depth = task(luck), luck.whole(2, 5)
    stack = Body((luck.one((32, 48)),) * depth, "relu")
    acts = [luck.one(("relu", "tanh", "gelu", "elu", "leaky", "selu")) for _ in range(depth)]
    spec = plain(luck, what, stack, "adam", 1.2)
    return healthy({**spec, "arch": arch(what, stack, acts)}, f"bends {acts}")


def other_starts(luck: Luck, _hard: bool) -> Drawn:
    """Orthogonal matrices, LeCun's start, or one deviation that suits the width."""
    act = luck.one(("tanh", "relu", "selu"))
    stack = Body((64,) * luck.whole(2, 4), act)
    spec = plain(luck, task(luck), stack, luck.one(("adam", "sgd")))
    init = luck.one(({"w": "orth", "gain": 1.2}, {"w": "lecun", "gain": 1.1}, {"w": "normal", "std": 0.15}))
    return healthy({**spec, "init": init}, f"start {init}")


def much_dropped(luck: Luck, _hard: bool) -> Drawn:
    """Dropout of more than a half in very wide layers, or of a little in all."""
    share = luck.one((0.1, 0.2, 0.6, 0.7))
    width = luck.one((256, 384)) if share > 0.5 else luck.one((48, 64, 96))
    stack = Body((width,) * luck.whole(1, 2), luck.one(("relu", "gelu")), "", share)
    return healthy(plain(luck, task(luck), stack, "adam", 1.8), f"dropout {share} of {width}")


def stem_first(luck: Luck, _hard: bool) -> Drawn:
    """A norm that meets raw inputs."""
    what = task(luck).with_data(x_scale=luck.wide(20, 200), x_shift=luck.even(-50, 50))
    spec = plain(luck, what, body(luck, norm=luck.one(("", "bn"))))
    return healthy({**spec, "arch": [["bn"], *spec["arch"]]}, "a norm first")


def unlike_inputs(luck: Luck, _hard: bool) -> Drawn:
    """Features some times apart from one another."""
    width = luck.whole(6, 9)
    said = {"name": "product", "n": 1000, "f": width, "standardize": True, "y_standardize": True}
    said["x_scale"] = [luck.wide(0.4, 4.0) for _ in range(width)]
    return healthy(plain(luck, Task(said, 1, "features", is_number=True), opt="adam", steps=1.5), "features apart")


def near_parts(luck: Luck, _hard: bool) -> Drawn:
    """Held-out samples a little off, as they are in life."""
    what = task(luck).with_data(val_scale=luck.even(0.93, 1.07), val_shift=luck.even(-0.1, 0.1))
    return healthy(plain(luck, what, steps=1.2), "held-out samples a little off")


def some_far_out(luck: Luck, _hard: bool) -> Drawn:
    """A few samples that are farther out than others."""
    what = task(luck).with_data(outlier=luck.even(2.0, 4.0), n_outlier=luck.whole(2, 6))
    return healthy(plain(luck, what, opt="adam"), "a few samples far out")


def strided(luck: Luck, _hard: bool) -> Drawn:
    """Convolutions with strides, blocks or group norms, averaged at the end."""
    what, width = task(luck, ("pictures",)), luck.one((12, 16))
    norm: Layer = luck.one((["bn"], ["gn", 4]))
    block: Layer = ["res", [["conv", width, 3], norm, ["relu"], ["conv", width, 3]]]
    layers: list[Layer] = [["conv", width, 3], norm, ["relu"], block, ["conv", width, 3, 2], ["relu"]]
    train = {"opt": "adam", "lr": luck.wide(3e-3, 8e-3), "batch": 64, "steps": 300}
    spec = {"data": what.data, "arch": [*layers, ["gap"], ["linear", what.outputs]], "init": {}, "train": train}
    return healthy(spec, "strides, a block, averaged")


def few(luck: Luck, _hard: bool) -> Drawn:
    """Some tens of samples and a network to match."""
    what = task(luck, ("points", "features")).with_data(n_train=luck.whole(50, 90))
    stack = Body((luck.one((8, 12)),), luck.one(("tanh", "relu")))
    spec = plain(luck, what, stack, "adamw")
    return healthy(merge(spec, {"train": {"wd": 0.3, "batch": 16, "steps": luck.whole(100, 250)}}), "few samples")


def without_biases(luck: Luck, _hard: bool) -> Drawn:
    """Layers without biases in front of norms."""
    what = task(luck)
    stack = replace(body(luck, luck.one(("relu", "gelu")), (2, 4), "bn"))
    spec = plain(luck, what, stack)
    layers = [[*layer, False] if layer[0] == "linear" else layer for layer in spec["arch"][:-1]]
    return healthy({**spec, "arch": [*layers, spec["arch"][-1]]}, "no biases in front of norms")


def averaged(luck: Luck, _hard: bool) -> Drawn:
    """A sequence whose states are averaged, or pictures read row by row."""
    what = task(luck, ("sequence",))
    spec = sound(luck, what)
    layers = [["meanpool"] if layer[0] == "last" else layer for layer in spec["arch"]]
    return healthy({**spec, "arch": layers}, "states averaged")


def seen_bare(luck: Luck, _hard: bool) -> Drawn:
    """Convolutions without norms by plain momentum."""
    spec = pictures(luck, task(luck, ("pictures",)), "", luck.one(("relu", "leaky")))
    train = {"opt": "sgd", "momentum": 0.9, "lr": luck.wide(0.01, 0.05)}
    return healthy(merge(spec, {"train": train}), "convolutions, momentum")


MODELS = (
    *(near_bayes, heavy_noise, rarest, sparse, copied, deeper_blocks, long_memory, blocks_of_attention, enormous),
    *(just_enough, no_hidden, fitting_output, factored, mixed_bends, other_starts, much_dropped, stem_first),
    *(unlike_inputs, near_parts, some_far_out, strided, few, without_biases, averaged, seen_bare),
)
