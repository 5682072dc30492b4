"""Every kind of edit: what it, its undo and its redo cost until they are painted, and what comes after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF

from benchmarks.scenes.ours import Window
from benchmarks.scenes.times import Time, Times, framed, settle
from core import planning
from core.graph import Edge, InputKey
from core.project import Project
from gui.canvas.canvas import Canvas

AFTER = 0.45
"""Seconds after an edit in which what it had put off is done."""


class Costs(NamedTuple):
    """Of one kind of edit: until it is painted, and the longest turn of the window's loop that came after it."""

    edit: Times
    undo: Times
    redo: Times
    after: Times


def measured(window: Window, rounds: int) -> Iterator[tuple[str, Costs]]:
    """The costs of each kind of edit, in the middle of the graph."""
    for name, do in _kinds(window).items():
        yield name, _costs(window, do, rounds)
    yield "ungroup ten", _ungrouping(window, rounds)


def _ungrouping(window: Window, rounds: int) -> Costs:
    """The costs of taking a block of ten apart."""
    canvas, document = window.canvas, window.work.document
    nodes = list(document.project.graph.nodes)
    canvas.select(nodes[_middle(nodes) :][:10])
    canvas.editing.group()
    settle(AFTER)
    block = [node.id for node in document.project.graph.nodes.values() if node.block]
    costs = _costs(window, _with_selection(canvas, block, canvas.editing.ungroup), rounds)
    window.app.do("undo")
    return costs


def _costs(window: Window, do: Callable[[], object], rounds: int) -> Costs:
    edit, undo, redo, after = [], [], [], []
    document = window.work.document
    for _round in range(rounds):
        before = len(document.past)
        edit.append(framed(do))
        after.append(_longest())
        if len(document.past) == before:
            raise SystemExit("An edit of the bench changed nothing.")
        for times, command in ((undo, "undo"), (redo, "redo")):
            times.append(framed(lambda name=command: window.app.do(name)))
            after.append(_longest())
        while len(document.past) > before:
            window.app.do("undo")
        settle(AFTER)
    return Costs(*map(Times.of, (edit, undo, redo, after)))


def _longest() -> Time:
    return max(settle(AFTER), key=lambda turn: turn.cpu)


def _kinds(window: Window) -> dict[str, Callable[[], object]]:
    canvas, document = window.canvas, window.work.document
    nodes = list(document.project.graph.nodes)
    middle = _middle(nodes)
    one, ten = nodes[middle], nodes[middle : middle + 10]
    hundred = nodes[middle - min(middle - 1, 50) :][:100]
    editing, wire = canvas.editing, InputKey(nodes[middle + 1], "input")

    def edit(label: str, change: Callable[[], Project]) -> Callable[[], object]:
        return lambda: document.edit(label, change())

    def project() -> Project:
        return document.project

    canvas.select(hundred)
    canvas.copy()
    return {
        "add a layer": lambda: editing.drop("ReLU", QPointF(-400.0, -400.0)),
        "splice into a wire": edit("Insert", lambda: planning.insert(project(), "ReLU", wire)[0]),
        "delete a layer": _with_selection(canvas, [one], canvas.delete_selection),
        "move a layer": edit("Move", lambda: planning.move(project(), {one: (10.0, 10.0)})),
        "take a wire away": edit("Unwire", lambda: planning.disconnect(project(), (wire,))),
        "wire another output": edit("Wire", lambda: planning.connect(project(), Edge(nodes[1], "output", *wire[:2]))),
        "set a parameter": edit("Set", lambda: planning.set_param(project(), one, "out_features", 9)),
        "set bias": edit("Set", lambda: planning.set_param(project(), one, "bias", False)),
        "rename": lambda: editing.rename(one, "another"),
        "freeze": _with_selection(canvas, [one], editing.freeze),
        "group ten": _with_selection(canvas, ten, editing.group),
        "frame ten": _with_selection(canvas, ten, canvas.annotating.frame_selection),
        "paste a hundred": canvas.paste,
        "lay out": canvas.auto_layout,
        "delete all": _with_selection(canvas, nodes, canvas.delete_selection),
    }


def _middle(nodes: Sequence[str]) -> int:
    """The place of a Linear in the middle of the chain."""
    return len(nodes) // 2 // 2 * 2 + 1


def _with_selection(canvas: Canvas, chosen: list[str], do: Callable[[], object]) -> Callable[[], object]:
    """The same, with these nodes selected before."""

    def run() -> None:
        if list(canvas.scene.selection) != chosen:
            canvas.select(chosen)
        do()

    return run
