"""The steps of a run on disk whose weights are there: the last ones that a script keeps, and checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from core.engine.moments import Moment
from core.runs.checkpoints import checkpoints
from core.runs.layout import KEPT, RECENT


class KeptStep(NamedTuple):
    """One step, and the safetensors file that has its weights."""

    moment: Moment
    path: Path


def kept_steps(folder: Path, is_script: bool) -> tuple[KeptStep, ...]:
    """Each step once, the oldest first; what cannot be read, as it is just being exchanged or is damaged, is left out.

    A script's are known by their names alone, as they come and go many times a second.
    """
    found = {
        one.step: KeptStep(Moment(step=one.step, source="checkpoint", name=one.name), one.path)
        for one in (checkpoints(folder) if not is_script else ())
    }
    for path, step in _named(folder / KEPT) if is_script else ():
        found[step] = KeptStep(Moment(step=step, source="checkpoint", name=path.stem), path)
    for path, step in _named(folder / RECENT) if is_script else ():
        found[step] = KeptStep(Moment(step=step, source="recent"), path)
    return tuple(found[step] for step in sorted(found))


def nearest(steps: Sequence[KeptStep], step: int | None) -> KeptStep | None:
    """The one nearest to a step, or the newest; None where none is kept."""
    if step is None:
        return steps[-1] if steps else None
    return min(steps, key=lambda one: (abs(one.moment.step - step), one.moment.step), default=None)


def _named(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in folder.glob("step-*.safetensors"):
        number = path.stem.removeprefix("step-")
        if number.isdecimal():
            yield path, int(number)
