"""Signed numbers as colours: blue below zero, orange above, the ground of plots between."""

from __future__ import annotations

from PySide6.QtGui import QImage

from gui.theme import Theme, mix


def diverging(theme: Theme) -> list[int]:
    """256 colours from blue over the ground of plots to orange; 128 is the middle."""
    low, middle, high = theme.class_color(0), theme.class_middle, theme.class_color(1)
    lower = [mix(middle, low, (128 - index) / 127) for index in range(1, 128)]
    upper = [mix(middle, high, index / 127) for index in range(128)]
    return [color.rgb() for color in (lower[0], *lower, *upper)]


def shaded(theme: Theme, pixels: bytes, width: int, height: int) -> QImage:
    """An image of (HEIGHT, WIDTH) bytes in these colours."""
    padded = -(-width // 4) * 4
    lines = [pixels[at : at + width].ljust(padded, b"\0") for at in range(0, width * height, width)]
    image = QImage(b"".join(lines), width, height, padded, QImage.Format.Format_Indexed8).copy()
    image.setColorTable(diverging(theme))
    return image


def signed(value: float, plus: bool = False) -> str:
    """A number with two digits that count, its minus as long as a plus."""
    return f"{value:{'+' if plus else ''}.2g}".replace("-", "−")
