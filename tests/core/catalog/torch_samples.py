"""Samples of torch's own module table in our terms: which kind, with which parameters, on which tensors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.testing._internal.common_modules import ModuleInfo, ModuleInput, module_db

from core.catalog import KINDS
from core.catalog.kind import Batch, Dim, LayerKind, Parameters, TensorType
from core.errors import ParameterError
from core.graph import Value

PLACES = frozenset({"device", "dtype"})
"""Arguments that say where and in which numbers a module computes."""
OLD = frozenset({"size_average", "reduce"})
"""Arguments that torch itself has given up."""
LISTS = ("class_weights", "output_weights")
"""What losses call the list that torch calls weight."""
PORTS: Mapping[str, tuple[str, ...]] = {
    "attn_mask": ("mask",),
    "hx": ("h0", "c0"),
    "key_padding_mask": ("padding_mask",),
    "memory_key_padding_mask": ("memory_padding",),
    "src": ("input", "source"),
    "src_key_padding_mask": ("padding_mask", "source_padding"),
    "src_mask": ("mask", "source_mask"),
    "tgt": ("input", "target"),
    "tgt_key_padding_mask": ("padding_mask", "target_padding"),
    "tgt_mask": ("mask", "target_mask"),
}
"""What ports are called that torch calls otherwise; the others stand at the same place."""
SHARED = frozenset({"mask", "memory_mask", "source_mask", "target_mask"})
"""The ports whose masks tell of pairs of steps."""
SEQUENCES = frozenset({"input", "memory", "source", "target", "query", "key", "value", "log_probabilities"})
"""The ports whose batch comes second where torch has it so."""


class NotExpressibleError(Exception):
    """A sample that no kind says; the message tells why."""


class Sample(NamedTuple):
    """One way to build and call a module, as torch lists it."""

    info: ModuleInfo
    given: ModuleInput
    number: int

    @property
    def title(self) -> str:
        """The module, which of its samples, and torch's own word for it."""
        return f"{self.info.module_cls.__name__}[{self.number}] {self.given.desc}".strip()

    def module(self) -> nn.Module:
        """Torch's module, made and cast as torch's own tests do; losses get positive weights, for ours have to be."""
        given = self.given.constructor_input
        args = [self._positive(value) for value in given.args]
        kwargs = {name: self._positive(value) for name, value in given.kwargs.items()}
        made: nn.Module = self.info.module_cls(*args, **kwargs)
        return made.float().eval()

    def arguments(self) -> dict[str, object]:
        """The constructor's arguments by name, without those that say where and in which numbers."""
        signature = inspect.signature(self.info.module_cls.__init__)
        given = self.given.constructor_input
        bound = dict(signature.bind(None, *given.args, **given.kwargs).arguments)
        bound.pop(next(iter(signature.parameters)))
        named: dict[str, Any] = {}
        for name, value in bound.items():
            several = signature.parameters[name].kind
            if several is inspect.Parameter.VAR_KEYWORD:
                named.update(value)
            elif several is not inspect.Parameter.VAR_POSITIONAL:
                named[name] = value
            else:
                named.update(zip(OWN_ORDER.get(self.info.module_cls.__name__, ()), value, strict=False))
        if "encoder_layer" in named:
            named.update(_numbers_of(named.pop("encoder_layer")))
        named = {**self._defaults(signature), **named}
        named.pop(DRAWN, None)
        return {name: self._positive(value) for name, value in named.items() if name not in PLACES | OLD | IGNORED}

    def _defaults(self, signature: inspect.Signature) -> dict[str, object]:
        """What torch takes where nothing is said, for our parameters that may be empty but begin otherwise."""
        params = [param for kind in offered()[self.info.module_cls.__name__] for param in kind.params]
        names = [param.name for param in params if param.required and param.optional]
        return {name: signature.parameters[name].default for name in names if name in signature.parameters}

    def defaults(self) -> dict[str, object]:
        """What the constructor means where it is given nothing."""
        signature = inspect.signature(self.info.module_cls.__init__)
        return {
            name: parameter.default
            for name, parameter in signature.parameters.items()
            if parameter.default is not inspect.Parameter.empty and name not in PLACES | OLD | IGNORED
        }

    def _positive(self, value: object) -> object:
        is_weight = "Loss" in self.info.module_cls.__name__ and isinstance(value, Tensor)
        return value.abs() if is_weight and isinstance(value, Tensor) else value

    @property
    def drawn(self) -> Tensor | None:
        """The random numbers that torch's module is given, where it draws none itself."""
        value = self.given.constructor_input.kwargs.get(DRAWN)
        assert value is None or isinstance(value, Tensor)
        return value if value is None else value.float()

    def called(self) -> dict[str, object]:
        """What the module is called with, by the names of its forward method."""
        signature = inspect.signature(self.info.module_cls.forward)
        given = self.given.forward_input
        bound = dict(signature.bind(None, *given.args, **given.kwargs).arguments)
        bound.pop(next(iter(signature.parameters)))
        return {name: value for name, value in bound.items() if value is not None}


DRAWN = "_random_samples"
"""An argument of torch's own tests alone: what the module would draw at its call."""
STACKED = frozenset({"RNN", "GRU", "LSTM"})
OWN_ORDER = dict.fromkeys(STACKED, ("input_size", "hidden_size", "num_layers"))
"""The first arguments of constructors that name none."""
IGNORED = frozenset({"enable_nested_tensor", "mask_check"})
"""Arguments that change how, but not what is computed."""


def _numbers_of(layer: nn.TransformerEncoderLayer) -> dict[str, object]:
    """What a transformer layer was made with."""
    looking = layer.self_attn
    return {
        "d_model": looking.embed_dim,
        "nhead": looking.num_heads,
        "dim_feedforward": layer.linear1.out_features,
        "dropout": layer.dropout.p,
        "activation": layer.activation,
        "layer_norm_eps": layer.norm1.eps,
        "norm_first": layer.norm_first,
        "bias": layer.linear1.bias is not None,
        "batch_first": looking.batch_first,
    }


class Said(NamedTuple):
    """A sample in our terms."""

    kind: LayerKind
    params: Parameters
    tensors: Mapping[str, Tensor]
    swapped: bool
    """Whether torch's batch came second in sequences, where ours comes first."""
    alone: bool
    """Whether torch took one sample without a batch, which is a batch of one here."""

    @property
    def types(self) -> dict[str, TensorType]:
        """What comes in by port, with a symbolic batch."""
        return {port: self._type(port, tensor) for port, tensor in self.tensors.items()}

    def _type(self, port: str, tensor: Tensor) -> TensorType:
        dtype, place = str(tensor.dtype).removeprefix("torch."), _batch_place(self.kind, port, tensor)
        shape: list[Dim] = list(tensor.shape)
        if place is not None:
            shape[place] = Batch(_multiple(self.tensors, port))
        return TensorType(tuple(shape), dtype)

    def as_ours(self, port: str, value: Tensor) -> Tensor:
        """What torch has at a place of ours, as a gradient of it: the batch first, one sample as a batch of one."""
        brought = _brought(self.kind, port, value, self.swapped)
        return _as_batch(self.kind, port, brought) if self.alone else brought

    def as_torchs(self, port: str, output: Tensor) -> Tensor:
        """An output of ours as torch gives it."""
        states = port in ("h", "c") and self.kind.name in STACKED
        if self.alone:
            return output.squeeze(1 if states else 0) if output.dim() else output
        return output.transpose(0, 1) if self.swapped and port == "output" else output


def _batch_place(kind: LayerKind, port: str, tensor: Tensor) -> int | None:
    """The dimension that is the batch; None in masks that all samples share, and in single numbers."""
    if port in ("h0", "c0") and kind.name in STACKED:
        return 1
    return None if not tensor.dim() or (port in SHARED and tensor.dim() < 3) else 0


def _multiple(tensors: Mapping[str, Tensor], port: str) -> int:
    """How many times the batch a dimension is: masks may be told head by head."""
    first = next(iter(tensors.values()))
    return tensors[port].shape[0] // first.shape[0] if port in SHARED else 1


def offered() -> dict[str, list[LayerKind]]:
    """By class of torch.nn the kinds that are it or do the same."""
    found: dict[str, list[LayerKind]] = {}
    for kind in KINDS.values():
        if kind.offers:
            found.setdefault(kind.offers.removeprefix("nn."), []).append(kind)
    return found


def samples() -> Iterator[Sample]:
    """Every sample of every module that the catalog offers, on the CPU in float32."""
    ours = offered()
    for info in module_db:
        if info.module_cls.__name__ in ours:
            torch.manual_seed(0)
            asked = {"device": "cpu", "dtype": torch.float32, "requires_grad": False, "training": False}
            given = info.module_inputs_func(info, **asked)
            yield from (Sample(info, one, number) for number, one in enumerate(given))


def said(sample: Sample, kind: LayerKind, alone: bool) -> Said:
    """The sample as this kind says it, without a batch as a batch of one; raises NotExpressibleError."""
    arguments = sample.arguments()
    swapped = not arguments.pop("batch_first", False) if _is_batch_first(sample) else kind.name == "CTC"
    called = sample.called()
    settings = {name: called.pop(name) for name in list(called) if not isinstance(called[name], Tensor | tuple | list)}
    unsaid = {name: value for name, value in sample.defaults().items() if _means_other(kind, name, value)}
    params = _params(kind, {**unsaid, **arguments, **settings})
    if any(param.name == "need_weights" for param in kind.params):
        params = tuple(sorted({**dict(params), "need_weights": True}.items()))
    tensors = {port: _brought(kind, port, value, swapped and not alone) for port, value in _ports(kind, called)}
    if kind.name == "CTC":
        tensors = _in_rows(tensors)
    if alone:
        tensors = {port: _as_batch(kind, port, value) for port, value in tensors.items()}
    return Said(kind, params, tensors, swapped and not alone, alone)


def _means_other(kind: LayerKind, name: str, default: object) -> bool:
    """Whether nothing said means something else to torch than to the kind, as the reduction of KLDivLoss."""
    own = next((param.default for param in kind.params if param.name == name), default)
    return isinstance(default, str) and isinstance(own, str) and own != default


def _in_rows(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Labels that torch was given one sample behind the other, each sample's in a row of its own."""
    label, lengths = tensors["label"], tensors["target_lengths"]
    if label.dim() != 1 or lengths.dim() != 1:
        return tensors
    parts = label.split(lengths.tolist())
    return {**tensors, "label": torch.nn.utils.rnn.pad_sequence(list(parts), batch_first=True)}


def _as_batch(kind: LayerKind, port: str, value: Tensor) -> Tensor:
    place = 1 if port in ("h0", "c0") and kind.name in STACKED else 0
    return value if port in SHARED else value.unsqueeze(place)


def _is_batch_first(sample: Sample) -> bool:
    names = inspect.signature(sample.info.module_cls.__init__).parameters
    own = sample.info.module_cls.__name__ in OWN_ORDER
    return own or "batch_first" in names or "encoder_layer" in names


def _ports(kind: LayerKind, called: Mapping[str, object]) -> Iterator[tuple[str, Tensor]]:
    free = [port.name for port in kind.inputs]
    for place, (name, value) in enumerate(called.items()):
        values = value if isinstance(value, tuple) and isinstance(value[0], Tensor) else (value,)
        names = [port for port in (name, *PORTS.get(name, ())) if port in free]
        names = names or (free[:1] if place < len(kind.inputs) else [])
        if len(names) < len(values):
            raise NotExpressibleError(f"called with {name}")
        for port, item in zip(names, values, strict=False):
            free.remove(port)
            yield port, item if isinstance(item, Tensor) else torch.tensor(item)


def _brought(kind: LayerKind, port: str, value: Tensor, swapped: bool) -> Tensor:
    """The same numbers as our port takes them: whole ones as int64, targets as numbers, the batch first."""
    if value.dtype == torch.int32:
        value = value.long()
    spec = kind.input(port)
    if port == "target" and not value.is_floating_point() and kind.role == "loss":
        value = value.float()
    assert spec is not None
    return value.transpose(0, 1).clone() if swapped and port in SEQUENCES and value.dim() == 3 else value.clone()


def _params(kind: LayerKind, arguments: Mapping[str, object]) -> Parameters:
    fixed = {item.partition("=")[0]: item.partition("=")[2] for item in kind.arguments if "=" in item}
    known = {param.name: param for param in kind.params}
    found: dict[str, Value] = {}
    for name, value in _unbundled(kind, arguments).items():
        ours = _own_name(kind, name)
        if ours in fixed or ours not in known or (name == "weight" and ours == "weight"):
            if value is not None and repr(value) != fixed.get(ours):
                raise NotExpressibleError(f"{name}={_told(value)}")
        else:
            found[ours] = _checked(kind, ours, value)
    return tuple(sorted(found.items()))


def _unbundled(kind: LayerKind, arguments: Mapping[str, object]) -> Mapping[str, object]:
    """The arguments, with what torch takes as one object told parameter by parameter.

    How often its gradients can be read (allow_retain_graph) is not told: training reads them once.
    """
    bundle = kind.bundle
    made = arguments.get(bundle.name) if bundle is not None else None
    if bundle is None or bundle.name not in arguments:
        return arguments
    others = {name: value for name, value in arguments.items() if name != bundle.name}
    if made is None:
        return others
    (switch, on), *_more = bundle.when
    if getattr(made, "acc_dtype", None) is not None:
        raise NotExpressibleError(f"{bundle.name}={made!r}")
    return {**others, switch: on, **{name: getattr(made, name) for name in bundle.params}}


def _own_name(kind: LayerKind, name: str) -> str:
    if name == "weight" and kind.role == "loss":
        return next((ours for ours in LISTS if any(param.name == ours for param in kind.params)), name)
    return name


def _checked(kind: LayerKind, name: str, value: object) -> Value:
    plain = tuple(value.reshape(-1).tolist()) if isinstance(value, Tensor) and value.dim() < 2 else value
    if isinstance(value, Callable):  # type: ignore[arg-type]  # an activation: torch takes its name or itself
        plain = getattr(value, "__name__", "")
    try:
        return kind.param(name).check(plain)
    except ParameterError as error:
        raise NotExpressibleError(f"{name}={_told(value)}") from error


def _told(value: object) -> str:
    return f"a tensor {tuple(value.shape)}" if isinstance(value, Tensor) else repr(value)
