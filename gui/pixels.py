"""Pictures between Qt and numpy: what a network reads and gives as (C, H, W) from 0 to 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter

from core.prediction.centring import resized

Floats = NDArray[np.float32]
LIGHT = 0.5
"""Corners above this are paper: the picture is dark ink on a light ground."""


def image_of(picture: NDArray[Any]) -> QImage:
    """The picture (C, H, W), of one grey channel, three colours or four with alpha, as an image; 1 is white."""
    levels = np.clip(np.nan_to_num(picture.astype(np.float64)) * 255, 0, 255).round().astype(np.uint8)
    count, height, width = levels.shape
    if count == 1:
        grey = np.ascontiguousarray(levels[0])
        return QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8).copy()
    form = QImage.Format.Format_RGB888 if count == 3 else QImage.Format.Format_RGBA8888
    colors = np.ascontiguousarray(levels.transpose(1, 2, 0))
    return QImage(colors.data, width, height, width * count, form).copy()


def picture_of(image: QImage, channels: int, height: int, width: int) -> Floats:
    """The middle of the image in the wanted proportions, as (C, H, W) from 0 to 1, each pixel the mean of its area."""
    form = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    whole = _on_white(image, form).convertToFormat(form)
    deep = 4 if channels == 4 else 3
    rows = np.frombuffer(whole.constBits(), np.uint8).reshape(whole.height(), whole.bytesPerLine())
    levels = rows[:, : whole.width() * deep].reshape(whole.height(), whole.width(), deep).transpose(2, 0, 1)
    cut = _cut(levels.astype(np.float32) / np.float32(255), height, width)
    # the luma of ITU-R BT.601, as Pillow's own conversion to grey has it
    grey = np.tensordot(np.array([[0.299, 0.587, 0.114]], np.float32), cut, 1) if channels == 1 else cut
    return resized(grey, height, width)


def is_dark_on_light(picture: Floats) -> bool:
    """Whether the corners of a grey picture are light, as those of a photographed sheet."""
    side = max(min(picture.shape[-2:]) // 8, 1)
    corners = [picture[..., a, b] for a in (slice(side), slice(-side, None)) for b in (slice(side), slice(-side, None))]
    return float(np.median([corner.mean() for corner in corners])) > LIGHT


def _on_white(image: QImage, form: QImage.Format) -> QImage:
    """The image without its transparency, where the network knows none."""
    if not image.hasAlphaChannel() or form == QImage.Format.Format_RGBA8888:
        return image
    ground = QImage(image.size(), QImage.Format.Format_RGB32)
    ground.fill(QColor(Qt.GlobalColor.white))
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    return ground


def _cut(picture: Floats, height: int, width: int) -> Floats:
    """The largest part in the middle that has these proportions."""
    tall, wide = picture.shape[1:]
    scale = min(tall / height, wide / width)
    rows, columns = max(round(height * scale), 1), max(round(width * scale), 1)
    top, left = (tall - rows) // 2, (wide - columns) // 2
    return picture[:, top : top + rows, left : left + columns]
