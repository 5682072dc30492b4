"""Drawings of networks on the start page: what is drawn, and in whose colours."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from gui.drawing import DRAWINGS, Drawing, colored, drawing_of
from gui.theme import NAMES, Themes


def painted(drawing: Drawing, themes: Themes) -> QImage:
    image = QImage(400, 260, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    drawing.paint(painter, themes.current, QRectF(0, 0, 400, 260))
    painter.end()
    return image


@pytest.mark.parametrize("path", sorted(DRAWINGS.glob("*.svg")), ids=lambda path: path.stem)
def test_each_is_a_drawing_in_colours_of_the_theme(path: Path, dressed) -> None:
    themes = Themes()
    for name in NAMES:
        themes.use(name)
        text = colored(path.read_text(encoding="utf-8"), themes.current)
        assert "$" not in text
        renderer = QSvgRenderer(QByteArray(text.encode()))
        assert renderer.isValid()
        assert (renderer.defaultSize().width(), renderer.defaultSize().height()) == (200, 130)


def test_it_is_drawn_anew_in_another_theme(dressed, tmp_path: Path) -> None:
    rect = '<rect width="200" height="130" fill="$Data"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 130">{rect}</svg>'
    (tmp_path / "one.svg").write_text(svg)
    drawing, themes = drawing_of("one", tmp_path), Themes()
    assert drawing is not None
    assert drawing_of("two", tmp_path) is None
    for name in NAMES:
        themes.use(name)
        assert painted(drawing, themes).pixelColor(200, 130) == QColor(themes.current.category("Data"))
