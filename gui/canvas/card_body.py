"""What a card is beside its usual self: its title alone, its last activation folded out, changed since the run."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.bodies import Body
from core.engine.activations import Activation
from gui.canvas.activation_picture import draw_picture
from gui.canvas.card import Card
from gui.canvas.geometry import HEADER, INSET, RADIUS, collapsed, unfolded
from gui.canvas.look import Look
from gui.shades import signed

UNTRAINED, WAITING, ABSENT = "no activation yet", "waiting for a step", "not in this run"
CAPTION = 15.0
"""Height of the line under the picture."""
CHIP = 9.0
"""Side of the gradient's chip on a title, with as much as it takes of the title's end."""
CHEVRON = 12
_CHEVRON_ROOM = 15.0
_STALE = 0.4
"""Opacity of what belongs to the network before the edit."""
_DOT = 4.0
_NONE = Qt.PenStyle.NoPen


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A layer's last activation, or why there is none."""

    activation: Activation | None = None
    stale: bool = False
    """Whether the layer, or one before it, has changed since."""
    missing: str = UNTRAINED


def with_body(card: Card, body: Body) -> Card:
    """The card shown like this."""
    if body.collapsed:
        names = [port.name for port in card.inputs], [port.name for port in card.outputs]
        return replace(card, frame=collapsed(card.frame, *names))
    return replace(card, frame=unfolded(card.frame)) if body.activation and card.unfolds else card


def discloses(card: Card, at: QPointF) -> bool:
    """Whether this place of a card is where its activation is folded out or in, or the whole card out of its title."""
    handle = QRectF(card.frame.width - HEADER, 0, HEADER, HEADER)
    return (card.unfolds or card.frame.collapsed) and handle.contains(at)


def header_end(card: Card, chevron: bool, chip: bool) -> float:
    """Where the marks at the header's right end begin."""
    end = _end(card) - (_CHEVRON_ROOM if chevron else 0.0)
    return end - (CHIP + 4 if chip else 0.0)


def _end(card: Card) -> float:
    """Where the header's content ends: on a title before the ports at its edge."""
    return card.frame.width - INSET - (4.0 if card.frame.collapsed else 0.0)


def has_chevron(card: Card, is_near: bool) -> bool:
    """Whether the sign is drawn: while the pointer or the selection is there, and where it is open or collapsed."""
    return card.frame.collapsed or card.frame.activation is not None or (card.unfolds and is_near)


def draw_chevron(painter: QPainter, look: Look, card: Card, sharp: float) -> None:
    """The sign that folds out and in: to the right while closed, down while open."""
    at = QPointF(_end(card) - CHEVRON + 3, (HEADER - CHEVRON) / 2)
    sign = "down" if card.frame.activation is not None else "right"
    look.draw_icon(painter, at, sign, look.color("text2"), CHEVRON, sharp)


def chip_place(card: Card) -> QRectF:
    """Where the gradient's chip stands on a title."""
    return QRectF(_end(card) - _CHEVRON_ROOM - CHIP, (HEADER - CHIP) / 2, CHIP, CHIP)


def draw_title_ground(painter: QPainter, look: Look, card: Card, warmth: float, is_hovered: bool) -> None:
    """Shadow, outline and header of a card that is its title alone."""
    look.draw_shadow(painter, card.frame.width, card.frame.height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_NONE)
    painter.setBrush(look.color("line3" if is_hovered else "line2"))
    painter.drawRoundedRect(card.frame.rect, RADIUS, RADIUS)
    painter.setBrush(look.header(card.category, warmth))
    painter.drawRoundedRect(card.frame.rect.adjusted(1, 1, -1, -1), RADIUS - 1, RADIUS - 1)


def draw_changed(painter: QPainter, look: Look, card: Card) -> None:
    """The dot of a layer that is not what the run trained."""
    painter.setPen(QPen(look.color("canvas"), 2))
    painter.setBrush(look.color("accent"))
    painter.drawEllipse(QPointF(card.frame.width - RADIUS, 1.0), _DOT + 1, _DOT + 1)


def draw_activation(painter: QPainter, look: Look, card: Card, shown: Unfolded, sharp: float) -> None:
    """The picture and its caption, or why there is none."""
    assert card.frame.activation is not None
    place = card.frame.activation
    picture = place.adjusted(0, 0, 0, -CAPTION)
    painter.setPen(QPen(look.color("line1"), 1))
    painter.setBrush(look.color("inset"))
    painter.drawRoundedRect(picture.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if shown.activation is None:
        painter.setFont(look.small)
        painter.setPen(look.color("text3"))
        painter.drawText(picture, Qt.AlignmentFlag.AlignCenter, shown.missing)
        return
    before = painter.opacity()
    painter.setOpacity(before * (_STALE if shown.stale else 1.0))
    draw_picture(painter, look, picture, shown.activation, look.category(card.category), sharp)
    painter.setOpacity(before)
    _draw_caption(painter, look, place, shown)


def _draw_caption(painter: QPainter, look: Look, place: QRectF, shown: Unfolded) -> None:
    """What is shown at the left, from where to where at the right; under a histogram where it begins and ends."""
    assert shown.activation is not None
    middle = place.bottom() - CAPTION / 2 + 1
    words, reach = caption(shown), range_text(shown.activation)
    if shown.stale:
        reach = ""
    elif not words:
        _line(
            painter, look, signed(shown.activation.low), QPointF(place.left(), middle), look.color("text2"), mono=True
        )
        reach = signed(shown.activation.high)
    wide = look.width(reach, look.mono)
    _line(painter, look, reach, QPointF(place.right() - wide, middle), look.color("text2"), mono=True)
    bad = shown.activation.nonfinite and not shown.stale
    told = look.elided(words, look.small, place.width() - wide - 6)
    _line(painter, look, told, QPointF(place.left(), middle), look.color("error" if bad else "text3"))


def _line(painter: QPainter, look: Look, text: str, at: QPointF, ink: QColor, mono: bool = False) -> None:
    font = look.mono if mono else look.small
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(QPointF(at.x(), look.baseline(font, at.y())), text)


def caption(shown: Unfolded) -> str:
    """What the picture shows, in a few words; none for a histogram, whose ends are told."""
    activation = shown.activation
    if activation is None:
        return shown.missing
    if shown.stale:
        return "before the edit"
    if activation.nonfinite:
        return f"{activation.nonfinite:,} NaN, inf"
    if activation.form == "histogram":
        return ""
    noun = "map" if activation.form == "image" else "curve"
    if activation.shown < activation.total:
        return f"{activation.shown} of {activation.total}"
    return f"{activation.total} {noun}{'s' if activation.total != 1 else ''}"


def range_text(activation: Activation) -> str:
    """From the least number to the most: −0.91…0.98."""
    return f"{signed(activation.low)}…{signed(activation.high)}"


def body_words(card: Card, shown: Unfolded, changed: bool) -> list[str]:
    """The same for the ear."""
    said = ["changed since the last run"] if changed else []
    said += ["collapsed"] if card.frame.collapsed else []
    if card.frame.activation is None:
        return said
    if shown.activation is None:
        return [*said, shown.missing if shown.missing == UNTRAINED else f"activation {shown.missing}"]
    count = f"{shown.activation.count:,} numbers"
    form = {"image": "maps", "curve": "curves", "histogram": f"a histogram of {count}"}[shown.activation.form]
    size = "×".join(map(str, shown.activation.shape))
    reach = f"from {signed(shown.activation.low)} to {signed(shown.activation.high)}"
    return [*said, f"activation {size} as {form}{' before the edit' if shown.stale else ''} {reach}"]
