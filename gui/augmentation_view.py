"""Samples as they are and as augmentation draws them, in the inspector; with what is shown while there are none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.engine.variants import Varied
from gui.theme import Theme, Themes
from gui.widgets import IconButton, column, label, prose, push, row

GAP, BREAK, PAD = 3, 6, 4
"""Pixels between pictures, between the samples and what was drawn of them, and around all."""
STRIP = 12
"""Height of a row of numbers."""
_SERIES, _VEIL = 6, 0x80000000
"""Colours of classes, and how much of a mask's colour is seen over the picture."""
_DIM = 0.45
"""Opacity of a picture that is being drawn anew."""


class VariantsView(QWidget):
    """A column a sample: as it is above, as it was drawn below."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._found: Varied | None = None
        self._images: list[list[QImage]] = []
        self._veils: list[list[QImage]] = []
        """What is laid over each picture: its mask, coloured by class."""
        self._is_old = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    @property
    def found(self) -> Varied | None:
        """What is shown."""
        return self._found

    def show_variants(self, found: Varied) -> None:
        """Show these."""
        self._found, self._is_old = found, False
        self._images = _images(found)
        self._veils = _veils(found, self._themes.current)
        names = ", ".join(texts[0] for texts in found.captions)
        self.setAccessibleName(f"Samples as they are ({names}), and {found.shape[1] - 1} draws of each")
        self._fit()
        self.update()

    def fade(self) -> None:
        """What is shown is of another list."""
        self._is_old = True
        self.update()

    def place(self, sample: int, draw: int) -> QRectF:
        """Where a picture is; the draw 0 is the sample as it is."""
        side, tall = self._size()
        down = PAD + draw * (tall + GAP) + (BREAK if draw else 0)
        return QRectF(PAD + sample * (side + GAP), down, side, tall)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self._caption(event.pos())
            QToolTip.showText(event.globalPos(), text, self) if text else QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        if self._found is None:
            return
        theme, painter = self._themes.current, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("inset"))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setOpacity(_DIM if self._is_old else 1.0)
        small = self._found.shape[-1] * 2 > self.place(0, 0).width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, small)
        for sample, images in enumerate(self._images):
            for draw, image in enumerate(images):
                painter.drawImage(self.place(sample, draw), image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for sample, veils in enumerate(self._veils):
            for draw, veil in enumerate(veils):
                painter.drawImage(self.place(sample, draw), veil)
        painter.setOpacity(1.0)
        under = self.place(0, 0).bottom() + (BREAK + GAP) / 2
        painter.setPen(theme.color("line2"))
        painter.drawLine(PAD, round(under), self.width() - PAD, round(under))

    def _caption(self, at: QPoint) -> str:
        found = self._found
        for sample, texts in enumerate(found.captions if found is not None else ()):
            for draw, text in enumerate(texts):
                if self.place(sample, draw).contains(at):
                    return f"{text}, as it is" if draw == 0 else f"{text}, draw {draw}"
        return ""

    def _size(self) -> tuple[float, float]:
        """Width and height of one picture."""
        if self._found is None:
            return 0.0, 0.0
        count, _draws, _channels, height, width = self._found.shape
        side = max((self.width() - 2 * PAD - GAP * (count - 1)) / count, 4.0)
        return side, min(side * height / width, 2 * side) if self._found.form == "picture" else float(STRIP)

    def _fit(self) -> None:
        draws = self._found.shape[1] if self._found is not None else 1
        self.setFixedHeight(round(2 * PAD + draws * (self._size()[1] + GAP) - GAP + BREAK))

    def _restyle(self, theme: Theme) -> None:
        self._veils = _veils(self._found, theme) if self._found is not None else []
        self.update()


class Preview(QWidget):
    """The view under its caption, with a button to draw anew; a line says what is being waited for, or what failed."""

    again = Signal()
    """Draw with another seed."""
    retried = Signal()

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.view = VariantsView(themes)
        self.dice = IconButton(themes, "dice", "Draw anew, by another seed", 15)
        self.dice.clicked.connect(self.again)
        self.caption = label("", "caption2")
        self.fault = prose("", "error")
        self.retry = push("Try again", "link")
        self.retry.clicked.connect(self.retried)
        stack = column(spacing=4)
        stack.addLayout(row(self.caption, None, self.dice, spacing=4))
        for widget in (self.view, self.fault):
            stack.addWidget(widget)
        stack.addLayout(row(self.retry, None))
        self.setLayout(stack)
        self.say("")

    def show_variants(self, found: Varied) -> None:
        """Show these."""
        self.view.show_variants(found)
        self._settle(f"As they are, and {found.shape[1] - 1} draws", shown=True)

    def say(self, text: str) -> None:
        """Say what is being waited for; what was shown stays, dimmed."""
        self.view.fade()
        self._settle(text, shown=self.view.found is not None)

    def refuse(self, text: str) -> None:
        """Say why there is nothing to see."""
        self._settle("No preview", shown=False, fault=text)

    def _settle(self, caption: str, shown: bool, fault: str = "") -> None:
        self.caption.setText(caption)
        self.view.setVisible(shown)
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        self.retry.setVisible(bool(fault))
        self.dice.setEnabled(shown)


def _images(found: Varied) -> list[list[QImage]]:
    """An image for each sample and draw."""
    samples, draws, channels, height, width = found.shape
    size = channels * height * width
    starts = ((sample * draws + draw) * size for sample in range(samples) for draw in range(draws))
    made = [_image(found.pixels[start : start + size], channels, height, width) for start in starts]
    return [made[sample * draws : (sample + 1) * draws] for sample in range(samples)]


def _veils(found: Varied, theme: Theme) -> list[list[QImage]]:
    """The mask of each picture, class 0 left out; nothing where there are none."""
    samples, draws, _channels, height, width = found.shape
    if not found.masks:
        return []
    colors = [0, *(theme.series(index % _SERIES).rgb() & 0xFFFFFF | _VEIL for index in range(255))]
    plane, made = height * width, []
    for place in range(samples * draws):
        part = found.masks[place * plane : (place + 1) * plane]
        veil = QImage(part, width, height, width, QImage.Format.Format_Indexed8).copy()
        veil.setColorTable(colors)
        made.append(veil)
    return [made[sample * draws : (sample + 1) * draws] for sample in range(samples)]


def _image(pixels: bytes, channels: int, height: int, width: int) -> QImage:
    """Three channels are colours; of any other number the first is grey."""
    plane = height * width
    if channels != 3:
        return QImage(pixels[:plane], width, height, width, QImage.Format.Format_Grayscale8).copy()
    colors = bytearray(3 * plane)
    for channel in range(3):
        colors[channel::3] = pixels[channel * plane : (channel + 1) * plane]
    return QImage(bytes(colors), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
