"""JSON as a project file has it: plain letters, no NaN, lists a thing a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def json_text(value: Any) -> str:
    """The value in one line; raises ValueError for NaN and infinities."""
    return _ENCODER.encode(value)


def listed(items: Iterable[str], indent: int = 2) -> str:
    """The items as a list, each in its line behind so many spaces."""
    lines = list(items)
    if not lines:
        return "[]"
    space = " " * indent
    return "[\n" + ",\n".join(space + item for item in lines) + f"\n{space[:-1]}]"
