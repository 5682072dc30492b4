"""Weights of a file for a network that is there: told by name, else by order and shape; nothing is lost unsaid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """Which weight of the file goes where, and what is left over on either side."""

    by_name: tuple[tuple[str, str], ...]
    """Pairs of ours and theirs."""
    by_order: tuple[tuple[str, str], ...]
    wrong: tuple[tuple[str, str], ...]
    """Of one name but another shape: ours, and the two shapes in words."""
    missing: tuple[str, ...]
    """Ours that nothing in the file is for; they stay as they were."""
    unused: tuple[str, ...]
    """Theirs that fit nowhere."""

    @property
    def pairs(self) -> dict[str, str]:
        """Theirs by ours."""
        return dict((*self.by_name, *self.by_order))


def matched(ours: Mapping[str, Shape], theirs: Mapping[str, Shape]) -> Matched:
    """The weights of a file matched with those of a network, both in their order."""
    by_plain = {plain(name): name for name in theirs}
    named = {name: theirs_name for name in ours if (theirs_name := by_plain.get(plain(name)))}
    by_name = tuple((name, other) for name, other in named.items() if theirs[other] == ours[name])
    wrong = {name: other for name, other in named.items() if theirs[other] != ours[name]}
    taken = {other for _name, other in by_name} | set(wrong.values())
    free = [name for name in theirs if name not in taken]
    by_order: list[tuple[str, str]] = []
    for name in (name for name in ours if name not in named):
        found = next((other for other in free if _fits(name, ours[name], other, theirs[other])), None)
        if found is not None:
            free.remove(found)
            by_order.append((name, found))
    given = {name for name, _other in (*by_name, *by_order)}
    told = tuple((name, f"{_words(ours[name])} wanted, {_words(theirs[other])} came") for name, other in wrong.items())
    missing = tuple(name for name in ours if name not in given and name not in wrong)
    return Matched(by_name, tuple(by_order), told, missing, tuple(free))


def plain(name: str) -> str:
    """A path as other programs write it: encoder.2.conv1.weight for encoder[2].conv1.weight."""
    text = re.sub(r"\[(\d+)\]", r".\1", name)
    return re.sub(r"^(module|model|_orig_mod)\.", "", text)


def _fits(name: str, shape: Shape, other: str, found: Shape) -> bool:
    """Whether a weight of the same size is of the same sort: no bias for a scale, no mean for a variance."""
    return shape == found and name.rpartition(".")[2] == other.rpartition(".")[2]


def _words(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "one number"
