"""Fields out of the archives that come with Chainrule, in their natural units."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.checks import check_pixels
from core.data.packaged import read_arrays
from core.data.sources import FieldSpec, SourceKind

BLOCK = 1000
"""Pictures in one member of an archive that is cut into blocks."""


def stored_fields(
    kind: SourceKind, specs: Collection[FieldSpec], samples: int, folder: Path
) -> dict[str, NDArray[Any]]:
    """These fields of the first so many samples (N, ...)."""
    plain = [spec for spec in specs if spec.name != "image"]
    assert kind.file is not None
    stored = read_arrays(folder / kind.file, {_member(kind, spec) for spec in plain})
    fields = {spec.name: _field(kind, spec, stored)[:samples] for spec in plain}
    if len(plain) < len(specs):
        grey = stored_pixels(kind, samples, folder).astype(np.float32)
        fields["image"] = np.divide(grey, np.float32(kind.levels), out=grey)[:, np.newaxis]
    return fields


def stored_pixels(kind: SourceKind, samples: int, folder: Path) -> NDArray[np.uint8]:
    """The first so many pictures (N, H, W) as the file keeps them: whole numbers from 0 to the source's `levels`."""
    assert kind.file is not None
    names = [f"image.{block}" for block in range(-(-samples // BLOCK))] if kind.blocks else ["image"]
    stored = read_arrays(folder / kind.file, names)
    pixels = np.concatenate([stored[name] for name in names]) if len(names) > 1 else stored[names[0]]
    check_pixels(pixels, kind.levels or 0, f"data set {kind.name}, field image")
    return pixels[:samples]


def some_pixels(
    kind: SourceKind, picks: NDArray[np.int64], samples: int, folder: Path
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """These of the first so many pictures, and how often each whole number stands in all of those (levels + 1,)."""
    if kind.blocks:
        return stored_pixels(kind, int(picks.max()) + 1, folder)[picks], stored_levels(kind, samples, folder)
    pixels = stored_pixels(kind, samples, folder)
    return pixels[picks], _counted(pixels, (kind.levels or 0) + 1)


def stored_levels(kind: SourceKind, samples: int, folder: Path) -> NDArray[np.int64]:
    """How often each whole number stands in the first so many pictures of a file in blocks; opens one at most."""
    assert kind.file is not None
    size, whole = (kind.levels or 0) + 1, samples // BLOCK
    rest = f"image.{whole}"
    names = ["levels", *([rest] if samples % BLOCK else [])]
    stored = read_arrays(folder / kind.file, names)
    counts: NDArray[np.int64] = stored["levels"][:whole].sum(axis=0, dtype=np.int64)
    return counts + _counted(stored[rest][: samples % BLOCK], size) if samples % BLOCK else counts


def _counted(pixels: NDArray[np.uint8], size: int) -> NDArray[np.int64]:
    return np.bincount(pixels.reshape(-1), minlength=size)


def _member(kind: SourceKind, spec: FieldSpec) -> str:
    """The array of the file out of which the field is made."""
    if spec.name in ("target", "sign") and kind.field("label") is not None:
        return "label"
    return "features" if _columns(kind, spec) else spec.name


def _columns(kind: SourceKind, spec: FieldSpec) -> list[int]:
    """The places in the features of a field that is a part of them."""
    features = kind.field("features")
    if features is None or spec is features or not set(spec.columns) <= set(features.columns):
        return []
    return [features.columns.index(name) for name in spec.columns]


def _field(kind: SourceKind, spec: FieldSpec, stored: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    values, places = stored[_member(kind, spec)], _columns(kind, spec)
    if places:
        values = values[:, places]
    elif _member(kind, spec) == "label" != spec.name:
        values = values.reshape(-1, 1).astype(spec.dtype)
        values = values if spec.name == "target" else 2 * values - 1
    return np.ascontiguousarray(values, dtype=spec.dtype)
