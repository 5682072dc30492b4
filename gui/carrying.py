"""Cards on their way to another project: dragged over its tab or into another window, and let go on its canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from core import pasting
from core.errors import ChainruleError
from core.project import Project
from gui.opened import Opened
from gui.widgets import label

if TYPE_CHECKING:
    from gui.app import App

DWELL = 350
"""Milliseconds on a tab until its project is shown."""


class Carry(QObject):
    """Takes the pointer over from a gesture that moves cards, which then stand where they stood: it always copies.

    The mouse is grabbed, as the canvas on which the button went down may be hidden before it comes up.
    """

    ended = Signal()

    def __init__(self, home: App, source: Opened, at: QPoint, start: QPointF) -> None:
        """The selection of `source`, taken hold of at `start` in its scene."""
        super().__init__(home)
        self._home, self._source = home, source
        scene = source.workspace.canvas.scene
        project = source.held.document.project
        self._clip = pasting.extract(project, scene.selection, scene.block, scene.annotations.selection)
        self._name = named(self._clip)
        stands = pasting.corner(self._clip) or (start.x(), start.y())
        self._grip = start - QPointF(*stands)
        self._window: App | None = None
        """The window under the pointer."""
        self._over: Opened | None = None
        """The project under the pointer."""
        self._on_tab = False
        self.hint = label("", "hint")
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._dwell = QTimer(self, singleShot=True, interval=DWELL)
        self._dwell.timeout.connect(self._open)
        source.workspace.canvas.view.cancel_gesture()
        self._grabber = home.window.tabs
        self._grabber.grabMouse()
        application = QApplication.instance()
        assert application is not None  # there are widgets
        application.installEventFilter(self)
        self.move(at)

    def move(self, at: QPoint) -> None:
        """The pointer is at this place of the screen."""
        self._window = self._home.program.window_under(at, self._home)
        before = self._over, self._on_tab
        self._over, self._on_tab = self._found(at)
        if (self._over, self._on_tab) != before:
            self._dwell.stop()
            if self._on_tab:
                self._dwell.start()
        self._say(at)

    def drop(self, at: QPoint) -> None:
        """The button was let go here: put a copy there, or none where it came from."""
        self.move(at)
        window, over, on_tab = self._window, self._over, self._on_tab
        self.end()
        if window is None or over is None or over is self._source:
            return
        window.show_project(over)
        canvas = over.workspace.canvas
        view = canvas.view
        place = view.middle() if on_tab else view.mapToScene(view.viewport().mapFromGlobal(at))
        self._put(over, place - self._grip)
        window.come_forward()
        canvas.setFocus()

    def end(self) -> None:
        """Give the pointer back."""
        application = QApplication.instance()
        assert application is not None  # there are widgets
        application.removeEventFilter(self)
        self._grabber.releaseMouse()
        self._dwell.stop()
        self.hint.setParent(None)
        self.hint.deleteLater()
        self.ended.emit()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if not isinstance(watched, QWidget):
            return False  # Qt's own books on the buttons are kept by windows
        if isinstance(event, QMouseEvent):
            at = event.globalPosition().toPoint()
            if event.type() == QEvent.Type.MouseMove:
                self.move(at)
            elif event.type() == QEvent.Type.MouseButtonRelease and event.button() == Qt.MouseButton.LeftButton:
                self.drop(at)
            return True
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
                self.end()
            event.accept()
            return True
        return False

    def _found(self, at: QPoint) -> tuple[Opened | None, bool]:
        """The project under the pointer, and whether it is its tab that is."""
        window = self._window
        if window is None:
            return None, False
        index = window.tab_at(at)
        if index >= 0:
            return window.projects.all[index], True
        front = window.projects.front
        if front is None or not window.window.is_working:
            return None, False
        viewport = front.workspace.canvas.view.viewport()
        return (front if viewport.rect().contains(viewport.mapFromGlobal(at)) else None), False

    def _open(self) -> None:
        if self._window is not None and self._over is not None:
            self._window.show_project(self._over)

    def _say(self, at: QPoint) -> None:
        """Say at the pointer what letting go here would do."""
        window = (self._window or self._home).window
        if self._over is None:
            words = f"Drag {self._name} onto a canvas"
        elif self._over is self._source:
            words = f"{self._name[0].upper()}{self._name[1:]} stays here"
        else:
            words = f"Copy {self._name} to {self._over.held.name}"
        self.hint.setParent(window)
        self.hint.setText(words)
        self.hint.adjustSize()
        place = window.mapFromGlobal(at) + QPoint(14, 18)
        right, down = window.width() - self.hint.width() - 4, window.height() - self.hint.height() - 4
        self.hint.move(min(max(place.x(), 4), right), min(max(place.y(), 4), down))
        self.hint.show()
        self.hint.raise_()

    def _put(self, target: Opened, corner: QPointF) -> None:
        canvas, document = target.workspace.canvas, target.held.document
        known = document.project.annotations
        try:
            project, nodes = pasting.paste(document.project, self._clip, (corner.x(), corner.y()), canvas.scene.block)
        except ChainruleError as error:
            target.workspace.refuse(error)
            return
        target.workspace.editor.edit(f"Copy {self._name} from {self._source.held.name}", project)
        canvas.scene.select(nodes, (), (key for key in project.annotations if key not in known))


def named(clip: Project) -> str:
    """What is carried: a layer's name, or how many."""
    names = [node.name for node in clip.graph.nodes.values()]
    if len(names) == 1 and not clip.annotations:
        return names[0]
    count = len(names) + len(clip.annotations)
    noun = "layer" if not clip.annotations else "item"
    return f"{count} {noun}{'s' if count != 1 else ''}"
