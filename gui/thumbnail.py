"""A graph in small: its cards as blocks in their categories' colours, joined by thin wires."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from core.catalog import KINDS
from core.layout import CARD, COLUMN_GAP, ROW_GAP, arrange
from core.lowering import lower
from core.project import Project
from gui.drawing import Drawing
from gui.theme import Theme, Themes, mix

LARGEST = 0.24
"""The scale at which a small graph stops growing with the room."""

DOTS = 18
"""Pixels of the design between two dots of the ground."""


class Thumbnail(QWidget):
    """The main graph of a project, or a drawing instead of it, fitted into whatever room there is."""

    def __init__(
        self,
        themes: Themes,
        project: Project,
        size: tuple[int, int],
        *,
        dotted: bool = False,
        drawing: Drawing | None = None,
    ) -> None:
        super().__init__()
        self._themes = themes
        self._size = size
        self._dotted = dotted
        self._drawing = drawing
        graph = project.graph
        known = {key: place for key, place in project.positions.items() if key in graph.nodes}
        places = known if len(known) == len(graph.nodes) else arrange(graph)
        self._blocks = {key: QRectF(*places[key], *CARD) for key in graph.nodes}
        self._kinds = {key: node.kind for key, node in graph.nodes.items()}
        data = {step.node for step in lower(project).sources}
        self._wires = [
            (edge.source, edge.target)
            for edge in graph.edges.values()
            if edge.source not in data or edge.input not in ("label", "target")
        ]
        themes.changed.connect(self._restyle)

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._themes.current.px(self._size[0]), self._themes.current.px(self._size[1]))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._themes.current
        painter.setPen(QPen(theme.color("line1"), 1))
        painter.setBrush(theme.color("inset"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if self._dotted:
            _paint_dots(painter, theme, self.rect())
        if self._drawing is not None:
            self._drawing.paint(painter, theme, QRectF(self.rect()))
            return
        edge = theme.px(12 if self._dotted else 6)
        room = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        paint_graph(painter, theme, self._blocks, self._kinds, self._wires, room)

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def _paint_dots(painter: QPainter, theme: Theme, room: QRect) -> None:
    """The canvas's grid of dots, from the middle outwards."""
    step, middle = theme.px(DOTS), room.center()
    painter.setPen(QPen(theme.color("line2"), 1))
    across, down = range(middle.x() % step, room.width() - 2, step), range(middle.y() % step, room.height() - 2, step)
    painter.drawPoints([QPoint(x, y) for x in across if x > 2 for y in down if y > 2])


def course(source: QRectF, target: QRectF) -> list[QPointF]:
    """A wire from edge to edge: straight to the right, round through the gutter above the target to the left."""
    start = QPointF(source.right(), source.center().y())
    end = QPointF(target.left(), target.center().y())
    if end.x() > start.x():
        middle = end.x() - COLUMN_GAP / 2
        return [start, QPointF(middle, start.y()), QPointF(middle, end.y()), end]
    gutter = target.top() - ROW_GAP / 2
    right, left = start.x() + COLUMN_GAP / 3, end.x() - COLUMN_GAP / 3
    return [
        start,
        QPointF(right, start.y()),
        QPointF(right, gutter),
        QPointF(left, gutter),
        QPointF(left, end.y()),
        end,
    ]


def paint_graph(
    painter: QPainter,
    theme: Theme,
    blocks: dict[str, QRectF],
    kinds: dict[str, str],
    wires: list[tuple[str, str]],
    room: QRectF,
) -> None:
    """Paint the blocks and wires into the room, in their proportions."""
    if not blocks:
        return
    bounds = QRectF()
    for rect in blocks.values():
        bounds = bounds.united(rect)
    bounds.adjust(-COLUMN_GAP / 3, 0, COLUMN_GAP / 3, 0)
    scale = min(room.width() / bounds.width(), room.height() / bounds.height(), LARGEST)
    corner = room.center() - bounds.center() * scale
    painter.setPen(QPen(theme.color("line3"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for source, target in wires:
        painter.drawPolyline([point * scale + corner for point in course(blocks[source], blocks[target])])
    for key, rect in blocks.items():
        kind = KINDS.get(kinds[key])
        ink = theme.category(kind.category if kind is not None else "Blocks")
        small = QRectF(rect.topLeft() * scale + corner, rect.size() * scale)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(mix(theme.color("inset"), ink, _share(small.width())))
        painter.drawRoundedRect(small, 2, 2)


def _share(width: float) -> float:
    """How much of its colour a block of this width is filled with: a small one more, to be told from the ground."""
    return 0.32 if width > 16 else 0.55 if width > 9 else 0.9
