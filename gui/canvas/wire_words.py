"""What a wire says: the shape that it carries, or both of a mismatch."""

from __future__ import annotations

from core.catalog.kind import TensorType
from core.graph import Edge, Node
from core.problems import Problem
from gui.canvas import captions
from gui.canvas.edge_item import Wire
from gui.canvas.known import Known

LABEL, UNCONFIRMED = Wire("label"), Wire("unconfirmed")


def wrong_wire(facts: Known, edge: Edge, target: Node, tensor: TensorType) -> Wire | None:
    """The wire with what it brings and what would be needed, where its end does not take that; None where it does."""
    wrong = next((found for found in facts.problems.get(edge.target, ()) if concerns(found, edge)), None)
    if wrong is None:
        return None
    value = target.param(wrong.param) if wrong.param else None
    needs = captions.number(value) if value is not None else ""
    return Wire("error", str(tensor), needs, f"{tensor.full} {tensor.dtype}")


def sound_wire(tensor: TensorType, output: str, known: bool) -> Wire:
    """A sound wire: its shape, or a label's name and dtype; dotted where the node behind it is unknown."""
    full = f"{tensor.full} {tensor.dtype}"
    if tensor.dtype.startswith("int"):
        return Wire("label", f"{output} · {tensor.dtype}", "", full)
    return Wire("tensor" if known else "unconfirmed", str(tensor), "", full)


def concerns(problem: Problem, edge: Edge) -> bool:
    """Whether this is the mismatch at this wire."""
    if problem.edge is not None:
        return problem.edge == edge.key
    return problem.code == "E103" and problem.port == edge.input
