"""What a form can ask for, whoever's table it comes from: a layer's parameter, a training setting, a data option."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.catalog.kind import Param
from core.data.options import check_value
from core.data.sources import OptionSpec
from core.graph import Value
from core.training.fields import Field, checked

Type = Literal["int", "float", "bool", "choice", "size", "sizes", "numbers", "text", "code", "several"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a form."""

    name: str
    title: str
    type: Type
    help: str
    check: Callable[[Value], Value]
    """The value as it is kept; raises a ChainruleError that says what was wanted."""
    choices: tuple[str, ...] = ()
    unit: str = ""
    default: Value = None
    optional: bool = False
    empty: str = "same"
    """What None is called, where it is a value, or an item of one."""
    keeps: bool = False
    """Whether a size may have None among its numbers."""
    titles: tuple[str, ...] = ()
    """What the choices are called where they are not shown by name."""

    def shown(self, value: Value) -> str:
        """The value as the field shows it."""
        if isinstance(value, tuple):
            joint = " × " if self.type == "size" else ", "
            return joint.join(map(self._item, value))
        return self._item(value) if value is not None or self.optional else ""

    def read(self, text: str) -> Value:
        """The value that a text in the field means; raises a ChainruleError."""
        return self.check(text if self.type == "code" else self._meant(text.strip()))

    def _meant(self, text: str) -> Value:
        if self.type in ("text", "choice", "several"):
            return text
        if self.optional and text in ("", self.empty):
            return None
        if self.type in ("sizes", "numbers"):
            return tuple(number_of(part) for part in re.split(r"[,;×\s]+", text.strip("()[]")) if part)
        if self.type == "size" and len(parts := re.findall(self._part, text)) > 1:
            return tuple(None if part == self.empty else int(part) for part in parts)
        return number_of(text)

    @property
    def _part(self) -> str:
        """One number of a size, or the word for none."""
        return rf"-?\d+|{re.escape(self.empty)}" if self.keeps else r"-?\d+"

    def _item(self, value: Value) -> str:
        if value is None:
            return self.empty
        return number_text(value) if isinstance(value, float) else str(value)


def of_param(param: Param, where: str = "") -> Asked:
    """The form's line for a layer's parameter."""
    kind: Type = "text" if param.type == "source" else param.type
    return Asked(
        param.name,
        param.name,
        kind,
        param.help,
        lambda value: param.check(value, where),
        param.choices,
        param.unit,
        param.default,
        param.optional,
        param.empty,
        param.keeps,
    )


def of_setting(field: Field, where: str = "Training settings") -> Asked:
    """The form's line for a training setting."""
    kind: Type = "several" if field.several else "choice" if field.choices else _TYPES[field.type]

    def check(value: Value) -> Value:
        return checked(field, value, where)

    return Asked(
        field.name, field.title, kind, field.help, check, field.choices, empty=field.empty, titles=field.titles
    )


def of_option(spec: OptionSpec, where: str) -> Asked:
    """The form's line for a data set's option."""

    def check(value: Value) -> Value:
        check_value(spec, value, where)
        return float(value) if spec.type == "float" and isinstance(value, int) else value

    return Asked(spec.name, spec.name, spec.type, spec.help, check, spec.choices, default=spec.default)


def number_text(value: float) -> str:
    """A number as a field shows it: as short as it can be without being another."""
    text = repr(float(value)).removesuffix(".0")
    return re.sub(r"e([+-])0*(\d)", lambda found: f"e{found[1].replace('+', '')}{found[2]}", text)


def number_of(text: str) -> Value:
    """The number that was typed, whole or not; the text itself where it is none."""
    plain = text.strip().replace("−", "-").replace(",", "").replace("\u2009", "")
    for reader in (int, float):
        try:
            return reader(plain)
        except ValueError:
            continue
    return text


_TYPES: Mapping[type, Type] = MappingProxyType({int: "int", float: "float", bool: "bool", str: "text"})
