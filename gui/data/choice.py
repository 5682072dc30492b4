"""What the user has chosen about a file that is to be taken in: its place, how it is read, and its split."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from core.data.formats import FORMATS
from core.data.settings import SETTINGS, DatasetSettings
from core.data.sources import OptionSpec, Value
from core.data.survey import SurveyColumn
from core.data.table.options import COLUMNAR, UNUSED, types_of
from core.errors import DataError

COLUMNS = ("target", "types")
"""Options that are chosen in the list of columns."""
TEXT_ONLY = ("header", "separator", "decimal", "encoding")
"""Options of a table as text; other files say it themselves."""


@dataclass(frozen=True)
class Choice:
    """A file, the options that differ from their default, and what all data sets have."""

    path: str
    source: str
    options: MappingProxyType[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    shared: MappingProxyType[str, Value] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of_path(cls, path: Path) -> Choice:
        """A file about which nothing is chosen yet; a format that its name leaves open is told by whoever reads it."""
        name = path.name.lower()
        kinds = [kind.name for kind in FORMATS.values() if kind.file and name.endswith(kind.suffixes)]
        return cls(str(path), kinds[0] if len(kinds) == 1 else "")

    @classmethod
    def of_settings(cls, settings: DatasetSettings) -> Choice:
        """What a data set of the project says."""
        shared = {spec.name: getattr(settings, spec.name) for spec in SETTINGS}
        options = MappingProxyType(dict(settings.options))
        return cls(settings.path, settings.source, options, MappingProxyType(shared))

    @property
    def asked(self) -> tuple[OptionSpec, ...]:
        """The options that a form asks about."""
        if not self.source:
            return ()
        hidden = (*COLUMNS, *(TEXT_ONLY if self.path.lower().endswith(COLUMNAR) else ()))
        return tuple(spec for spec in FORMATS[self.source].options if spec.name not in hidden)

    @property
    def has_columns(self) -> bool:
        """Whether the columns' types and use can be chosen."""
        return bool(self.source) and any(spec.name == "types" for spec in FORMATS[self.source].options)

    def with_option(self, name: str, value: Value) -> Choice:
        """With this option; its default is not kept."""
        spec = next(spec for spec in FORMATS[self.source].options if spec.name == name)
        options = {**self.options, name: value}
        if value == spec.default:
            options.pop(name)
        return replace(self, options=MappingProxyType(options))

    def with_shared(self, name: str, value: Value) -> Choice:
        """With this setting of all data sets."""
        return replace(self, shared=MappingProxyType({**self.shared, name: value}))

    def with_type(self, column: SurveyColumn, kind: str) -> Choice:
        """With a column read as this type; the guess is not kept."""
        types = {name: known for name, known in self._types.items() if name != column.name}
        if kind != column.guess or column.role == "target":
            types[column.name] = kind
        return self.with_option("types", json.dumps(types, ensure_ascii=False) if types else "")

    def with_use(self, columns: Sequence[SurveyColumn], name: str, role: str) -> Choice:
        """With a column used for this: input, target or out."""
        column = next(one for one in columns if one.name == name)
        targets = [one.name for one in columns if one.role == "target" and one.name != name]
        targets += [name] if role == "target" else []
        chosen = self.with_option("target", _names(targets)) if "target" in (role, column.role) else self
        if role == "out":
            return chosen.with_type(column, "left out")
        if column.type in UNUSED:
            return chosen.with_type(column, column.guess if column.guess not in UNUSED else "category")
        return chosen

    def complete(self, settings: DatasetSettings) -> DatasetSettings:
        """What was found in the file, with the split that was chosen; raises a ChainruleError."""
        return replace(settings, **self.shared)  # type: ignore[arg-type]  # checked when it is made

    @property
    def _types(self) -> dict[str, str]:
        try:
            return types_of(self.options)
        except DataError:  # typed by hand in a project file: what is chosen here takes its place
            return {}


def _names(targets: Sequence[str]) -> str:
    one = targets[0] if len(targets) == 1 else ""
    return one if one and not one.startswith("[") else json.dumps(list(targets), ensure_ascii=False)
