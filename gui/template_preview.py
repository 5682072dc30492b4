"""More of a template, before it is opened: its lesson, the figure it reached, what it takes, and its source."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from gui.templates import Template
from gui.theme import Themes
from gui.thumbnail import Thumbnail
from gui.widgets import column, label, line, prose, push, row

WIDTH, PICTURE = 560, 220


class TemplatePreview(QDialog):
    """A window over the start page: Enter opens the template, Escape goes back."""

    chosen = Signal(object)
    """The path of the template that shall open."""

    def __init__(self, themes: Themes, template: Template, window: QWidget) -> None:
        super().__init__(window)
        self._template = template
        project = template.project
        self.setWindowTitle(project.name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(themes.current.px(WIDTH))
        picture = Thumbnail(themes, project, (WIDTH - 40, PICTURE), dotted=True)
        picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.lesson = [prose(sentence, "") for sentence in template.entry.lesson]
        layout = column(label(project.name, "name"), prose(project.description), picture, spacing=10)
        layout.setContentsMargins(20, 18, 20, 16)
        for sentence in self.lesson:
            layout.addWidget(sentence)
        layout.addWidget(line())
        layout.addLayout(_facts(template))
        layout.addSpacing(4)
        layout.addLayout(self._buttons())
        self.setLayout(layout)

    def _buttons(self) -> QHBoxLayout:
        self.open_, self.close_ = push("Open", "primary"), push("Close")
        self.open_.setDefault(True)
        self.open_.setMinimumWidth(self.fontMetrics().horizontalAdvance("Open") + 48)
        self.open_.clicked.connect(self._choose)
        self.close_.clicked.connect(self.reject)
        return row(None, self.close_, self.open_)

    def _choose(self) -> None:
        self.accept()
        self.chosen.emit(self._template.path)


def facts(template: Template) -> Iterator[tuple[str, str]]:
    """What is known of a template, each with its title; what is not known is left out."""
    if template.figure:
        yield "Reached", template.figure
    if template.time:
        yield "Training", f"{template.time} on one core of a CPU, bundled data"
    yield "Size", template.size if template.exercise else f"{template.parameters:,} parameters"
    if template.entry.source:
        yield "Source", template.entry.source


def _facts(template: Template) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for place, (title, text) in enumerate(facts(template)):
        grid.addWidget(label(title, "secondary"), place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(prose(text, ""), place, 1)
    return grid
