"""The layers of somebody else's model: what they are called, which weights they own, how their outputs are read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

Models = nn.Module | Sequence[nn.Module] | Mapping[str, nn.Module]
WRAPPERS = frozenset({"module", "_orig_mod"})
"""What DataParallel and torch.compile put before every name of the model that they are given."""
BOUNDED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"Tanh": (-1.0, 1.0), "Softsign": (-1.0, 1.0), "Sigmoid": (0.0, 1.0), "Hardsigmoid": (0.0, 1.0)}
)
CHANNELS_FIRST = ("Conv", "LazyConv", "BatchNorm", "SyncBatchNorm", "InstanceNorm", "GroupNorm")
_LEVEL = getattr(getattr(torch._C, "_functorch", None), "maybe_current_level", None)
"""Of torch's own: how deep such transformations stand; None in versions that have no such function."""
FEATURES_LAST = ("Linear", "LayerNorm", "RMSNorm", "Embedding", "LSTM", "GRU", "RNN", "MultiheadAttention")


def named(models: Models) -> dict[str, nn.Module]:
    """The models by the name that goes before those of their layers; one alone needs none."""
    if isinstance(models, nn.Module):
        return {"": models}
    if isinstance(models, Mapping):
        return dict(models)
    names = [type(model).__name__ for model in models]
    return {f"{name}{number}" if names.count(name) > 1 else name: model
            for number, (name, model) in enumerate(zip(names, models, strict=True))}  # fmt: skip


def layers_of(models: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """By path, in the order in which they were defined, every module that has weights of its own or no modules in it.

    A module that stands in several places has the first one's path.
    """
    found: dict[str, nn.Module] = {}
    taken: set[int] = set()
    for prefix, model in models.items():
        for name, module in model.named_modules():
            if id(module) not in taken and (weights_of(module) or _is_leaf(module)):
                taken.add(id(module))
                found[path_of(prefix, name) or type(module).__name__] = module
    return found


def path_of(prefix: str, name: str) -> str:
    """The name of a module as its author knows it."""
    parts = [part for part in name.split(".") if part and part not in WRAPPERS]
    return ".".join([prefix, *parts] if prefix else parts)


def weights_of(module: nn.Module) -> list[nn.Parameter]:
    """The weights whose norm is the module's row: its own, all that are no vectors."""
    own = module.parameters(recurse=False)
    return [parameter for parameter in own if is_lazy(parameter) or parameter.dim() > 1]


def compiled(models: Iterable[nn.Module]) -> set[int]:
    """The ids of the modules that run as a compiled program, into which nobody looks."""
    return {
        id(inner)
        for model in models
        for module in model.modules()
        if hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None) is not None
        for inner in module.modules()
    }


def bounds(module: nn.Module) -> tuple[float, float] | None:
    """Between which values its outputs lie, of an activation that has bounds."""
    if isinstance(module, nn.Hardtanh) and not isinstance(module, nn.ReLU6):
        return module.min_val, module.max_val
    return BOUNDED.get(type(module).__name__)


def unit_axis(module: nn.Module, output: Tensor, before: int) -> int:
    """The axis that its units lie along: 1, as of maps (N, C, H, W), or -1; of others as in the layer before.

    `before` is 0 where there was none.
    """
    name = type(module).__name__
    if output.dim() < 3 or name.startswith(FEATURES_LAST):
        return -1
    if name.startswith(CHANNELS_FIRST) or "Pool" in name or name.endswith("2d"):
        return 1
    return before or (1 if output.dim() > 3 else -1)


def settings_of(module: nn.Module) -> dict[str, object]:
    """What a layer was made with, as far as it is numbers and words."""
    own = {name: value for name, value in vars(module).items() if not name.startswith("_") and name != "training"}
    return {name: value for name, value in own.items() if _is_plain(value)}


def tensors_in(value: object) -> Iterator[Tensor]:
    """The tensors of real numbers in what a module takes or gives, in their order."""
    if isinstance(value, Tensor):
        if value.is_floating_point():
            yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from tensors_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from tensors_in(part)


def is_transformed() -> bool:
    """Whether a transformation of functions (`torch.func`) is at work, under which tensors have no numbers to read."""
    return _LEVEL is not None and _LEVEL() is not None


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(part, int | float) for part in value)
    return isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))


def _is_leaf(module: nn.Module) -> bool:
    loss = type(module).__module__ == "torch.nn.modules.loss"
    return not loss and next(module.children(), None) is None and not isinstance(module, nn.ModuleList | nn.ModuleDict)
