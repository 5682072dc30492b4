"""Pictures of graphs: lines and letters in SVG and PDF, exact pixels in PNG, the same cards as on the canvas."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QColor, QFont, QFontMetricsF
from PySide6.QtSvg import QSvgRenderer

from core import reroutes
from core.collapsing import collapse, show_activations
from core.engine.activations import Activation
from core.errors import CheckError, FileError
from core.exchange.embedded import embedded_text
from core.files import from_text, load
from core.project import Project
from core.reading import read
from core.trail import Entered
from gui.canvas.card_body import Unfolded
from gui.canvas.geometry import ACTIVATION, HEADER
from gui.canvas.look import Look
from gui.canvas.scene import Scene
from gui.exchange.picture import ROOM, Picture, Style
from gui.theme import UI_FAMILY, load_theme
from tests.core.exchange.networks import nested
from tests.gui.conftest import TEMPLATES


@pytest.fixture
def lenet():
    return read(load(TEMPLATES / "lenet5.chain"))


def test_an_svg_holds_texts_as_texts_and_no_pixels_but_those_of_the_data(dressed, lenet):
    text = Picture(lenet, Style()).svg().decode()
    words = re.findall(r"<text[^>]*>\s*([^<]*)</text>", text)
    assert {"conv1", "Conv2d", "48,120", "16×10×10", "400 → 120", "logits"} <= set(words)
    assert words.count("label") == 2  # of the data and of the loss, each once
    assert "not trained yet" not in words
    assert text.count("<image") == 1
    assert len(re.findall(r'font-family="Inter, ', text)) > 20
    assert "Chainrule" not in "".join(re.findall(r'font-family="[^"]*"', text))
    wide = {found[1]: float(found[0]) for found in re.findall(r'<text textLength="([\d.]+)"[^>]*>([^<]*)</text>', text)}
    font = QFont(UI_FAMILY)
    font.setPixelSize(12)
    font.setWeight(QFont.Weight.DemiBold)
    assert wide["conv1"] == pytest.approx(QFontMetricsF(font).horizontalAdvance("conv1"), abs=0.6)
    assert QSvgRenderer(QByteArray(text.encode())).isValid()
    assert from_text(embedded_text(text.encode(), ".svg")) == lenet.project


def test_a_png_is_cropped_to_the_graph_at_its_scale(dressed, lenet):
    picture = Picture(lenet, Style(scale=1.5))
    with Image.open(io.BytesIO(picture.png())) as image:
        assert image.size == (round(picture.size.width() * 1.5), round(picture.size.height() * 1.5))
        assert image.info["dpi"][0] == pytest.approx(144, abs=0.1)
        assert from_text(str(image.text["chainrule"])) == lenet.project
        canvas = load_theme("light").color("canvas")
        edge = round((ROOM - 14) * 1.5)
        border = [image.convert("RGB").getpixel((x, edge // 2)) for x in range(0, image.width, 7)]
        assert set(border) == {(canvas.red(), canvas.green(), canvas.blue())}


def test_the_ground_is_the_themes_white_or_nothing(dressed, lenet):
    for theme, ground, wanted in (
        ("dark", "theme", load_theme("dark").color("canvas")),
        ("light", "white", QColor("white")),
        ("light", "none", QColor(0, 0, 0, 0)),
    ):
        image = Picture(lenet, Style(theme, ground, 1.0)).image()
        assert image.pixelColor(1, 1) == wanted
        assert image.pixelColor(image.width() // 2, 60) != wanted or ground != "none"


def test_a_pdf_is_one_page_of_the_graphs_size_with_letters(dressed, lenet):
    picture = Picture(lenet, Style())
    content = picture.pdf()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert float(box[1]) == pytest.approx(picture.size.width() * 0.75, abs=1)
    assert float(box[2]) == pytest.approx(picture.size.height() * 0.75, abs=1)
    assert content.count(b"/Type /Page\n") == 1
    assert b"/FontFile2" in content or b"/FontFile3" in content
    assert from_text(embedded_text(content, ".pdf")) == lenet.project


def test_the_inside_of_a_block_is_drawn_where_it_is_shown(dressed):
    known = read(nested())
    words = Picture(known, Style(), (Entered("e"),)).svg().decode()
    assert ">first</text>" in words
    assert ">head</text>" not in words
    assert from_text(embedded_text(words.encode(), ".svg")) == known.project


def test_too_many_pixels_are_refused_and_an_empty_graph_is_told(dressed, lenet):
    with pytest.raises(FileError, match="200 million"):
        Picture(lenet, Style(scale=40.0)).image()
    with pytest.raises(CheckError, match="has none"):
        Picture(read(Project()), Style())


def test_a_picture_shows_the_activations_of_the_canvas_and_no_room_for_those_that_are_not_there(dressed):
    project = load(TEMPLATES / "lenet5.chain")
    names = {node.name: node.id for node in project.graph.nodes.values()}
    reading = read(collapse(show_activations(project, (names["conv1"], names["fc1"]), True), (names["fc2"],), True))
    seen = Scene(Look(load_theme("light")), reading.project)
    told = Activation(path="fc1", port="output", form="histogram", shape=[9], low=-0.75, high=0.5, count=3, bins=[1, 2])
    seen.bodies.show({names["fc1"]: Unfolded(told)})
    drawn = Picture(reading, Style(), seen=seen)
    words = re.findall(r"<text[^>]*>\s*([^<]*)</text>", drawn.svg().decode())
    assert "−0.75" in words
    assert "no activation yet" not in words
    heights = {key: item.rect.height() for key, item in drawn._scene.nodes.items()}
    assert heights[names["fc1"]] == heights[names["conv1"]] + ACTIVATION
    assert heights[names["fc2"]] == HEADER


def test_points_of_wires_are_in_the_picture_and_make_it_as_large_as_they_reach(dressed, lenet):
    edge = next(iter(lenet.project.graph.edges.values()))
    led = read(reroutes.led(lenet.project, {edge: ((40.0, -600.0), (90.0, -560.0))}))
    plain, drawn = Picture(lenet, Style()), Picture(led, Style())
    assert drawn.size.height() > plain.size.height() + 200
    discs = [picture.svg().decode().count("<circle") for picture in (plain, drawn)]
    assert discs[1] == discs[0] + 2
    assert Picture(led, Style()).pdf().startswith(b"%PDF")
    assert from_text(embedded_text(drawn.svg(), ".svg")).reroutes == led.project.reroutes
