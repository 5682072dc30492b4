"""How written code calls a kind: activations without weights as the functions they are, all else as modules."""

from __future__ import annotations

from core.catalog.kind import Arguments, Form, LayerKind


def form_of(kind: LayerKind, arguments: Arguments) -> Form:
    """The call and the target of its assignment."""
    form = kind.form(arguments)
    if not is_function(kind):
        return form
    plain = [param for param in kind.params if param.required or param.name == "dim"]
    usual = not plain and all(arguments.get(param.name) == param.default for param in kind.params)
    return Form(f"{form.fast.partition('(')[0]}({{input}})" if usual else form.fast, unpack=form.unpack)


def is_made(kind: LayerKind) -> bool:
    """Whether the constructor makes a module of it."""
    return bool(kind.module) and not is_function(kind)


def is_function(kind: LayerKind) -> bool:
    """Whether it is a module in the app that people write as a function: F.relu."""
    fast = kind.fast
    return kind.category == "Activation" and bool(fast) and not any(word in fast for word in ("{self}", "{training}"))
