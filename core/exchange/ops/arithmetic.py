"""Functions of torch that compute with several tensors, or a tensor and a number; comparisons; attention."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType

import torch

from core.catalog.kind import Batch
from core.exchange.ops.entry import Entry, Table, pair
from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Unmapped, Wire
from core.exchange.tracing.pairing import Tensors
from core.graph import Value

_SIGNS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
_COMPARED = {
    "gt": "Greater",
    "ge": "GreaterEqual",
    "lt": "Less",
    "le": "LessEqual",
    "eq": "Equal",
    "ne": "NotEqual",
}


def _is_plain(given: Given, name: str) -> bool:
    """Whether the argument is a number, or a constant tensor of one."""
    value = given.raw(name)
    if isinstance(value, Tensors):
        return value.source == "const" and not value.type.shape
    return isinstance(value, int | float)


def scaled(given: Given, wire: Wire, factor: float = 1.0, offset: float = 0.0) -> Wire:
    """The wire times a number plus a number; whole numbers stay whole."""
    if factor == 1.0 and offset == 0.0:
        return wire
    if wire.type.dtype.startswith(("float", "bfloat")):
        return given.builder.call("Scale", {"factor": float(factor), "offset": float(offset)}, input=wire)
    dtype = wire.type.dtype
    for kind, value, neutral in (("Multiply", factor, 1), ("Add", offset, 0)):
        if value == neutral:
            continue
        whole = float(value).is_integer() and dtype != "bool"
        constant = _scalar(given, value, dtype if whole else "float32")
        if kind == "Add":
            wire = given.builder.call(kind, inputs=[wire, constant])
        else:
            wire = given.builder.call(kind, a=wire, b=constant)
    return wire


def _scalar(given: Given, value: float, dtype: str) -> Wire:
    return given.builder.constant(torch.tensor(value, dtype=getattr(torch, dtype)))


def _factor(given: Given) -> float:
    return float(given.number("alpha")) if given.raw("alpha") is not None else 1.0


def _add(given: Given) -> Wire:
    alpha = _factor(given)
    if _is_plain(given, "other"):
        return scaled(given, given.wire(), offset=given.number("other") * alpha)
    if _is_plain(given, "input"):
        return scaled(given, given.wire("other"), alpha, given.number("input"))
    other = scaled(given, given.wire("other"), alpha)
    return given.builder.call("Add", inputs=[given.wire(), other])


def _subtract(given: Given) -> Wire:
    alpha = _factor(given)
    if _is_plain(given, "other"):
        return scaled(given, given.wire(), offset=-given.number("other") * alpha)
    if _is_plain(given, "input"):
        return scaled(given, given.wire("other"), -alpha, given.number("input"))
    return given.builder.call("Subtract", a=given.wire(), b=scaled(given, given.wire("other"), alpha))


def _swapped(entry: Callable[[Given], Wire]) -> Callable[[Given], Wire]:
    """The same with the two the other way round: rsub."""

    def make(given: Given) -> Wire:
        values = {**given.values, "input": given.raw("other"), "other": given.raw("input")}
        return entry(Given(given.builder, values, given.name))

    return make


def _multiply(given: Given) -> Wire:
    if _is_plain(given, "other"):
        return scaled(given, given.wire(), given.number("other"))
    if _is_plain(given, "input"):
        return scaled(given, given.wire("other"), given.number("input"))
    return given.builder.call("Multiply", a=given.wire(), b=given.wire("other"))


def _divide(given: Given) -> Wire:
    mode = given.raw("rounding_mode")
    if mode == "floor":
        return _whole_divided(given)
    if mode is not None:
        raise Unmapped("it rounds towards zero")
    if _is_plain(given, "other"):
        return scaled(given, given.wire(), 1 / given.number("other"))
    if _is_plain(given, "input"):
        inverse = given.builder.call("Reciprocal", input=given.wire("other"))
        return scaled(given, inverse, given.number("input"))
    return given.builder.call("Divide", a=given.wire(), b=given.wire("other"))


def _both(kind: str) -> Callable[[Given], Wire]:
    """An operation of two tensors, where either may be a number."""

    def make(given: Given) -> Wire:
        return given.builder.call(kind, a=_tensor(given, "input", "other"), b=_tensor(given, "other", "input"))

    return make


_whole_divided = _both("FloorDivide")


def _tensor(given: Given, name: str, beside: str) -> Wire:
    """The argument as a wire, a number as a constant of the other's dtype."""
    if not _is_plain(given, name) or _is_plain(given, beside):
        return given.wire(name)
    value, dtype = given.number(name), given.wire(beside).type.dtype
    fits = isinstance(value, int) or dtype.startswith(("float", "bfloat"))
    return _scalar(given, value, dtype if fits and dtype != "bool" else "float32")


def _power(given: Given) -> Wire:
    if _is_plain(given, "other") and given.wire().type.dtype.startswith("float"):
        exponent = given.number("other")
        kinds = {2: "Square", 0.5: "Sqrt", -1: "Reciprocal", -0.5: "Rsqrt"}
        if exponent in kinds:
            return given.builder.call(kinds[exponent], input=given.wire())
        return given.builder.call("PowerScalar", {"exponent": float(exponent)}, input=given.wire())
    return _both("Power")(given)


def _compare(name: str) -> Entry:
    def make(given: Given) -> Wire:
        if _is_plain(given, "other"):
            params: dict[str, Value] = {"comparison": _SIGNS[name], "value": float(given.number("other"))}
            return given.builder.call("CompareScalar", params, input=given.wire())
        return given.builder.call(_COMPARED[name], a=given.wire(), b=given.wire("other"))

    return Entry("input other", make)


def _bits(kind: str) -> Entry:
    """& and |, which are and and or for true and false."""

    def make(given: Given) -> Wire:
        wires = given.wire(), given.wire("other")
        if any(wire.type.dtype != "bool" for wire in wires):
            raise Unmapped("it works on the bits of numbers")
        return given.builder.call(kind, a=wires[0], b=wires[1])

    return Entry("input other", make)


def _matmul(given: Given) -> Wire:
    return given.builder.call("MatMul", a=given.wire(), b=given.wire("other"))


def _added_product(given: Given) -> Wire:
    product = given.builder.call("MatMul", a=given.wire("one"), b=given.wire("other"))
    product = scaled(given, product, float(given.number("alpha")))
    if not given.number("beta"):
        return product
    return given.builder.call("Add", inputs=[scaled(given, given.wire(), float(given.number("beta"))), product])


def _einsum(given: Given) -> Wire:
    tensors = given.raw("tensors")
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        tensors = tensors[0]
    if not isinstance(given.raw("equation"), str):
        raise Unmapped("its letters are numbers")
    wires = [given.builder.wire(value) for value in tensors]
    return given.builder.call("Einsum", {"equation": given.raw("equation").replace(" ", "")}, inputs=wires)


def _outer(given: Given) -> Wire:
    return given.builder.call("Outer", a=given.wire(), b=given.wire("other"))


def _added_pair(kind: str) -> Entry:
    def make(given: Given) -> Wire:
        both = given.builder.call(kind, a=given.wire("one"), b=given.wire("other"))
        value = float(given.number("value"))
        return given.builder.call("Add", inputs=[given.wire(), scaled(given, both, value)])

    return Entry("input one other value=1", make)


def _lerp(given: Given) -> Wire:
    if not _is_plain(given, "weight"):
        return given.builder.call("Lerp", a=given.wire(), b=given.wire("end"), weight=given.wire("weight"))
    share = float(given.number("weight"))
    wires = [scaled(given, given.wire(), 1 - share), scaled(given, given.wire("end"), share)]
    return given.builder.call("Add", inputs=wires)


def _where(given: Given) -> Wire:
    wires = {"a": _tensor(given, "input", "other"), "b": _tensor(given, "other", "input")}
    return given.builder.calls_of("Where", None, None, {"condition": given.wire("condition"), **wires})[0]


def _masked_fill(given: Given) -> Wire:
    value = float(given.number("value"))
    params: dict[str, Value] = {"infinite": True} if math.isinf(value) and value < 0 else {"value": value}
    return given.builder.call("MaskedFill", params, input=given.wire(), mask=given.wire("mask"))


def _triangle(kind: str) -> Entry:
    return Entry(
        "input diagonal=0",
        lambda given: given.builder.call(kind, {"diagonal": given.whole("diagonal")}, input=given.wire()),
    )


def _cast(dtype: str) -> Entry:
    def make(given: Given) -> Wire:
        wire = given.wire()
        return wire if wire.type.dtype == dtype else given.builder.call("Cast", {"dtype": dtype}, input=wire)

    return Entry("input *rest=()", make)


def _to(given: Given) -> Wire:
    """The dtype among what `to` was given; the device does not matter."""
    wire = given.wire()
    asked = [value for value in (*given.raw("rest"), given.raw("dtype")) if isinstance(value, torch.dtype)]
    asked += [getattr(torch, value.type.dtype) for value in given.raw("rest") if isinstance(value, Tensors)]
    dtype = str(asked[0]).removeprefix("torch.") if asked else wire.type.dtype
    return wire if wire.type.dtype == dtype else given.builder.call("Cast", {"dtype": dtype}, input=wire)


def _type_as(given: Given) -> Wire:
    wire, dtype = given.wire(), given.wire("other").type.dtype
    return wire if wire.type.dtype == dtype else given.builder.call("Cast", {"dtype": dtype}, input=wire)


def _attention(given: Given) -> Wire:
    if given.raw("enable_gqa"):
        raise Unmapped("several heads share a key")
    params: dict[str, Value] = {"dropout": float(given.number("dropout_p")), "is_causal": given.flag("is_causal")}
    if given.raw("scale") is not None:
        params["scale"] = float(given.number("scale"))
    wires = {name: given.wire(name) for name in ("query", "key", "value")}
    if given.raw("mask") is not None:
        wires["mask"] = given.wire("mask")
        params["mask_means"] = "seen" if wires["mask"].type.dtype == "bool" else "added"
    return given.builder.calls_of("ScaledDotProductAttention", params, None, wires)[0]


def _cosine(given: Given) -> Wire:
    params: dict[str, Value] = {"dim": given.whole(), "eps": float(given.number("eps"))}
    return given.builder.call("CosineSimilarity", params, x1=given.wire(), x2=given.wire("other"))


def _distance(given: Given) -> Wire:
    params: dict[str, Value] = {
        "p": float(given.number("p")),
        "eps": float(given.number("eps")),
        "keepdim": given.flag("keepdim"),
    }
    return given.builder.call("PairwiseDistance", params, x1=given.wire(), x2=given.wire("other"))


def _cdist(given: Given) -> Wire:
    return given.builder.call("Cdist", {"p": float(given.number("p"))}, a=given.wire(), b=given.wire("other"))


def _noise(given: Given) -> Wire:
    """randn_like: new numbers for every sample."""
    shape = given.wire().type.shape
    if not shape or shape[0] != Batch() or not all(isinstance(size, int) for size in shape[1:]):
        raise Unmapped("the noise is not for each sample")
    sizes = tuple(size for size in shape[1:] if isinstance(size, int))
    flat = given.builder.call("Noise", {"size": math.prod(sizes)})
    return flat if len(sizes) == 1 else given.builder.call("Reshape", {"shape": sizes}, input=flat)


def _both_ways(names: tuple[str, ...], signature: str, make: Callable[[Given], Wire]) -> dict[str, Entry]:
    """An operation under all its names, with the reflected ones."""
    plain = {name: Entry(signature, make) for name in names}
    turned = {f"__r{name.strip('_')}__": Entry(signature, _swapped(make)) for name in names}
    dunder = {f"__{name.strip('_')}__": Entry(signature, make) for name in names}
    inplace = {f"__i{name.strip('_')}__": Entry(signature, make) for name in names}
    return {**plain, **dunder, **turned, **inplace}


OPS: Table = MappingProxyType(
    {
        **_both_ways(("add",), "input other alpha=None", _add),
        **_both_ways(("sub", "subtract"), "input other alpha=None", _subtract),
        "rsub": Entry("input other alpha=None", _swapped(_subtract)),
        **_both_ways(("mul", "multiply"), "input other", _multiply),
        **_both_ways(("div", "truediv", "divide", "true_divide"), "input other rounding_mode=None", _divide),
        **_both_ways(("floordiv", "floor_divide"), "input other", _whole_divided),
        **_both_ways(("mod", "remainder"), "input other", _both("Remainder")),
        **_both_ways(("pow",), "input other", _power),
        **_both_ways(("matmul",), "input other", _matmul),
        "bmm": Entry("input other", _matmul),
        "mm": Entry("input other", _matmul),
        "mv": Entry("input other", _matmul),
        "dot": Entry("input other", _matmul),
        "float_power": Entry("input other", _power),
        "baddbmm": Entry("input one other beta=1 alpha=1", _added_product),
        "aten:addmm": Entry("input one other beta=1 alpha=1", _added_product),
        "einsum": Entry("equation *tensors", _einsum),
        "aten:einsum": Entry("equation tensors path=None", _einsum),
        "outer": Entry("input other", _outer),
        "addcmul": _added_pair("Multiply"),
        "addcdiv": _added_pair("Divide"),
        "lerp": Entry("input end weight", _lerp),
        "maximum": pair("Maximum"),
        "minimum": pair("Minimum"),
        "atan2": pair("Atan2"),
        "arctan2": pair("Atan2"),
        **{name: _compare(name) for name in _SIGNS},
        **{f"__{name}__": _compare(name) for name in _SIGNS},
        **{name: _compare(short) for short, name in (("gt", "greater"), ("lt", "less"), ("ne", "not_equal"))},
        "logical_and": pair("LogicalAnd"),
        "logical_or": pair("LogicalOr"),
        "logical_xor": pair("LogicalXor"),
        **dict.fromkeys(("__and__", "bitwise_and", "__iand__"), _bits("LogicalAnd")),
        **dict.fromkeys(("__or__", "bitwise_or", "__ior__"), _bits("LogicalOr")),
        **dict.fromkeys(("__xor__", "bitwise_xor"), _bits("LogicalXor")),
        "where": Entry("condition input other", _where),
        "masked_fill": Entry("input mask value", _masked_fill),
        "tril": _triangle("Tril"),
        "triu": _triangle("Triu"),
        "to": Entry("input *rest=() dtype=None", _to),
        "_to_copy": Entry("input *rest=() dtype=None", _to),
        "type": Entry("input *rest=() dtype=None", _to),
        "type_as": Entry("input other", _type_as),
        **{name: _cast(dtype) for name, dtype in (("float", "float32"), ("double", "float64"), ("half", "float16"))},
        **{name: _cast(dtype) for name, dtype in (("long", "int64"), ("int", "int32"), ("bool", "bool"))},
        "bfloat16": _cast("bfloat16"),
        "scaled_dot_product_attention": Entry(
            "query key value mask=None dropout_p=0.0 is_causal=False scale=None enable_gqa=False", _attention
        ),
        "cosine_similarity": Entry("input other dim=1 eps=1e-08", _cosine),
        "pairwise_distance": Entry("input other p=2.0 eps=1e-06 keepdim=False", _distance),
        "cdist": Entry("input other p=2.0 compute_mode=None", _cdist),
        "randn_like": Entry("input dtype=None", _noise),
    }
)
