"""The history as a list: every step that can be undone or made again; a click walks there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.document import Document
from core.project import Project
from gui.theme import Themes

_SIZE = 300, 420


class History(QDialog):
    """A window beside the work that follows one document; steps that were taken back are pale."""

    def __init__(self, themes: Themes, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes, self._document = themes, document
        self.setWindowTitle("History")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.rows = QListWidget()
        self.rows.setAccessibleName("Steps, oldest first")
        self.rows.itemClicked.connect(self._go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.rows)
        self.resize(themes.current.px(_SIZE[0]), themes.current.px(_SIZE[1]))
        document.changed.connect(self._follow)
        self._fill()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: D102  # Qt's name
        self._document.changed.disconnect(self._follow)
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(self.rows.currentItem())
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _go(self, item: QListWidgetItem) -> None:
        self._document.walk(self.rows.row(item) - len(self._document.past))

    def _follow(self, _old: Project, _new: Project) -> None:
        self._fill()

    def _fill(self) -> None:
        """The beginning, what can be undone, and what can be made again; the row of the present is the current one."""
        past, future = self._document.past, self._document.future
        self.rows.clear()
        self.rows.addItems(["As it was opened", *past, *future])
        for index in range(len(past) + 1, self.rows.count()):
            self.rows.item(index).setForeground(self._themes.current.color("text3"))
        self.rows.setCurrentRow(len(past))
