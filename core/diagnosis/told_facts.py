"""Facts as JSON, on their way from the engine, where the tensors are: what is not known is left out."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import msgspec

from core.diagnosis.facts import Facts, FieldFacts
from core.errors import EngineError


class Know(msgspec.Struct, kw_only=True):
    """The question `facts`: what is known of the data that this project reads; answered by `fields` and `leaks`."""

    project: str


class _Told(msgspec.Struct):
    """The engine's answer; a field without what is NaN, which JSON does not know."""

    fields: list[dict[str, Any]]
    leaks: list[tuple[str, int]]


def plain(facts: Facts) -> dict[str, Any]:
    """The facts as what JSON knows."""
    return {"fields": [_known(field) for field in facts.fields], "leaks": list(facts.leaks)}


def read_facts(body: str) -> Facts:
    """The facts in an engine's answer; raises EngineError."""
    try:
        told = msgspec.json.decode(body, type=_Told)
        fields = [msgspec.convert(field, FieldFacts) for field in told.fields]
    except msgspec.ValidationError as error:
        raise EngineError("facts about data were wanted", str(error), "Engine pipe", "Update Chainrule.") from error
    return Facts(tuple(fields), tuple(told.leaks))


def _known(field: FieldFacts) -> dict[str, Any]:
    """Numbers that are NaN are left out; infinite ones are told as the largest there are."""
    return {name: _finite(value) for name, value in asdict(field).items() if not _is_nan(value)}


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _finite(value: object) -> object:
    return math.copysign(1.7e308, value) if isinstance(value, float) and math.isinf(value) else value
