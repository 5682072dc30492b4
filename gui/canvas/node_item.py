"""One card on the canvas, drawn from its Card and Health."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.canvas import card_body
from gui.canvas.brief import Brief
from gui.canvas.bypass_mark import draw_bypass
from gui.canvas.card import Card, Port
from gui.canvas.card_part import CardPart
from gui.canvas.geometry import DIM, FULL, HEADER, INSET, PORT_RADIUS, RADIUS
from gui.canvas.look import Look
from gui.canvas.outlines import draw_port, ring, with_alpha
from gui.canvas.stamp import Paint, Stamp, can_keep
from gui.canvas.states import States
from gui.canvas.strip import draw_chip, draw_loss, draw_strip

NAMES = Qt.TextElideMode.ElideMiddle
"""Where long names are cut: of those that begin alike the end tells which one it is."""
_LEFT = Qt.AlignmentFlag.AlignLeft
_NONE = Qt.PenStyle.NoPen


class NodeItem(CardPart):
    """Draws one node; the scene sets its state and asks for a repaint."""

    def __init__(self, node: str, made: Card | Brief, look: Look, states: States) -> None:
        super().__init__(node, made, look, states)
        self._stamp = Stamp()

    def ports(self) -> list[tuple[str, Port]]:
        """Every port with its side."""
        return [("input", port) for port in self.card.inputs] + [("output", port) for port in self.card.outputs]

    def paint(self, painter: QPainter, scale: float) -> None:  # noqa: D102  # as every part
        sharp = scale * painter.device().devicePixelRatioF()
        if self.is_dim:
            painter.setOpacity(painter.opacity() * DIM)
        if can_keep(painter):
            paint = partial(self._paint_still, sharp=sharp, scale=scale)
            self._stamp.draw(painter, self.boundingRect(), scale, self._state(), paint, self._stand_in)
        else:
            self._paint_still(painter, sharp, scale)
        self._paint_live(painter, scale)

    def _stand_in(self) -> Paint | None:
        """What is drawn in a frame that has no time for a new picture."""
        return None if self._states.has_time() else partial(self.look.draw_block, card=self.brief, warmth=self.warmth)

    def _paint_still(self, painter: QPainter, sharp: float, scale: float) -> None:
        """All but what changes while the network trains."""
        card, look = self.card, self.look
        if card.frame.collapsed:
            card_body.draw_title_ground(painter, look, card, self.warmth, self.is_hovered)
        else:
            self._paint_ground(painter)
        if scale >= FULL:
            self._paint_header(painter, sharp)
            if not card.frame.collapsed:
                self._paint_body(painter)
            if card.frame.activation is not None:
                card_body.draw_activation(painter, look, card, self._states.bodies.unfolded(card.node), sharp)
            if card.bypassed:
                draw_bypass(painter, look, card)
            if card.frame.foot:
                self._paint_strip(painter, sharp)
        else:
            self._paint_reduced(painter, sharp, scale)
            if self.card.bypassed:
                draw_bypass(painter, self.look, self.card)
        self._paint_outline(painter)
        self._paint_ports(painter)
        if card.node in self._states.bodies.changed:
            card_body.draw_changed(painter, look, card)

    def _state(self) -> object:
        """What all of that depends on."""
        states, node = self._states, self.card.node
        fits = tuple(states.port_fits(node, side, port.name) for side, port in self.ports()) if states.fits else ()
        preview = self.preview.cacheKey() if self.preview is not None else 0
        health = (self._measure(), self._arrow_tip(), self.measured and self.health is not None)
        bodies = states.bodies
        body = bodies.unfolded(node) if self.card.frame.activation is not None else None, node in bodies.changed
        return self.look, self.card, self.warmth, self.is_selected, self.is_hovered, health, fits, preview, body

    def _paint_ground(self, painter: QPainter) -> None:
        """Shadow, outline, strip, header and body; filling an outline is much cheaper than stroking one."""
        frame, look = self.card.frame, self.look
        look.draw_shadow(painter, frame.width, frame.height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(_NONE)
        painter.setBrush(look.color("line3" if self.is_hovered else "line2"))
        painter.drawRoundedRect(frame.rect, RADIUS, RADIUS)
        painter.setBrush(look.color("inset"))
        painter.drawRoundedRect(frame.rect.adjusted(1, 1, -1, -1), RADIUS - 1, RADIUS - 1)
        painter.setBrush(look.header(self.card.category, self.warmth))
        painter.drawPath(look.rounded_top(frame.width))
        square = frame.body if frame.foot else frame.body - RADIUS
        painter.fillRect(QRectF(1, HEADER, frame.width - 2, square), look.fill(self.warmth))
        if not frame.foot:
            painter.setBrush(look.fill(self.warmth))
            round_ = QRectF(1, frame.height - 3 * RADIUS, frame.width - 2, 3 * RADIUS - 1)
            painter.drawRoundedRect(round_, RADIUS - 1, RADIUS - 1)

    def _paint_header(self, painter: QPainter, sharp: float) -> None:
        look, card = self.look, self.card
        chevron = card_body.has_chevron(card, self.is_hovered or self.is_selected)
        right = card_body.header_end(card, chevron, card.frame.collapsed and self._measure() == "gradient")
        if chevron:
            card_body.draw_chevron(painter, look, card, sharp)
        if not look.theme.dark and not card.frame.collapsed:
            self._draw_hairline(painter, HEADER, "line2")
        look.draw_icon(painter, QPointF(10, 6), card.icon, look.category(card.category), 14, sharp)
        for mark, token in self._marks():
            right -= 14
            look.draw_icon(painter, QPointF(right + 2, 6), mark, look.color(token), 14, sharp)
            right -= 4
        if card.badge:
            right -= look.width(card.badge, look.body)
            self._text(painter, card.badge, right, 13, "text2")
        self._arrow(painter, right)
        painter.setFont(look.title)
        painter.setPen(look.name_ink(self.warmth))
        name = look.elided(card.name, look.title, right - 36, NAMES)
        painter.drawText(QPointF(30, look.baseline(look.title, 13)), name)

    def _marks(self) -> list[tuple[str, str]]:
        """The pictures at the header's right end."""
        marks = []
        if self.card.errors:
            marks.append(("error", "error"))
        elif self.card.warnings:
            marks.append(("warn", "warn"))
        if self.card.bypassed:
            marks.append(("bypass", "text2"))
        if self.card.augmented:
            marks.append(("dice", "text2"))
        if self.card.frozen:
            marks.append(("lock", "text2"))
        if self.card.shares:
            marks.append(("link", "text2"))
        return marks

    def _arrow(self, painter: QPainter, right: float) -> None:
        """A triangle for a gradient that the diagnosis calls vanishing (down) or exploding (up)."""
        ends = self._arrow_tip()
        if ends is None:
            return
        tip, base = ends
        painter.setPen(_NONE)
        painter.setBrush(self.look.color("error"))
        painter.drawPolygon(QPolygonF([QPointF(right - 11, base), QPointF(right, base), QPointF(right - 5.5, tip)]))

    def _arrow_tip(self) -> tuple[float, float] | None:
        """The heights of its tip and its base; None where there is none."""
        health = self.health
        if not self.measured or health is None or not (health.vanishing or health.exploding):
            return None
        return (18, 9) if health.vanishing else (8, 17)

    def _paint_body(self, painter: QPainter) -> None:
        card, look = self.card, self.look
        wide = card.frame.width - 2 * INSET
        lines = self._line_heights()
        for index, middle in enumerate(lines):
            taken = self._right_text(painter, index, middle)
            self._left_text(painter, index, middle, wide - taken)
        for port in card.inputs:
            if port.labelled:
                ink = "label" if port.shape == "diamond" else "text2"
                self._text(painter, port.name, INSET, card.frame.input_at(port.name).y(), ink)
        for port in card.outputs:
            if port.labelled:
                ink = "label" if port.shape == "diamond" else "text2"
                x = card.frame.width - INSET - look.width(port.name, look.body)
                self._text(painter, port.name, x, card.frame.output_at(port.name).y(), ink)
        if self.preview is not None and card.frame.preview is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(QRectF(*card.frame.preview), self.preview, QRectF(self.preview.rect()))

    def _line_heights(self) -> tuple[float, float]:
        """The middles of the two lines: beside labelled ports as these stand."""
        rows = [*self.card.frame.inputs.values(), *self.card.frame.outputs.values()]
        return (38.0, 60.0) if any(y in (38.0, 39.0) for y in rows) else (40.0, 56.5)

    def _left_text(self, painter: QPainter, index: int, middle: float, room: float) -> None:
        text = self.card.left[index]
        if not text:
            return
        plain = index == 0 or self.card.role == "source"
        font = self.look.body if plain else self.look.mono
        ink = self.look.text_ink(self.warmth) if plain else self._mono_ink()
        painter.setFont(font)
        bad = self.card.bad
        x = INSET
        if bad and index == 1 and text.startswith(bad):
            x += self._bad_text(painter, bad, middle)
            text = text.removeprefix(bad)
            painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(QPointF(x, self.look.baseline(font, middle)), self.look.elided(text, font, room))

    def _mono_ink(self) -> QColor:
        return self.look.name_ink(self.warmth * 0.75)

    def _bad_text(self, painter: QPainter, bad: str, middle: float) -> float:
        """The wrong value with a wavy line under it; its width."""
        font = self.look.mono_bold
        painter.setFont(font)
        painter.setPen(self.look.color("error"))
        painter.drawText(QPointF(INSET, self.look.baseline(font, middle)), bad)
        wide = self.look.width(bad, font)
        waves = [QPointF(INSET + x, middle + 8 + (x // 3 % 2) * 2) for x in range(0, int(wide) + 2, 3)]
        painter.setPen(QPen(self.look.color("error"), 1))
        painter.drawPolyline(waves)
        return wide

    def _right_text(self, painter: QPainter, index: int, middle: float) -> float:
        text = self.card.right[index]
        if not text:
            return 0
        wide = self.look.width(text, self.look.mono)
        painter.setFont(self.look.mono)
        painter.setPen(self.look.color("text2" if index == 0 else "text3"))
        x = self.card.frame.width - INSET - wide
        painter.drawText(QPointF(x, self.look.baseline(self.look.mono, middle)), text)
        return wide + 6

    def _draw_hairline(self, painter: QPainter, y: float, token: str) -> None:
        """A line across the card, within its outline at every scale."""
        painter.setPen(QPen(self.look.color(token), 1, c=Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(1, y), QPointF(self.card.frame.width - 1, y))

    def _paint_strip(self, painter: QPainter, sharp: float) -> None:
        card, look, strip = self.card, self.look, self.card.frame.strip
        self._draw_hairline(painter, strip.top(), "line1")
        middle = strip.center().y()
        if card.errors:
            look.draw_icon(painter, QPointF(INSET, middle - 6), "error", look.color("error"), 12, sharp)
            count = f"{card.errors} error{'s' if card.errors != 1 else ''}"
            self._text(painter, count, INSET + 17, middle, "error")
        elif (card.frozen or card.bypassed) and card.role != "source":
            self._text(painter, "bypassed" if card.bypassed else "frozen", INSET, middle, "text2")
        elif card.role == "source":
            self._text(painter, card.rest, INSET, middle, "text2")
        elif self._measure() == "":
            rest = look.elided(card.rest, look.body, card.frame.width - 2 * INSET)
            self._text(painter, rest, INSET, middle, "text3")

    def _measure(self) -> str:
        """What the strip follows while the network trains: the loss, the gradient, or nothing."""
        card = self.card
        if card.errors or card.frozen or card.bypassed or card.role == "source":
            return ""
        if card.role == "loss" and self.loss[0] is not None:
            return "loss"
        return "gradient" if self.health is not None and self.measured else ""

    def _paint_live(self, painter: QPainter, scale: float) -> None:
        """What the strip follows; on a reduced card its chip alone."""
        measure, strip = self._measure(), self.card.frame.strip
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.card.frame.collapsed:
            if measure == "gradient" and self.health is not None and scale >= FULL:
                draw_chip(painter, self.look, card_body.chip_place(self.card), self.health)
        elif scale < FULL:
            if self.health is not None and self.measured and not self.card.bypassed:
                draw_chip(painter, self.look, QRectF(INSET, strip.center().y() - 8, 16, 16), self.health)
        elif measure == "loss" and self.loss[0] is not None:
            draw_loss(painter, self.look, strip, self.loss[0], self.loss[1])
        elif measure == "gradient" and self.health is not None:
            draw_strip(painter, self.look, strip, self.health, self.curve)

    def _text(self, painter: QPainter, text: str, x: float, middle: float, ink: str) -> None:
        painter.setFont(self.look.body)
        painter.setPen(self.look.color(ink))
        painter.drawText(QPointF(x, self.look.baseline(self.look.body, middle)), text)

    def _paint_reduced(self, painter: QPainter, sharp: float, scale: float) -> None:
        """From 35 % on: the name and a word in letters that stay readable, and the chip."""
        card, look, frame = self.card, self.look, self.card.frame
        title, mono = look.reduced(scale)
        look.draw_icon(painter, QPointF(8, 4), card.icon, look.category(card.category), 18, sharp)
        painter.setFont(title)
        right = frame.width - 5
        if card.badge and card.role == "structure":
            right -= look.width(card.badge, title) + 4
            painter.setPen(look.color("text2"))
            painter.drawText(QPointF(right + 2, look.baseline(title, 13)), card.badge)
        ends = self._arrow_tip()
        if ends is not None:
            right -= 16
            self._arrow(painter, right + 13)
        name = look.elided(card.name, title, right - 31, NAMES)
        painter.setPen(look.name_ink(self.warmth))
        painter.drawText(QPointF(31, look.baseline(title, 13)), name)
        if card.bypassed or frame.collapsed:
            return
        middle = HEADER + frame.body / 2
        wrong = bool(card.errors)
        text = card.rest if card.role == "source" else (card.left[1] or card.right[1])
        painter.setFont(mono)
        painter.setPen(look.color("error") if wrong else look.text_ink(self.warmth))
        shown = look.whole_words(text, mono, frame.width - 2 * INSET)
        painter.drawText(QPointF(INSET, look.baseline(mono, middle)), shown)

    def _paint_outline(self, painter: QPainter) -> None:
        rect, look = self.card.frame.rect, self.look
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.card.errors:
            ring(painter, rect, 4, with_alpha(look.color("error"), 0.22), 3)
            ring(painter, rect, 2, look.color("error"), 0)
        if self.is_selected:
            ring(painter, rect, 4, with_alpha(look.color("accent"), 0.38), 3)
            ring(painter, rect, 2, look.color("sel"), 0)

    def _paint_ports(self, painter: QPainter) -> None:
        for side, port in self.ports():
            fits = self._states.port_fits(self.card.node, side, port.name)
            place = self.port_at(side, port.name) - self.pos()
            if fits is False:
                painter.setOpacity(0.35)
            self._paint_port(painter, place, port, 7.0 if fits else PORT_RADIUS, fits is True)
            if fits is False:
                painter.setOpacity(1.0)

    def _paint_port(self, painter: QPainter, at: QPointF, port: Port, radius: float, glows: bool) -> None:
        look = self.look
        ink = look.color("label") if port.shape == "diamond" else self._port_ink()
        if self.card.bad and port in self.card.inputs:
            ink = look.color("error")
        if glows:
            ink = look.color("accent")
        painter.setPen(_NONE)
        painter.setBrush(look.color("canvas"))
        draw_port(painter, at, port, radius + 2)
        if port.known or glows:
            painter.setBrush(ink)
            draw_port(painter, at, port, radius - 0.5)
        else:
            painter.setPen(QPen(look.unconfirmed if not self.card.errors else ink, 1.6))
            draw_port(painter, at, port, radius - 0.5)

    def _port_ink(self) -> QColor:
        if self.is_selected:
            return self.look.lit_wire
        return self.look.wire(self.warmth) if self.measured and self.health else self.look.color("wire")
