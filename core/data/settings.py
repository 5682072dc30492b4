"""Which data set a project uses, how it is split and normalised; needs neither numpy nor torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from core.data.augmentation import Augmentation, check_augmentation
from core.data.builtin.listing import SOURCES
from core.data.formats import FORMATS, own_kind
from core.data.found import Found
from core.data.options import check_value
from core.data.sources import FieldSpec, OptionSpec, SourceKind, Value
from core.errors import DataError, ParameterError

SETTINGS = (
    OptionSpec("validation", "float", 0.2, 0.0, 0.95, help="Share of the samples held out of training"),
    OptionSpec("seed", "int", 0, 0, 2**32 - 1, help="Seed of the split and of generated points"),
    OptionSpec(
        "normalise",
        "choice",
        "auto",
        choices=("auto", "none", "standardise"),
        help="How values are scaled, by figures of the training part alone; auto is what suits the data set",
    ),
    OptionSpec(
        "split",
        "choice",
        "auto",
        choices=("auto", "random", "stratified", "time"),
        help="How the parts are told apart: drawn, drawn from each class alike, or the last ones held out",
    ),
)


@dataclass(frozen=True, slots=True)
class DatasetSettings:
    """One data set of a project, checked when made.

    `options` are those of the source's table that differ from their default, in any order. For a file of the user's own
    `source` is its format, `path` where it stands and `found` what was found in it.
    Raises DataError for an unknown source or a split that leaves a part empty, ParameterError for a bad value.
    """

    source: str
    options: tuple[tuple[str, Value], ...] = ()
    validation: float = 0.2
    seed: int = 0
    normalise: str = "auto"
    path: str = ""
    found: Found | None = None
    augmentation: tuple[Augmentation, ...] = ()
    """What is done to the samples of a batch in training, in this order."""
    split: str = "auto"

    def __post_init__(self) -> None:
        """Refuse what could not be loaded."""
        kind = _general_kind(self)
        _check_options(kind, self.options)
        for spec in shared_options(kind):
            check_value(spec, getattr(self, spec.name), f"data set {kind.name}")
        _check_split(self)
        if self.augmentation:
            check_augmentation(self.augmentation, kind)


def source_kind(name: str) -> SourceKind:
    """The source of this name; raises DataError when there is none."""
    kind = SOURCES.get(name)
    if kind is None:
        raise DataError(
            "a data set has to be one that Chainrule knows",
            f"it is called {name!r}",
            "data set",
            f"Choose one of {', '.join(SOURCES)}.",
        )
    return kind


def shared_options(kind: SourceKind) -> tuple[OptionSpec, ...]:
    """The settings that every data set has, with the splits that this one allows."""
    allowed = ("auto", *kind.splits)
    return tuple(replace(spec, choices=allowed) if spec.name == "split" else spec for spec in SETTINGS)


def dataset_kind(settings: DatasetSettings) -> SourceKind:
    """The data set that the settings speak of: one that comes with Chainrule, or what stands in a file.

    Raises DataError when there is none, or the file was not read yet.
    """
    kind = _general_kind(settings)
    return kind if kind.fitted is None else _fitted(kind.name, settings.options)


@lru_cache(64)
def _fitted(source: str, options: tuple[tuple[str, Value], ...]) -> SourceKind:
    kind = source_kind(source)
    assert kind.fitted is not None
    return kind.fitted(kind, {spec.name: dict(options).get(spec.name, spec.default) for spec in kind.options})


def _general_kind(settings: DatasetSettings) -> SourceKind:
    """The same, whatever its options are."""
    if settings.source not in FORMATS:
        return source_kind(settings.source)
    if settings.found is None or not settings.path:
        raise DataError(
            "a file that was read was wanted",
            "nothing is known of its content" if settings.path else "no path came",
            f"data set {settings.source}",
            "Add the file anew.",
        )
    return own_kind(settings.source, settings.path, settings.found)


def field_spec(settings: DatasetSettings, name: str) -> FieldSpec:
    """The field of a data set; raises DataError when it has none of this name."""
    kind = dataset_kind(settings)
    field = kind.field(name)
    if field is None:
        raise DataError(
            "a field has to be one that the data set offers",
            f"it is called {name!r}",
            f"data set {kind.name}",
            f"Choose one of {', '.join(field.name for field in kind.fields)}.",
        )
    return field


def option_values(settings: DatasetSettings) -> dict[str, Value]:
    """Every option of the source with its value, defaults filled in, in the table's order."""
    given = dict(settings.options)
    return {spec.name: given.get(spec.name, spec.default) for spec in dataset_kind(settings).options}


def may_miss(settings: DatasetSettings) -> bool:
    """Whether numbers of the data set may be missing, NaN, until they are filled."""
    return option_values(settings).get("missing") == "fill"


def normalisation_kind(settings: DatasetSettings) -> str:
    """What the setting comes to for this source: "none" or "standardise"."""
    return dataset_kind(settings).normalise if settings.normalise == "auto" else settings.normalise


def plain(settings: DatasetSettings) -> DatasetSettings:
    """The same data set without augmentation: what is read, shown and judged does not depend on it."""
    return replace(settings, augmentation=()) if settings.augmentation else settings


def sample_count(settings: DatasetSettings) -> int:
    """How many samples the data set has, both parts together."""
    kind = dataset_kind(settings)
    samples = kind.samples if kind.fitted is not None else option_values(settings).get("samples", kind.samples)
    assert isinstance(samples, int)
    return samples


def split_kind(settings: DatasetSettings) -> str:
    """How the parts are told apart: "random", "stratified" or "time"."""
    return dataset_kind(settings).splits[0] if settings.split == "auto" else settings.split


def strata_field(settings: DatasetSettings) -> FieldSpec | None:
    """The field by whose classes a stratified split shares out the samples; None where the split is another."""
    if split_kind(settings) != "stratified":
        return None
    fields = [field for field in dataset_kind(settings).fields if field.classes and not field.shape]
    return next((field for field in fields if field.role == "target"), fields[0] if fields else None)


def split_sizes(settings: DatasetSettings) -> tuple[int, int]:
    """How many samples are for training and for validation; the latter rounded half up."""
    total = sample_count(settings)
    validation = math.floor(total * settings.validation + 0.5)
    gap = dataset_kind(settings).gap if validation and split_kind(settings) == "time" else 0
    return max(total - validation - gap, 0), validation


def _check_options(kind: SourceKind, options: tuple[tuple[str, Value], ...]) -> None:
    where = f"data set {kind.name}"
    known = {spec.name: spec for spec in kind.options}
    names = [name for name, _ in options]
    for name, value in options:
        if name not in known:
            fix = f"Choose one of {', '.join(known)}." if known else "Remove it: this data set has no options."
            raise ParameterError("an option has to be one of the data set's", f"it is called {name!r}", where, fix)
        if names.count(name) > 1:
            raise ParameterError(
                "an option is said once", f"{name} stands there {names.count(name)} times", where, "Keep one of them."
            )
        check_value(known[name], value, where)


def _check_split(settings: DatasetSettings) -> None:
    train, validation = split_sizes(settings)
    if train == 0 or (validation == 0 and settings.validation > 0):
        part = "training" if train == 0 else "validation"
        raise DataError(
            "both parts of the split need at least one sample",
            f"a validation share of {settings.validation} of {train + validation} samples leaves none for {part}",
            f"data set {settings.source}",
            "Change the share, or set it to 0 to train on everything.",
        )
