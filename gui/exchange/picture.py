"""Pictures of a graph for papers and pages, drawn by the canvas's own items: SVG, PNG, PDF and the clipboard."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple
from xml.sax.saxutils import unescape

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QPixmap
from PySide6.QtSvg import QSvgGenerator

from core.errors import CheckError, FileError
from core.exchange.embedded import ATTACHMENT, in_png, in_svg
from core.filedata import without_places
from core.files import to_text
from core.graph import Graph, Node
from core.reading import Reading
from core.trail import Trail, block_of
from gui.canvas.card import Card
from gui.canvas.geometry import folded
from gui.canvas.known import known
from gui.canvas.look import Look
from gui.canvas.making import Making
from gui.canvas.scene import Scene
from gui.previews import Previews
from gui.theme import MONO_FAMILY, UI_FAMILY, load_theme

Ground = Literal["theme", "white", "none"]
ROOM = 24.0
"""Around the graph."""
MOST_PIXELS = 200_000_000
DPI = 96
_POINT = 72 / DPI
_TEXT = re.compile(
    r'<text [^>]*font-family="(?P<family>[^"]*)" font-size="(?P<size>[\d.]+)" font-weight="(?P<weight>\d+)"[^>]*>'
    r"(?P<text>[^<]*)</text>"
)
_FAMILIES = MappingProxyType(
    {UI_FAMILY: "Inter, Helvetica, Arial, sans-serif", MONO_FAMILY: "JetBrains Mono, Menlo, Consolas, monospace"}
)


class Style(NamedTuple):
    """How a picture looks."""

    theme: str = "light"
    ground: Ground = "theme"
    """What lies behind the graph: the theme's canvas, white, or nothing."""
    scale: float = 2.0
    """Pixels of a point, for PNG."""


class Picture:
    """One graph of a project, laid out once and drawn to whatever is asked for; raises CheckError for an empty one."""

    def __init__(self, reading: Reading, style: Style, trail: Trail = (), seen: Scene | None = None) -> None:
        """With the scene of a canvas that was `seen`, its cards and wires show the gradients that are shown there."""
        block = block_of(reading.project, trail)
        if not reading.project.scope(block).nodes:
            raise CheckError("a graph with at least one node was wanted", "it has none", "Export", "Add a layer.")
        self.style = style
        self._project = reading.project
        measured = seen is not None and is_measured(seen)
        self._scene = _PaperScene(_PaperLook(style), reading.project, block)
        self._scene.is_plain = not measured
        if seen is not None:
            self._scene.bodies.show_those_of(seen.bodies)
        for node, image in Previews().of(reading.project, self._scene.look.theme).items():
            if image is not None:
                self._scene.set_preview(node, QPixmap.fromImage(image))
        facts = known(reading.project, reading.plan, reading.analysis, reading.problems, trail)
        self._scene.set_facts(facts)
        if seen is not None and measured:
            _take_over(seen, self._scene)
        self._room = self._scene.bounds().adjusted(-ROOM, -ROOM, ROOM, ROOM)

    @property
    def size(self) -> QSizeF:
        """Width and height in points of the screen."""
        return self._room.size()

    def drawn(self, kind: str) -> bytes:
        """The content of a file in this format: svg, png or pdf."""
        return {"svg": self.svg, "png": self.png, "pdf": self.pdf}[kind]()

    def image(self) -> QImage:
        """The picture as pixels; raises FileError where these would be too many."""
        size = QSize(round(self._room.width() * self.style.scale), round(self._room.height() * self.style.scale))
        if size.width() * size.height() > MOST_PIXELS:
            came = f"{size.width():,} × {size.height():,} came"
            raise FileError(
                "a picture of at most 200 million pixels was wanted", came, "Export", "Choose a smaller scale."
            )
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(self._ground())
        image.setDotsPerMeterX(round(DPI * self.style.scale / 0.0254))
        image.setDotsPerMeterY(round(DPI * self.style.scale / 0.0254))
        self._paint(image, QRectF(0, 0, size.width(), size.height()))
        return image

    def png(self) -> bytes:
        """The picture as PNG, the project in it."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.image().save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs know file names only
        return in_png(bytes(buffer.data().data()), to_text(without_places(self._project)))

    def svg(self) -> bytes:
        """The picture as SVG, with lines as lines and texts as texts, the project in it."""
        buffer, writer = QBuffer(), QSvgGenerator()
        writer.setOutputDevice(buffer)
        size = self._room.size()
        writer.setResolution(DPI)
        writer.setSize(size.toSize())
        writer.setViewBox(QRect(0, 0, round(size.width()), round(size.height())))
        writer.setTitle(self._project.name)
        writer.setDescription("A network drawn with Chainrule; the project is in the metadata.")
        self._paint(writer, QRectF(0, 0, size.width(), size.height()))
        text = bytes(buffer.data().data()).decode()
        return in_svg(_for_others(text), to_text(without_places(self._project))).encode()

    def pdf(self) -> bytes:
        """The picture as a page of its own size, the project attached."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        size = QSizeF(self._room.width() * _POINT, self._room.height() * _POINT)
        page = QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
        writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
        writer.setTitle(self._project.name)
        writer.setCreator("Chainrule")
        writer.addFileAttachment(
            ATTACHMENT, QByteArray(to_text(without_places(self._project)).encode()), "application/json"
        )
        self._paint(writer, QRectF(0, 0, writer.width(), writer.height()))
        return bytes(buffer.data().data())

    def _ground(self) -> QColor:
        return QColor(Qt.GlobalColor.transparent) if self.style.ground == "none" else self._scene.look.color("canvas")

    def _paint(self, device: QImage | QSvgGenerator | QPdfWriter, room: QRectF) -> None:
        painter = QPainter(device)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            if self.style.ground != "none" and not isinstance(device, QImage):
                painter.fillRect(room, self._ground())
            self._scene.render(painter, room, self._room)
        finally:
            painter.end()


class _PaperMaking(Making):
    """The canvas's cards, without words on a training that was not; where nothing was measured, without the strip."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._paper = scene

    def brief(self, _node: Node) -> None:  # every card has measures of its own
        return None

    def card(self, graph: Graph, node_id: str) -> Card:  # as every scene's
        card, paper = super().card(graph, node_id), self._paper
        if card.frame.activation is not None and paper.bodies.unfolded(node_id).activation is None:
            card = replace(card, frame=folded(card.frame))
        if card.role == "source":
            return card
        is_plain = isinstance(paper, _PaperScene) and paper.is_plain
        return replace(card, rest="", frame=replace(card.frame, foot=0.0) if is_plain else card.frame)


class _PaperScene(Scene):
    """A scene that is drawn on paper."""

    maker = _PaperMaking
    is_plain = True
    """Whether nothing was measured."""


def is_measured(seen: Scene) -> bool:
    """Whether its cards show gradients."""
    return any(item.measured and item.health is not None for item in seen.nodes.values())


def _take_over(seen: Scene, scene: Scene) -> None:
    """Let the cards and wires of the one show what those of the other measure."""
    for node_id, item in seen.nodes.items():
        mine = scene.nodes.get(node_id)
        if mine is not None:
            mine.health, mine.loss, mine.curve = item.health, item.loss, item.curve
            mine.warmth, mine.measured = item.warmth, item.measured
    for key, wire in seen.edges.items():
        if key in scene.edges:
            scene.edges[key].warmth = wire.warmth


class _PaperLook(Look):
    """A theme's look on another ground."""

    def __init__(self, style: Style) -> None:
        super().__init__(load_theme(style.theme))
        ground = self.theme.color("raised" if style.ground == "none" else "canvas")
        canvas = QColor(Qt.GlobalColor.white) if style.ground == "white" else ground
        themed = self.color
        self.color = cache(lambda token: canvas if token == "canvas" else themed(token))


def _for_others(svg: str) -> str:
    """The texts by fonts that other programs know, each as wide as it is here whatever font they take."""
    svg = _TEXT.sub(_as_wide, svg)
    for family, others in _FAMILIES.items():
        svg = re.sub(f'font-family="{family}[^"]*"', f'font-family="{others}"', svg)
    return svg


def _as_wide(found: re.Match[str]) -> str:
    """One text element, with its width."""
    family = next((known_ for known_ in _FAMILIES if found["family"].startswith(known_)), "")
    font = QFont(family)
    font.setPixelSize(round(float(found["size"])))
    font.setWeight(QFont.Weight(int(found["weight"])))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    wide = QFontMetricsF(font).horizontalAdvance(unescape(found["text"]))
    return found[0].replace("<text ", f'<text textLength="{wide:.2f}" lengthAdjust="spacingAndGlyphs" ', 1)
