"""Pictures in colour out of the archives that come with Chainrule: emoji, pieces of photographs, and scenes of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.builtin.emoji import part
from core.data.builtin.photos import CELLS, HEIGHT, PHOTOS, SCENE, THINGS, WIDTH
from core.data.packaged import read_arrays
from core.data.sources import SourceKind, Value
from core.data.texts import around

Bytes = NDArray[np.uint8]
Arrays = dict[str, NDArray[Any]]
FULL = np.float32(255)
HEAD, EACH = 8, 5
"""Random numbers for a scene, and for each thing in it."""
SMALLEST, LARGEST = 16, 30
"""Pixels of a thing in a scene."""


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


def scenes(samples: int, most: int, seed: int, folder: Path) -> Arrays:
    """The first so many scenes: what is seen, and what each pixel, cell and box holds.

    A thing lies within one quarter of its scene, so that none hides another.
    """
    drawn = np.random.RandomState(seed).random_sample((samples, HEAD + EACH * most))
    things, photos = read_arrays(folder / "emoji.npz", ("image",))["image"], photographs(folder)
    made = [_scene(row, most, things, photos) for row in drawn]
    found = {name: np.stack([one[name] for one in made]) for name in made[0]}
    return found | {"image": found["image"].astype(np.float32) / FULL}


def scene_kinds(samples: int, most: int, seed: int) -> NDArray[np.int64]:
    """What the first so many scenes hold (N, most), without drawing them: 0 for nothing."""
    drawn = np.random.RandomState(seed).random_sample((samples, HEAD + EACH * most))
    kinds = 1 + (drawn[:, HEAD::EACH] * len(THINGS)).astype(np.int64)
    return np.where(np.arange(most) < _count(drawn, most)[:, np.newaxis], kinds, 0)


def _count(drawn: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """How many things there are, from 1 on."""
    return 1 + (drawn[:, 0] * most).astype(np.int64)


def _scene(drawn: NDArray[np.float64], most: int, things: Bytes, photos: Bytes) -> Arrays:
    photo, x, y = (drawn[1:4] * (len(photos), WIDTH - SCENE + 1, HEIGHT - SCENE + 1)).astype(np.int64)
    image = photos[photo, :, y : y + SCENE, x : x + SCENE].copy()
    mask = np.zeros((SCENE, SCENE), dtype=np.int64)
    grid = np.zeros((5 + len(THINGS), CELLS, CELLS), dtype=np.float32)
    boxes, kinds = np.zeros((most, 4), dtype=np.float32), np.zeros(most, dtype=np.int64)
    numbers = drawn[HEAD:].reshape(most, EACH)[: int(_count(drawn[np.newaxis], most)[0])]
    quarters = np.argsort(drawn[4:HEAD])
    for place, (number, quarter) in enumerate(zip(numbers, quarters, strict=False)):
        kinds[place] = 1 + int(number[0] * len(THINGS))
        picture = _sized(things, list(THINGS.values())[kinds[place] - 1], number)
        boxes[place] = _paste(picture, quarter, number, image, mask, int(kinds[place]))
        _enter(grid, boxes[place], int(kinds[place]))
    return {"image": image, "mask": mask, "grid": grid, "boxes": boxes, "kinds": kinds}


def _sized(things: Bytes, category: str, number: NDArray[np.float64]) -> Bytes:
    """One picture of the category (4, size, size)."""
    start, stop = part(category)
    picture = things[start + int(number[1] * (stop - start))]
    size = SMALLEST + int(number[2] * (LARGEST - SMALLEST + 1))
    rows = (np.arange(size) * 2 + 1) * picture.shape[-1] // (2 * size)
    sized: Bytes = picture[:, rows][:, :, rows]
    return sized


def _paste(
    picture: Bytes, quarter: int, number: NDArray[np.float64], image: Bytes, mask: NDArray[np.int64], kind: int
) -> NDArray[np.float64]:
    """Lay the picture into a quarter of the scene; the box of what is to be seen of it, from 0 to 1."""
    half, size = SCENE // 2, picture.shape[-1]
    top = quarter // 2 * half + int(number[3] * (half - size + 1))
    left = quarter % 2 * half + int(number[4] * (half - size + 1))
    window = slice(top, top + size), slice(left, left + size)
    image[:, *window] = blended(image[:, *window], picture)
    seen = picture[3] > 127
    mask[window][seen] = kind
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return np.array([left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1]) / SCENE


def _enter(grid: NDArray[np.float32], box: NDArray[np.float32], kind: int) -> None:
    """Write the box into the cell of its middle."""
    middle, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    column, row = (middle * CELLS).astype(np.int64)
    grid[:4, row, column] = *(middle * CELLS - (column, row)), *size
    grid[4, row, column] = grid[4 + kind, row, column] = 1
