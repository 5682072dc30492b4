"""The text of a stranger's module: its classes as their files write them, and statements that make it as it is.

What the constructors were told is not known, so they are not called: the module is put together from its state.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import nn

from core.exchange.tracing.builder import Unmapped

_MOST = 60_000
"""Characters; what is longer is no node to read."""
_OURS = ("torch",)
_BLANK = """

def _blank(kind):
    module = kind.__new__(kind)
    nn.Module.__init__(module)
    return module
"""


class Written(NamedTuple):
    """The classes, and the statements of a constructor that make the module."""

    text: str
    construction: tuple[str, ...]
    base: str
    """The class, as the text names it."""


def module_source(module: nn.Module) -> Written:
    """The text of a module; raises Unmapped where a part of it cannot be written."""
    if _is_torchs(type(module)) and not isinstance(module, nn.Sequential | nn.ModuleList | nn.ModuleDict):
        return Written("", (f"super().__init__({_given(module)})",), _title(type(module)))
    texts = _Texts()
    lines = ["nn.Module.__init__(self)", *_state(module, "self", texts)]
    texts.take(type(module))
    text = texts.text()
    if len(text) > _MOST:
        raise Unmapped("its text is too long")
    return Written(text + _BLANK, tuple(lines), type(module).__name__)


class _Texts:
    """Classes and functions in the order in which they must stand, and what they import."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._imports: dict[str, None] = {}
        self._parts: list[str] = []

    def text(self) -> str:
        """All of it."""
        return "\n".join(self._imports) + "".join(f"\n\n\n{part}" for part in self._parts)

    def take(self, item: Any) -> None:
        """Put in a class or function, after what it needs."""
        name = item.__name__
        if name in self._seen:
            return
        self._seen.add(name)
        try:
            text = textwrap.dedent(inspect.getsource(item))
        except (OSError, TypeError) as error:
            raise Unmapped(f"the text of {name} is not there") from error
        space = vars(sys.modules[item.__module__]) if item.__module__ in sys.modules else {}
        for word in _words(text):
            if word in space and word != name:
                self._need(word, space[word])
        self._parts.append(text.rstrip())

    def _need(self, word: str, value: Any) -> None:
        if isinstance(value, ModuleType):
            self._imports[f"import {value.__name__} as {word}"] = None
        elif inspect.isclass(value) or inspect.isfunction(value) or inspect.isbuiltin(value):
            if _is_installed(value.__module__ or "builtins"):
                self._imports[f"from {value.__module__} import {value.__qualname__} as {word}"] = None
            else:
                self.take(value)
        elif literal(value) is not None and word not in self._seen:
            self._seen.add(word)
            self._parts.append(f"{word} = {literal(value)}")


def _words(text: str) -> Iterator[str]:
    """The names that the text reads, each once; those in annotations too."""
    seen: set[str] = set()
    for item in ast.walk(ast.parse(text)):
        if isinstance(item, ast.Name) and item.id not in seen:
            seen.add(item.id)
            yield item.id


def _is_installed(module: str) -> bool:
    """Whether it comes with Python or from an installed package, so that it can be imported anywhere."""
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names or top in _OURS:
        return True
    file = getattr(sys.modules.get(top), "__file__", None) or ""
    return "site-packages" in file


def _state(module: nn.Module, name: str, texts: _Texts) -> Iterator[str]:
    """The statements that bring a blank module into this one's state."""
    for key, value in vars(module).items():
        written = literal(value)
        if key.startswith("_") or key == "training":
            continue
        if written is not None:
            yield f"{name}.{key} = {written}"
        elif inspect.isfunction(value) or inspect.isbuiltin(value):
            texts._need(value.__name__, value)
            yield f"{name}.{key} = {value.__name__}"
    for key, tensor in module._parameters.items():
        made = "None" if tensor is None else f"nn.Parameter(torch.zeros({tuple(tensor.shape)}, dtype={tensor.dtype}))"
        yield f'{name}.register_parameter("{key}", {made})'
    for key, buffer in module._buffers.items():
        made = "None" if buffer is None else f"torch.zeros({tuple(buffer.shape)}, dtype={buffer.dtype})"
        kept = key not in module._non_persistent_buffers_set
        if buffer is not None and not kept:
            raise Unmapped(f"its buffer {key} is not kept with its weights")
        yield f'{name}.register_buffer("{key}", {made})'
    for key, child in module._modules.items():
        if child is None:
            yield f'{name}.register_module("{key}", None)'
        else:
            yield from _child(child, name, key, texts)


def _child(child: nn.Module, name: str, key: str, texts: _Texts) -> Iterator[str]:
    place = f'{name}.get_submodule("{key}")'
    kind = type(child)
    if _is_torchs(kind) and not isinstance(child, nn.Sequential | nn.ModuleList | nn.ModuleDict):
        yield f'{name}.add_module("{key}", {_torchs(child)})'
        return
    if _is_torchs(kind):
        title = _title(kind)
    else:
        texts.take(kind)
        title = kind.__name__
    yield f'{name}.add_module("{key}", _blank({title}))'
    yield from _state(child, place, texts)


def _is_torchs(kind: type[nn.Module]) -> bool:
    return kind.__module__.startswith("torch.")


def _title(kind: type[nn.Module]) -> str:
    return f"nn.{kind.__name__}" if hasattr(nn, kind.__name__) else f"{kind.__module__}.{kind.__qualname__}"


def _torchs(module: nn.Module) -> str:
    """The construction of a layer of torch."""
    return f"{_title(type(module))}({_given(module)})"


def _given(module: nn.Module) -> str:
    """What the constructor of a layer of torch was told, as far as the layer tells."""
    given = []
    for name, argument in list(inspect.signature(type(module).__init__).parameters.items())[1:]:
        if name in ("device", "dtype") or argument.kind is argument.VAR_KEYWORD:
            continue
        value = getattr(module, name, argument.default)
        if name == "bias":
            value = any("bias" in key for key, _tensor in module.named_parameters())
        written = literal(value)
        if written is not None and value is not argument.default:
            given.append(f"{name}={written}")
    return ", ".join(given)


def literal(value: Any) -> str | None:
    """A plain value as Python writes it; None for anything else."""
    if isinstance(value, torch.Size):
        value = tuple(value)
    if isinstance(value, torch.dtype):
        return str(value)
    try:
        text = repr(value)
        return text if value is None or ast.literal_eval(text) == value else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
