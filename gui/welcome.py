"""The start page: begin, open, go on with a recent file, or take a template."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QSizePolicy, QWidget

from core.errors import FileError
from core.files import SUFFIX, load
from core.lowering import lower
from core.project import Project
from core.reading import read
from core.shapes import analyse
from gui.actions import keys_text
from gui.keymap import Keymap
from gui.palette import SearchField
from gui.theme import FOLDER, Theme, Themes
from gui.thumbnail import Thumbnail
from gui.widgets import ElidedLabel, IconLabel, column, frame, label, line, prose, push, restyled, row

SIDE = 296
CARD = (199, 264)
SHOWN = 6
"""Recent files on the page."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template and what its card says."""

    path: Path
    project: Project
    parameters: int
    problems: int = 0
    """For an exercise, how many are shown at first."""

    @property
    def words(self) -> str:
        """What its card says of its size."""
        return f"exercise, {self.problems} problems" if self.problems else f"{self.parameters:,} parameters"


class Welcome(QWidget):
    """Two panels: what to begin with at the left, templates at the right."""

    asked = Signal(str)
    """The id of a command: new, open, settings."""
    file_chosen = Signal(object)
    template_chosen = Signal(object)

    def __init__(self, themes: Themes, recent: Sequence[Path], keymap: Keymap) -> None:
        super().__init__()
        self._themes = themes
        self._keymap = keymap
        self.templates = (*templates(), *exercises())
        self.cards: list[TemplateCard] = []
        layout = row(self._side(recent), self._main(), spacing=4)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Start page")
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def _side(self, recent: Sequence[Path]) -> QFrame:
        theme = self._themes.current
        logo = IconLabel(self._themes, "logo", "accent", 40)
        words = QWidget()
        words.setLayout(
            column(label("Chainrule", "display"), label("Draw a network, watch it learn", "secondary"), spacing=0)
        )
        head = QWidget()
        head.setLayout(row(logo, words, None, spacing=12))
        begin = self._wide("new", "New graph", "plus", "wide-primary", "accentInk")
        open_ = self._wide("open", "Open", "folder", "wide", "text")
        self._buttons = (begin, open_)
        layout = column(head, 16, begin, open_, 18, spacing=6, margins=(16, 20, 16, 12))
        known = [path for path in recent if path.is_file()]
        if known:
            title = QWidget()
            title.setLayout(
                row(
                    label("Recent", "title"),
                    None,
                    label(f"{min(len(known), SHOWN)} of {len(known)}", "caption"),
                    margins=(4, 0, 4, 2),
                )
            )
            layout.addWidget(title)
            for path in known[:SHOWN]:
                item = RecentRow(self._themes, path)
                item.chosen.connect(self.file_chosen)
                layout.addWidget(item)
        layout.addStretch(1)
        layout.addWidget(line())
        settings = push("Settings", "quiet", theme.icon("gear", "text2", 14))
        settings.clicked.connect(lambda: self.asked.emit("settings"))
        layout.addWidget(settings, 0, Qt.AlignmentFlag.AlignRight)
        self._panel = frame("panel", layout)
        return self._panel

    def _main(self) -> QFrame:
        title = QWidget()
        self.search = SearchField(self._themes, "Search templates")
        self.search.setFixedWidth(self._themes.current.px(240))
        self.search.textChanged.connect(self._filter)
        title.setLayout(
            row(
                label("Templates", "display"),
                label("Each opens a working graph and its data, or one to repair", "secondary"),
                None,
                self.search,
                spacing=12,
            )
        )
        self._cards = CardFlow(self._themes)
        for template in self.templates:
            card = TemplateCard(self._themes, template)
            card.chosen.connect(self.template_chosen)
            self.cards.append(card)
        self._cards.show_cards(self.cards)
        self._nothing = prose("")
        self._nothing.hide()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._cards)
        self._cards.setProperty("role", "page")
        return frame("panel", column(title, 12, self._nothing, area, spacing=4, margins=(22, 18, 22, 16)))

    def _wide(self, name: str, words: str, icon: str, role: str, ink: str) -> QPushButton:
        button = push(words, role, self._themes.current.icon(icon, ink, 16))
        first = next(iter(self._keymap.keys(name)), "")
        keys = label(keys_text(first), "" if role == "wide-primary" else "keycap")
        if role == "wide-primary":
            keys.setStyleSheet(f"color: {self._themes.current.hex('accentInk')}; font-weight: 600")
        inner = row(None, margins=(0, 0, 12, 0))
        inner.addWidget(keys, 0, Qt.AlignmentFlag.AlignVCenter)
        button.setLayout(inner)
        button.clicked.connect(lambda: self.asked.emit(name))
        return button

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        found = [card for card in self.cards if all(word in card.words for word in words)]
        self._cards.show_cards(found)
        self._nothing.setVisible(not found)
        self._nothing.setText(f"No template about “{text.strip()}”.")

    def _restyle(self, theme: Theme) -> None:
        self._panel.setFixedWidth(theme.px(SIDE))
        for button in self._buttons:
            button.setIconSize(QSize(theme.px(16), theme.px(16)))


class CardFlow(QWidget):
    """Cards in as many columns as fit, all of one size."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._cards: list[TemplateCard] = []
        themes.changed.connect(self._lay)

    def show_cards(self, cards: Sequence[TemplateCard]) -> None:
        """Show these and no others."""
        for card in self._cards:
            card.hide()
        self._cards = list(cards)
        for card in self._cards:
            card.setParent(self)
            card.show()
        self._lay()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._lay()

    def _lay(self, *_args: object) -> None:
        theme = self._themes.current
        width, height, gap = theme.px(CARD[0]), theme.px(CARD[1]), theme.px(10)
        across = max((self.width() + gap) // (width + gap), 1)
        wide = (self.width() - gap * (across - 1)) / across
        for index, card in enumerate(self._cards):
            line, place = divmod(index, across)
            left, right = round(place * (wide + gap)), round(place * (wide + gap) + wide)
            card.setGeometry(QRect(left, line * (height + gap), right - left, height))
        lines = -(-len(self._cards) // across)
        self.setMinimumHeight(lines * (height + gap))


class TemplateCard(QFrame):
    """A template: its graph in small, its name, one sentence and its size."""

    chosen = Signal(object)

    def __init__(self, themes: Themes, template: Template) -> None:
        super().__init__()
        self.template = template
        self.setProperty("role", "template")
        project = template.project
        self.words = f"{project.name} {project.description}".lower()
        picture = Thumbnail(themes, project, (CARD[0], 130))
        picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        name = ElidedLabel(project.name, "card-title")
        text = prose(project.description)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        size = label(template.words, "mono-secondary")
        self.open = push("Open", "small-primary")
        self.open.clicked.connect(self._choose)
        self.open.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.open.hide()
        self._size = size
        foot = row(size, self.open, spacing=8)
        body = column(name, text, spacing=4, margins=(12, 10, 12, 10))
        body.addLayout(foot)
        body.setStretch(1, 1)
        layout = column(picture, spacing=0, margins=(1, 1, 1, 1))
        layout.addLayout(body)
        layout.setStretch(0, 10)
        layout.setStretch(1, 10)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Template {project.name}: {project.description}")

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: D102  # Qt's name
        super().enterEvent(event)
        self._light(True)

    def leaveEvent(self, event: object) -> None:  # noqa: D102  # Qt's name
        self._light(self.hasFocus())

    def focusInEvent(self, event: object) -> None:  # noqa: D102  # Qt's name
        self._light(True)

    def focusOutEvent(self, event: object) -> None:  # noqa: D102  # Qt's name
        self._light(self.underMouse())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        self.chosen.emit(self.template.path)

    def _light(self, on: bool) -> None:
        restyled(self, state="lit" if on else "")
        self.open.setVisible(on)
        self._size.setVisible(not on)


class RecentRow(QFrame):
    """A recent file: its graph in small, its name, folder and age."""

    chosen = Signal(object)

    def __init__(self, themes: Themes, path: Path) -> None:
        super().__init__()
        self._path = path
        self.setProperty("role", "recent")
        project = _readable(path)
        picture = Thumbnail(themes, project if project is not None else Project(), (46, 32))
        picture.setFixedSize(picture.sizeHint())
        names = QWidget()
        names.setLayout(
            column(
                ElidedLabel(path.stem), ElidedLabel(_folder(path), "caption", Qt.TextElideMode.ElideMiddle), spacing=0
            )
        )
        result = "" if project is None or project.weights is None else _result(project)
        right = QWidget()
        when, figure = label(age(path.stat().st_mtime), "caption"), label(result, "mono-secondary")
        for text in (when, figure):
            text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        right.setLayout(column(when, figure, spacing=0))
        layout = row(picture, spacing=8, margins=(4, 4, 6, 4))
        layout.addWidget(names, 1)
        layout.addWidget(right)
        self.setLayout(layout)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"Recent file {path.stem}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._path)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._path)
        else:
            super().keyPressEvent(event)


def templates() -> tuple[Template, ...]:
    """Every template with its number of parameters, smallest first."""
    folder = FOLDER / "templates"
    found: list[Template] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        project = load(path)
        found.append(Template(path, project, analyse(lower(project)).total_parameters))
    return tuple(sorted(found, key=lambda template: template.parameters))


def exercises() -> tuple[Template, ...]:
    """Every exercise with the number of problems that it shows."""
    found: list[Template] = []
    for path in sorted((FOLDER / "exercises").glob(f"*{SUFFIX}")):
        reading = read(load(path))
        found.append(Template(path, reading.project, reading.analysis.total_parameters, len(reading.problems)))
    return tuple(found)


def age(seconds: float) -> str:
    """How long ago a file was written, in words."""
    passed = max(time.time() - seconds, 0.0)
    if passed < 3600:
        return f"{max(round(passed / 60), 1)} min ago"
    if passed < 24 * 3600:
        return f"{round(passed / 3600)} h ago"
    if passed < 2 * 24 * 3600:
        return "yesterday"
    return time.strftime("%d %b" if passed < 300 * 24 * 3600 else "%b %Y", time.localtime(seconds)).lstrip("0")


def _result(project: Project) -> str:
    weights = project.weights
    if weights is None:
        return ""
    if weights.validation_accuracy is not None:
        return f"{100 * weights.validation_accuracy:.1f} %"
    return f"{weights.validation_loss:.3g}" if weights.validation_loss is not None else ""


def _readable(path: Path) -> Project | None:
    try:
        return load(path)
    except FileError:
        return None  # its row says nothing of it; opening it tells why


def _folder(path: Path) -> str:
    home = Path.home()
    return f"~/{path.parent.relative_to(home)}" if path.parent.is_relative_to(home) else str(path.parent)
