"""Every layer's mean, deviation and zeros at every step, where a run is to measure them whatever they cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import perf_counter

from torch import Tensor

from chainrule.many import NAMES, Many
from core.build import Network
from core.training.forward import shown_function
from core.training.measuring.outputs import Floats
from core.training.phases import LivePhase
from core.training.precision import lowered
from core.training.settings import TrainingSettings


class EveryStep:
    """Sees the outputs as the phases' forward functions make them; columns are `NAME:PATH` for each of NAMES."""

    def __init__(
        self, network: Network, phases: Sequence[LivePhase], paths: Sequence[str], settings: TrainingSettings
    ) -> None:
        self.columns = [f"{name}:{path}" for name in NAMES for path in paths]
        self.seconds = 0.0
        """What measuring took since it was last set to 0."""
        self._many = Many(len(paths))
        self._count = len(paths)
        numbers = {path: place for place, path in enumerate(paths)}
        self._places = {id(phase): _places(phase, numbers) for phase in phases}
        for phase in phases:
            self._let_see(network, phase, settings)

    def take(self, phase: LivePhase, kept: Sequence[Tensor]) -> None:
        """See what the phase's observed function has kept, at a sampled step."""
        for place, output in zip(self._places[id(phase)], kept, strict=False):
            if place is not None:
                self._see(place, output)

    def write(self, out: Floats) -> None:
        """Write what the step's outputs came to, and begin anew."""
        began = perf_counter()
        self._many.write(out.reshape(len(NAMES), self._count))
        self.seconds += perf_counter() - began

    def _see(self, place: int, output: Tensor) -> None:
        began = perf_counter()
        self._many.see(place, output)
        self.seconds += perf_counter() - began

    def _let_see(self, network: Network, phase: LivePhase, settings: TrainingSettings) -> None:
        seen = {
            value: partial(self._see, place)
            for value, place in zip(phase.outputs, self._places[id(phase)], strict=True)
            if place is not None
        }
        made = shown_function(network, phase.part.plan, phase.part.losses, seen, phase.forward.mixed)
        phase.seen = lowered(made, settings)


def _places(phase: LivePhase, numbers: dict[str, int]) -> list[int | None]:
    """Of each of the phase's outputs where it is written: of several of one step the first counts."""
    paths = [value.path for value in phase.outputs]
    return [numbers[path] if paths.index(path) == index else None for index, path in enumerate(paths)]
