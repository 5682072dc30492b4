"""Borders around signals, images and volumes."""

from __future__ import annotations

from core.catalog.dense import OUT, ROW
from core.catalog.formulas import sizes
from core.catalog.kind import Arguments, Inputs, LayerKind, Param, Shaped, ShapeFormula
from core.catalog.spatial import HINTS, example, resized, sample
from core.errors import ShapeError

_WORDS = {
    "Zero": "zeros",
    "Constant": "one number",
    "Reflection": "the input mirrored at its edge",
    "Replication": "the outermost values",
    "Circular": "the other end of the input",
}
_LEAST = {"Reflection": 1, "Circular": 0}
"""By how much the border must stay below the size of the input, where it is made of the input."""


def _padded(style: str, dims: int) -> ShapeFormula:
    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        tensor = sample(inputs, dims)
        padding = sizes(arguments, "padding", 2 * dims)
        before, after = padding[-2::-2], padding[-1::-2]  # torch names the last dimension first
        if style in _LEAST:
            _check(tensor.features[1:], (*zip(before, after, strict=True),), _LEAST[style], style)
        extent = tuple(
            size + first + last for size, first, last in zip(tensor.features[1:], before, after, strict=True)
        )
        return Shaped({"output": resized(tensor, extent)})

    return shape


def _check(extent: tuple[int, ...], borders: tuple[tuple[int, int], ...], below: int, style: str) -> None:
    for size, border in zip(extent, borders, strict=True):
        if max(border) > size - below:
            raise ShapeError(
                f"a border of at most {size - below} was wanted", f"{max(border)} came", fix="Lower padding."
            )


def _kind(style: str, dims: int) -> LayerKind:
    name = f"{style}Pad{dims}d"
    order = ("left, right", "left, right, top, bottom", "left, right, top, bottom, front, back")[dims - 1]
    border = Param(
        "padding", "size", 1, f"Width of the border: {order}.", 0, 4096, dims=2 * dims, unit="px", required=True
    )
    value = Param("value", "float", 0.0, "The number that the border holds.", -1e6, 1e6, required=True)
    return LayerKind(
        name,
        "Shape",
        "conv",
        f"Puts a border of {_WORDS[style]} around {HINTS[dims]}.",
        f"Makes every side larger by `padding`; the border holds {_WORDS[style]}.",
        ROW,
        OUT,
        _padded(style, dims),
        (border, value) if style == "Constant" else (border,),
        module=f"nn.{name}",
        arguments=("padding", "value") if style == "Constant" else ("padding",),
        forward="{self}({input})",
        words=("border", "margin", "padding", HINTS[dims]),
        formula="size = n + before + after",
        stem="pad",
        hint=HINTS[dims],
        example=example(dims),
    )


KINDS = tuple(_kind(style, dims) for style in _WORDS for dims in (1, 2, 3))
