"""What lies over the graph: zoom bar, legend, the hint at the pointer, and the invitation when empty."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import Theme, Themes
from gui.widgets import IconButton, label, line, push

_HINT_MILLISECONDS = 6000
_FIXED = QSizePolicy.Policy.Fixed
EDGE = 2
"""Pixels at the edge of a box, in which its corners are round."""


class Panel(QFrame):
    """A small box over the graph, with the panel's ground and a hairline."""

    def __init__(self, themes: Themes, parent: QWidget, ground: str = "panel", edge: str = "line1") -> None:
        super().__init__(parent)
        self.themes = themes
        self._ground, self._edge = ground, edge
        self.setSizePolicy(_FIXED, _FIXED)
        themes.changed.connect(self._repaint)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self.themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(self._edge), 1))
        painter.setBrush(self.color)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    @property
    def color(self) -> QColor:
        """That of its ground."""
        return self.themes.current.color(self._ground)

    def _repaint(self, _theme: Theme) -> None:
        self.update()


class Inside(QWidget):
    """All of a box but its edge: nothing shows through, so that what stands here is not painted with every frame."""

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel)
        self._panel = panel
        around = QHBoxLayout(panel)
        around.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        around.addWidget(self)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        QPainter(self).fillRect(event.rect(), self._panel.color)


class ZoomBar(Panel):
    """Zoom out, the zoom, zoom in; fit, auto layout, minimap."""

    asked = Signal(str)
    """out, reset, in, fit, layout or minimap."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(themes, parent)
        self._zoom = label("100%", "mono11")
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QHBoxLayout(Inside(self))
        layout.setContentsMargins(4 - EDGE, 2 - EDGE, 4 - EDGE, 2 - EDGE)
        layout.setSpacing(2)
        layout.addWidget(self._button("minus", "Zoom out", "out"))
        layout.addWidget(self._zoom)
        layout.addWidget(self._button("plus", "Zoom in", "in"))
        layout.addSpacing(3)
        rule = line(vertical=True)
        rule.setFixedHeight(themes.current.px(16))
        layout.addWidget(rule)
        layout.addSpacing(3)
        layout.addWidget(self._button("fit", "Fit all", "fit"))
        layout.addWidget(self._button("layout", "Auto layout", "layout"))
        self._map = self._button("map", "Minimap", "minimap")
        layout.addWidget(self._map)
        themes.changed.connect(self._resize)
        self._resize(themes.current)

    def show_zoom(self, zoom: float) -> None:
        """Show the zoom in percent."""
        self._zoom.setText(f"{round(zoom * 100)}%")

    def show_map(self, shown: bool) -> None:
        """Mark whether the minimap is there."""
        self._map.show_icon("map", "accent" if shown else "text2")

    def _button(self, icon: str, text: str, ask: str) -> IconButton:
        button = IconButton(self.themes, icon, text, 14)
        button.clicked.connect(lambda: self.asked.emit(ask))
        return button

    def _resize(self, theme: Theme) -> None:
        self._zoom.setFixedWidth(theme.px(40))
        self.adjustSize()


class Legend(Panel):
    """What the colours and widths of the gradient view mean."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(themes, parent)
        layout = QHBoxLayout(Inside(self))
        layout.setContentsMargins(12 - EDGE, 0, 12 - EDGE, 0)
        layout.setSpacing(8)
        for text, role in (("Gradient", "caption"), ("vanishing", "caption2"), ("1e−8", "mono-caption")):
            layout.addWidget(label(text, role))
        layout.addWidget(_Scale(themes, self))
        for text, role in (("1e1", "mono-caption"), ("exploding", "caption2")):
            layout.addWidget(label(text, role))
        layout.addWidget(_Widths(themes, self))
        layout.addWidget(label("wire width", "caption"))
        self.adjustSize()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(super().sizeHint().width(), self.themes.current.px(28))


class _Scale(QWidget):
    """The scale's colours from 1e−8 to 10, the same in every theme."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        lut = themes.current.lut
        self._strip = QImage(len(lut), 1, QImage.Format.Format_RGB32)
        for index, rgb in enumerate(lut):
            self._strip.setPixelColor(index, 0, QColor(*rgb))
        self.setFixedSize(120, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # Qt's name
        painter = QPainter(self)
        painter.drawImage(self.rect(), self._strip)


class _Widths(QWidget):
    """A thin wire and a wide one."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setFixedSize(36, 8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # Qt's name
        color = self._themes.current.color
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 3.5, 16, 1), color("text3"))
        painter.fillRect(QRectF(20, 2.5, 16, 3), color("wire"))


class Hint(Panel):
    """A few words at the pointer: why a wire cannot be."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(themes, parent, "raised", "error")
        self._text = label("", "caption2")
        self._text.setWordWrap(True)
        self._text.setFixedWidth(260)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.addWidget(self._text)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._gone = QTimer(self, singleShot=True, interval=_HINT_MILLISECONDS)
        self._gone.timeout.connect(self.hide)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show these words for a while, or nothing for an empty text."""
        self.setVisible(bool(text))
        self._gone.stop()
        if text:
            self._gone.start()
            self._text.setText(text)
            self.adjustSize()
            self.raise_()

    @property
    def text(self) -> str:
        """What it says now."""
        return self._text.text() if self.isVisible() else ""


class Invitation(QWidget):
    """What an empty graph says: what goes here and how."""

    template_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation, False)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        words: QLabel = label("Drop a layer here, or press Space", "secondary")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(words)
        button = push("Open a template")
        button.clicked.connect(self.template_requested)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        self.adjustSize()
