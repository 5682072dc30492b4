"""The judgement of a value that an option is given; needs neither numpy nor torch."""

from __future__ import annotations

from core.data.sources import OptionSpec
from core.errors import ParameterError

LONGEST_TEXT = 100_000
"""Characters of an option that is a text."""


def check_value(spec: OptionSpec, value: object, where: str) -> None:
    """Raise ParameterError when the value has the wrong type or lies out of its bounds."""
    if spec.type == "choice":
        fits = value in spec.choices
    elif spec.type == "text":
        fits = isinstance(value, str) and len(value) <= LONGEST_TEXT
    elif isinstance(value, bool) or not isinstance(value, int if spec.type == "int" else int | float):
        fits = False
    else:
        assert spec.minimum is not None
        assert spec.maximum is not None
        fits = spec.minimum <= value <= spec.maximum
    if not fits:
        raise ParameterError(_wanted(spec), f"it is {value!r}", where, f"Its default is {spec.default!r}.")


def _wanted(spec: OptionSpec) -> str:
    if spec.type == "choice":
        return f"{spec.name} has to be one of {', '.join(spec.choices)}"
    if spec.type == "text":
        return f"{spec.name} has to be a text of at most {LONGEST_TEXT:,} characters"
    noun = "a whole number" if spec.type == "int" else "a number"
    return f"{spec.name} has to be {noun} from {spec.minimum} to {spec.maximum}"
