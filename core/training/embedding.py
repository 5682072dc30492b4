"""The principal components of what a layer gives: see core/engine/embeddings.py."""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.compared import target
from core.engine.embeddings import Embed, Embedded
from core.errors import DataError, EngineError
from core.plan import Value
from core.training.devices import answering
from core.training.evaluate import held_out, undisturbed
from core.training.forward import Field, output_function
from core.training.tracing import Tracer

MOST = 500
"""Samples, where no number is asked for."""
NUMBERS = 20_000
"""Of one sample's output, at the most; longer ones are taken at equal distances."""


class Projected(NamedTuple):
    """Rows on their first two principal components."""

    points: Tensor
    """(N, 2), in float32."""
    explained: tuple[float, float]


def embed(tracer: Tracer, wish: Embed) -> Embedded:
    """The step's output in evaluation mode, a point a sample; raises EngineError where it is not computed."""
    began = perf_counter()
    network, value = tracer.network, Value(wish.path, wish.port)
    step = network.plan.by_path.get(wish.path)
    if step is None or wish.port not in step.outputs or step.kind.role != "layer":
        raise EngineError("a layer of the network was wanted", f"{wish.path}.{wish.port} came", wish.path)
    function = answering(output_function(network, network.plan.reaching((value,)), (value,)), network)
    part = wish.part if all(len(held_out(tracer.data, field, wish.part)) for field in function.fields) else "train"
    parts = [held_out(tracer.data, field, part) for field in function.fields]
    size = min([wish.samples or MOST, *map(len, parts)])
    if not size or not parts:
        raise DataError("samples that lead to this layer were wanted", "there are none", wish.path)
    with undisturbed(network):
        (output,) = function.call(size, *(tensor[:size] for tensor in parts))
    if not output.dim() or output.shape[0] != size:
        raise EngineError("an output of each sample was wanted", f"{list(output.shape)} came", wish.path)
    found = projected(output.detach().reshape(size, -1).float())
    labels, classes = _labels(tracer, part, size)
    loaded = tracer.data[function.fields[0].dataset]
    numbers = loaded.train if part == "train" else loaded.validation
    return Embedded(
        step=tracer.step,
        part=part,
        size=output[0].numel(),
        points=found.points.numpy().astype(np.float32).tobytes(),
        explained=list(found.explained),
        labels=labels,
        classes=classes,
        numbers=numbers[:size].tolist(),
        seconds=perf_counter() - began,
    )


def projected(rows: Tensor) -> Projected:
    """Rows (N, D) on the two directions along which they vary most; zeros where they do not vary."""
    thin = rows[:, :: -(-rows.shape[1] // NUMBERS)].double()
    thin = torch.where(torch.isfinite(thin), thin, torch.zeros_like(thin))
    centred = thin - thin.mean(0)
    left, lengths, loadings = torch.linalg.svd(centred, full_matrices=False)
    kept = min(2, len(lengths))
    points = torch.zeros(len(rows), 2, dtype=torch.float64)
    largest = loadings[:kept].abs().argmax(1)
    signs = torch.sign(loadings[torch.arange(kept), largest])
    points[:, :kept] = left[:, :kept] * lengths[:kept] * signs
    variance = lengths.square()
    total = float(variance.sum())
    shares = [float(one) / total if total else 0.0 for one in variance[:kept]]
    first, second = (*shares, 0.0, 0.0)[:2]
    return Projected(points.float(), (first, second))


def _labels(tracer: Tracer, part: str, size: int) -> tuple[list[int], list[str]]:
    """The classes that the first loss compares with, and their names; none where it compares something else."""
    plan = tracer.network.plan
    loss = next(iter(plan.losses), None)
    value = target(loss) if loss is not None else None
    step = plan.by_path.get(value.path) if value is not None else None
    if value is None or step is None or not step.dataset:
        return [], []
    spec = next((field for field in step.fields if field.name == value.port), None)
    if spec is None or not spec.classes or spec.shape:
        return [], []
    return held_out(tracer.data, Field(step.dataset, value.port), part)[:size].long().tolist(), list(spec.classes)
