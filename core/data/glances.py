"""A few pictures in colour of a data set, made without the rest of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.data import colours, scenes
from core.data.builtin.emoji import part
from core.data.figures import one_of_each_in_turn
from core.data.packaged import read_arrays
from core.data.sources import SourceKind, Value

MOST = 24
"""Pictures that are made at most."""


class Glance(NamedTuple):
    """Pictures (count, H, W, 3) or (count, H, W), what is to be found for each, and how often each class stands."""

    pictures: NDArray[np.uint8]
    counts: NDArray[np.int64]
    labels: NDArray[np.int64] | None = None
    answers: NDArray[np.uint8] | None = None
    masks: NDArray[np.int64] | None = None


def glance(kind: SourceKind, values: Mapping[str, Value], seed: int, count: int, folder: Path) -> Glance:
    """At most so many pictures of one of the sets in colour."""
    makers = {"emoji": _emoji, "photos": _pieces, "scenes": _scenes}
    return makers[kind.name](kind, values, seed, min(count, MOST), folder)


def _emoji(kind: SourceKind, values: Mapping[str, Value], _seed: int, count: int, folder: Path) -> Glance:
    start, stop = part(str(values["category"]))
    stored = read_arrays(folder / "emoji.npz", ("image", "label"))
    label = stored["label"][start:stop].astype(np.int64)
    picks = one_of_each_in_turn(label, count)
    pictures = colours.on_white(stored["image"][start:stop][picks])
    return Glance(_channels_last(pictures), _counted(label, kind), label[picks])


def _pieces(kind: SourceKind, values: Mapping[str, Value], seed: int, count: int, folder: Path) -> Glance:
    assert kind.samples is not None
    label = colours.piece_labels(kind.samples)
    rows = one_of_each_in_turn(label, count)
    made = colours.pieces(kind, values, seed, ("noisy", "image"), folder, rows)
    noisy, image = (_channels_last(_bytes(made[name])) for name in ("noisy", "image"))
    return Glance(noisy, _counted(label, kind), label[rows], answers=image)


def _scenes(kind: SourceKind, values: Mapping[str, Value], seed: int, count: int, folder: Path) -> Glance:
    assert kind.samples is not None
    made = scenes.scenes(min(count, kind.samples), values, seed, folder)
    kinds = scenes.scene_kinds(kind.samples, values, seed)
    counts = np.bincount(kinds.reshape(-1), minlength=len(kind.fields[-1].classes))
    counts[0] = 0  # places where nothing is
    return Glance(_channels_last(_bytes(made["image"])), counts, masks=made["mask"])


def _counted(label: NDArray[np.int64], kind: SourceKind) -> NDArray[np.int64]:
    spec = next(field for field in kind.fields if field.classes and not field.shape)
    return np.bincount(label, minlength=len(spec.classes))


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.round(values * 255).astype(np.uint8)


def _channels_last(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pictures[:, 0] if pictures.shape[1] == 1 else np.ascontiguousarray(pictures.transpose(0, 2, 3, 1))
