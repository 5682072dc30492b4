"""Writes docs/quantities.md from the table of quantities: `python -m tools.make_quantities`."""

from __future__ import annotations

from pathlib import Path

from core.telemetry.quantities import QUANTITIES, Quantity

PAGE = Path(__file__).parents[1] / "docs" / "quantities.md"
_HEAD = """# What is measured

Everything is read from training itself: the gradient as it is after all accumulated batches, unscaled, before penalties
and clipping; a layer's output as the batch's own forward pass gave it, never by a pass more. Weights end bitwise equal
whether a run is watched or not. A block that is placed or repeated several times has a row for every instance; linked
weights have one.

*Every step* means what it says. *Sampled* are the first 20 steps, and then as many as *Watching cost* allows (training
settings, 3 % of the time of training unless set otherwise; the norms of every step count too, and a third of it is left
to samples whatever they cost). *Seldom* is the first step, and then as its own cost allows. A short run has a hundred
samples, and twenty of what is seldom, as long as they take no more than a quarter of a second. Histograms and the
copies of steps to look back at ([training](training.md)) are taken within the same budget. What watching costs is
measured all along and told in the status line with its cap. With *Watch every step* mean, deviation and zeros are
measured at every step.

| name | what it is | when | where |
|---|---|---|---|
"""
_WHERE = {
    "network": "the whole network",
    "weight": "layers with weights",
    "output": "outputs of layers",
    "sequence": "recurrent layers",
    "profile": "recurrent layers, in up to 16 columns",
}


def page() -> str:
    """The page's text."""
    return _HEAD + "".join(map(_line, QUANTITIES.values()))


def _line(quantity: Quantity) -> str:
    unit = f" ({quantity.unit})" if quantity.unit else ""
    where = _WHERE[quantity.where]
    return f"| `{quantity.name}` | **{quantity.title}**{unit}: {quantity.sentence} | {quantity.schedule} | {where} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote {PAGE.name}.")
