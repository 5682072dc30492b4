"""Functions of torch that make fewer numbers of many: means, extremes, orders, and windows of them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from core.exchange.ops.entry import Entry, Made, Table
from core.exchange.tracing.arguments import Given
from core.exchange.tracing.builder import Unmapped, Wire
from core.exchange.tracing.pairing import Tensors
from core.graph import Value


def _dims(given: Given, wire: Wire, name: str = "dim") -> tuple[int, ...]:
    asked = given.raw(name)
    if asked is None or (isinstance(asked, list | tuple) and not asked):
        raise Unmapped("it reduces over the batch too")
    return tuple(given.ints(name)) if wire.rank else ()


def _over(kind: str, *names: str) -> Entry:
    """A reduction over dimensions; `names` are further parameters, named alike."""

    def make(given: Given) -> Wire:
        wire = given.wire()
        params: dict[str, Value] = {"dim": _dims(given, wire)}
        if "keepdim" in given.values:
            params["keepdim"] = given.flag("keepdim")
        params |= {name: given.raw(name) for name in names}
        return given.builder.call(kind, params, input=wire)

    further = "".join(f" {name}" for name in names)
    return Entry(f"input dim=None keepdim=False dtype=None{further}", make)


def _along(kind: str, *names: str, least: str = "") -> Entry:
    """An operation along one dimension, with one output."""

    def make(given: Given) -> Wire:
        params: dict[str, Value] = {"dim": given.whole(), **{name: given.raw(name) for name in names}}
        return given.builder.call(kind, params, input=given.wire())

    return Entry(f"input dim{least}{''.join(f' {name}=False' for name in names)} dtype=None", make)


def _picked(kind: str, elementwise: str) -> Entry:
    """Max and Min: of two tensors, or values and places along a dimension."""

    def make(given: Given) -> Made:
        if isinstance(given.raw("dim"), Tensors):
            return given.builder.call(elementwise, a=given.wire(), b=given.wire("dim"))
        params: dict[str, Value] = {"dim": given.whole(), "keepdim": given.flag("keepdim")}
        return given.builder.calls_of(kind, params, None, {"input": given.wire()})

    return Entry("input dim keepdim=False", make)


def _ordered(kind: str, signature: str, **params: str) -> Entry:
    def make(given: Given) -> Made:
        values: dict[str, Value] = {ours: given.raw(theirs) for ours, theirs in params.items()}
        return given.builder.calls_of(kind, values, None, {"input": given.wire()})

    return Entry(signature, make)


def _norm(given: Given) -> Wire:
    wire, power = given.wire(), given.raw("p")
    order = {None: 2.0, "fro": 2.0}.get(power) if not isinstance(power, int | float) else float(power)
    if order is None:
        raise Unmapped(f"the norm {power} has no counterpart")
    params: dict[str, Value] = {"p": order, "dim": _dims(given, wire), "keepdim": given.flag("keepdim")}
    return given.builder.call("Norm", params, input=wire)


def _spread(kind: str) -> Entry:
    def make(given: Given) -> Wire:
        wire = given.wire()
        asked = given.raw("dim")
        if isinstance(asked, bool):
            raise Unmapped("it reduces over the batch too")
        correction = given.raw("correction")
        if correction is None or given.raw("unbiased") is False:
            correction = 0 if given.raw("unbiased") is False else 1
        params: dict[str, Value] = {
            "dim": _dims(given, wire),
            "correction": int(correction),
            "keepdim": given.flag("keepdim"),
        }
        return given.builder.call(kind, params, input=wire)

    return Entry("input dim=None unbiased=None keepdim=False correction=None", make)


def _normalize(given: Given) -> Wire:
    params: dict[str, Value] = {"p": float(given.number("p")), "dim": given.ints("dim")}
    if given.number("eps") != 1e-12:
        raise Unmapped("its eps is another")
    return given.builder.call("Normalize", params, input=given.wire())


def _sizes(given: Given, name: str, dims: int) -> Any:
    value = given.raw(name)
    if value is None or (isinstance(value, list | tuple) and not value):
        return None
    found = given.ints(name)
    return found * dims if len(found) == 1 else found


def _max_pool(dims: int, indices: bool = False) -> Entry:
    def make(given: Given) -> Made:
        params: dict[str, Value] = {
            name: _sizes(given, name, dims) for name in ("kernel_size", "stride", "padding", "dilation")
        }
        params |= {"ceil_mode": given.flag("ceil_mode"), "return_indices": indices or given.flag("return_indices")}
        made = given.builder.calls_of(f"MaxPool{dims}d", params, None, {"input": given.wire()})
        return made if params["return_indices"] else made[0]

    return Entry("input kernel_size stride=None padding=0 dilation=1 ceil_mode=False return_indices=False", make)


def _average_pool(dims: int) -> Entry:
    def make(given: Given) -> Wire:
        params: dict[str, Value] = {
            **{name: _sizes(given, name, dims) for name in ("kernel_size", "stride", "padding")},
            "ceil_mode": given.flag("ceil_mode"),
            "count_include_pad": given.flag("count_include_pad"),
        }
        if given.raw("divisor_override") is not None:
            params["divisor_override"] = given.whole("divisor_override")
        return given.builder.call(f"AvgPool{dims}d", params, input=given.wire())

    return Entry(
        "input kernel_size stride=None padding=0 ceil_mode=False count_include_pad=True divisor_override=None", make
    )


def _adaptive(kind: str, dims: int) -> Entry:
    def make(given: Given) -> Wire:
        wire = given.wire()
        asked = given.raw("output_size")
        listed = list(asked) if isinstance(asked, list | tuple) else [asked] * dims
        params: dict[str, Value] = {"output_size": tuple(listed)}
        if given.flag("return_indices"):
            raise Unmapped("it tells places")
        return given.builder.call(f"Adaptive{kind}Pool{dims}d", params, input=wire)

    return Entry("input output_size return_indices=False", make)


def _power_pool(dims: int) -> Entry:
    def make(given: Given) -> Wire:
        params: dict[str, Value] = {
            "norm_type": float(given.number("norm_type")),
            "kernel_size": _sizes(given, "kernel_size", dims),
            "stride": _sizes(given, "stride", dims),
            "ceil_mode": given.flag("ceil_mode"),
        }
        return given.builder.call(f"LPPool{dims}d", params, input=given.wire())

    return Entry("input norm_type kernel_size stride=None ceil_mode=False", make)


def _unpool(dims: int) -> Entry:
    def make(given: Given) -> Wire:
        params: dict[str, Value] = {name: _sizes(given, name, dims) for name in ("kernel_size", "stride", "padding")}
        return given.builder.call(f"MaxUnpool{dims}d", params, input=given.wire(), indices=given.wire("indices"))

    return Entry("input indices kernel_size stride=None padding=0 output_size=None", make)


def _local_response(given: Given) -> Wire:
    params: dict[str, Value] = {"size": given.whole("size")}
    params |= {name: float(given.number(name)) for name in ("alpha", "beta", "k")}
    return given.builder.call("LocalResponseNorm", params, input=given.wire())


def _arg(kind: str) -> Entry:
    return _along(kind, "keepdim")


_DIMS = (1, 2, 3)
OPS: Table = MappingProxyType(
    {
        "mean": _over("Mean"),
        "sum": _over("Sum"),
        "amax": _over("Amax"),
        "amin": _over("Amin"),
        "logsumexp": _over("LogSumExp"),
        "any": _over("Any"),
        "all": _over("All"),
        "count_nonzero": Entry(
            "input dim",
            lambda given: given.builder.call("CountNonzero", {"dim": given.ints("dim")}, input=given.wire()),
        ),
        "prod": _along("Prod", "keepdim"),
        "argmax": _arg("Argmax"),
        "argmin": _arg("Argmin"),
        "max": _picked("Max", "Maximum"),
        "min": _picked("Min", "Minimum"),
        "median": _picked("Median", "Median"),
        "norm": Entry("input p='fro' dim=None keepdim=False dtype=None", _norm),
        "vector_norm": Entry("input p=2 dim=None keepdim=False dtype=None", _norm),
        "linalg_vector_norm": Entry("input p=2 dim=None keepdim=False dtype=None", _norm),
        "linalg_norm": Entry("input p=None dim=None keepdim=False dtype=None", _norm),
        "var": _spread("Var"),
        "std": _spread("Std"),
        "cumsum": _along("Cumsum"),
        "cumprod": _along("Cumprod"),
        "logcumsumexp": _along("LogCumsumExp"),
        "cummax": _ordered("Cummax", "input dim", dim="dim"),
        "diff": Entry(
            "input n=1 dim=-1", lambda given: given.builder.call("Diff", {"dim": given.whole()}, input=given.wire())
        ),
        "topk": _ordered("TopK", "input k dim=-1 largest=True sorted=True", k="k", dim="dim", largest="largest"),
        "sort": _ordered("Sort", "input dim=-1 descending=False stable=False", dim="dim", descending="descending"),
        "argsort": _ordered("Argsort", "input dim=-1 descending=False", dim="dim", descending="descending"),
        "normalize": Entry("input p=2.0 dim=1 eps=1e-12", _normalize),
        "local_response_norm": Entry("input size alpha=0.0001 beta=0.75 k=1.0", _local_response),
        **{f"max_pool{dims}d": _max_pool(dims) for dims in _DIMS},
        **{f"max_pool{dims}d_with_indices": _max_pool(dims, True) for dims in _DIMS},
        **{f"avg_pool{dims}d": _average_pool(dims) for dims in _DIMS},
        **{f"adaptive_avg_pool{dims}d": _adaptive("Avg", dims) for dims in _DIMS},
        **{f"adaptive_max_pool{dims}d": _adaptive("Max", dims) for dims in _DIMS},
        **{f"lp_pool{dims}d": _power_pool(dims) for dims in _DIMS},
        **{f"max_unpool{dims}d": _unpool(dims) for dims in _DIMS},
    }
)
