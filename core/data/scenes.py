"""Scenes: things pasted on pieces of photographs, and exactly where each lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.data.builtin.emoji import part
from core.data.builtin.photos import CELLS, HEIGHT, SCENE, THINGS, WIDTH, things_of
from core.data.colours import FULL, Arrays, Bytes, blended, photographs
from core.data.packaged import read_arrays
from core.data.sources import Value

HEAD, EACH = 8, 5
"""Random numbers for a scene, and for each thing in it."""
SMALLEST, LARGEST = 16, 30
"""Pixels of a thing in a scene."""
INK = 20
"""A pixel of clothing is brighter than this."""


class Things(NamedTuple):
    """Pictures with transparency (N, 4, H, W), and which of them are of each kind."""

    pictures: Bytes
    kinds: tuple[NDArray[np.int64], ...]


def scenes(samples: int, values: Mapping[str, Value], seed: int, folder: Path) -> Arrays:
    """The first so many scenes: what is seen, and what each pixel, cell and box holds.

    A thing lies within one quarter of its scene, so that none hides another.
    """
    most = int(values["objects"])
    drawn = np.random.RandomState(seed).random_sample((samples, HEAD + EACH * most))
    things, photos = _things(str(values["things"]), folder), photographs(folder)
    made = [_scene(row, most, things, photos) for row in drawn]
    found = {name: np.stack([one[name] for one in made]) for name in made[0]}
    return found | {"image": found["image"].astype(np.float32) / FULL}


def scene_kinds(samples: int, values: Mapping[str, Value], seed: int) -> NDArray[np.int64]:
    """What the first so many scenes hold (N, most), without drawing them: 0 for nothing."""
    most = int(values["objects"])
    drawn = np.random.RandomState(seed).random_sample((samples, HEAD + EACH * most))
    kinds = 1 + (drawn[:, HEAD::EACH] * len(things_of(values))).astype(np.int64)
    return np.where(np.arange(most) < _count(drawn, most)[:, np.newaxis], kinds, 0)


def _things(name: str, folder: Path) -> Things:
    """What lies in scenes: emoji of some categories, or clothing cut out where it is no paper."""
    if name == "emoji":
        kinds = tuple(np.arange(*part(category)) for category in THINGS.values())
        return Things(read_arrays(folder / "emoji.npz", ("image",))["image"], kinds)
    stored = read_arrays(folder / "fashion.npz", ("image.0", "label"))
    ink = stored["image.0"][:, np.newaxis]
    opaque = np.where(ink > INK, np.uint8(255), np.uint8(0))
    label = stored["label"][: len(ink)]
    kinds = tuple(np.flatnonzero(label == kind) for kind in range(int(label.max()) + 1))
    return Things(np.concatenate((ink, ink, ink, opaque), axis=1), kinds)


def _count(drawn: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """How many things there are, from 1 on."""
    return 1 + (drawn[:, 0] * most).astype(np.int64)


def _scene(drawn: NDArray[np.float64], most: int, things: Things, photos: Bytes) -> Arrays:
    photo, x, y = (drawn[1:4] * (len(photos), WIDTH - SCENE + 1, HEIGHT - SCENE + 1)).astype(np.int64)
    image = photos[photo, :, y : y + SCENE, x : x + SCENE].copy()
    mask = np.zeros((SCENE, SCENE), dtype=np.int64)
    grid = np.zeros((5 + len(things.kinds), CELLS, CELLS), dtype=np.float32)
    boxes, kinds = np.zeros((most, 4), dtype=np.float32), np.zeros(most, dtype=np.int64)
    numbers = drawn[HEAD:].reshape(most, EACH)[: int(_count(drawn[np.newaxis], most)[0])]
    quarters = np.argsort(drawn[4:HEAD])
    for place, (number, quarter) in enumerate(zip(numbers, quarters, strict=False)):
        kind = int(number[0] * len(things.kinds))
        kinds[place] = 1 + kind
        picture = _sized(things, kind, number)
        boxes[place] = _paste(picture, quarter, number, image, mask, int(kinds[place]))
        _enter(grid, boxes[place], int(kinds[place]))
    return {"image": image, "mask": mask, "grid": grid, "boxes": boxes, "kinds": kinds}


def _sized(things: Things, kind: int, number: NDArray[np.float64]) -> Bytes:
    """One picture of the kind (4, size, size)."""
    those = things.kinds[kind]
    picture = things.pictures[those[int(number[1] * len(those))]]
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
