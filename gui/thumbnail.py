"""A graph in small: its cards as blocks in their categories' colours, joined by thin wires."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from core.catalog import KINDS
from core.layout import CARD, arrange
from core.project import Project
from gui.theme import Theme, Themes, mix


class Thumbnail(QWidget):
    """The main graph of a project, fitted into whatever room there is."""

    def __init__(self, themes: Themes, project: Project, size: tuple[int, int]) -> None:
        super().__init__()
        self._themes = themes
        self._size = size
        graph = project.graph
        known = {key: place for key, place in project.positions.items() if key in graph.nodes}
        places = known if len(known) == len(graph.nodes) else arrange(graph)
        self._blocks = {key: QRectF(*places[key], *CARD) for key in graph.nodes}
        self._kinds = {key: node.kind for key, node in graph.nodes.items()}
        self._wires = [(edge.source, edge.target) for edge in graph.edges.values()]
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
        paint_graph(painter, theme, self._blocks, self._kinds, self._wires, QRectF(self.rect()).adjusted(6, 6, -6, -6))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


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
    scale = min(room.width() / bounds.width(), room.height() / bounds.height(), 0.34)
    corner = room.center() - bounds.center() * scale
    painter.setPen(QPen(theme.color("wire"), 1))
    for source, target in wires:
        painter.drawLine(*(blocks[end].center() * scale + corner for end in (source, target)))
    for key, rect in blocks.items():
        kind = KINDS.get(kinds[key])
        ink = theme.category(kind.category if kind is not None else "Blocks")
        small = QRectF(rect.topLeft() * scale + corner, rect.size() * scale)
        painter.setPen(QPen(ink, 1))
        painter.setBrush(mix(theme.color("inset"), ink, 0.32 if small.width() > 16 else 0.9))
        painter.drawRoundedRect(small, 2, 2)
