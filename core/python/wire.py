"""Questions about Python blocks and their answers as JSON, as they travel between the window and an engine."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from core.catalog.kind import Batch, Dim, Shaped, TensorType
from core.errors import CodeError, EngineError
from core.python.questions import Code, InputTypes, Question, Told


class WireType(msgspec.Struct, array_like=True):
    """A tensor's type: its sizes, a multiple of the batch as a text (“4B”), and its dtype."""

    shape: list[int | str]
    dtype: str


class WireQuestion(msgspec.Struct):
    """A question."""

    source: str
    typed: str
    settings: str
    inputs: list[tuple[str, bool, list[WireType]]]
    """By port, whether it takes any number of wires, and the types of them."""


class WireTold(msgspec.Struct):
    """An answer; `error` has wanted, came, where and fix."""

    outputs: list[tuple[str, WireType]] | None = None
    counts: tuple[int, int, int] = (0, 0, 0)
    error: tuple[str, str, str, str] | None = None
    line: int = 0
    is_final: bool = True


def question_text(question: Question) -> str:
    """The question as JSON."""
    inputs = [
        (port, not isinstance(types, TensorType), [_out(item) for item in _each(types)])
        for port, types in question.inputs
    ]
    body = WireQuestion(question.code.source, question.code.settings, question.settings, inputs)
    return msgspec.json.encode(body).decode()


def read_question(text: str) -> Question:
    """The question that the JSON holds; raises EngineError."""
    body = _read(text, WireQuestion)
    inputs: list[tuple[str, TensorType | tuple[TensorType, ...]]] = []
    for port, is_variadic, types in body.inputs:
        found = tuple(map(_in, types))
        inputs.append((port, found if is_variadic else found[0]))
    given: InputTypes = tuple(inputs)
    return Question(Code(body.source, body.typed), body.settings, given)


def told_text(told: Told) -> WireTold:
    """The answer, ready to become JSON."""
    error, shaped = told.error, told.shaped
    return WireTold(
        [(name, _out(kind)) for name, kind in shaped.outputs.items()] if shaped is not None else None,
        (shaped.parameters, shaped.macs, shaped.buffers) if shaped is not None else (0, 0, 0),
        (error.wanted, error.came, error.where, error.fix) if error is not None else None,
        error.line if error is not None else 0,
        told.is_final,
    )


def read_told(text: str) -> Told:
    """The answer that the JSON holds; raises EngineError."""
    body = _read(text, WireTold)
    shaped = None
    if body.outputs is not None:
        shaped = Shaped({name: _in(kind) for name, kind in body.outputs}, *body.counts)
    error = CodeError.at_line(CodeError(*body.error), body.line) if body.error is not None else None
    return Told(shaped, error, body.is_final)


def _each(types: TensorType | tuple[TensorType, ...]) -> tuple[TensorType, ...]:
    return (types,) if isinstance(types, TensorType) else types


def _out(kind: TensorType) -> WireType:
    return WireType([f"{dim.multiple}B" if isinstance(dim, Batch) else dim for dim in kind.shape], kind.dtype)


def _in(kind: WireType) -> TensorType:
    dims: list[Dim] = [Batch(int(dim.removesuffix("B"))) if isinstance(dim, str) else dim for dim in kind.shape]
    return TensorType(tuple(dims), kind.dtype)


Body = TypeVar("Body", WireQuestion, WireTold)


def _read(text: str, wanted: type[Body]) -> Body:
    try:
        return msgspec.json.decode(text, type=wanted)
    except (msgspec.MsgspecError, ValueError) as error:
        raise EngineError("words about a Python block were wanted", str(error), "Engine pipe") from error
