"""What can be done to the samples of a batch while training, as a table and as values; needs neither numpy nor torch.

The functions of the same names stand in `core/data/augmenting.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.data.options import check_value
from core.data.sources import FieldSpec, OptionSpec, SourceKind, Value
from core.errors import DataError, ParameterError

MOST = 32
"""Steps of one list."""
Acts = Literal["pictures", "rows", "inputs"]
Way = Literal["move", "change", "mix"]


@dataclass(frozen=True, slots=True)
class AugmentationKind:
    """One step that a list can have.

    `acts` says on which inputs: pictures (C, H, W), rows of a table (F), or all of floating numbers. `way` says how: a
    move goes with masks too, a change leaves them as they are, a mix joins samples with others and their labels.
    """

    name: str
    title: str
    help: str
    acts: Acts
    way: Way
    params: tuple[OptionSpec, ...]

    def param(self, name: str) -> OptionSpec | None:
        """The parameter of this name, or None."""
        return next((spec for spec in self.params if spec.name == name), None)


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


def _p(default: float) -> OptionSpec:
    return OptionSpec("p", "float", default, 0.0, 1.0, help="Probability that a sample is changed; the others stay")


_FILL = OptionSpec(
    "fill",
    "choice",
    "zero",
    choices=("zero", "edge", "reflect"),
    help="What comes in from outside: zeros as the network sees them, the edge drawn out, or the picture mirrored",
)
_ALPHA = "Of the Beta distribution from which the share is drawn: small ones mix little, 1 mixes evenly"
AUGMENTATIONS: Mapping[str, AugmentationKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            AugmentationKind(
                "horizontal_flip",
                "Flip left to right",
                "Mirrors pictures left to right: for whatever has no writing and no left and right of its own",
                "pictures",
                "move",
                (_p(0.5),),
            ),
            AugmentationKind(
                "vertical_flip",
                "Flip upside down",
                "Mirrors pictures top to bottom: for pictures from above or through a microscope",
                "pictures",
                "move",
                (_p(0.5),),
            ),
            AugmentationKind(
                "rotate",
                "Rotate",
                "Turns pictures about their middle by an angle drawn evenly",
                "pictures",
                "move",
                (
                    OptionSpec("degrees", "float", 15.0, 0.0, 180.0, help="The largest angle to either side"),
                    _FILL,
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "crop",
                "Pad and crop",
                "Shifts pictures by whole pixels: padded on all sides, then cut out anywhere at their old size",
                "pictures",
                "move",
                (
                    OptionSpec("padding", "int", 4, 1, 512, help="Pixels on each side, the largest shift"),
                    _FILL,
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "resized_crop",
                "Random resized crop",
                "Cuts out a part anywhere and enlarges it to the picture's size",
                "pictures",
                "move",
                (
                    OptionSpec("area", "float", 0.5, 0.01, 1.0, help="The smallest share of the picture"),
                    OptionSpec("ratio", "float", 1.33, 1.0, 4.0, help="How much longer one side may be; 1 is a square"),
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "affine",
                "Shift, scale and shear",
                "Moves, zooms and slants pictures at once, by amounts drawn evenly",
                "pictures",
                "move",
                (
                    OptionSpec("shift", "float", 0.1, 0.0, 1.0, help="The largest shift, as a share of the side"),
                    OptionSpec("scale", "float", 0.1, 0.0, 0.9, help="The largest change of size: 0.1 is 0.9 to 1.1"),
                    OptionSpec("shear", "float", 10.0, 0.0, 60.0, help="The largest slant to either side, in degrees"),
                    _FILL,
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "color",
                "Colour jitter",
                "Changes brightness, contrast, saturation and hue; grey pictures have only the first two",
                "pictures",
                "change",
                (
                    OptionSpec("brightness", "float", 0.2, 0.0, 10.0, help="The largest number added to all pixels"),
                    OptionSpec("contrast", "float", 0.2, 0.0, 1.0, help="About the picture's mean: 0.2 is 0.8 to 1.2"),
                    OptionSpec("saturation", "float", 0.2, 0.0, 1.0, help="About its grey values: 0.2 is 0.8 to 1.2"),
                    OptionSpec("hue", "float", 0.05, 0.0, 0.5, help="The largest turn of the colours; 0.5 is half way"),
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "noise",
                "Gaussian noise",
                "Adds normal numbers, drawn for every pixel or entry, to what the network sees",
                "inputs",
                "change",
                (OptionSpec("deviation", "float", 0.1, 0.0, 100.0, help="Standard deviation"), _p(1.0)),
            ),
            AugmentationKind(
                "blur",
                "Gaussian blur",
                "Makes pictures softer, each as much as drawn",
                "pictures",
                "change",
                (
                    OptionSpec("sigma", "float", 1.0, 0.1, 16.0, help="The largest width, in pixels"),
                    _p(0.5),
                ),
            ),
            AugmentationKind(
                "cutout",
                "Cutout",
                "Sets a rectangle to zero, anywhere in the picture (random erasing)",
                "pictures",
                "change",
                (
                    OptionSpec("least", "float", 0.02, 0.001, 1.0, help="The smallest share of the picture"),
                    OptionSpec("most", "float", 0.25, 0.001, 1.0, help="The largest share of the picture"),
                    OptionSpec("ratio", "float", 1.0, 1.0, 10.0, help="How much longer one side may be; 1 is a square"),
                    _p(0.5),
                ),
            ),
            AugmentationKind(
                "randaugment",
                "RandAugment",
                "Draws for each picture some of nine changes, all equally strong: nothing, turn, slant, shift, "
                "brightness, contrast, saturation",
                "pictures",
                "move",
                (
                    OptionSpec("count", "int", 2, 1, 8, help="How many changes for each picture (N)"),
                    OptionSpec("magnitude", "float", 9.0, 0.0, 30.0, help="How strong they are, of 30 (M)"),
                    _FILL,
                    _p(1.0),
                ),
            ),
            AugmentationKind(
                "feature_dropout",
                "Feature dropout",
                "Sets entries of a row to zero, which is their mean where they are standardised",
                "rows",
                "change",
                (OptionSpec("rate", "float", 0.1, 0.0, 1.0, help="The share of the entries"), _p(1.0)),
            ),
            AugmentationKind(
                "mixup",
                "Mixup",
                "Lays another sample of the batch over each; the loss is that of both labels, by their shares",
                "inputs",
                "mix",
                (OptionSpec("alpha", "float", 0.2, 0.01, 100.0, help=_ALPHA), _p(1.0)),
            ),
            AugmentationKind(
                "cutmix",
                "CutMix",
                "Pastes a rectangle of another picture; the loss is that of both labels, by their areas",
                "pictures",
                "mix",
                (OptionSpec("alpha", "float", 1.0, 0.01, 100.0, help=_ALPHA), _p(1.0)),
            ),
        )
    }
)
