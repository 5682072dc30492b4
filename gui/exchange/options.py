"""What can be chosen for a format: weights for networks, look and scale for pictures, with a small preview."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from core.exchange.formats import Format
from gui.exchange.picture import Style
from gui.segments import Segments
from gui.theme import Themes
from gui.widgets import CheckBox, column, label, prose, row

LABEL = 84
THEMES = (("light", "Light"), ("dark", "Dark"))
GROUNDS = (("theme", "Canvas"), ("white", "White"), ("none", "None"))
SCALES = (("1", "1×"), ("2", "2×"), ("3", "3×"), ("4", "4×"))
WEIGHTS = (("trained", "Trained"), ("initial", "Initial"))


class Options(QWidget):
    """The options of the format that is chosen."""

    changed = Signal()

    def __init__(self, themes: Themes, trained: str, initial: str, has_gradients: bool) -> None:
        """`trained` and `initial` say in a sentence which weights these are; the former is empty without any."""
        super().__init__()
        self.setProperty("role", "clear")
        self._trained, self._initial = trained, initial
        self.title, self.help = label("", "card-title"), prose()
        self.weights = Segments(themes, WEIGHTS)
        self.theme, self.ground, self.scale = (Segments(themes, choices) for choices in (THEMES, GROUNDS, SCALES))
        self.scale.choose("2")
        self.gradients = CheckBox(themes, "Gradients as on the canvas")
        self.gradients.setVisible(has_gradients)
        self.gradients.setChecked(has_gradients)
        self.told = prose("", "caption2")
        self.preview = Preview(themes)
        self._has_gradients = has_gradients
        self._weights = _line(themes, "Weights", self.weights)
        self._looks = (_line(themes, "Theme", self.theme), _line(themes, "Background", self.ground))
        self._scale = _line(themes, "Scale", self.scale)
        lines = (self._weights, *self._looks, self._scale, self.gradients)
        self.setLayout(column(self.title, self.help, 4, *lines, self.told, self.preview, None, spacing=8))
        for choice in (self.weights, self.theme, self.ground, self.scale):
            choice.chosen.connect(self._tell)
        self.gradients.toggled.connect(self._tell)

    def show_format(self, kind: Format) -> None:
        """Show the options of this format."""
        self.title.setText(kind.title)
        self.help.setText(kind.help)
        draws = kind.made == "picture" or kind.name == "card"
        self._weights.setVisible(kind.made == "model" and bool(self._trained))
        self.told.setVisible(kind.made == "model")
        for line in self._looks:
            line.setVisible(draws)
        self._scale.setVisible(kind.name in ("png", "card"))
        self.gradients.setVisible(draws and self._has_gradients)
        self.preview.setVisible(draws)
        self._tell()

    @property
    def initial(self) -> bool:
        """Whether the weights shall be those that the seed starts with."""
        return not self._trained or self.weights.current == "initial"

    @property
    def look(self) -> Style:
        """How a picture shall look."""
        return Style(self.theme.current, self.ground.current, float(self.scale.current))  # type: ignore[arg-type]  # GROUNDS

    @property
    def with_gradients(self) -> bool:
        """Whether a picture shall show the gradients of the canvas."""
        return self._has_gradients and self.gradients.isChecked()

    def _tell(self, _choice: object = None) -> None:
        self.told.setText(self._initial if self.initial else self._trained)
        self.changed.emit()


class Preview(QFrame):
    """A picture in small, on a ground of squares where nothing lies behind it."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._image = QImage()
        self.setProperty("role", "inset")
        self.setMinimumHeight(themes.current.px(110))
        self.setAccessibleName("Preview of the picture")

    def show_image(self, image: QImage) -> None:
        """Show this picture; an empty one where there is none."""
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._themes.current.px(360), self._themes.current.px(170))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        if self._image.isNull():
            return
        room = QRectF(self.rect()).adjusted(8, 8, -8, -8)
        scale = min(room.width() / self._image.width(), room.height() / self._image.height(), 1.0)
        size = (self._image.size().toSizeF() * scale).toSize()
        ratio = self.devicePixelRatioF()
        small = self._image.scaled(
            size * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        target = QRectF(room.center().x() - size.width() / 2, room.center().y() - size.height() / 2, *size.toTuple())
        painter = QPainter(self)
        if self._image.pixelColor(0, 0).alpha() == 0:
            painter.fillRect(target, Qt.GlobalColor.white)
            painter.fillRect(target, Qt.BrushStyle.Dense7Pattern)
        painter.drawImage(target, small)


def _line(themes: Themes, words: str, widget: QWidget) -> QWidget:
    made, name = QWidget(), label(words, "secondary")
    made.setProperty("role", "clear")
    name.setFixedWidth(themes.current.px(LABEL))
    widget.setAccessibleName(words)
    made.setLayout(row(name, widget, None))
    return made
