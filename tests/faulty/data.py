"""The arrays of a case: a recipe, split in two, and what is done to them: scales, rare classes, wrong orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.random import RandomState
from torch import Tensor

from tests.faulty.more_recipes import MORE, MORE_REGRESSIONS
from tests.faulty.recipes import RECIPES, REGRESSIONS, Array, Config
from tests.faulty.second.recipes import SECOND, SECOND_REGRESSIONS, SECOND_TOKENS
from tests.faulty.third.recipes import THIRD, THIRD_REGRESSIONS, THIRD_TOKENS

NUMBERS = REGRESSIONS | MORE_REGRESSIONS | SECOND_REGRESSIONS | THIRD_REGRESSIONS
TOKENS = SECOND_TOKENS | THIRD_TOKENS | {"tokens"}


@dataclass(frozen=True)
class Data:
    """Both parts as tensors; `outputs` is how many classes there are, 1 for a number."""

    x: Tensor
    y: Tensor
    held_x: Tensor
    held_y: Tensor
    task: str
    outputs: int


@dataclass
class _Arrays:
    x: Array
    y: Array
    held_x: Array
    held_y: Array

    def scale_x(self, mean: Any, std: Any, held: bool = True) -> None:
        """Take the mean away and divide by the deviation."""
        self.x = (self.x - mean) / std
        if held:
            self.held_x = (self.held_x - mean) / std

    def take(self, places: Array) -> None:
        """Only these samples of the training part, in this order."""
        self.x, self.y = self.x[places], self.y[places]


def make_data(config: Mapping[str, Any], seed: int = 0) -> Data:
    """The arrays of this recipe."""
    random = RandomState(1000 + seed)
    name = config["name"]
    x, y = next(known[name] for known in (RECIPES, MORE, SECOND, THIRD) if name in known)(config, random, seed)
    tokens, task = name in TOKENS, "reg" if name in NUMBERS else "clf"
    x = np.asarray(x, np.int64 if tokens else np.float64)
    order = random.permutation(len(x))
    x, y = x[order], np.asarray(y)[order]
    count = config.get("n_train", int(0.7 * len(x)))
    held = min(config.get("n_val", 600), len(x) - count)
    arrays = _Arrays(x[:count], y[:count].copy(), x[count : count + held], y[count : count + held].copy())
    outputs = int(y.max()) + 1 if task == "clf" else 1
    _labels(arrays, config, random, outputs)
    _inputs(arrays, config)
    if task == "reg":
        _targets(arrays, config)
    _rows(arrays, config, random)
    kinds = torch.int64 if tokens else torch.float32, torch.int64 if task == "clf" else torch.float32
    tensors = (arrays.x, arrays.y, arrays.held_x, arrays.held_y)
    return Data(*(torch.tensor(one, dtype=kinds[place % 2]) for place, one in enumerate(tensors)), task, outputs)


def mean_and_deviation(x: Array) -> tuple[Array, Array]:
    """Of each feature; nearly constant ones keep their scale, so that unseen values cannot explode."""
    deviation = x.std(0, keepdims=True)
    deviation = np.where(deviation < 0.02 * max(1e-12, float(x.std())), 1.0, deviation)
    return x.mean(0, keepdims=True), deviation


def _labels(arrays: _Arrays, config: Config, random: RandomState, outputs: int) -> None:
    """Make classes rare, and labels wrong."""
    if "keep_frac" in config:
        keep = np.ones(len(arrays.y), bool)
        for name, share in config["keep_frac"].items():
            places = np.where(arrays.y == int(name))[0]
            keep[places[round(share * len(places)) :]] = False
        arrays.take(keep)
    if config.get("label_noise", 0) > 0:
        flip = random.rand(len(arrays.y)) < config["label_noise"]
        arrays.y[flip] = random.randint(0, outputs, flip.sum())
    if config.get("shuffle_labels"):
        arrays.y = arrays.y[random.permutation(len(arrays.y))]


def _inputs(arrays: _Arrays, config: Config) -> None:
    """Standardise, scale and shift the inputs."""
    if config.get("standardize"):
        arrays.scale_x(*mean_and_deviation(arrays.x), held=config["standardize"] != "train_only")
    if "x_scale" in config:
        factor = np.asarray(config["x_scale"], dtype=float)
        arrays.x, arrays.held_x = arrays.x * factor, arrays.held_x * factor
    if "x_shift" in config:
        shift = np.asarray(config["x_shift"], dtype=float)
        arrays.x, arrays.held_x = arrays.x + shift, arrays.held_x + shift
    if config.get("restandardize"):
        arrays.scale_x(*mean_and_deviation(arrays.x))


def _targets(arrays: _Arrays, config: Config) -> None:
    """Scale and shift targets that are numbers."""
    scale, shift = config.get("y_scale", 1), config.get("y_shift", 0)
    arrays.y, arrays.held_y = arrays.y * scale + shift, arrays.held_y * scale + shift
    if config.get("y_standardize"):
        mean, deviation = float(arrays.y.mean()), float(arrays.y.std())
        arrays.y, arrays.held_y = (arrays.y - mean) / deviation, (arrays.held_y - mean) / deviation


def _rows(arrays: _Arrays, config: Config, random: RandomState) -> None:
    """Spoil rows, sort them, and let the held-out part be another's."""
    if config.get("nan_rows", 0):
        places = random.choice(len(arrays.x), config["nan_rows"], replace=False)
        arrays.x = arrays.x.copy()
        arrays.x[places, ..., 0] = np.nan
    if config.get("drop_nan"):
        arrays.take(np.isfinite(arrays.x).reshape(len(arrays.x), -1).all(1))
    if config.get("sort_by_class"):
        arrays.take(np.argsort(arrays.y, kind="stable"))
    if "window_shuffle" in config:  # a shuffle buffer that is too small, on rows sorted by class
        order = np.argsort(arrays.y + 0.0, kind="stable")
        key = np.arange(len(order)) + random.uniform(0, config["window_shuffle"], len(order))
        arrays.take(order[np.argsort(key)])
    if "val_scale" in config:
        arrays.held_x = arrays.held_x * config["val_scale"] + config.get("val_shift", 0.0)
    if "outlier" in config:
        _outliers(arrays, config, random)


def _outliers(arrays: _Arrays, config: Config, random: RandomState) -> None:
    """Let some rows be far from all others."""
    places = random.choice(len(arrays.x), config.get("n_outlier", 1), replace=False)
    arrays.x = arrays.x.copy()
    arrays.x[places] = arrays.x[places] * config["outlier"]
    if config.get("clip_outliers"):
        most = np.quantile(np.abs(arrays.x), 0.99, axis=0)
        arrays.x = np.clip(arrays.x, -3 * most, 3 * most)
