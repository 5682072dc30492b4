"""What the start page tells of the templates: category, lesson and source, and what training them has measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import TypeVar

import msgspec

from core.errors import FileError

CATEGORIES = ("Start", "Vision", "Sequence", "Attention", "Lessons")
"""In the order in which they are shown."""
CATALOG, FIGURES, RESULTS = "gallery.json", "figures.json", "results.json"

_Content = TypeVar("_Content")


class Figure(msgspec.Struct, frozen=True):
    """What a template is judged by: its title, how the number is written (as Python's format does), and the goal."""

    title: str
    form: str
    goal: str

    def written(self, value: float) -> str:
        """The number in words."""
        return spaced(format(value, self.form))


class Entry(msgspec.Struct, frozen=True):
    """What is known of a template beside its project; `name` is that of its file."""

    name: str
    category: str
    lesson: tuple[str, ...]
    source: str


class Seed(msgspec.Struct, frozen=True):
    """One training: the figure it reached, and its seconds of processor time."""

    value: float
    seconds: float


class Measured(msgspec.Struct, frozen=True):
    """What training a template with several seeds has come to."""

    parameters: int
    seeds: tuple[Seed, ...] = ()

    @property
    def seconds(self) -> float | None:
        """The median time of a training; None where there was none."""
        return median(seed.seconds for seed in self.seeds) if self.seeds else None

    @property
    def value(self) -> float | None:
        """The median of the figure; None where there was no training."""
        return median(seed.value for seed in self.seeds) if self.seeds else None


def entries(folder: Path) -> tuple[Entry, ...]:
    """The templates by category, in each as the catalog has them; none without a catalog. Raises FileError."""
    known = _read(folder / CATALOG, tuple[Entry, ...], ())
    return tuple(sorted(known, key=lambda entry: rank(entry.category)))


def figures(folder: Path) -> Mapping[str, Figure]:
    """What the templates are judged by, by their names; what is not listed is not known. Raises FileError."""
    return _read(folder / FIGURES, dict[str, Figure], {})


def measured(folder: Path) -> Mapping[str, Measured]:
    """What was measured, by the template's name; nothing where no results were kept. Raises FileError."""
    return _read(folder / RESULTS, dict[str, Measured], {})


def rank(category: str) -> int:
    """The place of a category among all; one that is not known comes last."""
    return CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)


def duration(seconds: float) -> str:
    """A measured time, no finer than it can be relied on: 0.3 s, 12 s, 3 min."""
    if seconds < 0.95:
        return f"{max(seconds, 0.1):.1f} s"
    return f"{seconds:.0f} s" if seconds < 99.5 else f"{seconds / 60:.0f} min"


def spaced(text: str) -> str:
    """Per cent signs apart from their numbers, as the window writes them."""
    return text.replace("%", " %")


def _read(path: Path, kind: type[_Content], none: _Content) -> _Content:
    if not path.is_file():
        return none
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        wanted = "what the start page tells of the templates was wanted"
        raise FileError(wanted, str(error), str(path), "Write it anew: python -m tools.make_templates.") from error
