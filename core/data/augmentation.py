"""The list of what is done to the samples of a batch while training, as a value; needs neither numpy nor torch."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from core.data.augmentation_kinds import AUGMENTATIONS, Acts, AugmentationKind
from core.data.options import check_value
from core.data.sources import FieldSpec, OptionSpec, SourceKind, Value
from core.errors import DataError, ParameterError

T = TypeVar("T")
MOST = 32
"""Steps of one list."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """One step of a list; `params` are those that differ from their default. Raises ParameterError."""

    name: str
    params: tuple[tuple[str, Value], ...] = ()
    active: bool = True

    def __post_init__(self) -> None:
        """Refuse what could not be done."""
        kind = augmentation_kind(self.name)
        names = [name for name, _value in self.params]
        for name, value in self.params:
            spec = kind.param(name)
            if spec is None or names.count(name) > 1:
                came = f"{name} came twice" if spec is not None else f"it is called “{name}”"
                fix = f"Choose one of {', '.join(one.name for one in kind.params)}."
                raise ParameterError("a parameter has to be one of the step's", came, f"augmentation {self.name}", fix)
            check_value(spec, value, f"augmentation {self.name}")

    @property
    def values(self) -> dict[str, Value]:
        """Every parameter with its value, defaults filled in, in the table's order, numbers of the type they have."""
        given = dict(self.params)
        return {spec.name: _typed(spec, given.get(spec.name, spec.default)) for spec in AUGMENTATIONS[self.name].params}

    def with_value(self, name: str, value: Value) -> Augmentation:
        """With this parameter set; raises ParameterError."""
        values = {**dict(self.params), name: value}
        spec = augmentation_kind(self.name).param(name)
        if spec is not None and value == spec.default:
            del values[name]
        return Augmentation(self.name, tuple(sorted(values.items())), self.active)


class Roles(NamedTuple):
    """Which fields of a batch are what, by name."""

    inputs: tuple[str, ...]
    pictures: tuple[str, ...]
    rows: tuple[str, ...]
    masks: tuple[str, ...]
    labels: tuple[str, ...]
    """The targets that are none of these."""
    boxes: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    """The targets that say what is in each box."""

    def of(self, acts: Acts) -> tuple[str, ...]:
        """The inputs on which a step acts."""
        return {"pictures": self.pictures, "rows": self.rows, "inputs": self.inputs}[acts]


def roles(kind: SourceKind, read: Collection[str]) -> Roles:
    """What those fields of a data set are that are read."""
    targets = tuple(field for field in kind.fields if field.role == "target")
    around = boxes(kind)
    numbers = [field for field in targets if field.dtype == "int64"]
    inside = tuple(field for field in numbers if around and field.shape == around[0].shape[:1])
    placed = (*masks(kind), *around, *inside)
    rest = tuple(field for field in targets if field not in placed)
    groups = (inputs(kind), pictures(kind), rows(kind), masks(kind), rest, around, inside)
    return Roles(*(tuple(field.name for field in fields if field.name in read) for fields in groups))


def in_order(steps: Iterable[Augmentation]) -> tuple[Augmentation, ...]:
    """The steps that are on, as they are done: in their order, those that mix samples last."""
    active = [step for step in steps if step.active]
    return tuple(sorted(active, key=lambda step: AUGMENTATIONS[step.name].way == "mix"))


def mixing(steps: Iterable[Augmentation]) -> tuple[Augmentation, ...]:
    """Those of the steps that are on and mix samples: one of them is drawn for each batch."""
    return tuple(step for step in in_order(steps) if AUGMENTATIONS[step.name].way == "mix")


def augmentation_kind(name: str) -> AugmentationKind:
    """The kind of step of this name; raises ParameterError where there is none."""
    kind = AUGMENTATIONS.get(name)
    if kind is None:
        wanted = "a step of augmentation that Chainrule knows was wanted"
        raise ParameterError(wanted, f"“{name}” came", "augmentation", f"Choose one of {', '.join(AUGMENTATIONS)}.")
    return kind


def pictures(kind: SourceKind) -> tuple[FieldSpec, ...]:
    """The inputs that are pictures (C, H, W)."""
    return tuple(field for field in inputs(kind) if len(field.shape) == 3)


def rows(kind: SourceKind) -> tuple[FieldSpec, ...]:
    """The inputs that are rows of a table (F)."""
    return tuple(field for field in inputs(kind) if len(field.shape) == 1)


def inputs(kind: SourceKind) -> tuple[FieldSpec, ...]:
    """The inputs of floating numbers."""
    return tuple(field for field in kind.fields if field.role == "input" and field.dtype == "float32")


def masks(kind: SourceKind) -> tuple[FieldSpec, ...]:
    """The targets that say something of every pixel: they are moved as their picture is."""
    sizes = {field.shape[-2:] for field in pictures(kind)}
    return tuple(field for field in kind.fields if field.role == "target" and field.shape[-2:] in sizes)


def boxes(kind: SourceKind) -> tuple[FieldSpec, ...]:
    """The target that says where things are in the picture: left, top, right, bottom from 0 to 1, by its name."""
    found = (field for field in kind.fields if field.name == "boxes" and field.role == "target" and pictures(kind))
    return tuple(field for field in found if len(field.shape) == 2 and field.shape[1] == 4)


def acted_on(step: AugmentationKind, kind: SourceKind) -> tuple[FieldSpec, ...]:
    """The inputs of a data set on which a step acts."""
    return {"pictures": pictures, "rows": rows, "inputs": inputs}[step.acts](kind)


def refusal(step: Augmentation, kind: SourceKind) -> str:
    """Why a step is none for this data set; empty where it is one."""
    known = AUGMENTATIONS[step.name]
    found = acted_on(known, kind)
    if not found:
        word = {"pictures": "pictures", "rows": "rows of a table", "inputs": "floating numbers"}[known.acts]
        return f"it acts on {word}, and this data set has none"
    if step.name == "mixup" and masks(kind):
        return "it mixes labels, and what stands for every pixel cannot be shared out; CutMix can"
    if known.way == "mix" and any(field.role == "input" and field.dtype != "float32" for field in kind.fields):
        return "it mixes samples, and whole numbers cannot be mixed"
    padding = step.values.get("padding")
    least = min((side for field in found for side in field.shape[1:]), default=0)
    if isinstance(padding, int) and padding >= least > 0:
        return f"its padding of {padding} is no less than a side of the picture, {least}"
    return ""


def possible(kind: SourceKind) -> tuple[AugmentationKind, ...]:
    """The steps that a data set can have, as they come."""
    return tuple(step for step in AUGMENTATIONS.values() if acted_on(step, kind))


def check_augmentation(steps: Iterable[Augmentation], kind: SourceKind) -> None:
    """Raise DataError where a step does not suit the data set."""
    steps = tuple(steps)
    where = f"data set {kind.name}"
    if len(steps) > MOST:
        raise DataError(
            f"at most {MOST} steps of augmentation were wanted", f"{len(steps)} came", where, "Remove some."
        )
    for step in steps:
        if why := refusal(step, kind):
            raise DataError(f"a step that suits the data was wanted: {step.name} is none", why, where, "Remove it.")


def suiting(steps: Iterable[Augmentation], kind: SourceKind) -> tuple[Augmentation, ...]:
    """Those of the steps that a data set can have."""
    return tuple(step for step in steps if not refusal(step, kind))


def moved(steps: Sequence[T], place: int, to: int) -> tuple[T, ...]:
    """The steps with the one of this place at another."""
    rest = [step for index, step in enumerate(steps) if index != place]
    return (*rest[:to], steps[place], *rest[to:])


def spelled(steps: Iterable[Augmentation]) -> str:
    """The list in one line, as the command line takes it: `horizontal_flip, crop(padding=2), off cutout`."""
    return ", ".join(f"{'' if step.active else 'off '}{step.name}{_spelled(step)}" for step in steps)


def read_steps(text: str) -> tuple[Augmentation, ...]:
    """The list that such a line means, empty for `none`; raises ParameterError."""
    if text.strip() in ("", "none"):
        return ()
    found, place = [], 0
    while place < len(text):
        match = _STEP.match(text, place)
        if match is None:
            wanted = "steps as horizontal_flip, crop(padding=2) were wanted"
            raise ParameterError(wanted, f"“{text[place:]}” came", "augmentation")
        params = tuple(sorted(_read_value(match[2], part) for part in (match[3] or "").split(",") if part.strip()))
        found.append(Augmentation(match[2], params, match[1] is None))
        place = match.end()
    return tuple(found)


_STEP = re.compile(r"\s*(off\s+)?([a-z_]+)\s*(?:\(([^()]*)\))?\s*(?:,|;|$)")


def _spelled(step: Augmentation) -> str:
    return f"({', '.join(f'{name}={value}' for name, value in step.params)})" if step.params else ""


def _read_value(step: str, text: str) -> tuple[str, Value]:
    name, _equals, value = (part.strip() for part in text.partition("="))
    spec = augmentation_kind(step).param(name)
    if spec is None or spec.type == "choice":
        return name, value
    for number in (int, float):
        try:
            return name, number(value)
        except ValueError:
            continue
    return name, value


def _typed(spec: OptionSpec, value: Value) -> Value:
    return float(value) if spec.type == "float" else value
