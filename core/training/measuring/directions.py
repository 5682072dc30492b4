"""Where the gradient points: beside that of the step before, against its own noise, and how far along it to go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from chainrule.statistics import NoiseScale, alpha, cosine, product
from core.build import Network
from core.compared import gives_each
from core.training.devices import forked
from core.training.direct import backward
from core.training.measuring.schedule import Schedule, Seldom
from core.training.passing import Passed
from core.training.phases import LivePhase
from core.training.settings import TrainingSettings

NAMES = ("cosine", "alpha", "noise_scale")
"""What is measured, of the first phase where there are several."""
APART = 40
"""Steps between two repetitions, at the least: the first ones are few while it is not known what a step costs."""
OLD, CHANGE = 1, 2
"""The lines of flat parameters in which a meter keeps the weights before a step, and what has become of them."""


class Directions:
    """Measures by the gradients that there are, and now and then by passes more, which leave no trace in the run."""

    def __init__(self, run: _Run, schedule: Schedule) -> None:
        self._network = run.network
        self._phase = run.phases[0]
        self._schedule = schedule
        self._seldom = Seldom()
        self._noise = NoiseScale()
        self._can_repeat = _can_repeat(run.settings, self._phase)
        self._has_mean = all(_is_mean(run.network, step.path) for step in self._phase.part.losses)
        self._least = 4 if any(isinstance(one, _BatchNorm) for one in run.network.root.modules()) else 2
        """Samples of a batch that can be halved: batch norm wants two of each half."""
        self._before: list[Tensor] = []
        self._random: Tensor | None = None
        self._first: tuple[int, int, float] | None = None
        """Of several batches the samples of the first half, those of all, and by what its gradient was multiplied."""
        self._found: dict[str, float] = {}

    def begun(self, step: int) -> None:
        """At a sampled step, before its pass: decide whether passes are repeated in it."""
        due = self._can_repeat and self._seldom.due(step)
        self._random = torch.get_rng_state() if due else None
        self._first = None

    def halfway(self, few: int, many: int, scale: float) -> None:
        """After the first half of several batches whose gradients are added: keep what these few samples gave.

        Each has counted as its share of all samples, times the scale.
        """
        if self._has_mean:
            self._first = few, many, scale * few / many
            for group in self._phase.groups:
                group.flat.storage[CHANGE].copy_(group.flat.gradient)

    def gathered(self, passed: Passed, squares: float) -> None:
        """Before the step, with the gradient's sum of squares: the noise, by two parts of the batch."""
        if self._first is not None:
            self._found["noise_scale"] = self._of_batches(squares, *self._first)
        elif self._random is not None and self._has_mean and passed.size >= self._least:
            with self._undone(CHANGE):
                self._found["noise_scale"] = self._of_halves(passed)

    def _of_batches(self, whole: float, few: int, many: int, factor: float) -> float:
        """The noise scale by the first half of the batches, whose gradient was kept multiplied, and by the rest."""
        kept, rest = _lines(group.flat.storage[CHANGE] for group in self._phase.groups), many - few
        first, inner = product(kept, kept) / factor**2, product(kept, self._gradient()) / factor
        second = (many**2 * whole - 2 * many * few * inner + few**2 * first) / rest**2
        return self._noise.note(first, second, (many * inner - few * first) / rest, (few, rest))

    def _of_halves(self, passed: Passed) -> float:
        """The noise scale by two passes more, over a half of the batch each."""
        half = passed.size // 2
        self._again(passed, slice(half))
        kept = [line.copy() for line in self._gradient()]
        for group in self._phase.groups:
            group.flat.gradient.zero_()
        self._again(passed, slice(half, passed.size))
        other = self._gradient()
        sizes = (half, passed.size - half)
        return self._noise.note(product(kept, kept), product(other, other), product(kept, other), sizes)

    def stepped(self, step: int, passed: Passed) -> None:
        """After the step: how it lies to the gradient of the step before, and to the lowest point along it."""
        if self._before:
            self._found["cosine"] = cosine(_lines(self._before), self._gradient())
        if self._random is None:
            return
        began, moved = perf_counter(), _lines(group.flat.storage[CHANGE] for group in self._phase.groups)
        slope = product(self._gradient(), moved)
        with self._undone(OLD):
            torch.set_rng_state(self._random)  # the same units drop out
            self._again(passed, slice(passed.size))
            self._found["alpha"] = alpha(slope, product(self._gradient(), moved))
        self._random = None
        self._seldom.note(step, 2 * (perf_counter() - began), self._schedule, least=APART)

    def keep(self) -> None:
        """Keep the gradient, as the next step is sampled."""
        self._before = [group.flat.gradient.clone() for group in self._phase.groups]

    def taken(self) -> Mapping[str, float]:
        """What was found in the step that is over."""
        found, self._found, self._before = self._found, {}, []
        return found

    @contextmanager
    def _undone(self, line: int) -> Iterator[None]:
        """Let gradients, buffers and random numbers be afterwards as they were; the meters lend one of their lines."""
        buffers = [(buffer, buffer.clone()) for buffer in self._network.root.buffers()]
        for group in self._phase.groups:
            group.flat.storage[line].copy_(group.flat.gradient)
            group.flat.gradient.zero_()
        with forked():
            yield
        with torch.no_grad():
            for group in self._phase.groups:
                group.flat.gradient.copy_(group.flat.storage[line])
            for buffer, before in buffers:
                buffer.copy_(before)

    def _again(self, passed: Passed, samples: slice) -> None:
        batch = [value[samples] if isinstance(value, Tensor) else value for value in passed.batch]
        total = self._phase.forward.call(len(range(passed.size)[samples]), *batch)[0]
        backward(total, torch.ones(()), self._phase.only)

    def _gradient(self) -> list[NDArray[np.float32]]:
        return _lines(group.flat.gradient for group in self._phase.groups)


def _lines(tensors: Iterable[Tensor]) -> list[NDArray[np.float32]]:
    return [tensor.detach().cpu().numpy() for tensor in tensors]


def _can_repeat(settings: TrainingSettings, phase: LivePhase) -> bool:
    """Whether a pass can be made once more as it was, and put back: code of the user's own may keep what it likes."""
    is_plain = settings.accumulate == 1 and settings.precision != "float16" and settings.device == "cpu"
    return is_plain and not phase.forward.mixed and not any(step.kind.opaque for step in phase.part.plan.steps)


def _is_mean(network: Network, path: str) -> bool:
    """Whether the loss is the mean of its samples', so that a half of them has the same gradient but for noise."""
    values = network.arguments[path]
    return values.get("reduction", "mean") == "mean" or gives_each(values)


class _Run(Protocol):
    """What of a run it reads."""

    network: Network
    settings: TrainingSettings
    phases: tuple[LivePhase, ...]
