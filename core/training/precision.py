"""What the forward pass computes in: torch's autocast, and for float16 a loss that is scaled on its way back.

Weights, gradients and optimizer stay float32. Numbers below 6e-8 are nothing in float16: so the loss is multiplied by a
large scale before it goes back and the gradient divided by it, and a step whose gradient became infinite is left out
and halves the scale, as torch.amp.GradScaler has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any

import torch
from torch import Tensor

from core.training.devices import home, is_elsewhere, there
from core.training.forward import Function
from core.training.phases import LivePhase
from core.training.settings import TrainingSettings

LEAST_SCALE = 2.0**-10
"""Below it a gradient is not infinite for the scale's sake."""


def computed_in(settings: TrainingSettings, phases: Iterable[LivePhase]) -> None:
    """Let the phases go forward in the precision and on the device that are set."""
    for phase in phases:
        phase.forward = lowered(phase.forward, settings)
        phase.observed = lowered(phase.observed, settings)


def lowered(function: Function, settings: TrainingSettings) -> Function:
    """The same loss function in the precision and on the device that are set; what it compares comes home."""
    device = torch.device(settings.device)
    half = settings.precision != "float32"
    if is_elsewhere(device):
        function = replace(function, call=_moved(function.call, device))
    if not half:
        return function
    call, dtype = function.call, getattr(torch, settings.precision)

    @wraps(call)
    def mixed(size: int, *batch: object) -> tuple[object, ...]:
        with torch.autocast(device.type, dtype):
            total, parts, *compared, kept, times = call(size, *batch)
        return (total, parts, *map(_whole, compared), kept, times)

    return replace(function, call=mixed)


def _moved(call: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    """The same on the device; what it compares is on the processor, and a tensor that was given is itself again."""

    @wraps(call)
    def moved(size: int, *batch: object) -> tuple[object, ...]:
        given = there(batch, device)
        with device:
            total, parts, *compared, kept, times = call(size, *given)
        own = {id(moved): value for moved, value in zip(given, batch, strict=True)}
        return (total, parts, *(own[id(one)] if id(one) in own else home(one) for one in compared), kept, times)

    return moved


def _whole(compared: Tensor | None) -> Tensor | None:
    return compared.float() if compared is not None and compared.is_floating_point() else compared


class Scaling:
    """The scale of every phase's loss, where float16 needs one."""

    def __init__(self, settings: TrainingSettings, phases: int) -> None:
        self.wanted = settings.precision == "float16"
        kind = settings.device.partition(":")[0]
        self.scalers = [torch.amp.GradScaler(kind) for _ in range(phases)] if self.wanted else []
        for scaler in self.scalers:
            scaler.scale(torch.ones((), device=kind))  # it makes its scale when it is first asked

    def scale(self, index: int) -> float:
        """The phase's scale; 1 where there is none."""
        return float(self.scalers[index].get_scale()) if self.scalers else 1.0

    def unscale(self, index: int, phase: LivePhase) -> bool:
        """Divide the phase's gradient by its scale, which follows on how it went; whether a step can be made."""
        if not self.scalers:
            return True
        scaler, before = self.scalers[index], self.scale(index)
        scaler.unscale_(phase.optimizer)
        scaler.update()
        return self.scale(index) >= before or before < LEAST_SCALE
