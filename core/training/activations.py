"""What layers give for a few held-out samples, again and again while a run trains: see core/engine/activations.py."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from core.engine.activations import Activation, Peeked
from core.plan import Plan, Step, Value
from core.training.devices import answering
from core.training.evaluate import held_out, undisturbed
from core.training.forward import Function, output_function
from core.training.run import Run

SAMPLES = 32
"""At the most; never more than a batch, whose outputs are known to fit."""
MAPS = 10
"""Maps of an image, at the most."""
LINES = 4
"""Curves, at the most."""
SIDE, LARGE = 32, 56
"""Pixels of a map's longer side at the most, and where there are no more than two; larger ones are averaged."""
POINTS = 240
"""Numbers of a curve, at the most."""
BINS = 31
_SEQUENCES = frozenset({"Recurrent", "Attention"})
_CHANNELS_FIRST = frozenset({"Convolution", "Pooling"})
_TURNING = frozenset({"Permute", "Transpose"})


class _Prepared(NamedTuple):
    """What is computed when these values are asked for."""

    wanted: tuple[Value, ...]
    function: Function
    samples: int
    batch: list[Tensor]


class Probe:
    """The network of one run, shown the same samples each time it is asked; it trains the same either way."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._prepared: _Prepared | None = None

    def look(self, wanted: Sequence[Value]) -> Peeked:
        """What these values are now, those left out that the run does not compute."""
        began = perf_counter()
        plan = self._run.network.plan
        known = tuple(value for value in dict.fromkeys(wanted) if _is_computed(plan, value))
        found = self._values(known) if known else ()
        told = [
            described(value, output, size, _sequence_axis(plan, plan.by_path[value.path]))
            for value, (output, size) in zip(known, found, strict=True)
        ]
        return Peeked(step=self._run.step_number, seconds=perf_counter() - began, found=told)

    def outputs(self, wanted: Sequence[Value]) -> list[Tensor]:
        """What these values, all of them computed, are now for the same samples."""
        return [output for output, _samples in self._values(tuple(wanted))] if wanted else []

    def _values(self, wanted: tuple[Value, ...]) -> list[tuple[Tensor, int]]:
        """Each value, and how many samples there were."""
        if self._prepared is None or self._prepared.wanted != wanted:
            self._prepared = self._prepare(wanted)
        _wanted, function, samples, batch = self._prepared
        with undisturbed(self._run.network):
            return [(output, samples) for output in function.call(samples, *batch)]

    def _prepare(self, wanted: tuple[Value, ...]) -> _Prepared:
        """The function to these values alone, and the samples that it is given: held-out ones where there are any."""
        network, data = self._run.network, self._run.job.data
        function = answering(output_function(network, network.plan.reaching(wanted), wanted), network)
        parts = {part: [held_out(data, field, part) for field in function.fields] for part in ("validation", "train")}
        tensors = parts["validation"] if all(map(len, parts["validation"])) else parts["train"]
        count = min([SAMPLES, self._run.settings.batch_size, *map(len, tensors)])
        return _Prepared(wanted, function, count, [tensor[:count] for tensor in tensors])


def described(value: Value, output: Tensor, samples: int, axis: int = 1) -> Activation:
    """The output of so many samples (N, ...) in the form that suits its shape.

    Maps (N, C, H, W), or the middle ones of volumes (N, C, D, H, W), are an image; sequences are curves along `axis`,
    1 for (N, L, C) and 2 for (N, C, L); everything else is a histogram.
    """
    output = output.detach()
    shape = list(output.shape)
    base = Activation(path=value.path, port=value.port, form="histogram", shape=shape, low=0.0, high=0.0)
    if output.dim() == 0 or shape[0] != samples:
        return _histogram(output, base)
    base = replace(base, shape=shape[1:])
    if len(shape) == 5:
        output = output[:, :, shape[2] // 2]
    if output.dim() == 4 and output.shape[2] * output.shape[3] > 1:
        return _image(output[0].float(), base)
    if output.dim() == 3 and output.shape[axis] > 1:
        return _curves((output[0].T if axis == 1 else output[0]).float(), base)
    return _histogram(output, base)


def _is_computed(plan: Plan, value: Value) -> bool:
    step = plan.by_path.get(value.path)
    return step is not None and step.kind.role == "layer" and value.port in step.outputs


def _image(maps: Tensor, base: Activation) -> Activation:
    """The first of the maps (C, H, W)."""
    shown = maps[:MAPS]
    low, high, nonfinite = _range(shown.numpy())
    tall, wide = shown.shape[1:]
    largest = max(tall, wide)
    most = LARGE if len(shown) <= 2 else SIDE
    if largest > most:
        shown = adaptive_avg_pool2d(shown, (max(tall * most // largest, 1), max(wide * most // largest, 1)))
    scaled = shown / (max(abs(low), abs(high)) or 1.0)
    bytes_ = (128 + 127 * scaled.nan_to_num(0.0, 1.0, -1.0).clamp(-1.0, 1.0)).round().byte().contiguous()
    height, width = shown.shape[1:]
    told = replace(base, form="image", low=low, high=high, nonfinite=nonfinite, total=len(maps))
    return replace(told, height=height, width=width, pixels=bytes_.numpy().tobytes())


def _curves(lines: Tensor, base: Activation) -> Activation:
    """The first of the curves (C, L)."""
    shown = lines[:LINES].numpy()
    low, high, nonfinite = _range(shown)
    thin = [[float(x) if np.isfinite(x) else None for x in thinned(line)] for line in shown]
    told = replace(base, form="curve", low=low, high=high, nonfinite=nonfinite, total=len(lines))
    return replace(told, length=shown.shape[1], lines=thin)


def thinned(line: NDArray[np.float32]) -> NDArray[np.float32]:
    """The line, or the least and the most of each of its stretches where it has more than POINTS numbers."""
    if len(line) <= POINTS:
        return line
    stretches = np.array_split(line, POINTS // 2)
    return np.array([edge for stretch in stretches for edge in (stretch.min(), stretch.max())], line.dtype)


def _histogram(output: Tensor, base: Activation) -> Activation:
    values = output.float().numpy().ravel()
    low, high, nonfinite = _range(values)
    finite = values[np.isfinite(values)]
    bins, _edges = np.histogram(finite, BINS, (low, high))
    return replace(base, low=low, high=high, nonfinite=nonfinite, count=len(finite), bins=bins.tolist())


def _range(values: NDArray[np.float32]) -> tuple[float, float, int]:
    """The least and the most of the finite numbers, and how many are not."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 0.0, values.size
    return float(finite.min()), float(finite.max()), values.size - finite.size


def _sequence_axis(plan: Plan, step: Step) -> int:
    """Along which axis of (N, ., .) its steps lie: the last behind convolutions, else the first."""
    turned = False
    while True:
        turned ^= step.kind.name in _TURNING
        if step.kind.category in _CHANNELS_FIRST:
            return 1 if turned else 2
        before = next(step.values(), None)
        if step.kind.category in _SEQUENCES or before is None or step.kind.role == "source":
            return 2 if turned else 1
        step = plan.by_path[before.path]
