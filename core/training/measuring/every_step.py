"""Every layer's mean, deviation and zeros at every step, where a run is to measure them whatever they cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from torch import Tensor

from chainrule.many import LARGE, NAMES
from chainrule.moments import of_every
from chainrule.outputs import Floats
from core.build import Network
from core.shapes import Analysis
from core.training.forward import shown_function
from core.training.phases import LivePhase
from core.training.precision import lowered
from core.training.settings import TrainingSettings


class EveryStep:
    """Sees the outputs as the phases' forward functions make them; columns are `NAME:PATH` for each of NAMES."""

    def __init__(self, run: _Run, paths: Sequence[str]) -> None:
        self.columns = [f"{name}:{path}" for name in NAMES for path in paths]
        self._many = of_every(len(paths))
        self._count = len(paths)
        numbers = {path: place for place, path in enumerate(paths)}
        said = _said_by(run)
        self._places = {
            id(phase): _places(phase, {path: place for path, place in numbers.items() if said.get(path) is phase})
            for phase in run.phases
        }
        self._small: dict[int, list[int]] = {}
        """By phase the places of the outputs that its function hands on; large ones are measured as they are made."""
        for phase in run.phases:
            self._let_see(run, phase)

    def take(self, phase: LivePhase, kept: Sequence[Tensor], sampled: bool) -> None:
        """See what the phase's function has kept: all of the observed one, what is small of the other."""
        if not sampled:
            self._many.take(self._small[id(phase)], kept)
            return
        for place, output in zip(self._places[id(phase)], kept, strict=False):
            if place is not None:
                self._many.see(place, output)

    def write(self, out: Floats) -> None:
        """Write what the step's outputs come to, at `flush` at the latest, and begin anew."""
        self._many.write(out.reshape(len(NAMES), self._count))

    def flush(self) -> None:
        """Write what waits to be written."""
        self._many.flush()

    def seconds(self) -> float:
        """What measuring took since this was last asked."""
        seconds, self._many.seconds = self._many.seconds, 0.0
        return seconds

    def _let_see(self, run: _Run, phase: LivePhase) -> None:
        known = run.analysis.types
        placed = [
            (value, place, known[value].numel * run.settings.batch_size >= LARGE)
            for value, place in zip(phase.outputs, self._places[id(phase)], strict=True)
            if place is not None
        ]
        self._small[id(phase)] = [place for _value, place, is_large in placed if not is_large]
        seen = {value: partial(self._many.see, place) for value, place, is_large in placed if is_large}
        keep = tuple(value for value, _place, is_large in placed if not is_large)
        made = shown_function(run.network, phase.part.plan, phase.part.losses, seen, keep, phase.forward.mixed)
        phase.seen = lowered(made, run.settings)


def _places(phase: LivePhase, numbers: dict[str, int]) -> list[int | None]:
    """Of each of the phase's outputs where it is written, if it is: of several of one step the first counts."""
    paths = [value.path for value in phase.outputs]
    return [numbers.get(path) if paths.index(path) == index else None for index, path in enumerate(paths)]


def _said_by(run: _Run) -> dict[str, LivePhase]:
    """By path the phase that has the last word on an output: of several the last one that trains the layer."""
    found: dict[str, LivePhase] = {}
    for phase in run.phases:
        for value in phase.outputs:
            if value.path not in found or run.network.plan.by_path[value.path].module in phase.part.trained:
                found[value.path] = phase
    return found


class _Run(Protocol):
    """What of a run it reads."""

    network: Network
    analysis: Analysis
    settings: TrainingSettings
    phases: tuple[LivePhase, ...]
