"""Functions of torch that are activations, dropouts or functions of every element."""

from __future__ import annotations

from types import MappingProxyType

import torch

from core.exchange.ops.entry import Entry, Table, passing, simple
from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Unmapped, Wire
from core.graph import Value

_PLAIN = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "silu": "SiLU",
    "mish": "Mish",
    "selu": "SELU",
    "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid",
    "softsign": "Softsign",
    "tanhshrink": "Tanhshrink",
    "logsigmoid": "LogSigmoid",
    "log_sigmoid": "LogSigmoid",
    "neg": "Negative",
    "__neg__": "Negative",
    "negative": "Negative",
    "absolute": "Abs",
    "arccos": "Acos",
    "arcsin": "Asin",
    "arctan": "Atan",
    "logical_not": "LogicalNot",
    "__invert__": "LogicalNot",
    "bitwise_not": "LogicalNot",
    "isnan": "IsNan",
    "isfinite": "IsFinite",
    "sgn": "Sign",
    "fix": "Trunc",
}
_SAME = (
    "Exp Expm1 Exp2 Log Log1p Log2 Log10 Logit Sqrt Rsqrt Square Reciprocal Abs Sign Sin Cos Tan Asin "
    "Acos Atan Sinh Cosh Asinh Acosh Atanh Erf Erfc Sinc Round Floor Ceil Trunc Frac"
)
"""Kinds that torch calls by the same word."""
_WITH = {
    "leaky_relu": simple("LeakyReLU", negative_slope="negative_slope=0.01"),
    "elu": simple("ELU", alpha="alpha=1.0"),
    "celu": simple("CELU", alpha="alpha=1.0"),
    "gelu": simple("GELU", approximate="approximate='none'"),
    "softplus": simple("Softplus", beta="beta=1.0", threshold="threshold=20.0"),
    "hardtanh": simple("Hardtanh", min_val="min_val=-1.0", max_val="max_val=1.0"),
    "hardshrink": simple("Hardshrink", lambd="lambd=0.5"),
    "softshrink": simple("Softshrink", lambd="lambd=0.5"),
    "threshold": simple("Threshold", threshold="threshold", value="value"),
    "rrelu": simple("RReLU", lower="lower=0.125", upper="upper=0.3333333333333333"),
    "glu": simple("GLU", dim="dim=-1"),
    "nan_to_num": simple("NanToNum", nan="nan=0.0"),
}
_DROPOUTS = {
    "dropout": "Dropout",
    "dropout1d": "Dropout1d",
    "dropout2d": "Dropout2d",
    "dropout3d": "Dropout3d",
    "alpha_dropout": "AlphaDropout",
    "feature_dropout": "Dropout2d",
    "feature_alpha_dropout": "FeatureAlphaDropout",
}


def _dropout(kind: str) -> Entry:
    def make(given: Given) -> Wire:
        return given.builder.call(kind, {"p": given.number("p")}, input=given.wire())

    return Entry("input p=0.5 training=True inplace=False", make)


def _exponential(kind: str) -> Entry:
    def make(given: Given) -> Wire:
        wire, dim = given.wire(), given.raw("dim")
        if dim is None:
            dim = 0 if wire.rank in (0, 1, 3) else 1  # torch.nn.functional._get_softmax_dim
        return _cast(given, given.builder.call(kind, {"dim": dim}, input=wire))

    return Entry("input dim=None _stacklevel=3 dtype=None", make)


def _cast(given: Given, wire: Wire) -> Wire:
    """The wire in the dtype that was asked for."""
    asked = given.raw("dtype")
    dtype = str(asked).removeprefix("torch.")
    same = asked is None or asked is False or dtype == wire.type.dtype
    return wire if same else given.builder.call("Cast", {"dtype": dtype}, input=wire)


def _safe_softmax(given: Given) -> Wire:
    return given.builder.call("Softmax", {"dim": given.whole()}, input=given.wire())


def _prelu(given: Given) -> Wire:
    weight = given.held("weight")
    if weight is None:
        raise Unmapped("it has no slope")
    count = weight.tensor.numel()
    return given.builder.call("PReLU", {"num_parameters": count}, {"weight": weight.tensor}, input=given.wire())


def _clamp(given: Given) -> Wire:
    bounds = {name: None if given.raw(name) is None else given.number(name) for name in ("min", "max")}
    wire = given.wire()
    if wire.type.dtype.startswith("float"):
        params: dict[str, Value] = {name: None if bound is None else float(bound) for name, bound in bounds.items()}
        return given.builder.call("Clamp", params, input=wire)
    for name, kind in (("min", "Maximum"), ("max", "Minimum")):
        if (bound := bounds[name]) is not None:
            wire = given.builder.call(kind, a=wire, b=_number(given, bound, wire.type.dtype))
    return wire


def _number(given: Given, value: float, dtype: str) -> Wire:
    if not float(value).is_integer():
        raise Unmapped("whole numbers are bounded by a broken one")
    return given.builder.constant(torch.tensor(int(value), dtype=getattr(torch, dtype)))


def _like(kind: str) -> Entry:
    return Entry("input *rest=()", lambda given: given.builder.call(kind, input=given.wire()))


OPS: Table = MappingProxyType(
    {
        **{name: simple(kind) for name, kind in _PLAIN.items()},
        **{kind.lower(): simple(kind) for kind in _SAME.split()},
        **_WITH,
        **{name: _dropout(kind) for name, kind in _DROPOUTS.items()},
        "softmax": _exponential("Softmax"),
        "_softmax": _exponential("Softmax"),
        "log_softmax": _exponential("LogSoftmax"),
        "softmin": _exponential("Softmin"),
        "_safe_softmax": Entry("input dim dtype=None", _safe_softmax),
        "prelu": Entry("input weight", _prelu),
        "clamp": Entry("input min=None max=None", _clamp),
        "clip": Entry("input min=None max=None", _clamp),
        "clamp_min": Entry("input min max=None", _clamp),
        "clamp_max": Entry("input max min=None", _clamp),
        **dict.fromkeys(
            (
                "contiguous",
                "clone",
                "detach_",
                "alias",
                "lift_fresh_copy",
                "lift_fresh",
                "data",
                "cpu",
                "requires_grad_",
            ),
            passing(),
        ),
        "detach": _like("Detach"),
    }
)
