"""What is known of a data set without loading it: its fields, options and origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Value = int | float | str | bool


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One named tensor a data set offers; `shape` is that of one sample, so `()` is a single number.

    `columns` names the entries of a table's row; `scaled` says whether the normalisation touches the field,
    `signs` that two classes stand there as −1 and 1.
    """

    name: str
    shape: tuple[int, ...]
    dtype: Literal["float32", "int64"]
    role: Literal["input", "target"]
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    scaled: bool = False
    help: str = ""
    signs: bool = False


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One setting a form can show: its type, default, inclusive bounds and choices."""

    name: str
    type: Literal["int", "float", "choice", "text"]
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A data set one can drop: what it offers and where it comes from.

    `samples` is the size of the packaged file, or None where the option `samples` says it.
    `normalise` is what the setting "auto" means here; `natural` says what the values are without normalisation.
    `levels` is the whole number that a stored pixel of full ink has, and `blocks` whether the file keeps the pictures
    in blocks; `group` is under which head a list shows it.
    """

    name: str
    title: str
    summary: str
    fields: tuple[FieldSpec, ...]
    options: tuple[OptionSpec, ...]
    normalise: Literal["none", "standardise"]
    natural: str
    licence: str
    file: str | None = None
    samples: int | None = None
    levels: int | None = None
    blocks: bool = False
    group: str = ""

    def field(self, name: str) -> FieldSpec | None:
        """The field of this name, or None."""
        return next((field for field in self.fields if field.name == name), None)
