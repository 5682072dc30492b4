"""Functions of torch that take weights: they become the layer that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from core.exchange.ops.entry import Entry, Table
from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Builder, Unmapped, Wire
from core.graph import Value


def _weights(given: Given, *names: str) -> dict[str, Tensor]:
    found = {name: given.held(name) for name in names}
    return {name: tensors.tensor for name, tensors in found.items() if tensors is not None}


def _frozen(weights: Mapping[str, Tensor]) -> dict[str, Value]:
    learned = [tensor for tensor in weights.values() if tensor.is_floating_point()]
    return {"frozen": True} if learned and not any(tensor.requires_grad for tensor in learned) else {}


TIED = frozenset({"Linear", "Embedding"})
"""The kinds that may hold one matrix together, as the first and last layer of language models."""


def tied(builder: Builder, kind: str, name: str, wire: Wire, weights: Mapping[str, Tensor]) -> Wire:
    """The layer taken apart, for its matrix is a node of its own that other layers read too."""
    matrix = builder.parameter(weights["weight"])
    builder.scope = (*builder.scope, (name or kind.lower(), kind))
    try:
        if kind == "Linear":
            turned = builder.call("Transpose", {"dim0": 0, "dim1": 1}, input=matrix)
            product = builder.call("MatMul", a=wire, b=turned)
            return (
                builder.call("Add", inputs=[product, builder.parameter(weights["bias"])])
                if "bias" in weights
                else product
            )
        sizes = tuple(size for size in wire.type.shape[1:] if isinstance(size, int))
        flat = builder.call("Flatten", {"start_dim": 0}, input=wire) if sizes else wire
        rows = builder.call("IndexSelect", {"dim": 0}, input=matrix, index=flat)
        return builder.call("Unflatten", {"dim": 0, "unflattened_size": (-1, *sizes)}, input=rows) if sizes else rows
    finally:
        builder.scope = builder.scope[:-1]


def _linear(given: Given) -> Wire:
    builder = given.builder
    try:
        weights = _weights(given, "weight", "bias")
    except Unmapped:
        product = builder.call("MatMul", a=given.wire(), b=_turned(given, given.wire("weight")))
        if given.raw("bias") is None:
            return product
        return builder.call("Add", inputs=[product, given.wire("bias")])
    out, wide = weights["weight"].shape
    if weights["weight"].data_ptr() in builder.tied:
        return tied(builder, "Linear", "", given.wire(), weights)
    params: dict[str, Value] = {"in_features": wide, "out_features": out, "bias": "bias" in weights}
    return builder.call("Linear", params | _frozen(weights), weights, input=given.wire())


def _turned(given: Given, wire: Wire) -> Wire:
    return given.builder.call("Transpose", {"dim0": 0, "dim1": 1}, input=wire)


def _addmm(given: Given) -> Wire:
    if given.number("beta") != 1 or given.number("alpha") != 1:
        raise Unmapped("it weighs its parts")
    bias, matrix = given.held("bias"), given.held("weight")
    if bias is None or matrix is None:
        raise Unmapped("it has no weights")
    weights = {"weight": matrix.tensor.t(), "bias": bias.tensor}
    wide, out = matrix.tensor.shape
    params: dict[str, Value] = {"in_features": wide, "out_features": out, "bias": True}
    return given.builder.call("Linear", params | _frozen(weights), weights, input=given.wire())


def _bilinear(given: Given) -> Wire:
    weights = _weights(given, "weight", "bias")
    out, one, two = weights["weight"].shape
    params: dict[str, Value] = {
        "in1_features": one,
        "in2_features": two,
        "out_features": out,
        "bias": "bias" in weights,
    }
    return given.builder.call(
        "Bilinear", params | _frozen(weights), weights, x1=given.wire("input"), x2=given.wire("other")
    )


def _embedding(given: Given) -> Wire:
    weights = _weights(given, "weight")
    rows, wide = weights["weight"].shape
    if weights["weight"].data_ptr() in given.builder.tied:
        return tied(given.builder, "Embedding", "", given.wire(), weights)
    params: dict[str, Value] = {"num_embeddings": rows, "embedding_dim": wide}
    empty = given.raw("padding_idx")
    if isinstance(empty, int) and empty != -1:
        params["padding_idx"] = empty % rows
    if given.raw("max_norm") is not None:
        params["max_norm"] = float(given.number("max_norm"))
    return given.builder.call("Embedding", params | _frozen(weights), weights, input=given.wire())


def _sizes(given: Given, name: str, dims: int) -> tuple[int, ...]:
    found = given.ints(name)
    return found * dims if len(found) == 1 else found


def _padding(given: Given, dims: int) -> Value:
    asked = given.raw("padding")
    if isinstance(asked, str):
        return 0 if asked == "valid" else asked
    return _sizes(given, "padding", dims)


def _convolution(dims: int) -> Entry:
    def make(given: Given) -> Wire:
        weights = _weights(given, "weight", "bias")
        out, narrow, *kernel = weights["weight"].shape
        groups = given.whole("groups")
        params: dict[str, Value] = {
            "in_channels": narrow * groups,
            "out_channels": out,
            "kernel_size": tuple(kernel),
            "stride": _sizes(given, "stride", dims),
            "padding": _padding(given, dims),
            "dilation": _sizes(given, "dilation", dims),
            "groups": groups,
            "bias": "bias" in weights,
        }
        return given.builder.call(f"Conv{dims}d", params | _frozen(weights), weights, input=given.wire())

    return Entry("input weight bias=None stride=1 padding=0 dilation=1 groups=1", make)


def _transposed(dims: int) -> Entry:
    def make(given: Given) -> Wire:
        weights = _weights(given, "weight", "bias")
        channels, narrow, *kernel = weights["weight"].shape
        groups = given.whole("groups")
        names = ("stride", "padding", "output_padding", "dilation")
        params: dict[str, Value] = {
            "in_channels": channels,
            "out_channels": narrow * groups,
            "kernel_size": tuple(kernel),
            **{name: _sizes(given, name, dims) for name in names},
            "groups": groups,
            "bias": "bias" in weights,
        }
        return given.builder.call(f"ConvTranspose{dims}d", params | _frozen(weights), weights, input=given.wire())

    return Entry("input weight bias=None stride=1 padding=0 output_padding=0 groups=1 dilation=1", make)


def _scaling(weights: Mapping[str, Tensor]) -> dict[str, Value]:
    """Whether a norm by channel learns a scale, and a shift beside it."""
    if "bias" in weights and "weight" not in weights:
        raise Unmapped("it has a bias without a scale")
    return {"affine": True, "bias": "bias" in weights} if "weight" in weights else {"affine": False}


def _batch_norm(given: Given) -> Wire:
    wire = given.wire()
    weights = _weights(given, "weight", "bias", "running_mean", "running_var")
    if "running_mean" in weights:
        weights["num_batches_tracked"] = torch.zeros((), dtype=torch.int64)
    if ("running_mean" in weights) != ("running_var" in weights):
        raise Unmapped("it has one of two statistics")
    params: dict[str, Value] = {
        "num_features": wire.type.shape[1] if isinstance(wire.type.shape[1], int) else None,
        "eps": float(given.number("eps")),
        "momentum": float(given.number("momentum")),
        "track_running_stats": "running_mean" in weights,
        **_scaling(weights),
    }
    dims = max(wire.rank - 2, 1)
    return given.builder.call(f"BatchNorm{dims}d", params | _frozen(weights), weights, input=wire)


def _instance_norm(given: Given) -> Wire:
    wire = given.wire()
    weights = _weights(given, "weight", "bias")
    if given.raw("running_mean") is not None:
        raise Unmapped("it tracks statistics")
    params: dict[str, Value] = {"eps": float(given.number("eps")), **_scaling(weights)}
    return given.builder.call(f"InstanceNorm{wire.rank - 2}d", params | _frozen(weights), weights, input=wire)


def _layer_norm(given: Given) -> Wire:
    weights = _weights(given, "weight", "bias")
    params: dict[str, Value] = {
        "normalized_shape": given.ints("normalized_shape"),
        "eps": float(given.number("eps")),
        "elementwise_affine": "weight" in weights,
    }
    if "weight" in weights:
        params["bias"] = "bias" in weights
    elif "bias" in weights:
        raise Unmapped("it has a bias without a scale")
    return given.builder.call("LayerNorm", params | _frozen(weights), weights, input=given.wire())


def _rms_norm(given: Given) -> Wire:
    weights = _weights(given, "weight")
    eps = given.raw("eps")
    params: dict[str, Value] = {
        "normalized_shape": given.ints("normalized_shape"),
        "eps": None if eps is None else float(eps),
        "elementwise_affine": bool(weights),
    }
    return given.builder.call("RMSNorm", params | _frozen(weights), weights, input=given.wire())


def _group_norm(given: Given) -> Wire:
    weights = _weights(given, "weight", "bias")
    params: dict[str, Value] = {
        "num_groups": given.whole("num_groups"),
        "eps": float(given.number("eps")),
        **_scaling(weights),
    }
    return given.builder.call("GroupNorm", params | _frozen(weights), weights, input=given.wire())


OPS: Table = MappingProxyType(
    {
        "linear": Entry("input weight bias=None", _linear),
        "addmm": Entry("bias input weight beta=1 alpha=1", _addmm),
        "bilinear": Entry("input other weight bias=None", _bilinear),
        "embedding": Entry(
            "input weight padding_idx=None max_norm=None norm_type=2.0 scale_grad_by_freq=False sparse=False",
            _embedding,
        ),
        "aten:embedding": Entry(
            "weight input padding_idx=-1 scale_grad_by_freq=False sparse=False max_norm=None", _embedding
        ),
        **{f"conv{dims}d": _convolution(dims) for dims in (1, 2, 3)},
        **{f"conv_transpose{dims}d": _transposed(dims) for dims in (1, 2, 3)},
        "batch_norm": Entry(
            "input running_mean running_var weight=None bias=None training=False momentum=0.1 eps=1e-05", _batch_norm
        ),
        "aten:batch_norm": Entry(
            "input weight bias running_mean running_var training=False momentum=0.1 eps=1e-05 cudnn=True", _batch_norm
        ),
        "instance_norm": Entry(
            "input running_mean=None running_var=None weight=None bias=None use_input_stats=True momentum=0.1 "
            "eps=1e-05",
            _instance_norm,
        ),
        "aten:instance_norm": Entry(
            "input weight bias running_mean running_var use_input_stats momentum eps cudnn=True", _instance_norm
        ),
        "layer_norm": Entry("input normalized_shape weight=None bias=None eps=1e-05 cudnn=True", _layer_norm),
        "rms_norm": Entry("input normalized_shape weight=None eps=None", _rms_norm),
        "group_norm": Entry("input num_groups weight=None bias=None eps=1e-05 cudnn=True", _group_norm),
    }
)
