"""What a stop of the walk says, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from core.engine.traces import Differed, Incoming, Output, Stage, Weight
from core.walk import Link, Walk, gradient, product
from gui.numbers import percent, plain

AGREES, DIFFERS = 1e-5, 1e-2
"""Relative errors of a numeric gradient that are right where the loss is smooth, and surely wrong.

CS231n, "Gradient checks": above 1e-2 the gradient is probably wrong, 1e-7 and less is good; a curved loss lies between
for differences over so small a width.
"""
FACTORS = 6
"""Of a chain, that are written out; longer ones leave out those between."""
Lines = list[tuple[str, str]]


def forward(stage: Stage) -> Lines:
    """What comes in, and what a step gives."""
    lines = [("Comes in", ", ".join(dict.fromkeys(wire.path for wire in stage.incoming)))] if stage.incoming else []
    for output in stage.outputs:
        name = "Gives" if len(stage.outputs) == 1 else f"Gives {output.port}"
        lines.append((name, _size(output.shape)))
        lines += _numbers(output)
    return lines + [(weight.name, f"{_size(weight.shape)}  norm {plain(weight.norm)}") for weight in stage.weights]


def backward(stage: Stage) -> Lines:
    """What gradient comes back to a step, and what goes on by each wire."""
    arrived = gradient(stage)
    lines = [("Comes back", "nothing" if arrived is None else plain(arrived))]
    for wire in stage.incoming:
        lines.append((f"On to {wire.path}", _passed(wire)))
        if wire.slope is not None and wire.steepest is not None:
            lines.append(("Slope here", f"mean {plain(wire.slope, 3)}, at most {plain(wire.steepest, 3)}"))
    return lines + [(weight.name, _moved(weight)) for weight in stage.weights]


def chain(walk: Walk, path: str) -> str:
    """The factors of the chain rule from the loss to a step's output."""
    links = walk.chain(path)
    if not links:
        return ""
    text = " · ".join(_factor(link) for link in _shortened(links))
    if walk.is_product(path):
        return f"From the loss to here: {text} = {plain(product(links), 3)}"
    return f"From the loss to here, along the strongest wires: {text}. Where the way parts, what comes back is added."


def checked(found: Differed) -> tuple[str, str]:
    """What a numeric check comes to, and how it stands: ok, warn or error."""
    both = f"Autograd {plain(found.exact, 6)}, differences {plain(found.numeric, 6)}, in float64"
    if found.error <= AGREES:
        trained = f"In training's float32 it is {plain(found.autograd, 6)}."
        return f"{both}: they agree to {plain(found.error, 2)}. {trained}", "ok"
    if abs(found.exact - found.numeric) <= found.noise:
        return (
            f"{both}: they agree as far as can be told, as the loss's rounding alone makes {plain(found.noise, 1)}.",
            "ok",
        )
    if _is_kink(found):
        sides = f"{plain(found.left, 4)} to the left and {plain(found.right, 4)} to the right"
        return f"{both}. The loss has a kink here: {sides}; autograd takes one of the two.", "warn"
    verdict = "they differ" if found.error > DIFFERS else "they agree roughly"
    return f"{both}: {verdict}, by {percent(found.error)}.", "error" if found.error > DIFFERS else "warn"


def first_numbers(output: Output, direction: str) -> str:
    """The first numbers of the first sample, or the gradients by them."""
    numbers = output.gradients if direction == "backward" else output.numbers
    return "  ".join(plain(number, 3) if number is not None else "NaN" for number in numbers)


def _numbers(output: Output) -> Lines:
    spread = output.spread
    lines = [
        ("Mean", f"{plain(spread.mean)} ± {plain(spread.deviation)}"),
        ("From, to", f"{plain(spread.low)}, {plain(spread.high)}"),
        ("Exactly zero", percent(spread.zeros)),
    ]
    if spread.nonfinite:
        lines.append(("Not finite", f"{spread.nonfinite:,} of {spread.count:,}"))
    return lines


def _passed(wire: Incoming) -> str:
    if wire.gradient is None:
        return "nothing"
    return plain(wire.gradient) if wire.factor is None else f"× {plain(wire.factor, 3)} = {plain(wire.gradient)}"


def _moved(weight: Weight) -> str:
    return "no gradient" if weight.gradient is None else f"gradient {plain(weight.gradient)}, norm {plain(weight.norm)}"


def _size(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "one number"


def _shortened(links: Sequence[Link]) -> Sequence[Link | None]:
    half = FACTORS // 2
    return links if len(links) <= FACTORS else [*links[:half], None, *links[-half:]]


def _factor(link: Link | None) -> str:
    return "…" if link is None else plain(link.factor, 2)


def _is_kink(found: Differed) -> bool:
    """Whether the two one-sided slopes differ by more than the curvature within such a width explains."""
    largest = max(abs(found.left), abs(found.right))
    return largest > 0 and abs(found.left - found.right) > 0.01 * largest
