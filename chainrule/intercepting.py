"""Hears of what torch does to gradients between a backward pass and an optimizer's step, while anybody listens.

A listening function takes the place of torch's own and passes everything on to it. Who listens stands in a list that
belongs to it: listeners may come and go in any order, and the last one to go puts torch's own function back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.amp import grad_scaler
from torch.nn.utils import clip_grad

Heard = Callable[[Sequence[Any], Mapping[str, Any]], None]
"""Is told the arguments of a call."""
_LISTENERS, _OWN = "_chainrule_listeners", "_chainrule_own"


def before_change(heard: Heard) -> Callable[[], None]:
    """Tell before gradients are clipped, whichever way the clipping was imported; returns what ends it.

    All of torch's clipping sorts the gradients by this function first.
    """
    return _listen(clip_grad, "_group_tensors_by_device_and_dtype", before=heard)


def on_clip(heard: Heard) -> Callable[[], None]:
    """Tell when gradients are clipped to a norm: parameters, largest norm, the norm that they have."""
    return _listen(clip_grad, "_clip_grads_with_norm_", before=heard)


def before_backward(heard: Heard) -> Callable[[], None]:
    """Tell before a backward pass."""
    return _listen(torch.autograd, "backward", before=heard)


def after_backward(heard: Heard) -> Callable[[], None]:
    """Tell when a backward pass is over."""
    return _listen(torch.autograd, "backward", after=heard)


def after_scale(heard: Heard) -> Callable[[], None]:
    """Tell when a gradient scaler has multiplied a loss."""
    return _listen(grad_scaler.GradScaler, "scale", after=heard)


def after_unscale(heard: Heard) -> Callable[[], None]:
    """Tell when a gradient scaler has divided an optimizer's gradients."""
    return _listen(grad_scaler.GradScaler, "unscale_", after=heard)


def after_scaled_step(heard: Heard) -> Callable[[], None]:
    """Tell when a gradient scaler has let an optimizer step, or has not."""
    return _listen(grad_scaler.GradScaler, "step", after=heard)


def _listen(holder: Any, name: str, before: Heard | None = None, after: Heard | None = None) -> Callable[[], None]:
    current = getattr(holder, name, None)
    if current is None:  # this version of torch has no such function: there is nothing to hear
        return lambda: None
    function = current if hasattr(current, _LISTENERS) else _listening(holder, name, current)
    listener = (before, after)
    getattr(function, _LISTENERS).append(listener)
    return functools.partial(_stop, holder, name, function, listener)


def _listening(holder: Any, name: str, own: Callable[..., Any]) -> Callable[..., Any]:
    listeners: list[tuple[Heard | None, Heard | None]] = []

    @functools.wraps(own)
    def function(*args: Any, **kwargs: Any) -> Any:
        for before, _after in tuple(listeners):
            if before is not None:
                before(args, kwargs)
        result = own(*args, **kwargs)
        for _before, after in tuple(listeners):
            if after is not None:
                after(args, kwargs)
        return result

    setattr(function, _LISTENERS, listeners)
    setattr(function, _OWN, own)
    setattr(holder, name, function)
    return function


def _stop(holder: Any, name: str, function: Any, listener: tuple[Heard | None, Heard | None]) -> None:
    listeners = getattr(function, _LISTENERS)
    if listener in listeners:
        listeners.remove(listener)
    if not listeners and getattr(holder, name) is function:
        setattr(holder, name, getattr(function, _OWN))
