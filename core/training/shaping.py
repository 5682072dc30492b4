"""What is done to a gradient right before the step, while what is measured stays the gradient of the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor
from torch.nn.utils import clip_grad_norm_, clip_grad_value_, get_total_norm

from core.training.penalties import penalise
from core.training.phases import LivePhase
from core.training.settings import TrainingSettings


class Shaping:
    """Adds the penalties' gradient, then clips by value and then by norm, each where it is asked for."""

    def __init__(self, settings: TrainingSettings) -> None:
        self._value = settings.clip_value
        self._norm = settings.clip_norm
        self._penalties = (settings.l1, settings.l2)

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do."""
        return self._value > 0 or self._norm > 0 or any(self._penalties)

    def shape(self, phase: LivePhase) -> tuple[Sequence[Tensor], float]:
        """Change the phase's gradient; what it was before, by group, and the share of its norm that clipping leaves.

        NaN where nothing is to be clipped.
        """
        before = [group.flat.gradient.clone() for group in phase.groups]
        if any(self._penalties):
            penalise(phase.parameters, *self._penalties)
        left = 1.0 if self._value > 0 or self._norm > 0 else math.nan
        if self._value > 0:
            whole = _norm(phase)
            clip_grad_value_(phase.parameters, self._value)
            left = _norm(phase) / whole if whole else 1.0
        if self._norm > 0:
            norm = float(clip_grad_norm_(phase.parameters, self._norm))
            left *= min(1.0, self._norm / norm) if norm else 1.0
        return before, left


def put_back(phase: LivePhase, before: Sequence[Tensor]) -> None:
    """Let the gradient be again what it was."""
    for group, gradient in zip(phase.groups, before, strict=True):
        group.flat.gradient.copy_(gradient)


def _norm(phase: LivePhase) -> float:
    return float(get_total_norm([group.flat.gradient for group in phase.groups]))
