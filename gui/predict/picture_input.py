"""The input of a network that reads pictures: drawn, dropped, opened, pasted, or a sample of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageReader,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QSlider, QWidget

from core.prediction.centring import Framing
from gui.pixels import image_of, is_dark_on_light, picture_of
from gui.predict.pad import BRUSH, THICK, THIN, Pad
from gui.theme import Theme, Themes
from gui.widgets import IconButton, column, label, row

LARGEST = 4096
"""Pixels of a side of a file's picture, at the most: a larger one is read smaller."""
FILES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;All files (*)"


class Shown(QWidget):
    """A picture (C, H, W) in its own proportions, its pixels to be seen."""

    def __init__(self, themes: Themes, name: str, side: int) -> None:
        super().__init__()
        self._themes, self._side = themes, side
        self.picture: NDArray[Any] | None = None
        self.image = QImage()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_picture(self, picture: NDArray[Any] | None) -> None:
        """Show this, or nothing."""
        before = self.image.size()
        self.picture = picture
        self.image = image_of(picture) if picture is not None else QImage()
        if before != self.image.size():
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        side = self._themes.current.px(self._side)
        if self.image.isNull():
            return QSize(side, side)
        scale = side / max(self.image.width(), self.image.height())
        return QSize(round(self.image.width() * scale), round(self.image.height() * scale))

    def frame_rect(self) -> QRectF:
        """Where the picture lies."""
        if self.image.isNull():
            return QRectF(self.rect())
        scale = min(self.width() / self.image.width(), self.height() / self.image.height())
        wide, tall = round(self.image.width() * scale), round(self.image.height() * scale)
        return QRectF((self.width() - wide) // 2, (self.height() - tall) // 2, wide, tall)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme, place = self._themes.current, self.frame_rect()
        painter = QPainter(self)
        painter.fillRect(place, theme.color("inset"))
        if not self.image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.image.width() > place.width())
            painter.drawImage(place, self.image)
        painter.setPen(theme.color("line2"))
        painter.drawRect(place.adjusted(0, 0, -1, -1))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


class PictureInput(QWidget):
    """A drawing pad for grey pictures, a frame for coloured ones, and the ways in for files and the clipboard."""

    changed = Signal()
    """The user gave another picture."""
    noised = Signal()
    """Another amount of noise lies over the same picture."""
    failed = Signal(str)
    """Why a picture could not be taken."""

    def __init__(
        self, themes: Themes, shape: tuple[int, ...], framing: Framing | None = None, with_noise: bool = False
    ) -> None:
        """`with_noise` offers to lay noise over the picture, for a network that gives pictures back."""
        super().__init__()
        self._with_noise, self._noise = with_noise, 0.0
        self._grain = np.random.RandomState(0).standard_normal((shape[0], shape[1], shape[2])).astype(np.float32)
        self._themes, self._shape, self._framing = themes, (shape[0], shape[1], shape[2]), framing
        self.ask_path: Callable[[], str] = self._ask_path
        self.pad = Pad(themes)
        self.pad.use(self._shape, framing)
        self.frame = Shown(themes, "Picture", 208)
        self.seen = Shown(themes, "What the network sees", 72)
        self._is_grey = shape[0] == 1
        self.pad.setVisible(self._is_grey)
        self.frame.setVisible(not self._is_grey)
        self._picture: NDArray[Any] = np.zeros(self._shape, np.float32)
        self.frame.show_picture(self._picture)
        self.setAcceptDrops(True)
        self._lay_out()
        self.pad.changed.connect(self._show_seen)
        self.pad.drawn.connect(self.changed)
        self._show_seen()

    @property
    def values(self) -> NDArray[Any]:
        """The picture as a sample (1, C, H, W)."""
        picture = self.pad.picture if self._is_grey else self._picture
        if not self._noise:
            return picture[None]
        noised: NDArray[Any] = np.clip(picture + np.float32(self._noise) * self._grain, 0, 1)
        return noised[None]

    @property
    def is_given(self) -> bool:
        """Whether there is a picture to be judged."""
        return not (self._is_grey and self.pad.is_empty)

    def show_sample(self, values: NDArray[Any]) -> None:
        """Show this sample (1, C, H, W) of the data."""
        self._show(values[0])

    def take_image(self, image: QImage) -> None:
        """Show this picture, cut and resized as the network's input is; dark ink on paper becomes ink on black."""
        if image.isNull():
            self.failed.emit("There is no picture on the clipboard.")
            return
        picture = picture_of(image, *self._shape)
        if self._is_grey and is_dark_on_light(picture):
            picture = np.float32(1) - picture
        self._show(picture)
        self.changed.emit()

    def open_file(self, path: str) -> None:
        """Read a picture from a file, no larger than LARGEST a side."""
        reader = QImageReader(path)
        reader.setAutoTransform(True)
        size = reader.size()
        if size.isValid() and max(size.width(), size.height()) > LARGEST:
            reader.setScaledSize(size.scaled(LARGEST, LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
        image = reader.read()
        if image.isNull():
            self.failed.emit(f"{path.rpartition('/')[2]} could not be read: {reader.errorString().lower()}.")
        else:
            self.take_image(image)

    def paste(self) -> None:
        """Take the picture that is on the clipboard."""
        self.take_image(QGuiApplication.clipboard().image())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: D102  # Qt's name
        if _path(event.mimeData()) or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: D102  # Qt's name
        path = _path(event.mimeData())
        if path:
            self.open_file(path)
        else:
            self.take_image(QImage(event.mimeData().imageData()))
        event.acceptProposedAction()

    def _lay_out(self) -> None:
        themes = self._themes
        tools = []
        if self._is_grey:
            self._brush = QSlider(Qt.Orientation.Horizontal)
            self._brush.setRange(round(THIN * 1000), round(THICK * 1000))
            self._brush.setValue(round(BRUSH * 1000))
            self._brush.setAccessibleName("Thickness of the brush")
            self._brush.setToolTip("Thickness of the brush")
            self._brush.setMinimumWidth(32)
            self._brush.setMaximumWidth(themes.current.px(72))
            self._brush.valueChanged.connect(self._use_brush)
            tools += [
                self._tool("undo", "Take back the last stroke (Backspace)", self.pad.undo),
                self._tool("close", "Clear the sheet (Delete)", self.pad.clear),
            ]
        files = [
            self._tool("folder", "Open a picture…", self._open),
            self._tool("paste", "Paste a picture (Ctrl+V)", self.paste),
        ]
        sees = column(label("network sees", "caption"), self.seen, None, spacing=4)
        self._sees = QWidget()
        self._sees.setProperty("role", "clear")
        self._sees.setLayout(sees)
        self._sees.setVisible(self._is_grey)
        upper = row(self.pad, self.frame, self._sees, spacing=8)
        upper.setStretch(0, 1)
        upper.setStretch(1, 1)
        lower = row(*([self._brush] if self._is_grey else []), *tools, None, *files, spacing=4)
        layout = column(spacing=6)
        layout.addLayout(upper)
        layout.addLayout(lower)
        if self._with_noise:
            layout.addLayout(self._noise_row())
        self.setLayout(layout)

    def _noise_row(self) -> QHBoxLayout:
        self.noise = QSlider(Qt.Orientation.Horizontal)
        self.noise.setRange(0, 100)
        self.noise.setAccessibleName("Noise laid over the picture")
        self.noise.setToolTip("Noise laid over the picture before the network sees it: its standard deviation")
        self._amount = label("0", "mono-secondary")
        self.noise.valueChanged.connect(self._use_noise)
        made = row(label("Noise", "secondary"), self.noise, self._amount, spacing=8)
        made.setStretch(1, 1)
        return made

    def _use_noise(self, hundredths: int) -> None:
        self._noise = hundredths / 100
        self._amount.setText(f"{self._noise:.2g}")
        self._show_seen()
        self.noised.emit()

    def _tool(self, icon: str, words: str, call: Callable[[], object]) -> IconButton:
        made = IconButton(self._themes, icon, words, 14)
        made.clicked.connect(call)
        return made

    def _use_brush(self, thousandths: int) -> None:
        self.pad.brush = thousandths / 1000

    def _show(self, picture: NDArray[Any]) -> None:
        if self._is_grey:
            self.pad.show_picture(picture.astype(np.float32))
        else:
            self._picture = picture
            self._show_seen()

    def _show_seen(self) -> None:
        seen = self.values[0]
        (self.seen if self._is_grey else self.frame).show_picture(seen)

    def _open(self) -> None:
        path = self.ask_path()
        if path:
            self.open_file(path)

    def _ask_path(self) -> str:
        chosen, _filter = QFileDialog.getOpenFileName(self, "Open a picture", "", FILES)
        return chosen


def _path(data: QMimeData) -> str:
    """The file that is dropped; empty for none."""
    return next((url.toLocalFile() for url in data.urls() if url.isLocalFile()), "")
