"""One frame or note on the canvas: a coloured ground behind the cards, a title, or text in Markdown."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPalette,
    QPen,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from core.annotations import HEAD, Annotation, Color
from gui.canvas.geometry import FULL, RADIUS
from gui.canvas.look import Look
from gui.theme import mix

_TOKENS: dict[Color, str] = {
    "grey": "line3",
    "blue": "accent",
    "green": "ok",
    "yellow": "warn",
    "orange": "val",
    "red": "error",
}
_MARGIN = 4.0
_INSET = 10.0
"""From a note's edge to its text."""
_GROUND, _BAR = 0.08, 0.22
"""How much of its colour a frame and the bar of its title have."""
_PLATE = 5.0
"""Left and right of a title."""
_SPACE, _INDENT = 5, 20
"""Below a paragraph of a note; of a list."""
_EMPTY = "Double-click to write"


class AnnotationItem(QGraphicsItem):
    """Draws one frame or note; the scene sets its state."""

    def __init__(self, annotation: Annotation, look: Look) -> None:
        super().__init__()
        self.annotation = annotation
        self.look = look
        self.is_selected = self.is_hovered = False
        self._size = QRectF()
        self._words: tuple[object, QTextDocument] | None = None
        self.show_annotation(annotation)

    @property
    def rect(self) -> QRectF:
        """What it covers of the scene."""
        return self._size.translated(self.pos())

    @property
    def ink(self) -> QColor:
        """The colour of its outline."""
        return ink(self.annotation.color, self.look)

    def show_annotation(self, annotation: Annotation) -> None:
        """Draw this from now on."""
        self.annotation = annotation
        self.place(QRectF(*annotation.rect))

    def place(self, rect: QRectF) -> None:
        """Cover this part of the scene, as while it is dragged; smaller frames lie over larger ones.

        All lie over the wires, which would strike out what they say, and below the cards.
        """
        self.prepareGeometryChange()
        self.setPos(rect.topLeft())
        self._size = QRectF(0, 0, rect.width(), rect.height())
        area = rect.width() * rect.height()
        self.setZValue(0.9 if self.annotation.role == "note" else 0.8 - 0.7 * area / (area + 1e6))
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: D102  # Qt's name
        return self._size.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def paint(  # noqa: D102  # Qt's name
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = QStyleOptionGraphicsItem.levelOfDetailFromTransform(painter.worldTransform())
        if self.annotation.role == "frame":
            self._paint_frame(painter, scale)
        else:
            self._paint_note(painter)
        if self.is_selected:
            painter.setPen(QPen(self.look.color("sel"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self._size, RADIUS, RADIUS)

    def _paint_frame(self, painter: QPainter, scale: float) -> None:
        look, size = self.look, self._size
        painter.setPen(QPen(faded(self.ink, 1.0 if self.is_hovered else 0.6), 1))
        painter.setBrush(faded(self.ink, _GROUND))
        painter.drawRoundedRect(size, RADIUS, RADIUS)
        painter.save()
        painter.setClipRect(QRectF(0, 0, size.width(), HEAD), Qt.ClipOperation.IntersectClip)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(self.ink, _BAR))
        painter.drawRoundedRect(size, RADIUS, RADIUS)
        painter.restore()
        font = look.title if scale >= FULL else look.reduced(scale)[0]
        title = look.elided(self.annotation.text, font, size.width() - 2 * _INSET)
        self._paint_plate(painter, QFontMetricsF(font).horizontalAdvance(title))
        painter.setFont(font)
        painter.setPen(look.color("text"))
        painter.drawText(QPointF(_INSET, look.baseline(font, HEAD / 2)), title)

    def _paint_plate(self, painter: QPainter, width: float) -> None:
        """The ground of the title's letters, as their bar is where no wire runs below it."""
        painter.setPen(Qt.PenStyle.NoPen)
        ground = mix(mix(self.look.color("canvas"), self.ink, _GROUND), self.ink, _BAR)
        painter.fillRect(QRectF(_INSET, 1, width, HEAD - 2).adjusted(-_PLATE, 0, _PLATE, 0), ground)

    def _paint_note(self, painter: QPainter) -> None:
        look, size = self.look, self._size
        painter.setPen(QPen(look.color("line3" if self.is_hovered else "line2"), 1))
        painter.setBrush(mix(look.color("raised"), self.ink, 0.12))
        painter.drawRoundedRect(size, RADIUS, RADIUS)
        painter.fillRect(QRectF(0, RADIUS, 3, size.height() - 2 * RADIUS), self.ink)
        room = size.adjusted(_INSET, _INSET / 2, -_INSET, -_INSET / 2)
        if not self.annotation.text.strip():
            painter.setFont(look.body)
            painter.setPen(look.color("text2"))
            painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, _EMPTY)
            return
        painter.save()
        painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
        painter.translate(room.topLeft())
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette = _palette(look)
        context.clip = QRectF(0, 0, room.width(), room.height())
        self._document(room.width()).documentLayout().draw(painter, context)
        painter.restore()

    def _document(self, width: float) -> QTextDocument:
        """The text, laid out once for each width and theme."""
        state = (self.annotation.text, width, self.look)
        if self._words is None or self._words[0] != state:
            self._words = (state, words(self.annotation.text, width, self.look))
        return self._words[1]


class _Words(QTextDocument):
    """Text that fetches nothing: a picture that a note names is not read, wherever it lies."""

    def loadResource(self, _kind: int, _name: QUrl | str) -> QImage:  # Qt's name
        blank = QImage(1, 1, QImage.Format.Format_ARGB32)
        blank.fill(Qt.GlobalColor.transparent)
        return blank


def words(text: str, width: float, look: Look) -> QTextDocument:
    """A note's Markdown laid out at this width; HTML in it stays text, links are only drawn."""
    document = _Words()
    document.setUndoRedoEnabled(False)
    document.setDefaultFont(look.body)
    document.setDocumentMargin(2)
    document.setTextWidth(width)
    features = QTextDocument.MarkdownFeature
    document.setMarkdown(text, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
    document.setIndentWidth(_INDENT)
    _space(document)
    _ink_links(document, look.color("accent"))
    return document


def _space(document: QTextDocument) -> None:
    """Set paragraphs and headings apart; the lines of a list stand closer."""
    cursor, block = QTextCursor(document), document.begin()
    while block.isValid():
        form = block.blockFormat()
        in_list = block.textList() is not None and block.next().textList() is not None
        form.setTopMargin(0)
        form.setBottomMargin(1 if in_list else _SPACE)
        cursor.setPosition(block.position())
        cursor.setBlockFormat(form)
        block = block.next()


def _ink_links(document: QTextDocument, color: QColor) -> None:
    """Draw links in this colour: reading Markdown gives them the desktop's, which knows no theme."""
    cursor, form = QTextCursor(document), QTextCharFormat()
    form.setForeground(color)
    block = document.begin()
    while block.isValid():
        for part in [found for found in block.textFormats() if found.format.isAnchor()]:
            start = block.position() + part.start
            cursor.setPosition(start)
            cursor.setPosition(start + part.length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(form)
        block = block.next()


def ink(color: Color, look: Look) -> QColor:
    """A colour of the palette in this theme."""
    return look.color(_TOKENS[color])


def faded(color: QColor, share: float) -> QColor:
    """The colour, seen through to this share."""
    seen = QColor(color)
    seen.setAlphaF(share)
    return seen


def _palette(look: Look) -> QPalette:
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Text, look.color("text"))
    return palette
