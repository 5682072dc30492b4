"""What layers give and what gradient comes back to them, by hooks that are there on sampled steps only."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from chainrule.layers import bounds, compiled, is_transformed, tensors_in, unit_axis
from chainrule.measuring import sum_of_squares
from chainrule.outputs import NAMES, OutputMeter, numbers, outside
from chainrule.sequences import OF_SEQUENCES, through_time

Floats = NDArray[np.float32]
OF_OUTPUTS = ("output", *NAMES)
"""What every layer has a column of, in this order."""


@dataclass(slots=True)
class _Layer:
    """What was measured of one layer since the last row."""

    path: str
    module: nn.Module
    meter: OutputMeter
    axis: int
    calls: list[tuple[int, tuple[float, ...]]] = field(default_factory=list)
    """Of every call the size of its output and the values of NAMES."""
    gradients: list[tuple[float, int]] = field(default_factory=list)
    """Of every call the sum of squares of its output's gradient, times the samples', and how many numbers it has."""
    walked: list[float] | None = None
    """The values of OF_SEQUENCES, of a recurrent layer's last call."""

    def values(self, scale: float) -> list[float]:
        """The values of OF_OUTPUTS, all calls together; begins anew."""
        count = sum(size for _squares, size in self.gradients)
        squares = sum(found for found, _size in self.gradients)
        told = [math.sqrt(squares / count) / scale if count else math.nan, *_joined(self.calls)]
        self.calls, self.gradients = [], []
        return told

    def values_in_time(self, scale: float) -> list[float]:
        """The values of OF_SEQUENCES; begins anew."""
        told = self.walked or [math.nan] * len(OF_SEQUENCES)
        self.walked = None
        return [told[0], *(value / scale for value in told[1:])]


class Observer:
    """Hooks on the layers of models while a step is sampled; nothing is left of them in between."""

    def __init__(
        self, models: Mapping[str, nn.Module], layers: Mapping[str, nn.Module], look_at: Callable[[Tensor], None]
    ) -> None:
        """`look_at` is handed the first batch that a model is given."""
        self._models = tuple(models.values())
        self._look_at = look_at
        unseen = compiled(self._models)
        self._paths = {path: module for path, module in layers.items() if id(module) not in unseen}
        self._layers: dict[str, _Layer] = {}
        self._handles: list[RemovableHandle] = []
        self._batch = 0
        self.first_batch = 0
        """Samples of the first batch that went through a model as a whole; 0 before."""
        self._axis = 0
        self._fixed = False
        self.seconds = 0.0
        """What measuring has cost since it was last asked for."""
        self.modes: set[bool] = set()
        """Whether models were called as in training, or as they are used, since the last row."""
        self.walking: list[str] = []
        """The recurrent layers whose inputs have a gradient, once the columns have been fixed."""
        self.late: set[str] = set()
        """Layers that were called for the first time when the columns had been fixed."""

    def begin(self) -> None:
        """Observe from now on."""
        began = perf_counter()
        if not self._handles:
            for model in self._models:
                self._handles.append(model.register_forward_pre_hook(self._entered, with_kwargs=True))
            for path, module in self._paths.items():
                self._handles.append(module.register_forward_hook(functools.partial(self._called, path)))
        self.seconds += perf_counter() - began

    def end(self) -> None:
        """Observe no more."""
        began = perf_counter()
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self.seconds += perf_counter() - began

    def fix(self) -> list[str]:
        """The paths of the layers that were called, in the order in which they were; no others are measured later."""
        self._fixed = True
        self.walking = [path for path, layer in self._layers.items() if layer.walked is not None]
        return list(self._layers)

    def modules(self) -> dict[str, nn.Module]:
        """By path the layers that were called, in that order."""
        return {path: layer.module for path, layer in self._layers.items()}

    def row(self, scale: float) -> Floats:
        """A row of all columns: for every name of OF_OUTPUTS every layer, then OF_SEQUENCES of those that walk.

        The loss was multiplied by the scale.
        """
        began = perf_counter()
        grid = np.array([layer.values(scale) for layer in self._layers.values()], np.float32)
        in_time = [value for path in self.walking for value in self._layers[path].values_in_time(scale)]
        self._batch = self._axis = 0
        self.modes.clear()
        self.seconds += perf_counter() - began
        return np.concatenate([grid.reshape(-1, len(OF_OUTPUTS)).T.ravel(), np.array(in_time, np.float32)])

    def spent(self) -> float:
        """The seconds since this was last asked."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds

    def _entered(self, model: nn.Module, inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        if torch.compiler.is_compiling() or is_transformed():
            return
        if torch.is_grad_enabled():
            self.modes.add(model.training)
        for value in (*inputs, *named.values()):
            if isinstance(value, Tensor) and value.dim():
                self._batch = len(value)
                if not self.first_batch:
                    self.first_batch = self._batch
                    self._look_at(value)
                return

    def _called(self, path: str, module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        if torch.compiler.is_compiling() or not torch.is_grad_enabled() or is_transformed():
            return
        began = perf_counter()
        found = next(tensors_in(output), None)
        if found is not None and found.numel():
            layer = self._layer(path, module, found)
            if layer is not None:
                self._measure(layer, found)
                self._follow(layer, module, inputs)
        self.seconds += perf_counter() - began

    def _measure(self, layer: _Layer, output: Tensor) -> None:
        self._axis = layer.axis
        samples = self._batch or (len(output) if output.dim() else 1)
        layer.calls.append((output.numel(), tuple(layer.meter.measured(output, samples))))
        if output.requires_grad:
            output.register_hook(functools.partial(self._came_back, layer, samples))  # type: ignore[no-untyped-call]

    def _follow(self, layer: _Layer, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        """Measure what comes back along the sequence that a recurrent layer is given."""
        given = inputs[0] if inputs else None
        if isinstance(module, nn.RNNBase) and isinstance(given, Tensor) and given.dim() == 3 and given.requires_grad:
            steps_first = not module.batch_first
            samples = self._batch or given.shape[int(steps_first)]
            given.register_hook(functools.partial(self._came_through, layer, samples, steps_first))  # type: ignore[no-untyped-call]

    def _came_through(self, layer: _Layer, samples: int, steps_first: bool, gradient: Tensor) -> None:
        began = perf_counter()
        if layer.walked is None:  # the way back comes to the last call first
            ratio, profile = through_time(gradient.transpose(0, 1) if steps_first else gradient)
            layer.walked = [ratio, *(profile * samples).tolist()]
        self.seconds += perf_counter() - began

    def _came_back(self, layer: _Layer, samples: int, gradient: Tensor) -> None:
        began = perf_counter()
        layer.gradients.append((sum_of_squares(numbers(gradient)) * samples**2, gradient.numel()))
        self.seconds += perf_counter() - began

    def _layer(self, path: str, module: nn.Module, output: Tensor) -> _Layer | None:
        if path not in self._layers:
            if self._fixed:
                self.late.add(path)
                return None
            limits = bounds(module)
            axis = unit_axis(module, output, self._axis)
            meter = OutputMeter(axis, outside(*limits) if limits is not None else None)
            self._layers[path] = _Layer(path, module, meter, axis)
        return self._layers[path]


def _joined(calls: list[tuple[int, tuple[float, ...]]]) -> list[float]:
    """The values of NAMES over all calls; each counts by the size of its output, the last one's word on dead units."""
    if len(calls) == 1:
        return list(calls[0][1])
    if not calls:
        return [math.nan] * len(NAMES)
    sizes = np.array([size for size, _values in calls], float)
    table = dict(zip(NAMES, np.array([values for _size, values in calls]).T, strict=True))
    shares = sizes / sizes.sum()
    told = {name: float(shares @ values) for name, values in table.items()}
    squares = float(shares @ (table["std"] ** 2 + (table["mean"] - told["mean"]) ** 2))
    return list({**told, "std": math.sqrt(squares), "dead": float(table["dead"][-1])}.values())
