"""Folders of pictures of the user's own: what is found in them, and their samples by number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.cache import room
from core.data.folders import files_below, listed
from core.data.formats import FORMATS, settled
from core.data.found import Found
from core.data.listing import Listing, listing, note_broken
from core.data.marks import decoded_key, folder_mark
from core.data.pictures.decoding import SUFFIXES, UNREADABLE, Look, check, levels, mask, picture
from core.data.rows import HeldRows, Rows
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec, Value
from core.data.store import Store
from core.data.unchanged import Reader, Unchanged, unchanged
from core.errors import DataError

MOST_LEVELS = 64
"""Numbers that a mask may hold; more are a picture."""
KIND = "pictures 1"
"""Counts up whenever the same picture is decoded to other bytes."""
_FIX = "Read it anew."


def inspect(path: Path, options: Mapping[str, Value]) -> Found:
    """The pictures as fields image, label and mask; raises OSError, and DataError where there is none."""
    chosen = settled(FORMATS["pictures"], options)
    files = files_below(path, SUFFIXES)
    found = listing(path, files, "pictures", chosen["masks"] == "beside", check)
    look, notes = _look(chosen), list(found.notes)
    fields = [FieldSpec("image", look.shape, "float32", "input", scaled=True, help="The picture, 0 to 1")]
    if found.classes:
        fields.append(FieldSpec("label", (), "int64", "target", found.classes, help="The folder it lies in"))
    if found.entries[0].mask is not None:
        known = _mask_levels(found, path)
        names = tuple(str(number) for number in known)
        fields.append(FieldSpec("mask", look.shape[1:], "int64", "target", names, help="The class of each pixel"))
        notes.append(f"The masks hold {len(known)} numbers, which are the classes of pixels: {listed(names, 12)}.")
    if found.held:
        notes.append(f"Pictures in folders of held-out ones: {found.held:,}.")
    mark = folder_mark(path, files)
    note_broken(decoded_key(KIND, path, mark, chosen, files), found.broken, path)
    return Found(tuple(fields), len(found.entries), mark, found.skipped, tuple(notes), found.held)


def read(settings: DatasetSettings, only: Collection[str]) -> dict[str, NDArray[Any]]:
    """These fields (N, ...), all pictures decoded; raises DataError and OSError."""
    known = _Known.of(settings)
    numbers = np.arange(len(known.folder.entries))
    return {name: one.read(numbers) for name, one in known.rows().items() if name in only}


def rows(settings: DatasetSettings) -> dict[str, Rows]:
    """Pictures, and labels and masks where there are any, by number; raises DataError where the folder has changed."""
    return _Known.of(settings).rows()


@dataclass(frozen=True, eq=False, slots=True)
class PictureRows:
    """One field of stored records: a part of their bytes, and what they mean as numbers."""

    store: Store
    begin: int
    spec: FieldSpec
    labels: NDArray[np.int64]

    @property
    def ready(self) -> bool:
        """Whether nothing is left to decode."""
        return self.store.ready

    def read(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """Pictures (n, C, H, W) from 0 to 1, or masks (n, H, W) of class numbers; raises Unreadable."""
        size = int(np.prod(self.spec.shape))
        found = self.store.read(numbers)[:, self.begin : self.begin + size].reshape(len(numbers), *self.spec.shape)
        if self.spec.dtype == "int64":
            return found.astype(np.int64)
        return np.divide(found, np.float32(255), dtype=np.float32)

    def told(self) -> str:
        """How many pictures could not be read since the last time."""
        return self.store.told()

    def like(self, number: int, other: int) -> bool:
        """Whether the other is of its class and not known to be unreadable."""
        return other not in self.store.bad and bool(self.labels[number] == self.labels[other])


@dataclass(frozen=True, eq=False, slots=True)
class _Known:
    """The folder, which is what it was when it was read, and how its pictures are looked at."""

    folder: Unchanged
    fields: Mapping[str, FieldSpec]
    look: Look

    @classmethod
    def of(cls, settings: DatasetSettings) -> _Known:
        found = settings.found
        assert found is not None  # it is a folder's
        folder = unchanged(settings, Reader("pictures", "pictures", SUFFIXES, KIND, check))
        return cls(folder, {field.name: field for field in found.fields}, _look(folder.chosen))

    def rows(self) -> dict[str, Rows]:
        entries, labels = self.folder.entries, self.folder.labels
        size = int(np.prod(self.look.shape))
        whole = size + (self.look.height * self.look.width if "mask" in self.fields else 0)
        place = room(self.folder.key, whole * len(entries))
        store = Store(place, len(entries), whole, self.decode, UNREADABLE, "pictures", str(self.folder.root))
        begins = {"image": 0, "mask": size}
        return {
            name: HeldRows(labels) if name == "label" else PictureRows(store, begins[name], field, labels)
            for name, field in self.fields.items()
        }

    def decode(self, number: int) -> NDArray[np.uint8]:
        """The record of a picture: its bytes, and the class of each pixel; raises one of UNREADABLE."""
        entry = self.folder.entries[number]
        pixels = picture(entry.path, self.look).reshape(-1)
        if entry.mask is None or "mask" not in self.fields:
            return pixels
        known = np.array([int(name) for name in self.fields["mask"].classes])
        numbers = mask(entry.mask, self.look).reshape(-1)
        classes = np.searchsorted(known, numbers).clip(max=len(known) - 1)
        if (known[classes] != numbers).any():
            raise ValueError("a mask holds a number that none held before")
        return np.concatenate([pixels, classes.astype(np.uint8)])


def _look(chosen: Mapping[str, Value]) -> Look:
    height, width = chosen["height"], chosen["width"]
    assert isinstance(height, int)
    assert isinstance(width, int)
    return Look(height, width, chosen["colour"] == "grey", str(chosen["fit"]))


def _mask_levels(found: Listing, root: Path) -> tuple[int, ...]:
    known: set[int] = set()
    for entry in found.entries:
        if entry.mask is not None:
            try:
                known |= levels(entry.mask)
            except UNREADABLE as error:
                raise DataError("masks of one number a pixel were wanted", str(error), str(entry.mask), _FIX) from error
        if len(known) > MOST_LEVELS:
            came, fix = "more came", "Save masks without smoothing, as PNG; or let them be left out."
            raise DataError(f"masks of at most {MOST_LEVELS} numbers were wanted", came, str(root), fix)
    return tuple(sorted(known))
