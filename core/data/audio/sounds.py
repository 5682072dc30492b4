"""Folders of sounds of the user's own: what is found in them, and their samples by number."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.audio.decoding import EXTRA, SUFFIXES, UNREADABLE, Hearing, check, readable, sound
from core.data.cache import room
from core.data.folders import files_below
from core.data.formats import FORMATS, settled
from core.data.found import Found
from core.data.listing import listing, note_broken
from core.data.marks import decoded_key, folder_mark
from core.data.rows import HeldRows, Rows
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec, Value
from core.data.store import Store
from core.data.unchanged import Reader, Unchanged, unchanged
from core.errors import DataError

KIND = "sounds 1"
"""Counts up whenever the same sound is decoded to other numbers."""


def inspect(path: Path, options: Mapping[str, Value]) -> Found:
    """The sounds as fields audio and label; raises OSError, and DataError where there is none."""
    chosen = settled(FORMATS["audio"], options)
    hearing = _hearing(chosen)
    files = files_below(path, (*SUFFIXES, *EXTRA))
    found = listing(path, files, "sounds", False, _good)
    what = "Logarithm of the power, frequency by time" if hearing.spectrogram else "The wave, -1 to 1"
    fields = [FieldSpec("audio", hearing.shape, "float32", "input", scaled=True, help=what)]
    if found.classes:
        fields.append(FieldSpec("label", (), "int64", "target", found.classes, help="The folder it lies in"))
    notes = list(found.notes)
    if not readable(EXTRA[0]) and any(file.suffix.lower() in EXTRA for file in files):
        notes.append("FLAC and Ogg are read where the extra audio is installed: pip install chainrule[audio].")
    if found.held:
        notes.append(f"Sounds in folders of held-out ones: {found.held:,}.")
    mark = folder_mark(path, files)
    note_broken(decoded_key(KIND, path, mark, chosen, files), found.broken, path)
    return Found(tuple(fields), len(found.entries), mark, found.skipped, tuple(notes), found.held)


def read(settings: DatasetSettings, only: Collection[str]) -> dict[str, NDArray[Any]]:
    """These fields (N, ...), all sounds decoded; raises DataError and OSError."""
    known = _Known.of(settings)
    numbers = np.arange(len(known.folder.entries))
    return {name: one.read(numbers) for name, one in known.rows().items() if name in only}


def rows(settings: DatasetSettings) -> dict[str, Rows]:
    """The sounds, and labels where there are any, by number; raises DataError where the folder has changed."""
    return _Known.of(settings).rows()


@dataclass(frozen=True, eq=False, slots=True)
class SoundRows:
    """Decoded sounds, float32 in the bytes of stored records."""

    store: Store
    shape: tuple[int, ...]
    labels: NDArray[np.int64]

    @property
    def ready(self) -> bool:
        """Whether nothing is left to decode."""
        return self.store.ready

    def read(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """These sounds (n, ...); raises Unreadable."""
        return self.store.read(numbers).reshape(-1).view(np.float32).reshape(len(numbers), *self.shape)

    def told(self) -> str:
        """How many sounds could not be read since the last time."""
        return self.store.told()

    def like(self, number: int, other: int) -> bool:
        """Whether the other is of its class and not known to be unreadable."""
        return other not in self.store.bad and bool(self.labels[number] == self.labels[other])


@dataclass(frozen=True, eq=False, slots=True)
class _Known:
    """The folder, which is what it was when it was read, and how its sounds are heard."""

    folder: Unchanged
    hearing: Hearing

    @classmethod
    def of(cls, settings: DatasetSettings) -> _Known:
        folder = unchanged(settings, Reader("audio", "sounds", (*SUFFIXES, *EXTRA), KIND, _good))
        return cls(folder, _hearing(folder.chosen))

    def rows(self) -> dict[str, Rows]:
        entries, labels = self.folder.entries, self.folder.labels
        size = 4 * int(np.prod(self.hearing.shape))
        place = room(self.folder.key, size * len(entries))
        store = Store(place, len(entries), size, self.decode, UNREADABLE, "sounds", str(self.folder.root))
        found: dict[str, Rows] = {"audio": SoundRows(store, self.hearing.shape, labels)}
        return found | ({"label": HeldRows(labels)} if self.folder.classified else {})

    def decode(self, number: int) -> NDArray[np.uint8]:
        return sound(self.folder.entries[number].path, self.hearing).reshape(-1).view(np.uint8)


def _good(file: Path) -> bool:
    return readable(file.suffix) and check(file)


def _hearing(chosen: Mapping[str, Value]) -> Hearing:
    rate, seconds, window, hop = (chosen[name] for name in ("rate", "seconds", "window", "hop"))
    samples = round(float(seconds) * int(rate))
    hearing = Hearing(int(rate), samples, chosen["form"] == "spectrogram", int(window), int(hop))
    if samples < 1 or (hearing.spectrogram and samples <= int(window) // 2):
        came, fix = f"{samples:,} values are {seconds} seconds", "Choose a longer sample, or a smaller window."
        raise DataError("a sample longer than half a window was wanted", came, "audio", fix)
    return hearing
