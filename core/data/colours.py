"""Pictures in colour out of the archives that come with Chainrule: emoji, and pieces of photographs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.builtin.emoji import part
from core.data.builtin.photos import HEIGHT, PHOTOS, WIDTH
from core.data.packaged import read_arrays
from core.data.sources import SourceKind, Value
from core.data.texts import around

Bytes = NDArray[np.uint8]
Arrays = dict[str, NDArray[Any]]
FULL = np.float32(255)


def emoji(values: Mapping[str, Value], wanted: Collection[str], folder: Path) -> Arrays:
    """Picture, mask, label and name of a category; of these what is wanted."""
    start, stop = part(str(values["category"]))
    members = {"name": f"name_{values['language']}", "label": "label", "image": "image", "mask": "image"}
    stored = read_arrays(folder / "emoji.npz", {members[one] for one in wanted})
    found: Arrays = {one: stored[members[one]][start:stop] for one in wanted}
    if "image" in found:
        found["image"] = on_white(found["image"]).astype(np.float32) / FULL
    if "mask" in found:
        found["mask"] = found["mask"][:, 3:].astype(np.float32) / FULL
    return found | {one: found[one].astype(np.int64) for one in ("name", "label") if one in found}


def names(values: Mapping[str, Value], folder: Path) -> Arrays:
    """The names in one language, and in another as answers."""
    read, asked = f"name_{values['from']}", f"name_{values['to']}"
    stored = read_arrays(folder / "emoji.npz", {read, asked})
    return {"source": stored[read].astype(np.int64), **around(stored[asked].astype(np.int64))}


def on_white(pictures: Bytes) -> Bytes:
    """Pictures with transparency (N, 4, H, W) on white (N, 3, H, W)."""
    return blended(np.full_like(pictures[:, :3], 255), pictures)


def blended(ground: Bytes, pictures: Bytes) -> Bytes:
    """The pictures (..., 4, H, W) over grounds (..., 3, H, W), rounded to whole numbers."""
    alpha = pictures[..., 3:, :, :].astype(np.uint16)
    mixed = pictures[..., :3, :, :] * alpha + ground * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def photographs(folder: Path) -> Bytes:
    """All of them (N, 3, H, W); the file keeps differences along the rows."""
    stored = read_arrays(folder / "photos.npz", ("image",))["image"]
    return np.add.accumulate(stored, axis=-1, dtype=np.uint8)


def piece_labels(samples: int) -> NDArray[np.int64]:
    """The photographs of so many pieces, one photograph after the other."""
    return np.arange(samples, dtype=np.int64) * len(PHOTOS) // samples


def pieces(
    kind: SourceKind,
    values: Mapping[str, Value],
    seed: int,
    wanted: Collection[str],
    folder: Path,
    rows: NDArray[np.int64] | None = None,
) -> Arrays:
    """Pieces of every photograph, photograph by photograph and from left to right, noisy and clean; or these rows."""
    assert kind.samples is not None
    size, label = int(values["size"]), piece_labels(kind.samples)
    rows = np.arange(kind.samples) if rows is None else rows
    if set(wanted) <= {"label"}:
        return {"label": label[rows]}
    places = np.random.RandomState(seed).random_sample((kind.samples, 2))
    order = np.lexsort((places[:, 0], label))
    corners = (places[order] * (WIDTH - size + 1, HEIGHT - size + 1)).astype(np.int64)
    whole = photographs(folder)
    cut = np.stack([whole[label[row], :, y : y + size, x : x + size] for row in rows for x, y in [corners[row]]])
    image = (cut if values["colour"] == "colour" else grey(cut)).astype(np.float32) / FULL
    if "noisy" not in wanted:
        return {"image": image, "label": label[rows]}
    noise = np.stack([_noise(seed, int(row), image.shape[1:]) for row in rows])
    noisy = np.clip(image + np.float32(values["noise"]) * noise, 0, 1)
    return {"noisy": noisy, "image": image, "label": label[rows]}


def _noise(seed: int, row: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """What is added to one piece: each has random numbers of its own, so that it can be made alone."""
    return np.random.RandomState((seed + row * 7919) % 2**32).standard_normal(shape).astype(np.float32)


def grey(pictures: Bytes) -> Bytes:
    """How bright (N, 1, H, W) the colours (N, 3, H, W) are, as ITU-R BT.601 weighs them."""
    weights = np.array([299, 587, 114], dtype=np.uint32).reshape(3, 1, 1)
    bright: NDArray[np.uint32] = (pictures * weights).sum(axis=1, keepdims=True, dtype=np.uint32) // 1000
    return bright.astype(np.uint8)
