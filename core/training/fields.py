"""One line of a form of settings, and the judgement of what stands in it."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from core.errors import ParameterError


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form: its type, bounds and help."""

    name: str
    type: type[int] | type[float] | type[str] | type[bool]
    title: str
    help: str
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    several: bool = False
    """Whether the text may name several of the choices, with commas between, or none."""
    titles: tuple[str, ...] = ()
    """What the choices are called where they are not shown by name."""
    empty: str = ""
    """What it is called that none was chosen."""


def checked(field: Field, value: object, where: str = "Training settings") -> int | float | str | bool:
    """The value in the field's type; raises ParameterError where it does not fit."""
    if field.type is str and isinstance(value, str) and (named := _named(field, value)) is not None:
        return named
    if field.type is bool and isinstance(value, bool):
        return value
    number = _number(value)
    if number is not None and field.minimum <= number <= field.maximum:
        if field.type is float:
            return number
        if field.type is int and number == int(number):
            return int(value) if isinstance(value, int) else int(number)
    raise ParameterError(f"{field.title} wants {_wanted(field)}", f"{value!r} came", where, f"Set {field.name} to fit.")


def _named(field: Field, text: str) -> str | None:
    """The text as it is kept; None where it names what is no choice."""
    if not field.several:
        return text if not field.choices or text in field.choices else None
    names = [name.strip() for name in text.split(",") if name.strip()]
    return ", ".join(dict.fromkeys(names)) if all(name in field.choices for name in names) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        return None
    return float(value)


def _wanted(field: Field) -> str:
    if field.choices:
        return f"{'some' if field.several else 'one'} of {', '.join(field.choices)}"
    if field.type is bool:
        return "true or false"
    noun = "a whole number" if field.type is int else "a number"
    return f"{noun} from {field.minimum:,.12g} to {field.maximum:,.12g}"
