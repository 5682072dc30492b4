"""How the numbers of a run's layers are spread: see core/engine/histograms.py."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.engine.histograms import HALF, Counts, Distributed, LayerCounts
from core.plan import Step, Value
from core.training.activations import Probe
from core.training.checkpoint import read_facts, read_weights
from core.training.phases import row_weights, weighted_modules
from core.training.run import Run

LAYERS = 64
"""Layers at the most."""
LEAST, MOST = -120, 120
"""Exponents that bins may have: float32 goes from 2^-149 to 2^128."""


class Histograms:
    """Counts the numbers of one run between two of its steps; it trains the same either way.

    The gradient is that of the step before: of all accumulated batches, unscaled, before penalties and clipping.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._probe = Probe(run)

    def look(self, paths: Sequence[str]) -> Distributed:
        """How these layers stand, those left out that have no weights; of all of them where none are named.

        Then what they give is left out where code of the user's own runs.
        """
        began = perf_counter()
        known = weighted_modules(self._run.network)
        chosen = {path: known[path] for path in (paths or known) if path in known}
        steps = dict(list(chosen.items())[:LAYERS])
        given = self._given(steps) if paths or not self._has_own_code else {}
        layers = [self._layer(path, given.get(path)) for path in steps]
        return Distributed(step=self._run.step_number, seconds=perf_counter() - began, layers=layers)

    @property
    def _has_own_code(self) -> bool:
        """Whether code of the user's own runs, which may keep what it likes from a pass that is no step."""
        return any(step.kind.opaque for step in self._run.network.plan.steps)

    def _given(self, steps: dict[str, Step]) -> dict[str, Tensor]:
        """What each of these layers gives for the held-out samples that cards show."""
        values = [Value(step.path, next(iter(step.outputs))) for step in steps.values() if step.outputs]
        return dict(zip((value.path for value in values), self._probe.outputs(values), strict=True))

    def _layer(self, path: str, output: Tensor | None) -> LayerCounts:
        weights = row_weights(self._run.network.modules[path])
        gradients = [weight.grad for weight in weights if weight.grad is not None and weight.requires_grad]
        return LayerCounts(
            path=path,
            weights=counted([weight.detach() for weight in weights]),
            gradients=counted(gradients) if self._run.step_number and not self._run.is_past else None,
            activations=counted([output]) if output is not None else None,
        )


def counted_file(path: Path, modules: Mapping[str, str]) -> Distributed:
    """How the weights in a file are spread, by path of what the layers are called there; raises FileError.

    Biases and what is no real number are left out, as of a run; and layers whose weights are another's.
    """
    began = perf_counter()
    tensors, step = read_weights(path), int(read_facts(path).get("step", 0))
    layers = []
    for row, module in list(modules.items())[:LAYERS]:
        own = [tensor for name, tensor in tensors.items() if name.rpartition(".")[0] == module and tensor.dim() > 1]
        counts = counted([tensor for tensor in own if tensor.is_floating_point()])
        layers += [LayerCounts(path=row, weights=counts)] if counts is not None else []
    return Distributed(step=step, seconds=perf_counter() - began, layers=layers)


def counted(tensors: Sequence[Tensor]) -> Counts | None:
    """All numbers of these tensors by size; None where there are none."""
    arrays = [tensor.detach().cpu().float().numpy().ravel() for tensor in tensors]
    values: NDArray[np.float32] = np.concatenate(arrays) if arrays else np.empty(0, np.float32)
    if not len(values):
        return None
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max(initial=0.0))
    exponent = min(max(math.frexp(largest)[1], LEAST), MOST) if largest else LEAST
    scaled = finite.astype(np.float64) * (HALF / 2.0**exponent) + HALF
    places = np.clip(np.floor(scaled), 0, 2 * HALF - 1).astype(np.int64)
    bins = np.bincount(places, minlength=2 * HALF)
    return Counts(exponent=exponent, bins=bins.tolist(), count=len(finite), nonfinite=len(values) - len(finite))
