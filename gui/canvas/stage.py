"""What gestures work on: the scene, the one door for edits, and a place to draw while they last."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from core.document import Document
from core.errors import ChainruleError
from core.fitting import Types, types_of
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from gui.canvas.edge_item import dragged
from gui.canvas.look import Look
from gui.canvas.scene import Scene


class Stage(QObject):
    """Joins scene and document for everything the user does on the canvas."""

    message = Signal(str)
    """What the status bar should say: why something could not be."""
    hinted = Signal(str, QPointF)
    """A text to show at a place of the scene; an empty one takes it away."""
    made_room = Signal(object)
    """Cards have moved aside: where each stood, by node id."""
    note_wanted = Signal(QPointF)
    """A note was asked for at this place of the scene."""
    data_wanted = Signal()
    """A file of data is to be chosen."""
    disclosed = Signal(str)
    """The sign on this node's card was pressed that folds it out and in."""
    wire_dropped = Signal(object, QPointF)
    """A wire was let go on empty canvas: the port it comes from, and where."""

    def __init__(self, document: Document, scene: Scene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.scene = scene
        self.trace = Trace(scene.look)
        self.snaps = False
        """Whether what is dragged stands on the grid."""
        self.scale = 1.0
        """Screen pixels of a scene unit."""
        self.held = Qt.KeyboardModifier.NoModifier
        """The keys that are held with the pointer."""
        scene.addItem(self.trace)
        self.destroyed.connect(scene.take_down)

    @property
    def project(self) -> Project:
        """The document's project."""
        return self.document.project

    def edit(self, label: str, project: Project, merge: str | None = None) -> bool:
        """One step of undo."""
        return self.document.edit(label, project, merge)

    def refuse(self, error: ChainruleError, at: QPointF | None = None) -> None:
        """Say why something could not be, at the pointer too where it is known."""
        self.message.emit(str(error))
        if at is not None:
            self.hinted.emit(str(error), at)

    def types(self) -> Types:
        """What flows where: as the window's analysis says, or one of our own where none came yet."""
        if self.scene.facts is not None:
            return self.scene.facts.types
        return types_of(self.project, analyse(lower(self.project)))

    def toggle_snap(self) -> None:
        """Let what is dragged stand on the grid, or anywhere."""
        self.snaps = not self.snaps
        self.message.emit("Snap to grid is on." if self.snaps else "Snap to grid is off.")

    def name(self, node_id: str) -> str:
        """A node's name."""
        return self.scene.graph.nodes[node_id].name


class Trace(QGraphicsItem):
    """What a gesture draws over the scene: a box, a stroke, or a wire with a free end."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self._path = QPainterPath()
        self._end: QPointF | None = None
        self._box = QRectF()
        self._refused = False
        self._token = "error"
        self.setZValue(10)

    def show_box(self, box: QRectF) -> None:
        """Draw a rubber band."""
        self.prepareGeometryChange()
        self._box, self._path = box, QPainterPath()

    def show_wire(self, path: QPainterPath, end: QPointF, refused: bool) -> None:
        """Draw a wire with its free end."""
        self.prepareGeometryChange()
        self._path, self._end, self._refused, self._box = path, end, refused, QRectF()
        self.update()

    def show_stroke(self, path: QPainterPath, token: str = "error") -> None:
        """Draw a stroke across wires, in the colour of what it does to them."""
        self.prepareGeometryChange()
        self._path, self._end, self._box, self._token = path, None, QRectF(), token
        self.update()

    def clear(self) -> None:
        """Draw nothing."""
        self.prepareGeometryChange()
        self._path, self._box = QPainterPath(), QRectF()

    def boundingRect(self) -> QRectF:  # noqa: D102  # Qt's name
        if self._path.isEmpty():
            return self._box.adjusted(-4, -4, 4, 4) if self._box.isValid() else QRectF()
        return self._path.boundingRect().adjusted(-10, -10, 10, 10)

    def paint(  # noqa: D102  # Qt's name
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if not self._path.isEmpty() and self._end is not None:
            dragged(painter, self.look, self._path, self._end, self._refused)
        elif not self._path.isEmpty():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(self.look.color(self._token), 2, Qt.PenStyle.DashLine, Qt.PenCapStyle.FlatCap)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(self._path)
        elif self._box.isValid():
            pen = QPen(self.look.color("accent"), 1)
            pen.setCosmetic(True)
            fill = QColor(self.look.color("accent"))
            fill.setAlphaF(0.10)
            painter.setPen(pen)
            painter.setBrush(fill)
            painter.drawRect(self._box)
