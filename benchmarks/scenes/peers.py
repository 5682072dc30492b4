"""The same graph in other node editors for Qt, each in a process of its own.

`python -m benchmarks.scenes.peers NAME COUNT` prints one line of JSON: what was measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsEllipseItem,
    QGraphicsItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsSimpleTextItem,
    QGraphicsView,
)

from benchmarks.scenes.graphs import chain
from benchmarks.scenes.hand import NOTCH, Hand
from benchmarks.scenes.times import Painted, Times, framed
from core.project import Position, Project

SIZE = (1280, 800)
FRAMES = 25
_NO = Qt.MouseButton.NoButton
Built = tuple[QGraphicsView, QGraphicsItem, Qt.MouseButton]
"""The view, a node in the middle, and the button that pans."""


def plain(project: Project) -> Built:
    """What one would write first: a rectangle, four texts and two circles for a node, a path for a wire."""
    scene = QGraphicsScene()
    cards = {key: _card(node.name, project.positions[key]) for key, node in project.graph.nodes.items()}
    for card in cards.values():
        scene.addItem(card)
    for edge in project.graph.edges.values():
        start = QPointF(*project.positions[edge.source]) + QPointF(146, 47)
        end = QPointF(*project.positions[edge.target]) + QPointF(0, 47)
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(40, 0), end - QPointF(40, 0), end)
        scene.addPath(path, QPen(QColor("#8FA3B8"), 2))
    view = QGraphicsView(scene)
    scene.setParent(view)
    view.setSceneRect(-1e6, -1e6, 2e6, 2e6)
    view.setRenderHint(QPainter.RenderHint.Antialiasing)
    return view, cards[_middle(project)], _NO


def _card(name: str, place: Position) -> QGraphicsRectItem:
    card = QGraphicsRectItem(0, 0, 146, 92)
    card.setBrush(QColor("#22262D"))
    QGraphicsRectItem(0, 0, 146, 26, card).setBrush(QColor("#39463D"))
    for text, x, y in ((name, 30, 5), ("Linear", 11, 32), ("4,160", 100, 32), ("64 → 64", 11, 50)):
        written = QGraphicsSimpleTextItem(text, card)
        written.setBrush(QBrush(QColor("#E9ECF1")))
        written.setPos(x, y)
    for x in (0, 146):
        QGraphicsEllipseItem(x - 5, 42, 10, 10, card).setBrush(QColor("#8FA3B8"))
    card.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsMovable)
    card.setPos(*place)
    return card


def node_graph(project: Project) -> Built:
    """NodeGraphQt."""
    from NodeGraphQt import BaseNode, NodeGraph

    class Layer(BaseNode):  # type: ignore[misc]  # it has no types
        __identifier__ = "bench"
        NODE_NAME = "Layer"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("input", multi_input=True)
            self.add_output("output")

    graph = NodeGraph()
    graph.register_node(Layer)
    made = {}
    for key, node in project.graph.nodes.items():
        made[key] = graph.create_node("bench.Layer", name=node.name, pos=list(project.positions[key]), push_undo=False)
    for edge in project.graph.edges.values():
        made[edge.source].output(0).connect_to(made[edge.target].input(0), push_undo=False)
    view = graph.viewer()
    view.setProperty("graph", graph)
    _KEPT.append(graph)
    return view, made[_middle(project)].view, Qt.MouseButton.MiddleButton


def node_editor(project: Project) -> Built:
    """Qtpynodeeditor."""
    import qtpynodeeditor as editor

    class Model(editor.NodeDataModel):  # type: ignore[misc]  # it has no types
        name = "Layer"
        caption = "Layer"
        num_ports = {"input": 1, "output": 1}  # noqa: RUF012  # as the package wants it
        data_type = editor.NodeDataType("tensor", "tensor")

    registry = editor.DataModelRegistry()
    registry.register_model(Model, category="layers")
    scene = editor.FlowScene(registry=registry)
    view = editor.FlowView(scene)
    made = {}
    for key in project.graph.nodes:
        made[key] = scene.create_node(Model)
        made[key].graphics_object.setPos(QPointF(*project.positions[key]))
    taken = set()
    for edge in project.graph.edges.values():
        if edge.target not in taken:  # an input takes one wire there
            taken.add(edge.target)
            scene.create_connection(made[edge.source]["output"][0], made[edge.target]["input"][0])
    _KEPT.append(scene)
    return view, made[_middle(project)].graphics_object, Qt.MouseButton.LeftButton


_KEPT: list[object] = []
EDITORS: dict[str, Callable[[Project], Built]] = {
    "plain scene": plain,
    "NodeGraphQt": node_graph,
    "qtpynodeeditor": node_editor,
}


def _middle(project: Project) -> str:
    return list(project.graph.nodes)[len(project.graph.nodes) // 2]


def measured(editor: str, count: int) -> dict[str, Any]:
    """Milliseconds of this thread: building, and a frame of each gesture, median and p95."""
    project = chain(count)
    built: list[Built] = []
    build = framed(lambda: built.append(EDITORS[editor](project)))
    view, node, button = built[0]
    view.resize(*SIZE)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.show()
    QApplication.processEvents()
    whole = QGraphicsView.scene(view).itemsBoundingRect()
    found: dict[str, Any] = {"build": [build.cpu, build.cpu]}
    hand = Hand(view, exact=False)
    gestures: dict[str, Callable[[], Times]] = {
        "drag": lambda: _moved(view, node),
        "zoom": lambda: _scaled(view),
        "pan": lambda: hand.drag(QPoint(6, 6), button, FRAMES) if button != _NO else _scrolled(view),
    }
    for where in ("all", "1:1"):
        for name, gesture in gestures.items():
            _show(view, whole if where == "all" else None, node.sceneBoundingRect().center())
            times = gesture()
            if times.cpu:
                found[f"{name} {where}"] = [times.middle, times.share(0.95)]
    return found


def _show(view: QGraphicsView, whole: QRectF | None, middle: QPointF) -> None:
    """Show all of it, or this place at 100 %."""
    if whole is not None:
        view.fitInView(whole, Qt.AspectRatioMode.KeepAspectRatio)
    else:
        view.resetTransform()
        view.centerOn(middle)
    QApplication.processEvents()


def _moved(view: QGraphicsView, node: QGraphicsItem) -> Times:
    """Frames of a node that goes to and fro, as while it is dragged; none where its moves are not painted."""
    home = node.pos()
    places = [home + QPointF(4 * (index % 2 + 1), 0) for index in range(FRAMES)]
    painted = Painted(view.viewport())
    times = Times.of([framed(lambda at=place: node.setPos(at)) for place in places])
    return times if painted.count >= FRAMES else Times()


def _scrolled(view: QGraphicsView) -> Times:
    """Frames of scrolling by its bar."""
    bar = view.horizontalScrollBar()
    return Times.of([framed(lambda at=index: bar.setValue(bar.value() + (8, -8)[at % 2])) for index in range(FRAMES)])


def _scaled(view: QGraphicsView) -> Times:
    """Frames of zooming out and in by what a notch of the wheel is."""
    factor = 1.0015**NOTCH
    steps = [(factor, 1 / factor)[index % 2] for index in range(FRAMES)]
    return Times.of([framed(lambda by=step: view.scale(by, by)) for step in steps])


def beside(name: str, count: int, seconds: float) -> dict[str, Any]:
    """The same from a process of its own; {"why": ...} where it cannot run or takes longer."""
    line = (sys.executable, "-m", "benchmarks.scenes.peers", name, str(count))
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return {"why": f"not done after {seconds:.0f} s"}
    if done.returncode:
        return {"why": (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]}
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def main() -> None:
    """Measure one of them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_API", "pyside6")
    os.environ.setdefault("QT_PREFERRED_BINDING", "PySide6")
    application = QApplication([])
    print(json.dumps(measured(sys.argv[1], int(sys.argv[2]))), flush=True)
    del application
    os._exit(0)  # some of them crash on the way out


if __name__ == "__main__":
    main()
