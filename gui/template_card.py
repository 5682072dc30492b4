"""The card of a template: its graph in small, its name, one sentence, and what training it takes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from gui.drawing import drawing_of
from gui.templates import Template
from gui.theme import Themes
from gui.thumbnail import Thumbnail
from gui.widgets import ElidedLabel, IconLabel, column, label, prose, push, restyled, row

WIDTH, PICTURE = 196, 130
"""Of a card and of its picture, in pixels of the design."""


class TemplateCard(QFrame):
    """A card that is empty until it is filled, which reads the template's file."""

    chosen = Signal(object)
    """The path of the template that shall open."""
    preview_asked = Signal(object)
    """The card whose template shall be told more of."""

    def __init__(self, themes: Themes, template: Template) -> None:
        super().__init__()
        self.template = template
        self.is_filled = False
        self.preview: QPushButton | None = None
        self._themes = themes
        self._facts, self._acts = QWidget(self), QWidget(self)
        self.setProperty("role", "template")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Template {template.path.stem}")
        self.setAccessibleDescription("Enter opens it, Space tells more of it.")

    def fill(self) -> None:
        """Read the template's file and show what it holds; once."""
        if self.is_filled:
            return
        self.is_filled = True
        project = self.template.project
        self.setAccessibleName(f"Template {project.name}: {project.description}")
        drawing = drawing_of(self.template.path.stem)
        picture = Thumbnail(self._themes, project, (WIDTH, PICTURE), dotted=True, drawing=drawing)
        picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        text = prose(project.description)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._facts.setLayout(self._facts_line())
        name = ElidedLabel(project.name, "card-title")
        body = column(name, text, self._facts, self._acts, spacing=4, margins=(12, 10, 12, 10))
        body.setStretch(1, 1)
        layout = column(picture, spacing=0, margins=(1, 1, 1, 1))
        layout.addLayout(body)
        layout.setStretch(0, 10)
        layout.setStretch(1, 10)
        self.setLayout(layout)
        self._light()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: D102  # Qt's name
        super().enterEvent(event)
        self._light()

    def leaveEvent(self, event: object) -> None:  # noqa: D102  # Qt's name
        self._light(over=False)

    def focusInEvent(self, event: object) -> None:  # noqa: D102  # Qt's name
        self._light()

    def focusOutEvent(self, event: object) -> None:  # noqa: D102  # Qt's name
        self._light()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._light()
        return super().eventFilter(watched, event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif event.key() == Qt.Key.Key_Space:
            self._ask_preview()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        self.chosen.emit(self.template.path)

    def _ask_preview(self) -> None:
        self.preview_asked.emit(self)

    def _facts_line(self) -> QHBoxLayout:
        time, size = label(self.template.time, "mono-secondary"), label(self.template.size, "mono-secondary")
        if not self.template.time:
            return row(None, size)
        return row(IconLabel(self._themes, "clock", "text3", 13), time, None, size, spacing=6)

    def _add_buttons(self) -> None:
        """Make the buttons of a card that is lit for the first time."""
        opening, self.preview = push("Open", "small-primary"), push("Preview", "small")
        opening.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Enter on the card does the same
        self.preview.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.preview.setToolTip("Lesson, figure reached and source (Space)")
        self.preview.setAutoDefault(True)
        self.preview.installEventFilter(self)
        for button, answer in ((opening, self._choose), (self.preview, self._ask_preview)):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(answer)
        self._acts.setLayout(row(opening, self.preview, spacing=6))
        self.setTabOrder(self, self.preview)

    def _light(self, over: bool | None = None) -> None:
        focus = QApplication.focusWidget()
        on = (self.underMouse() if over is None else over) or (
            focus is not None and (focus is self or self.isAncestorOf(focus))
        )
        restyled(self, state="lit" if on else "")
        if on and self.is_filled and self.preview is None:
            self._add_buttons()
        self._facts.setVisible(not on)
        self._acts.setVisible(on)
