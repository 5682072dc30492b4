"""What can be done about findings, worked out in slices after each change, as every remedy is tried before."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.diagnosis.facts import Facts
from core.diagnosis.finding import Finding
from core.diagnosis.remedies import offering
from core.diagnosis.remedy import Remedy
from core.project import Project
from core.reading import Reading, read
from gui.slices import Slices

AFTER = 120
"""Milliseconds from a change until remedies are worked out."""
Key = tuple[str, tuple[str, ...]]
"""A finding's code, and where it is."""
Known = dict[Key, tuple[Remedy, ...]]


class Offering(QObject):
    """Knows the remedies of the findings that are shown, for one project; those of before stay until it does."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.reading: Callable[[], Reading] = partial(read, Project())
        self.facts: Callable[[Project], Facts] = lambda _project: Facts()
        self.pause = AFTER
        self._known: Known = {}
        self._asked: tuple[Reading | None, frozenset[Key], Facts] = (None, frozenset(), Facts())
        """Of what remedies were asked last."""
        self._findings: tuple[Finding, ...] = ()
        self._slices: Slices[Known] = Slices(self._work, self._take, self)

    def of(self, finding: Finding) -> tuple[Remedy, ...]:
        """What is known to help against it, best first."""
        return self._known.get(_key(finding), ())

    def want(self, findings: Sequence[Finding]) -> None:
        """Work out the remedies of these, unless that was done for the same project."""
        self._findings = tuple(findings)
        reading, before = self.reading(), self._asked[0]
        asked = (reading, frozenset(map(_key, findings)), self.facts(reading.project))
        if before is None or reading.project is not before.project or asked[1:] != self._asked[1:]:
            self._asked = asked
            self._slices.ask(self.pause)

    def now(self) -> None:
        """Have them at once, if they were asked for."""
        if self._slices.busy:
            self._slices.flush()

    def close(self) -> None:
        """Work out no more."""
        self._slices.cancel()

    def _work(self) -> Generator[None, None, Known]:
        found: Known = {}
        reading, _keys, facts = self._asked
        assert reading is not None  # it was asked for
        for finding in self._findings:
            offered: list[Remedy] = []
            for remedy in offering(reading.project, finding, facts, reading, self._findings):
                offered.append(remedy)
                yield
            found[_key(finding)] = tuple(offered)
            yield
        return found

    def _take(self, found: Known) -> None:
        before, self._known = self._known, found
        if [_words(found, key) for key in found] != [_words(before, key) for key in found]:
            self.changed.emit()


def _key(finding: Finding) -> Key:
    return finding.code, finding.where


def _words(known: Known, key: Key) -> list[tuple[str, str, str]]:
    return [(remedy.label, remedy.detail, remedy.effect) for remedy in known.get(key, ())]
