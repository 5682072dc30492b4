"""What a frame of the canvas costs with many layers, beside the plain QGraphicsScene one would write first.

    python -m benchmarks.canvas [--quick]

A chain of Linear and ReLU at 1280 x 800, offscreen. The plain scene has a rectangle with a header, four texts and two
ports for every layer and a path for every wire, all as child items; it shows less than a card does. Frames of both take
turns; times are this thread's own, which other programs do not change.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QApplication,
    QGraphicsEllipseItem,
    QGraphicsRectItem,
    QGraphicsScene,
    QGraphicsSimpleTextItem,
    QGraphicsView,
)

from core import planning
from core.checks import check
from core.document import Document
from core.graph import Edge, Graph, Node
from core.layout import arrange
from core.lowering import lower
from core.project import Position, Project
from core.shapes import analyse
from gui.canvas.canvas import Canvas
from gui.fonts import load_fonts
from gui.theme import Themes

SIZE = (1280, 800)
COLUMNS = 100
Frame = Callable[[int], None]


def chain(count: int) -> Project:
    """So many layers one after another, a hundred in a row."""
    nodes = [Node("n0", "Noise", "noise")]
    nodes += [Node(f"n{index}", ("Linear", "ReLU")[index % 2], f"layer{index}") for index in range(1, count)]
    edges = [Edge(f"n{index}", "output", f"n{index + 1}", "input") for index in range(count - 1)]
    graph = Graph.of(nodes, edges)
    return Project(graph=graph).with_positions(arrange(graph, width=COLUMNS * 216.0))


def our_canvas(project: Project) -> Canvas:
    """The canvas on this project, analysed."""
    canvas = Canvas(Document(project), Themes())
    plan = lower(project)
    analysis = analyse(plan)
    canvas.set_analysis(plan, analysis, check(project, plan, analysis))
    canvas.view.animated = False
    canvas.resize(*SIZE)
    canvas.show()
    QApplication.processEvents()
    return canvas


def plain_card(name: str, place: Position) -> QGraphicsRectItem:
    """A layer of the plain scene."""
    card = QGraphicsRectItem(0, 0, 146, 92)
    card.setBrush(QColor("#22262D"))
    header = QGraphicsRectItem(0, 0, 146, 26, card)
    header.setBrush(QColor("#39463D"))
    for text, x, y in ((name, 30, 5), ("Linear", 11, 32), ("4,160", 100, 32), ("64 → 64", 11, 50)):
        written = QGraphicsSimpleTextItem(text, card)
        written.setBrush(QBrush(QColor("#E9ECF1")))
        written.setPos(x, y)
    for x in (0, 146):
        QGraphicsEllipseItem(x - 5, 42, 10, 10, card).setBrush(QColor("#8FA3B8"))
    card.setPos(*place)
    return card


def plain_view(project: Project) -> QGraphicsView:
    """The same graph as a plain scene."""
    scene = QGraphicsScene()
    for key, node in project.graph.nodes.items():
        scene.addItem(plain_card(node.name, project.positions[key]))
    for edge in project.graph.edges.values():
        start = QPointF(*project.positions[edge.source]) + QPointF(146, 47)
        end = QPointF(*project.positions[edge.target]) + QPointF(0, 47)
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(40, 0), end - QPointF(40, 0), end)
        scene.addPath(path, QPen(QColor("#8FA3B8"), 2))
    view = QGraphicsView(scene)
    scene.setParent(view)
    view.setRenderHint(QPainter.RenderHint.Antialiasing)
    view.resize(*SIZE)
    view.show()
    QApplication.processEvents()
    return view


def our_pan(canvas: Canvas, middle: QPointF, zoom: float) -> Frame:
    """A frame of panning at this zoom."""

    def frame(number: int) -> None:
        canvas.view.show_at(middle + QPointF(number % 2 * 8, 0) / zoom, zoom)
        canvas.view.viewport().repaint()

    return frame


def plain_pan(view: QGraphicsView, middle: QPointF, zoom: float) -> Frame:
    """The same in the plain view."""
    view.resetTransform()
    view.scale(zoom, zoom)

    def frame(number: int) -> None:
        view.centerOn(middle + QPointF(number % 2 * 8, 0) / zoom)
        view.viewport().repaint()

    return frame


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of this thread."""
    begin = time.thread_time()
    call()
    return (time.thread_time() - begin) * 1e3


def line(name: str, ours: list[float], theirs: list[float]) -> None:
    """A line of the table: median and 95th percentile of ours, median of theirs, and the ratio."""
    middle, beside = statistics.median(ours), statistics.median(theirs)
    p95 = sorted(ours)[int(len(ours) * 0.95)]
    print(f"{name:<36}{middle:>10.2f}{p95:>10.2f}{beside:>12.2f}{beside / middle:>9.1f}x")


def interleaved(name: str, ours: Frame, theirs: Frame, count: int) -> None:
    """A line for frames in turns."""
    ours(0), theirs(0)
    times = [(timed(lambda at=index: ours(at)), timed(lambda at=index: theirs(at))) for index in range(1, count + 1)]
    line(name, [mine for mine, _other in times], [other for _mine, other in times])


def edits(canvas: Canvas, count: int) -> list[float]:
    """What adding a layer costs, from the plan to the item: the analysis is not in it."""
    document = canvas.document
    places = [QPointF(10.0 * index, -300.0) for index in range(count)]

    def add(at: QPointF) -> None:
        document.edit("Add", planning.add(document.project, "ReLU", (at.x(), at.y()))[0])

    return [timed(lambda spot=place: add(spot)) for place in places]


def measure(count: int, frames: int) -> None:
    """The lines for a chain of so many layers."""
    project = chain(count)
    made: list[Canvas] = []
    ours = timed(lambda: made.append(our_canvas(project)))
    plain: list[QGraphicsView] = []
    theirs = timed(lambda: plain.append(plain_view(project)))
    canvas, view = made[0], plain[0]
    line(f"{count:>6,} layers: open", [ours], [theirs])
    canvas.fit()
    middle, zoom = canvas.view.middle(), canvas.view.zoom
    for name, where, scale in (("all in view", middle, zoom), ("at 100 %", QPointF(3000, 300), 1.0)):
        interleaved(f"{'':>15}pan, {name}", our_pan(canvas, where, scale), plain_pan(view, where, scale), frames)
    print(f"{'':>15}{'add a layer':<21}{statistics.median(edits(canvas, 9)):>10.2f}")
    canvas.close(), view.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer frames, and no 10,000 layers")
    quick = parser.parse_args().quick
    application = QApplication.instance() or QApplication([])
    load_fonts()
    print(f"{'ms':<36}{'ours':>10}{'p95':>10}{'plain':>12}{'':>10}")
    for count in (14, 300, 1_000) if quick else (14, 300, 1_000, 10_000):
        measure(count, 11 if quick else 31)
    del application


if __name__ == "__main__":
    main()
