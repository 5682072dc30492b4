"""The last steps of a run as they were: copies of all that trains, so that one may look back and go on from there.

Taking one is counted in what watching costs, and is done less often where that would be too much.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from core.training.checkpoint import facts_of, place_of, stepped
from core.training.run import Run

MOST = 256
"""Steps that are kept at the most."""
WHOLE = 16
"""Where so many steps fit into the memory with all that the next one depends on, they are kept whole; else weights."""


@dataclass(slots=True)
class Recent:
    """One step that is kept; what of it is no tensor of the network is there where a run can go on from it."""

    step: int
    epoch: int
    weights: list[Tensor]
    """As `Recents._live` has them."""
    average: list[Tensor]
    memory: list[Tensor]
    """What the optimizers remember."""
    place: Mapping[str, Tensor]
    facts: Mapping[str, Any]

    @property
    def whole(self) -> bool:
        """Whether a run can go on from it."""
        return bool(self.facts)


class Recents:
    """The newest steps, as many as the memory holds; the run trains the same with and without."""

    def __init__(self, run: Run, mebibytes: int) -> None:
        """Of so much memory at the most; 0 keeps nothing."""
        self._run = run
        self.bytes = mebibytes * 2**20
        self.held = False
        """Whether what is kept shall stay while the run goes on: somebody looks at it."""
        self._kept: deque[Recent] = deque()
        self._next = 1 if self.bytes else 0
        self._spent = 0.0
        self._room = MOST
        self._is_whole = True
        self._buffers = [(module._buffers, name) for module in run.network.root.modules() for name in module._buffers]

    @property
    def kept(self) -> Sequence[Recent]:
        """The steps that are kept, the oldest first."""
        return self._kept

    @property
    def room(self) -> int:
        """How many steps there is room for; known once a step was kept."""
        return self._room

    def due(self, step: int) -> bool:
        """Whether this step, which has just been made, is to be kept."""
        return 0 < self._next <= step

    def keep(self) -> None:
        """Keep the run as it stands now; decides when that is done next."""
        run, began = self._run, perf_counter()
        if self.held or not self.bytes or (self._kept and self._kept[-1].step == run.step_number):
            return
        if not self._kept:
            self._measure()
        if self._room:
            while self._kept and self._kept[-1].step >= run.step_number:  # the run was made again from there
                self._kept.pop()
            old = self._kept.popleft() if len(self._kept) >= self._room else None
            self._kept.append(self._taken(old))
        self._wait(perf_counter() - began)

    def forget_behind(self, step: int) -> None:
        """Keep nothing of what comes after this step."""
        while self._kept and self._kept[-1].step > step:
            self._kept.pop()

    @contextmanager
    def standing(self, one: Recent) -> Iterator[None]:
        """Let network, average and optimizers have the numbers of this step; nothing may be trained meanwhile."""
        average = self._run.average
        now, memory, averaged = _copies(self._live()), _copies(self._memory()), average.tensors
        try:
            average.tensors = one.average
            self._put(one.weights, one.memory)
            yield
        finally:
            average.tensors = averaged
            self._put(now, memory)

    def _taken(self, old: Recent | None) -> Recent:
        """The run as it stands, in the memory of one that is not needed any more."""
        run = self._run
        weights = _copies(self._live(), old.weights if old is not None else ())
        average = _copies(run.average.tensors, old.average if old is not None else ())
        if not self._is_whole:
            return Recent(run.step_number, run.epoch, weights, average, [], {}, {})
        memory = _copies(self._memory(), old.memory if old is not None else ())
        return Recent(run.step_number, run.epoch, weights, average, memory, place_of(run), facts_of(run))

    def _live(self) -> list[Tensor]:
        """All tensors of the network that training changes."""
        buffers = (held[name] for held, name in self._buffers)
        flat = [group.flat.weights for group in self._run.groups]
        return [*flat, *(buffer for buffer in buffers if buffer is not None)]

    def _memory(self) -> list[Tensor]:
        states = (
            phase.optimizer.state[parameter]
            for phase in self._run.phases
            for parameter in stepped(phase)
            if parameter in phase.optimizer.state
        )
        return [value for state in states for value in state.values() if isinstance(value, Tensor)]

    @torch.no_grad()
    def _put(self, weights: Sequence[Tensor], memory: Sequence[Tensor]) -> None:
        for live, kept in zip((*self._live(), *(self._memory() if memory else ())), (*weights, *memory), strict=True):
            live.copy_(kept)

    def _measure(self) -> None:
        """How many steps there is room for, and with how much of each."""
        weights = _bytes([*self._live(), *self._run.average.tensors])
        states = [tensor for name, tensor in place_of(self._run).items() if "/" not in name]  # the others are shared
        whole = weights + _bytes([*self._memory(), *states])
        self._is_whole = self.bytes // max(whole, 1) >= WHOLE
        self._room = min(self.bytes // max(whole if self._is_whole else weights, 1), MOST)

    def _wait(self, seconds: float) -> None:
        """Decide when the next step is kept, after this one has taken so long."""
        schedule = self._run.samples.schedule
        self._spent += seconds
        schedule.also(seconds)
        every = schedule.apart(seconds, self._spent)
        self._next = self._run.step_number + every if self._room else 0


@torch.no_grad()
def _copies(tensors: Sequence[Tensor], into: Sequence[Tensor] = ()) -> list[Tensor]:
    """Copies of the tensors, in memory that is there already where it has their shapes."""
    if len(into) != len(tensors) or any(one.shape != other.shape for one, other in zip(tensors, into, strict=True)):
        return [tensor.detach().clone() for tensor in tensors]
    return [old.copy_(tensor.detach()) for old, tensor in zip(into, tensors, strict=True)]


def _bytes(tensors: Sequence[Tensor]) -> int:
    return sum(tensor.nbytes for tensor in tensors)
