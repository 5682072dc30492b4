"""The sets of points in the plane, made by formula."""

from __future__ import annotations

from core.data.builtin.tables import SIGN, TWO_CLASSES
from core.data.sources import CLASSIFIED, FieldSpec, OptionSpec, SourceKind

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
            TWO_CLASSES,
            SIGN,
        ),
        options=(SAMPLES, _noise(noise), *extra),
        normalise="standardise",
        natural="places in the plane, about -1 to 1",
        licence="Made by formula; nothing to license",
        group="2-D",
        splits=CLASSIFIED,
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

PLANES = (SPIRAL, CIRCLES, MOONS, XOR, GAUSSIANS)
