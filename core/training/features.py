"""The maps of one layer for one sample: see core/engine/features.py."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from core.engine.features import Feature, Featured, Maps
from core.errors import DataError, EngineError
from core.plan import Value
from core.training.devices import answering
from core.training.evaluate import held_out, undisturbed
from core.training.forward import output_function
from core.training.tracing import Tracer

MAPS = 64
"""Maps at the most."""
SIDE = 64
"""Numbers of a map's side at the most; larger ones are averaged."""
LONG = 4096
"""Numbers of a vector at the most."""


def featured(tracer: Tracer, wish: Feature) -> Featured:
    """The step's output for the sample; raises EngineError where it is not computed or has no line a sample."""
    began = perf_counter()
    network, value = tracer.network, Value(wish.path, wish.port)
    step = network.plan.by_path.get(wish.path)
    if step is None or wish.port not in step.outputs or step.kind.role != "layer":
        raise EngineError("a layer of the network was wanted", f"{wish.path}.{wish.port} came", wish.path)
    function = answering(output_function(network, network.plan.reaching((value,)), (value,)), network)
    whole = bool(function.fields) and all(len(held_out(tracer.data, field, "validation")) for field in function.fields)
    part = "validation" if whole else "train"
    parts = [held_out(tracer.data, field, part) for field in function.fields]
    count = min(map(len, parts), default=0)
    if not count:
        raise DataError("samples that lead to this layer were wanted", "there are none", wish.path)
    place = wish.first % count
    with undisturbed(network):
        (output,) = function.call(1, *(tensor[place : place + 1] for tensor in parts))
    if not output.dim() or output.shape[0] != 1:
        raise EngineError("an output of each sample was wanted", f"{list(output.shape)} came", wish.path)
    loaded = tracer.data[function.fields[0].dataset]
    kernels = _kernels(tracer, step.module)
    return Featured(
        step=tracer.step,
        number=int((loaded.validation if whole else loaded.train)[place]),
        shape=list(output.shape[1:]),
        maps=maps_of(output[0].detach().float().cpu()),
        filters=kernels[0],
        channels=kernels[1],
        seconds=perf_counter() - began,
    )


def maps_of(output: Tensor) -> Maps:
    """One sample's output as pictures: of volumes the middle slices, of a sequence one, of a vector one line."""
    if output.dim() >= 4:
        output = output.reshape(-1, *output.shape[-3:])[:, output.shape[-3] // 2]
    elif output.dim() < 3:
        output = output.reshape((1, *output.shape) if output.dim() == 2 else (1, 1, -1))
    shown = output[:MAPS]
    tall, wide = shown.shape[1:]
    is_line = tall == 1
    most = LONG if is_line else SIDE
    scaled = not is_line and max(tall, wide) > most
    if scaled:
        larger = max(tall, wide)
        shown = adaptive_avg_pool2d(shown, (max(tall * most // larger, 1), max(wide * most // larger, 1)))
    shown = shown[:, :, :LONG]
    numbers = np.ascontiguousarray(shown.numpy(), "<f4").tobytes()
    return Maps(count=len(output), height=shown.shape[1], width=shown.shape[2], numbers=numbers, scaled=scaled)


def _kernels(tracer: Tracer, module: str) -> tuple[Maps | None, int]:
    """The kernels of a convolution of pictures, (K x C, H, W), and C."""
    found = tracer.network.modules.get(module)
    weight = getattr(found, "weight", None)
    if not isinstance(weight, Tensor) or weight.dim() != 4:
        return None, 0
    count, channels, tall, wide = weight.shape
    flat = weight.detach().float().cpu().reshape(-1, tall, wide)
    shown = flat[: max(MAPS // channels, 1) * channels] if channels <= MAPS else flat[:channels]
    numbers = np.ascontiguousarray(shown.numpy(), "<f4").tobytes()
    return Maps(count=count * channels, height=tall, width=wide, numbers=numbers), channels
