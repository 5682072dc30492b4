"""The weights of attention, seen where torch computes them: see core/engine/attentions.py."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from core.build import Network
from core.engine.attentions import Attend, Attended, AttentionMap
from core.errors import EngineError
from core.plan import Value
from core.training.devices import answering
from core.training.evaluate import held_out, undisturbed
from core.training.forward import Field, output_function
from core.training.tracing import Tracer

MOST = 512
"""Positions of a map's side, at the most: longer ones are cut."""


class Watcher(TorchFunctionMode):
    """Notes the weights of every attention that is computed while it is entered; results stay what they are."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []
        """(N, heads, queries, keys) each, in the order in which they were computed."""

    def __torch_function__(self, function: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Called by torch in place of the function."""
        told = dict(kwargs or {})
        if function is functional.multi_head_attention_forward:
            return self._several_heads(args, told)
        if function is functional.scaled_dot_product_attention:
            self.seen.append(weights(*args[:2], **_of_weights(args, told)))
        return function(*args, **told)

    def _several_heads(self, args: Any, told: dict[str, Any]) -> Any:
        wanted, average = told.get("need_weights", True), told.get("average_attn_weights", True)
        output, looks = functional.multi_head_attention_forward(
            *args, **{**told, "need_weights": True, "average_attn_weights": False}
        )
        assert looks is not None  # they were asked for
        found: Tensor = looks
        self.seen.append(found if found.dim() == 4 else found[None])
        if not wanted:
            return output, None
        return output, found.mean(dim=-3) if average else found


def weights(
    query: Tensor, key: Tensor, mask: Tensor | None = None, is_causal: bool = False, scale: float | None = None
) -> Tensor:
    """What `scaled_dot_product_attention` multiplies the values with, by its definition in torch's documentation."""
    scores = query @ key.transpose(-2, -1) * (scale if scale is not None else 1 / math.sqrt(query.shape[-1]))
    if is_causal:
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(later, -math.inf)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask
    return torch.softmax(scores, dim=-1)


def _of_weights(args: Any, told: dict[str, Any]) -> dict[str, Any]:
    """What of a call of `scaled_dot_product_attention` its weights depend on."""
    given = dict(zip(("query", "key", "value", "attn_mask", "dropout_p", "is_causal"), args, strict=False)) | told
    return {"mask": given.get("attn_mask"), "is_causal": given.get("is_causal", False), "scale": given.get("scale")}


def attend(tracer: Tracer, wish: Attend) -> Attended:
    """The weights of one step for one sample; raises EngineError where it does not attend."""
    began = perf_counter()
    network = tracer.network
    step = network.plan.by_path.get(wish.path)
    if step is None or step.kind.role != "layer":
        raise EngineError("a layer of the network was wanted", f"{wish.path} came", wish.path)
    values = [Value(wish.path, step.outputs[0])]
    fields = output_function(network, network.plan.reaching(values), tuple(values)).fields
    part = "validation" if all(len(held_out(tracer.data, field, "validation")) for field in fields) else "train"
    count = min((len(held_out(tracer.data, field, part)) for field in fields), default=0)
    if not count:
        raise EngineError("a sample that leads to this layer was wanted", "there is none", wish.path)
    place = wish.first % count
    by_path = network.plan.by_path
    given = tuple(value for value in dict.fromkeys(step.values()) if not by_path[value.path].dataset)
    before = len(_watched(tracer, given, part, place)) if given else 0
    seen = _watched(tracer, tuple(values), part, place)[before:]
    if not seen:
        raise EngineError("a layer that attends was wanted", f"{step.kind.name} came", wish.path)
    loaded = tracer.data[fields[0].dataset]
    numbers = loaded.train if part == "train" else loaded.validation
    return Attended(
        step=tracer.step,
        maps=[_map(one) for one in seen],
        tokens=_tokens(network, tracer, fields, part, place),
        number=int(numbers[place]),
        seconds=perf_counter() - began,
    )


def _watched(tracer: Tracer, values: tuple[Value, ...], part: str, place: int) -> list[Tensor]:
    """All weights on the way to these values, for one sample."""
    network = tracer.network
    function = answering(output_function(network, network.plan.reaching(values), values), network)
    batch = [held_out(tracer.data, field, part)[place : place + 1] for field in function.fields]
    with undisturbed(network), _slow_path(), Watcher() as watcher:
        function.call(1, *batch)
        seen: list[Tensor] = watcher.seen
    return seen


@contextmanager
def _slow_path() -> Iterator[None]:
    """Let modules compute attention by the functions that are watched, not by one kernel for the whole layer."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _map(found: Tensor) -> AttentionMap:
    """The weights of the first sample, (heads, queries, keys)."""
    sample = found[0].detach().float().cpu()
    sample = sample if sample.dim() == 3 else sample.reshape(-1, *sample.shape[-2:])
    cut = sample[:, :MOST, :MOST].contiguous()
    heads, queries, keys = cut.shape
    told = cut.numpy().astype(np.float32).tobytes()
    return AttentionMap(heads=heads, queries=queries, keys=keys, weights=told)


def _tokens(network: Network, tracer: Tracer, fields: tuple[Field, ...], part: str, place: int) -> dict[str, list[str]]:
    """By field its words, where its numbers stand for words."""
    specs = {Field(step.dataset, spec.name): spec for step in network.plan.sources for spec in step.fields}
    told: dict[str, list[str]] = {}
    for field in fields:
        spec = specs.get(field)
        if spec is None or not spec.classes or len(spec.shape) != 1:
            continue
        row = held_out(tracer.data, field, part)[place].long().tolist()
        told[field.name] = [spec.classes[at] if 0 <= at < len(spec.classes) else str(at) for at in row]
    return told
