"""What is asked of the engine about a Python block, and what it answers; knows no torch.

A block has no shape formula: its source, its settings and the types at its inputs are the question, and the types at
its outputs, its number of parameters or its error are the answer. Whoever analyses a project brings an oracle: the
window's looks into what was answered so far, the engine's runs the code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from core.catalog.interface import INFERRED, interface
from core.catalog.kind import Inputs, Shaped, TensorType
from core.catalog.python_block import settings_text, source_of
from core.errors import CodeError, ParameterError
from core.graph import Parameters

_LONGEST = 2**16
"""Characters of the settings."""
Settings = Mapping[str, Any]
_NO_SETTINGS: Settings = MappingProxyType({})
InputTypes = tuple[tuple[str, TensorType | tuple[TensorType, ...]], ...]


class Code(NamedTuple):
    """What a Python block runs, as it stands in the project."""

    source: str
    settings: str = ""
    """The JSON text of the arguments set by hand; what follows from the wire is added to them."""


class Question(NamedTuple):
    """What a block makes of these inputs."""

    code: Code
    settings: str
    """The whole arguments of the class as JSON, those that follow from the wire included."""
    inputs: InputTypes


class Told(NamedTuple):
    """The answer to a question: what the block comes to, or why it does not."""

    shaped: Shaped | None = None
    error: CodeError | None = None
    is_final: bool = True
    """Whether it holds for ever; an answer that was refused for want of trust does not."""


Oracle = Callable[[Question], Told | None]
"""Answers a question, or None where it is not known yet."""


def silent(_question: Question) -> Told | None:
    """The oracle of those who cannot ask: nothing is known."""
    return None


def code_of(params: Parameters) -> Code:
    """What a block with these parameters, set by hand, runs."""
    return Code(source_of(params), settings_text(params))


def question(params: Parameters, inputs: Inputs) -> Question:
    """The question about a block; raises CodeError for a source, ParameterError for settings that cannot be read."""
    code = code_of(params)
    raise_fault(code.source)
    given = {**inferred(code.source, inputs), **read_settings(code.settings)}
    return Question(code, json.dumps(given) if given else "", tuple(inputs.items()))


def raise_fault(source: str) -> None:
    """Raise CodeError for a source that defines no block."""
    fault = interface(source).fault
    if fault is not None:
        raise CodeError.at_line(CodeError(fault.wanted, fault.came, "", fault.fix), fault.line)


def inferred(source: str, inputs: Inputs) -> dict[str, int]:
    """The arguments of the class that follow from the first input, as in_features."""
    found = interface(source)
    first = inputs.get(found.arguments[0].name) if found.arguments else None
    sizes = first.shape if isinstance(first, TensorType) else ()
    named = {name: INFERRED[name] for name in found.infers}
    places = {name: dim for name, dim in named.items() if len(sizes) > (1 if dim > 0 else 0)}
    return {name: size for name, dim in places.items() if isinstance(size := sizes[dim], int)}


def read_settings(text: str) -> Settings:
    """The arguments that the text holds; raises ParameterError where it is no JSON object of Python names."""
    if not text.strip():
        return _NO_SETTINGS
    try:
        found = json.loads(text, parse_constant=_refused) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    if not isinstance(found, dict) or not all(name.isidentifier() for name in found):
        raise _unreadable("it is none" if len(text) <= _LONGEST else "it is too long")
    return MappingProxyType(found)


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _unreadable(came: str) -> ParameterError:
    wanted = "settings wants a JSON object of arguments for the class"
    return ParameterError(wanted, came, "", "Write them as {“hidden”: 128} with straight quotes, or leave it empty.")
