"""The inspector's pictures of a layer's weights: a convolution's kernels, and the histogram of all weights."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.engine.portraits import Portrait
from gui.shades import shaded, signed
from gui.theme import Theme, Themes
from gui.widgets import IconButton, column, label, row

ACROSS = 8
"""Kernels in a row."""
GAP = 4


class Histogram(QWidget):
    """How many weights lie where, from the negative of the largest magnitude to it."""

    def __init__(self, themes: Themes, category: str) -> None:
        super().__init__()
        self._themes = themes
        self._category = category
        self._portrait: Portrait | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_portrait(self, portrait: Portrait) -> None:
        """Show these weights."""
        self._portrait = portrait
        told = f"{portrait.count:,} weights, mean {signed(portrait.mean)}, deviation {portrait.deviation:.2g}"
        self.setAccessibleName(f"Histogram of {told}, from {signed(-portrait.edge)} to {signed(portrait.edge)}")
        self.setToolTip(f"{told[:1].upper()}{told[1:]}. Biases are left out.")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(100, self._themes.current.px(62))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        if self._portrait is None:
            return
        theme = self._themes.current
        painter = QPainter(self)
        foot = theme.px(16)
        place = QRectF(0, 2, self.width(), self.height() - foot - 3)
        self._paint_bars(painter, place, theme.category(self._category))
        painter.setPen(theme.color("line2"))
        painter.drawLine(QPointF(place.left(), place.bottom() + 0.5), QPointF(place.right(), place.bottom() + 0.5))
        painter.setPen(theme.color("text3"))
        painter.setFont(theme.mono(11))
        below = QRectF(0, place.bottom() + 1, self.width(), foot)
        edge = self._portrait.edge
        for text, where in (
            (signed(-edge), Qt.AlignmentFlag.AlignLeft),
            ("0", Qt.AlignmentFlag.AlignHCenter),
            (signed(edge, plus=True), Qt.AlignmentFlag.AlignRight),
        ):
            painter.drawText(below, where | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bars(self, painter: QPainter, place: QRectF, ink: QColor) -> None:
        assert self._portrait is not None
        bins = self._portrait.bins
        most, pitch = max([*bins, 1]), place.width() / len(bins)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        for index, count in enumerate(bins):
            tall = place.height() * count / most
            if count:
                tall = max(tall, 1.0)
            painter.drawRect(QRectF(place.left() + index * pitch, place.bottom() - tall, max(pitch - 1, 1), tall))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


class Kernels(QWidget):
    """A convolution's first kernels: orange adds, blue takes away, both as strong as the largest weight at most."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._portrait: Portrait | None = None
        self._image = QImage()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        themes.changed.connect(self._restyle)

    def show_portrait(self, portrait: Portrait) -> None:
        """Show these kernels."""
        rows_before = self._rows()
        self._portrait = portrait
        self._image = self._drawn(portrait)
        self.setAccessibleName(f"{portrait.shown} of {portrait.kernels} kernels, {portrait.height}×{portrait.width}")
        self.setToolTip(f"{portrait.shown} of {portrait.kernels} kernels: orange adds, blue takes away.")
        if self._rows() != rows_before:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(100, self.heightForWidth(self._themes.current.px(240)))

    def heightForWidth(self, width: int) -> int:  # noqa: D102  # Qt's name
        side = (width - (ACROSS - 1) * GAP) / ACROSS
        portrait = self._portrait
        tall = side * portrait.height / portrait.width if portrait is not None and portrait.width else side
        return round(self._rows() * (min(tall, 2 * side) + GAP))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        portrait = self._portrait
        if portrait is None or not portrait.shown:
            return
        painter = QPainter(self)
        side = (self.width() - (ACROSS - 1) * GAP) / ACROSS
        tall = (self.height() - self._rows() * GAP) / self._rows()
        for index in range(portrait.shown):
            line, place = divmod(index, ACROSS)
            target = QRectF(place * (side + GAP), line * (tall + GAP), side, tall)
            source = QRectF(0, index * portrait.height, portrait.width, portrait.height)
            painter.drawImage(target, self._image, source)

    def _rows(self) -> int:
        return max(-(-self._portrait.shown // ACROSS), 1) if self._portrait is not None else 1

    def _drawn(self, portrait: Portrait) -> QImage:
        """All kernels, one below the other."""
        return shaded(self._themes.current, portrait.pixels, portrait.width, portrait.height * portrait.shown)

    def _restyle(self, _theme: Theme) -> None:
        if self._portrait is not None:
            self._image = self._drawn(self._portrait)
        self.updateGeometry()
        self.update()


class ChannelChoice(QWidget):
    """Which input channel's kernels are shown."""

    chosen = Signal(int)

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._words = label("", "caption")
        self._less = IconButton(themes, "minus", "The kernels of the channel before", 12)
        self._more = IconButton(themes, "plus", "The kernels of the next channel", 12)
        self.channel = 0
        self._less.clicked.connect(lambda: self._choose(self.channel - 1))
        self._more.clicked.connect(lambda: self._choose(self.channel + 1))
        self._channels = 1
        self.setLayout(row(self._words, None, self._less, self._more, spacing=2))

    def show_channels(self, channels: int) -> None:
        """Choose among so many."""
        self._channels = channels
        self.channel = min(self.channel, channels - 1)
        self._words.setText(f"input channel {self.channel} of {channels}")
        self.setVisible(channels > 1)
        self._less.setEnabled(self.channel > 0)
        self._more.setEnabled(self.channel < channels - 1)

    def _choose(self, channel: int) -> None:
        self.channel = channel
        self.show_channels(self._channels)
        self.chosen.emit(channel)


class KernelBox(QWidget):
    """The kernels, and under them the choice of a channel."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.kernels = Kernels(themes)
        self.choice = ChannelChoice(themes)
        self.setLayout(column(self.kernels, self.choice, spacing=2))

    def show_portrait(self, portrait: Portrait) -> None:
        """Show these kernels."""
        self.kernels.show_portrait(portrait)
        self.choice.show_channels(portrait.channels)
