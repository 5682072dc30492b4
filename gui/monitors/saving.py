"""Copies and saves what a plot shows: as pixels, as lines that scale, or as the numbers themselves."""

from __future__ import annotations

import os
import re
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from core.errors import FileError
from gui.monitors.drawn import Drawn

SHARPNESS = 2.0
"""Pixels of a saved picture for one on the screen."""
FORMATS = {".png": "Picture (*.png)", ".svg": "Drawing (*.svg)", ".csv": "Numbers (*.csv)"}


def ask(parent: QWidget, title: str) -> Path | None:
    """Where to save, with an ending; None where that was cancelled."""
    name = re.sub(r"\W+", "-", title.lower()).strip("-")
    chosen, kind = QFileDialog.getSaveFileName(parent, f"Save {title}", f"{name}.png", ";;".join(FORMATS.values()))
    if not chosen:
        return None
    path = Path(chosen)
    ending = next((ending for ending, words in FORMATS.items() if words == kind), ".png")
    return path if path.suffix.lower() in FORMATS else path.with_name(path.name + ending)


def save(plot: Drawn, path: Path) -> None:
    """Write what the plot shows, by the file's ending; raises FileError."""
    aside = path.with_name(f".{path.name}.part")
    try:
        match path.suffix.lower():
            case ".csv":
                _write_numbers(plot, aside, path)
            case ".svg":
                aside.write_bytes(drawing(plot))
            case ".png":
                aside.write_bytes(_png(picture(plot)))
            case other:
                wanted = f"a file called {', '.join(FORMATS)} was wanted"
                raise FileError(wanted, f"“{other}” came", str(path), "Choose one of these endings.")
        os.replace(aside, path)
    except OSError as error:
        raise FileError("a file for the plot was to be written", str(error), str(path), "Save it elsewhere.") from error
    finally:
        aside.unlink(missing_ok=True)


def picture(plot: Drawn) -> QImage:
    """The plot as it is on the screen, sharper."""
    size = plot.size()
    image = QImage(size * SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPNESS)
    image.fill(Qt.GlobalColor.black)
    plot.render(image, QPoint())
    return image


def drawing(plot: Drawn) -> bytes:
    """The plot as SVG."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    made = QSvgGenerator()
    made.setOutputDevice(buffer)
    made.setSize(plot.size())
    made.setViewBox(QRect(QPoint(), plot.size()))
    made.setTitle(plot.accessibleName())
    painter = QPainter(made)
    plot.keeps_lines = True
    plot.refresh()
    try:
        plot.render(painter, QPoint())
    finally:
        plot.keeps_lines = False
        plot.refresh()
        painter.end()
    return bytes(content.data())


def copy_picture(plot: Drawn) -> None:
    """The picture, into the clipboard."""
    QGuiApplication.clipboard().setImage(picture(plot))


def copy_numbers(plot: Drawn) -> None:
    """The table, into the clipboard; nothing where there is none."""
    sheet = plot.sheet()
    if sheet is not None:
        QGuiApplication.clipboard().setText(sheet.text())


def _write_numbers(plot: Drawn, path: Path, wanted: Path) -> None:
    sheet = plot.sheet()
    if sheet is None:
        raise FileError(
            "a plot with numbers was wanted", "this one is empty", str(wanted), "Save it when it shows some."
        )
    with path.open("w", encoding="utf-8", newline="") as file:
        for piece in sheet.lines():
            file.write(piece)


def _png(image: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes for the format
    return bytes(content.data())
