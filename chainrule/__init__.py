"""Watch any training in PyTorch: `with chainrule.watch(model, optimizer) as w:` and `w.step(loss)` in its loop."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.watching import Watch, watch

__all__ = ("Watch", "watch")


def __getattr__(name: str) -> Any:
    """The public names, loaded where they are first used: who reads columns needs no torch."""
    if name not in __all__:
        raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
    return getattr(import_module("chainrule.watching"), name)
