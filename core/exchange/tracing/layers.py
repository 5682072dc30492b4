"""Modules of torch that are layers of ours: their parameters, their weights, and how they were called."""

from __future__ import annotations

import inspect
import string
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten

from core.catalog import KINDS
from core.catalog.kind import LayerKind
from core.errors import ParameterError
from core.exchange.ops.weighted import TIED, tied
from core.exchange.tracing.builder import Builder, Unmapped, Wire
from core.exchange.tracing.pairing import Op, Tensors
from core.graph import Value

_SEQUENCES = frozenset({"input", "query", "key", "value", "memory"})
"""Ports of sequences, whose first two dimensions torch has the other way round unless told."""
_PLACES = frozenset({"device", "dtype", "inplace", "_weight", "_freeze", "recompute_scale_factor"})
"""Arguments of constructors that say where or how, not what."""
_PORTS: Mapping[str, str] = MappingProxyType(
    {"attn_mask": "mask", "key_padding_mask": "padding_mask", "src": "input", "src_mask": "mask", "tgt": "input"}
    | {"src_key_padding_mask": "padding_mask", "tgt_mask": "mask", "tgt_key_padding_mask": "padding_mask"}
    | {"memory_key_padding_mask": "memory_padding_mask"}
)
"""By argument of forward our port, where it is called otherwise."""
_STATES = ("h0", "c0")
_COMPOUND = frozenset({"TransformerEncoder", "TransformerDecoder", "Transformer"})
"""Kinds that stand for several layers: those are shown one by one."""
_ASKED = ("need_weights", "average_attn_weights")
"""Parameters of ours that torch is told when the layer is called."""


class Layer(NamedTuple):
    """A module as a kind of ours with its parameters."""

    kind: LayerKind
    params: Mapping[str, Value]


def is_layer(module: nn.Module) -> bool:
    """Whether the module is a layer of ours."""
    return layer(module) is not None


def layer(module: nn.Module) -> Layer | None:
    """The module as a layer of ours; None where there is none, or where it does more than the layer does."""
    kind = _kind(type(module))
    if kind is None or _is_changed(module) or not _is_all_told(kind, module):
        return None
    try:
        return Layer(kind, dict(_params(kind, module)))
    except (ParameterError, Unmapped):
        return None


def _kind(wanted: type[nn.Module]) -> LayerKind | None:
    """The kind of a class, or of the one that it is derived from without another forward."""
    for ancestor in wanted.__mro__:
        kind = _kinds().get(ancestor.__name__)
        if kind is not None and getattr(nn, ancestor.__name__, None) is ancestor:
            return kind
        if {"forward", "_conv_forward", "__call__"} & ancestor.__dict__.keys():
            return None
    return None


@cache
def _kinds() -> Mapping[str, LayerKind]:
    """The kinds that are modules of torch, by class; where two are, the one with as many inputs as torch's."""
    found: dict[str, LayerKind] = {}
    for kind in KINDS.values():
        name = kind.module.removeprefix("nn.")
        if (
            kind.is_torchs
            and kind.name not in _COMPOUND
            and (name not in found or len(kind.inputs) > len(found[name].inputs))
        ):
            found[name] = kind
    return MappingProxyType(found)


def _is_changed(module: nn.Module) -> bool:
    """Whether something acts on the module from outside: hooks, or another forward of its own.

    What only computes its weights anew, as weight norm does, is worked into them.
    """
    hooks = [hook for hook in module._forward_pre_hooks.values() if not _is_norm(hook)]
    return bool(hooks or module._forward_hooks) or "forward" in module.__dict__


def _is_norm(hook: object) -> bool:
    return type(hook).__name__ in ("WeightNorm", "SpectralNorm") and type(hook).__module__.startswith("torch.nn.utils")


def weights_of(module: nn.Module) -> dict[str, Tensor]:
    """The parameters and buffers as the plain layer has them; computed weights as they are now."""
    state: dict[str, Tensor] = dict(module.state_dict())
    for name in computed(module):
        marks = (f"parametrizations.{name}.", f"{name}_g", f"{name}_v", f"{name}_u", f"{name}_orig")
        state = {key: tensor for key, tensor in state.items() if not key.startswith(marks)}
        state[name] = getattr(module, name).detach()
    return state


def computed(module: nn.Module) -> list[str]:
    """The names of the weights that are computed anew at every call."""
    hooked = [str(hook.name) for hook in module._forward_pre_hooks.values() if _is_norm(hook)]  # type: ignore[attr-defined]
    return [*getattr(module, "parametrizations", {}), *hooked]


def _is_all_told(kind: LayerKind, module: nn.Module) -> bool:
    """Whether what the kind cannot say of the module is as torch has it by default."""
    told = {item.partition("=")[0] for item in kind.arguments}
    for name, argument in inspect.signature(type(module).__init__).parameters.items():
        if name in told | _PLACES or argument.default is inspect.Parameter.empty:
            continue
        if hasattr(module, name) and _differs(getattr(module, name), argument.default):
            return False
    return True


def _differs(value: object, default: object) -> bool:
    if isinstance(value, Tensor):
        return not isinstance(default, bool)
    return value != default


def _params(kind: LayerKind, module: nn.Module) -> Iterator[tuple[str, Value]]:
    for item in kind.arguments:
        name, equals, literal = item.partition("=")
        value = _attribute(module, name)
        if name == "batch_first":
            continue  # where the batch is second, the tensors are turned
        if equals:
            if str(value) != literal.strip("'\""):
                raise Unmapped(f"{name} is {value}")
            continue
        if name in _ASKED:
            continue
        if name == "padding" and value == "valid":
            value = 0
        param = kind.param(name)
        control, told = param.only_with
        if control and _plain(getattr(module, control)) not in told:
            continue
        if param.type == "sizes" and isinstance(value, int):
            value = (value,)
        yield name, param.check(_plain(value), kind.name)
    weights = list(module.parameters())
    if weights and not any(weight.requires_grad for weight in weights) and any(p.name == "frozen" for p in kind.params):
        yield "frozen", True


def _attribute(module: nn.Module, name: str) -> Any:
    """The value with which the module was made."""
    if name in _ASKED:
        return None
    if isinstance(module, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer):
        return _of_transformer(module, name)
    special = {"bias": "bias", "add_bias_kv": "bias_k"}
    if name in special and not isinstance(getattr(module, special[name], None), bool):
        return _has_bias(module) if name == "bias" else getattr(module, special[name]) is not None
    if not hasattr(module, name):
        raise Unmapped(f"it does not tell its {name}")
    if name in ("kdim", "vdim") and getattr(module, name) == module.embed_dim:
        return None
    return getattr(module, name)


def _of_transformer(module: nn.TransformerEncoderLayer | nn.TransformerDecoderLayer, name: str) -> Any:
    """What torch's transformer layers keep in the layers inside."""
    attention, linear = module.self_attn, module.linear1
    values: dict[str, Any] = {
        "d_model": attention.embed_dim,
        "nhead": attention.num_heads,
        "dim_feedforward": linear.out_features,
        "dropout": module.dropout.p,
        "activation": {"relu": "relu", "gelu": "gelu"}.get(getattr(module.activation, "__name__", ""), ""),
        "layer_norm_eps": module.norm1.eps,
        "norm_first": module.norm_first,
        "bias": linear.bias is not None,
        "batch_first": attention.batch_first,
    }
    return values[name]


def _has_bias(module: nn.Module) -> bool:
    return any("bias" in name for name, _tensor in module.named_parameters())


def _plain(value: Any) -> Value:
    if isinstance(value, torch.Size | list | tuple):
        return tuple(_plain(item) for item in value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def called(builder: Builder, op: Op, found: Layer) -> tuple[Wire, ...]:
    """The call of a layer, and its outputs as torch hands them out; raises Unmapped where it was called otherwise."""
    kind, module = found.kind, op.module
    assert module is not None  # asked only for modules
    fed = _fed(builder, op, kind, module)
    weights = weights_of(module)
    name = op.path[len(_around(op)) :].lstrip(".")
    if kind.name in TIED and weights["weight"].data_ptr() in builder.tied:
        return (tied(builder, kind.name, name, fed["input"], weights),)
    attention = getattr(module, "self_attn", module)
    is_turned = getattr(attention, "batch_first", None) is False
    if is_turned:
        fed = {port: _turned(builder, wire) if port in _SEQUENCES else wire for port, wire in fed.items()}
    builder.name = name
    params = {**found.params, **_asked(kind, op)}
    made = builder.calls_of(kind.name, params, weights, fed)
    ports = {wire.ref.port: wire for wire in made}
    if is_turned:
        ports["output"] = _turned(builder, ports["output"])
    names = _handed_out(kind, params, tuple(ports))
    return tuple(ports[name] for name in names)[: len(op.outputs)]


def _turned(builder: Builder, wire: Wire) -> Wire:
    """Steps and samples the other way round."""
    return builder.call("Transpose", {"dim0": 0, "dim1": 1}, input=wire)


def _asked(kind: LayerKind, op: Op) -> dict[str, Value]:
    """What torch was told in the call, where a parameter of ours says it."""
    known = {param.name for param in kind.params}
    defaults = {"need_weights": True, "average_attn_weights": True}
    return {name: bool(op.kwargs.get(name, defaults[name])) for name in _ASKED if name in known}


def _around(op: Op) -> str:
    """The path of the module in which the layer was called, as far as its scope tells."""
    parts = [name.partition("@")[0] for name, _class in op.scope]
    around = ".".join(parts)
    return f"{around}." if around and op.path.startswith(f"{around}.") else ""


def _handed_out(kind: LayerKind, params: Mapping[str, Value], ports: tuple[str, ...]) -> tuple[str, ...]:
    """The ports in the order of the module's result."""
    arguments = {param.name: param.default for param in kind.params} | dict(params)
    unpack = kind.form(arguments).unpack
    if not unpack:
        return ports
    names = [name for _text, name, _spec, _conversion in string.Formatter().parse(unpack) if name]
    return tuple(name for name in names if name in ports) if set(names) >= set(ports) else ports


def _fed(builder: Builder, op: Op, kind: LayerKind, module: nn.Module) -> dict[str, Wire]:
    """By port what came in."""
    signature = inspect.signature(type(module).forward)
    given = signature.bind(module, *op.args, **op.kwargs)
    given.apply_defaults()
    fed: dict[str, Wire] = {}
    for place, (name, value) in enumerate(list(given.arguments.items())[1:]):
        default = signature.parameters[name].default
        tensors = [item for item in tree_flatten(value)[0] if isinstance(item, Tensors)]
        if name == "hx":
            fed |= _states(builder, kind, tensors)
        elif tensors:
            fed[_port(kind, name, place)] = builder.wire(tensors[0])
        elif value is not None and value != default and not _is_idle(name, value):
            raise Unmapped(f"it was called with {name}={value}")
    return fed


def _is_idle(name: str, value: object) -> bool:
    """Whether the argument changes nothing that is drawn."""
    return (name in _ASKED or name.endswith("is_causal")) and isinstance(value, bool)


def _port(kind: LayerKind, name: str, place: int) -> str:
    for known in (name, _PORTS.get(name, "")):
        if kind.input(known) is not None:
            return known
    needed = [port.name for port in kind.inputs if not port.optional]
    if place < len(needed):
        return needed[place]
    raise Unmapped(f"there is no input for {name}")


def _states(builder: Builder, kind: LayerKind, tensors: list[Tensors]) -> dict[str, Wire]:
    """The first states of a recurrent layer; zeros are what it has anyway."""
    if all(item.source == "const" and not item.tensor.any() for item in tensors):
        return {}
    names = [name for name in _STATES if kind.input(name) is not None] or [port.name for port in kind.inputs[1:]]
    if len(names) < len(tensors):
        raise Unmapped("it begins with a state")
    return {name: builder.wire(item) for name, item in zip(names, tensors, strict=False)}
