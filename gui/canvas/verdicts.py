"""What the Doctor says of layers, on the canvas: a dashed frame round those that it names, with a label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from core.catalog import KINDS
from core.graph import Graph
from core.wiring import running_order
from gui.canvas.outlines import with_alpha

if TYPE_CHECKING:
    from gui.canvas.scene import Scene

BEYOND = 7.0
"""Between two frames round the same cards."""
AROUND = 16.0
"""From the outermost cards to the frame."""
LATELY = 8
"""Frames, of those made last, to which the next card in running order may be added."""
RADIUS = 8.0
TALL, PAD, ICON = 20.0, 8.0, 13.0
"""Of the label: its height, the room left and right of its words, and its picture."""
_READABLE = 11.0
"""Pixels of the label's letters on the screen, at least."""
_TINT = 0.05
_HEIGHT = 0.85
"""Over wires, frames and notes, under the cards."""
_LABEL = 60.0
"""Beyond the frame at most: the label at the smallest zoom at which cards are drawn."""


class Verdict(NamedTuple):
    """Some nodes of the graph that is shown, and what is said of them."""

    nodes: tuple[str, ...]
    words: str
    token: str = "error"
    """The colour: error or warn."""


class Verdicts:
    """The verdicts of a scene; they follow their cards."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.shown: tuple[Verdict, ...] = ()
        self.items: list[VerdictItem] = []
        self._stood: tuple[QRectF | None, ...] = ()
        """Where the named cards were when the frames were laid."""

    def show(self, verdicts: Iterable[Verdict]) -> None:
        """Show these and no others."""
        wanted = tuple(verdicts)
        if wanted != self.shown:
            self.shown = wanted
            self._lay()
            self._scene.touch()

    def follow(self) -> None:
        """The scene has changed: stand round the cards where they are now."""
        if self.shown and self._stood != self._standing():
            self._lay()

    @property
    def drawn(self) -> tuple[tuple[QRectF, str, str], ...]:
        """All that tells how they look: the frames, and of each its label and colour."""
        return tuple((item.rect, item.words, item.token) for item in self.items)

    def _standing(self) -> tuple[QRectF | None, ...]:
        rects = self._scene.cards.rects
        return tuple(rects.get(node) for verdict in self.shown for node in verdict.nodes)

    def _lay(self) -> None:
        for item in self.items:
            self._scene.removeItem(item)
        self.items.clear()
        self._stood = self._standing()
        for number, verdict in enumerate(self.shown):
            before = tuple(item.rect for item in self.items)
            for place, rect in enumerate(self._frames(verdict.nodes)):
                crowded = any(rect.intersects(other) for other in before)
                grown = rect.adjusted(-BEYOND, -BEYOND, BEYOND, BEYOND) if crowded else rect
                item = VerdictItem(self._scene, grown, "" if place else verdict.words, verdict.token, crowded)
                item.setZValue(_HEIGHT - number * 1e-4)  # the gravest lies over the others
                self.items.append(item)
                self._scene.addItem(item)

    def _frames(self, nodes: Sequence[str]) -> list[QRectF]:
        """As few frames as hold these cards and what lies between them on the way, but no others; the first first."""
        cards = self._scene.cards
        inside = between(self._scene.graph, nodes)
        known, made = set(inside), list[QRectF]()
        for node in [key for key in inside if key in cards.rects]:
            rect = QRectF(cards.rects[node])
            for place in reversed(range(max(len(made) - LATELY, 0), len(made))):
                if all(known.issuperset(cards.among(part)) for part in added(made[place], rect)):
                    made[place] = made[place].united(rect)
                    break
            else:
                made.append(rect)
        return [rect.adjusted(-AROUND, -AROUND, AROUND, AROUND) for rect in made]


def added(frame: QRectF, rect: QRectF) -> list[QRectF]:
    """What a frame grows by when it takes this in: above, below, left and right, where there is anything."""
    grown = frame.united(rect)
    parts = (
        QRectF(grown.left(), grown.top(), grown.width(), frame.top() - grown.top()),
        QRectF(grown.left(), frame.bottom(), grown.width(), grown.bottom() - frame.bottom()),
        QRectF(grown.left(), frame.top(), frame.left() - grown.left(), frame.height()),
        QRectF(frame.right(), frame.top(), grown.right() - frame.right(), frame.height()),
    )
    return [part for part in parts if not part.isEmpty()]


def between(graph: Graph, nodes: Collection[str]) -> tuple[str, ...]:
    """These nodes in running order, and with them what lies between two of them and has no weights of its own."""
    ahead, behind = _reached(graph, nodes, back=False), _reached(graph, nodes, back=True)
    wanted = (ahead & behind).union(nodes)
    order, cyclic = running_order(graph)
    return tuple(key for key in (*order, *cyclic) if key in wanted)


def _reached(graph: Graph, nodes: Collection[str], back: bool) -> set[str]:
    """What is behind these nodes along the wires, or before them, up to the next layer with weights."""
    follows: defaultdict[str, list[str]] = defaultdict(list)
    for edge in graph.edges.values():
        start, end = (edge.target, edge.source) if back else (edge.source, edge.target)
        follows[start].append(end)
    found: set[str] = set()
    waiting = list(nodes)
    while waiting:
        ends = {end for end in follows[waiting.pop()] if end not in found and _passes(graph, end)}
        found |= ends
        waiting += ends
    return found


def _passes(graph: Graph, node: str) -> bool:
    """Whether it only hands on what a layer gave: an activation, a reshaping."""
    kind = KINDS.get(graph.nodes[node].kind)
    return kind is not None and kind.role == "layer" and not kind.weighted


class VerdictItem(QGraphicsItem):
    """One frame; the first of a verdict has its label."""

    def __init__(self, scene: Scene, rect: QRectF, words: str, token: str, is_outer: bool = False) -> None:
        """Round another frame the label stands on the lower edge, as the upper one is taken."""
        super().__init__()
        self._of = scene
        self.rect, self.words, self.token, self.is_outer = rect, words, token, is_outer

    def boundingRect(self) -> QRectF:  # noqa: D102  # Qt's name
        wide = 40.0 * len(self.words)
        whole = self.rect.united(QRectF(self.rect.topLeft(), self.rect.topLeft() + QPointF(wide, 0)))
        label = _LABEL if self.words else 4.0
        return whole.adjusted(-4, -4 if self.is_outer else -label, 4, label if self.is_outer else 4)

    def paint(  # noqa: D102  # Qt's name
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        scale = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, scale)

    def draw(self, painter: QPainter, scale: float) -> None:
        """Draw frame and label at so many screen pixels for a unit."""
        look, ink = self._of.look, self._of.look.color(self.token)
        pen = QPen(ink, 1.6)
        pen.setDashPattern([5, 3.5])
        pen.setCosmetic(scale < 1)
        painter.setPen(pen)
        painter.setBrush(with_alpha(ink, _TINT))
        painter.drawRoundedRect(self.rect, RADIUS, RADIUS)
        if not self.words:
            return
        chip, font = self.label(scale)
        painter.setPen(QPen(ink, 1 / min(scale, 1.0)))
        painter.setBrush(look.color(f"{self.token}Bg"))
        unit = chip.height() / TALL
        painter.drawRoundedRect(chip, 4 * unit, 4 * unit)
        picture = look.icon("doctor", ink, round(ICON), scale * unit)
        side = ICON * unit
        spot = QRectF(chip.left() + PAD * unit, chip.center().y() - side / 2, side, side)
        painter.drawPixmap(spot, picture, QRectF(picture.rect()))
        painter.setFont(font)
        painter.setPen(ink)
        words = chip.adjusted((PAD + ICON + 5) * unit, 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.words)

    def label(self, scale: float) -> tuple[QRectF, QFont]:
        """Where the label stands on the frame's upper or lower edge, and its letters, which stay readable."""
        unit = max(_READABLE / 12 / scale, 1.0)
        font = QFont(self._of.look.title)
        font.setPixelSize(max(round(12 * unit), 1))
        wide = QFontMetricsF(font).horizontalAdvance(self.words) + (2 * PAD + ICON + 5) * unit
        over, under = QPointF(12, -TALL * unit + TALL / 2), QPointF(12, -TALL / 2)
        corner = self.rect.bottomLeft() + under if self.is_outer else self.rect.topLeft() + over
        return QRectF(corner.x(), corner.y(), wide, TALL * unit), font
