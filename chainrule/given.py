"""What a script hands to the watch: its optimizers, its models within what stands around them, the rows of weights."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn
from torch.optim import Optimizer

from chainrule.layers import weights_of


def rows_of(layers: Mapping[str, nn.Module]) -> dict[str, list[nn.Parameter]]:
    """By path the weights of every layer that has some; what several share is the first one's."""
    taken: set[int] = set()
    rows: dict[str, list[nn.Parameter]] = {}
    for path, module in layers.items():
        own = [weight for weight in weights_of(module) if id(weight) not in taken]
        taken.update(id(weight) for weight in own)
        if own:
            rows[path] = own
    return rows


def own_optimizer(optimizer: object) -> Optimizer:
    """The optimizer of torch that this is, or that it wraps; raises TypeError."""
    inner = getattr(optimizer, "optimizer", None)
    for one in (inner, optimizer):
        if isinstance(one, Optimizer) and hasattr(one, "_optimizer_step_pre_hooks"):
            return one
    raise TypeError(f"chainrule.watch: an optimizer of torch was wanted, {type(optimizer).__name__} came.")


def inner_model(model: nn.Module) -> nn.Module:
    """The model that wrappers, as DataParallel or torch.compile, stand around."""
    while (inner := getattr(model, "_orig_mod", None) or getattr(model, "module", None)) is not None:
        if not isinstance(inner, nn.Module):
            break
        model = inner
    return model


def is_follower() -> bool:
    """Whether this process trains with others and is not the first of them, which watches."""
    distributed = torch.distributed
    return distributed.is_available() and distributed.is_initialized() and distributed.get_rank() != 0
