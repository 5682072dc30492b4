"""What is known of a data set without loading it: its fields, options and origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Value = int | float | str | bool
CLASSIFIED = ("random", "stratified")
"""The splits of samples that have a class and no order."""


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
    `splits` are the ways in which training and validation can be told apart, the first being what suits the data set;
    `gap` is how many samples between the parts belong to neither when it is split by time, as they reach into both.
    `length` is how many values a series or text has that is cut into samples, and `unit` what they are.
    `fitted` makes of it the data set that options lead to, where these change the fields or the number of samples.
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
    splits: tuple[str, ...] = ("random",)
    gap: int = 0
    length: int | None = None
    unit: str = ""
    fitted: Callable[[SourceKind, Mapping[str, Value]], SourceKind] | None = None

    def field(self, name: str) -> FieldSpec | None:
        """The field of this name, or None."""
        return next((field for field in self.fields if field.name == name), None)
