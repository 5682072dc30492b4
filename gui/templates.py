"""The templates and exercises of the start page as values that read their file when they are first asked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from core.files import SUFFIX, load
from core.gallery import Entry, Figure, Measured, duration, entries, figures, measured, rank
from core.lowering import lower
from core.project import Project
from core.reading import read
from core.shapes import analyse
from gui.status import quantity
from gui.theme import FOLDER

EXERCISE = Entry("", "Lessons", (), "")
"""What is known of an exercise beside its file: where it stands."""


class Template:
    """A template and what its card says; its file is read when its project is first asked for."""

    def __init__(self, path: Path, entry: Entry, result: Measured | None = None, figure: Figure | None = None) -> None:
        self.path = path
        self.entry = entry
        self.result = result
        self._figure = figure
        self.exercise = entry is EXERCISE

    @cached_property
    def project(self) -> Project:
        """What opens; raises FileError."""
        return load(self.path)

    @cached_property
    def parameters(self) -> int:
        """How many are learned: as measured, else as the shapes tell."""
        return self.result.parameters if self.result else analyse(lower(self.project)).total_parameters

    @cached_property
    def problems(self) -> int:
        """For an exercise, how many are shown at first."""
        return len(read(self.project).problems) if self.exercise else 0

    @property
    def size(self) -> str:
        """What its card says of its size: 61.7 k params."""
        if self.exercise:
            return f"exercise, {self.problems} problems"
        return f"{quantity(self.parameters)} {'param' if self.parameters == 1 else 'params'}"

    @property
    def time(self) -> str:
        """How long training it took: 12 s; empty where nobody has measured it."""
        seconds = self.result.seconds if self.result else None
        return "" if seconds is None else duration(seconds)

    @property
    def figure(self) -> str:
        """What it reached and what it had to; empty where it is not known."""
        figure, value = self._figure, self.result.value if self.result else None
        if figure is None or value is None or self.result is None:
            return ""
        seeds = len(self.result.seeds)
        beside = f"median of {seeds} seeds" if seeds > 1 else "one seed"
        title = f"{figure.title[:1].upper()}{figure.title[1:]}"
        return f"{title}: {figure.written(value)} ({beside}; goal: {figure.goal})"

    def is_about(self, words: Sequence[str]) -> bool:
        """Whether name, description or lesson have all these small words; without any no file is read."""
        return not words or all(word in self._text for word in words)

    @cached_property
    def _text(self) -> str:
        return " ".join((self.project.name, self.project.description, *self.entry.lesson)).lower()


def templates(folder: Path = FOLDER / "templates") -> tuple[Template, ...]:
    """Every template of the folder: by category, in each as the catalog has them, what it does not have last."""
    known = {entry.name: entry for entry in entries(folder)}
    results, judged = measured(folder), figures(folder)
    order = list(known)
    found = [
        Template(path, known.get(name, Entry(name, "", (), "")), results.get(name), judged.get(name))
        for path, name in ((path, path.stem) for path in sorted(folder.glob(f"*{SUFFIX}")))
    ]
    places = {name: (rank(known[name].category), place) for place, name in enumerate(order)}
    return tuple(sorted(found, key=lambda one: places.get(one.path.stem, (rank(""), 0))))


def exercises() -> tuple[Template, ...]:
    """Every exercise."""
    return tuple(Template(path, EXERCISE) for path in sorted((FOLDER / "exercises").glob(f"*{SUFFIX}")))
