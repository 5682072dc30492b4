"""Attention that is written out as products, a softmax and a mask, found again and put in one call."""

from __future__ import annotations

import math
from typing import NamedTuple

from core.exchange.onnx.task import permuted, short
from core.exchange.onnx.values import Wire
from core.exchange.onnx.writer import Writer


class _Scores(NamedTuple):
    """What goes into the softmax: the product of these two, times a factor, with a mask."""

    query: Wire
    key: Wire
    """Its last two dimensions turned."""
    factor: float
    mask: Wire | None = None
    means: str = ""


def attended(writer: Writer, weights: Wire, value: Wire) -> Wire | None:
    """The attention whose weights and value are multiplied here; None where the weights are no softmax of scores."""
    call = writer.maker(weights)
    rank = len(weights.shape)
    if call is None or call.kind != "Softmax" or call.params.get("dim") not in (-1, rank - 1) or rank < 3:
        return None
    scores = _scores(writer, writer.source(weights))
    if scores is None or not scores.query.type.batched or len(value.shape) != rank:
        return None
    order = (*range(rank - 2), rank - 1, rank - 2)
    usual = 1 / math.sqrt(int(str(scores.query.shape[-1])))
    params: dict[str, float | str] = {}
    if abs(scores.factor - usual) > 1e-6 * usual:
        params["scale"] = short(scores.factor)
    if scores.mask is not None:
        params["mask_means"] = scores.means
    key = permuted(writer, scores.key, order)
    return writer.call(
        "ScaledDotProductAttention", params, {}, "", query=scores.query, key=key, value=value, mask=scores.mask
    )


def _scores(writer: Writer, wire: Wire) -> _Scores | None:
    call = writer.maker(wire)
    if call is None:
        return None
    if call.kind == "MaskedFill" and call.params.get("infinite"):
        found = _product(writer, writer.source(wire))
        return found and found._replace(mask=writer.source(wire, "mask"), means="hidden")
    if call.kind == "Add" and len(call.inputs["inputs"]) == 2:
        for place in (0, 1):
            found = _product(writer, writer.source(wire, "inputs", place))
            mask = writer.source(wire, "inputs", 1 - place)
            if found is not None and mask.type.dtype == found.query.type.dtype:
                return found._replace(mask=mask, means="added") if len(mask.shape) <= len(wire.shape) else None
        return None
    return _product(writer, wire)


def _product(writer: Writer, wire: Wire) -> _Scores | None:
    wire, factor = _unscaled(writer, wire)
    call = writer.maker(wire)
    if call is None or call.kind != "MatMul":
        return None
    query, one = _unscaled(writer, writer.source(wire, "a"))
    key, other = _unscaled(writer, writer.source(wire, "b"))
    return _Scores(query, key, factor * one * other) if len(query.shape) == len(key.shape) else None


def _unscaled(writer: Writer, wire: Wire) -> tuple[Wire, float]:
    """The tensor before it was multiplied by a number, and the number."""
    call = writer.maker(wire)
    if call is None or call.kind != "Scale" or call.params.get("offset") or not call.params.get("factor"):
        return wire, 1.0
    return writer.source(wire), float(str(call.params["factor"]))
