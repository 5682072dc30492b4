"""The catalog as a page of Markdown: every kind by category, and what of torch.nn is left out."""

from __future__ import annotations

from collections.abc import Iterator

from core.catalog import CATEGORIES, KINDS
from core.catalog.kind import LayerKind
from core.catalog.left_out import LEFT_OUT


def page() -> str:
    """The text of docs/layers.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    offered = len({kind.offers for kind in KINDS.values() if kind.offers})
    classes = offered + len(LEFT_OUT)
    yield "# The layers"
    yield ""
    yield f"{len(KINDS)} kinds can be dropped on the canvas. They offer {offered} of the {classes}"
    yield "module classes of `torch.nn`, and what networks need besides. `chainrule layers KIND` tells all of one: its"
    yield "ports, its parameters with their bounds, its formula. This page is written by `python tools/make_layers.py`."
    for category in CATEGORIES:
        kinds = [kind for kind in KINDS.values() if kind.category == category]
        if kinds:
            yield from ("", f"## {category} ({len(kinds)})", "", "| kind | what it does | is |", "|---|---|---|")
            yield from map(_row, kinds)
    yield from ("", f"## Left out of torch.nn ({len(LEFT_OUT)})", "", "| class | why |", "|---|---|")
    yield from (f"| `{name}` | {why} |" for name, why in LEFT_OUT.items())


def _row(kind: LayerKind) -> str:
    return f"| {kind.name} | {_safe(kind.summary)} | {_origin(kind)} |"


def _origin(kind: LayerKind) -> str:
    if kind.offers:
        return f"`{kind.offers}`"
    if kind.forward.startswith(("torch.", "F.")):
        return f"`{kind.forward.partition('(')[0]}`"
    return f"our `{kind.module.rpartition('.')[2]}`" if kind.module else ""


def _safe(text: str) -> str:
    return text.replace("|", "\\|")
