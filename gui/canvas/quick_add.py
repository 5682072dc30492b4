"""The search at the pointer: type a few letters, Enter puts the layer there, wired where a wire was let go."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from core.catalog import KINDS
from core.catalog.kind import TensorType
from gui.canvas.offers import Offer, Wanted, is_offered, offers, words_of
from gui.canvas.overlay import Panel
from gui.theme import Theme, Themes
from gui.widgets import IconLabel, label, prose

WIDTH = 272
ROW = 28
_HEADING = 22
_SHOWN = 9
"""Rows before the list scrolls."""


class QuickAdd(Panel):
    """The popup; it lives on the canvas, not in a window of its own, so that it works on every platform."""

    chosen = Signal(object, QPointF)
    """The Offer and the place of the scene."""
    closed = Signal(bool)
    """Whether the keyboard was still in it."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(themes, parent, "raised", "line2")
        self._wanted = Wanted()
        self._at = QPointF()
        self.field = QLineEdit()
        self.field.setAccessibleName("Search layers")
        self.field.setProperty("role", "bare")
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self._accepts = _Accepts(themes)
        self.rows = _Rows(themes)
        self.rows.picked.connect(self._pick)
        self._count = label("", "caption")
        self._words = prose("", "caption")
        self._scroll = QScrollArea()
        self._build(themes)
        self.hide()

    def open_at(self, place: QPoint, at: QPointF, wanted: Wanted) -> None:
        """Ask here for a layer; `at` is the place of the scene where it will stand."""
        self._wanted, self._at = wanted, at
        self.field.setPlaceholderText(wanted.prompt)
        self._accepts.show_tensor(wanted.tensor)
        self.field.clear()
        self._search("")
        self.show()
        self.raise_()
        self._fit_height()
        self._place(place)
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self, place: QPoint) -> None:
        """Here, or as near as the whole popup is seen."""
        parent = self.parentWidget()
        room = parent.size() if parent is not None else self.size()
        x = min(place.x(), room.width() - self.width() - 8)
        self.move(max(8, x), max(8, min(place.y(), room.height() - self.height() - 8)))

    def close_popup(self) -> None:
        """Close without adding anything."""
        if not self.isHidden():
            held = self.field.hasFocus()
            self.hide()
            self.closed.emit(held)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if watched is self.field and isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self.close_popup()
        return super().eventFilter(watched, event)

    def _build(self, themes: Themes) -> None:
        head = QFrame()
        head.setObjectName("QuickAddField")
        self._head = head
        line = QHBoxLayout(head)
        line.setContentsMargins(8, 2, 8, 2)
        line.setSpacing(8)
        line.addWidget(IconLabel(themes, "search", "text2", 14))
        line.addWidget(self.field, 1)
        self._scroll.setWidget(self.rows)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        self.rows.setAutoFillBackground(False)
        foot = QHBoxLayout()
        foot.setContentsMargins(6, 2, 6, 2)
        foot.addWidget(self._count)
        foot.addStretch(1)
        foot.addWidget(label("Enter", "keycap"))
        foot.addWidget(label("add", "caption"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(6)
        layout.addWidget(head)
        layout.addWidget(self._accepts)
        layout.addWidget(self._words)
        layout.addWidget(self._scroll)
        layout.addLayout(foot)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def _restyle(self, theme: Theme) -> None:
        self._head.setStyleSheet(
            f"QFrame#QuickAddField {{ background: {theme.hex('inset')}; border: 2px solid {theme.hex('accent')};"
            " border-radius: 4px; } QLineEdit { border: 0; background: transparent; }"
        )
        self._scroll.setStyleSheet("QScrollArea { background: transparent; }")
        self.setFixedWidth(theme.px(WIDTH))

    def _search(self, text: str) -> None:
        found = offers(self._wanted, text)
        headed = self._wanted.candidates is not None and not text.strip() and any(item.likely for item in found)
        self.rows.show_offers(found, headed)
        self._words.setText(words_of(text, found))
        self._words.setVisible(bool(self._words.text()))
        self._count.setText(self._counted(found))
        self._fit_height()
        self._scroll.ensureVisible(0, 0)

    def _counted(self, found: Sequence[Offer]) -> str:
        if self._wanted.candidates is None:
            return f"{len(found)} layer{'s' if len(found) != 1 else ''}"
        total = sum(is_offered(name) for name in KINDS)
        return f"{len(self._wanted.candidates)} compatible   {total - len(self._wanted.candidates)} hidden"

    def _fit_height(self) -> None:
        theme = self.themes.current
        self._scroll.setFixedHeight(min(self.rows.sizeHint().height(), theme.px(_SHOWN * ROW + _HEADING)))
        self.adjustSize()

    def _key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_popup()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._pick(self.rows.current)
            case Qt.Key.Key_Down | Qt.Key.Key_Tab:
                self._step(1)
            case Qt.Key.Key_Up | Qt.Key.Key_Backtab:
                self._step(-1)
            case _:
                return False
        return True

    def _step(self, by: int) -> None:
        self.rows.step(by)
        at = self.rows.row_rect(self.rows.current).center()
        self._scroll.ensureVisible(at.x(), at.y(), 0, self.themes.current.px(ROW))

    def _pick(self, index: int) -> None:
        if 0 <= index < len(self.rows.offers) and self.rows.offers[index].kind:
            offer = self.rows.offers[index]
            self.hide()
            self.chosen.emit(offer, self._at)


class _Accepts(QWidget):
    """What the wire brings."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._shape = label("", "mono11")
        self._dtype = label("", "tag")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 0)
        layout.addWidget(label("Accepts", "caption"))
        layout.addWidget(self._shape)
        layout.addWidget(self._dtype)
        layout.addStretch(1)

    def show_tensor(self, tensor: TensorType | None) -> None:
        """Show its shape and dtype, or nothing."""
        self.setVisible(tensor is not None)
        if tensor is not None:
            self._shape.setText(str(tensor))
            self._dtype.setText(tensor.dtype)


class _Rows(QWidget):
    """The list, painted; the mouse over a row makes it the current one."""

    picked = Signal(int)

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.offers: tuple[Offer, ...] = ()
        self.current = 0
        self._headed = False
        self.setMouseTracking(True)

    def show_offers(self, found: tuple[Offer, ...], headed: bool) -> None:
        """List these, the first one current."""
        self.offers, self.current, self._headed = found, 0, headed
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def step(self, by: int) -> None:
        """Make the next or previous row the current one, round the end."""
        if self.offers:
            self.current = (self.current + by) % len(self.offers)
            self.update()

    def row_rect(self, index: int) -> QRect:
        """Where this row stands."""
        px = self._themes.current.px
        top = index * px(ROW)
        if self._headed:
            top += px(_HEADING)
            if index < len(self.offers) and not self.offers[index].likely:
                top += px(_HEADING)
        return QRect(0, top, self.width(), px(ROW))

    def sizeHint(self) -> QSize:  # Qt's name
        last = self.row_rect(len(self.offers) - 1) if self.offers else QRect(0, 0, 0, 0)
        return QSize(self._themes.current.px(WIDTH - 18), last.bottom() + 1 if self.offers else 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # Qt's name
        index = self._at(event.position().toPoint())
        if index is not None and index != self.current:
            self.current = index
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # Qt's name
        index = self._at(event.position().toPoint())
        if index is not None:
            self.picked.emit(index)

    def paintEvent(self, event: QPaintEvent) -> None:  # Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._headed:
            self._paint_headings(painter)
        for index in range(len(self.offers)):
            if self.row_rect(index).intersects(event.rect()):
                self._paint_row(painter, index)

    def _at(self, place: QPoint) -> int | None:
        return next((index for index in range(len(self.offers)) if self.row_rect(index).contains(place)), None)

    def _paint_headings(self, painter: QPainter) -> None:
        theme = self._themes.current
        painter.setFont(theme.ui(11))
        painter.setPen(theme.color("text3"))
        painter.drawText(QRect(6, 0, self.width(), theme.px(_HEADING)), Qt.AlignmentFlag.AlignVCenter, "Likely next")
        other = next((index for index, offer in enumerate(self.offers) if not offer.likely), None)
        if other is not None:
            top = self.row_rect(other).top() - theme.px(_HEADING)
            place = QRect(6, top, self.width(), theme.px(_HEADING))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, "Other")

    def _paint_row(self, painter: QPainter, index: int) -> None:
        theme, offer, rect = self._themes.current, self.offers[index], self.row_rect(index)
        current = index == self.current
        if current:
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(theme.color("accentBg"))
            painter.drawRoundedRect(rect.adjusted(0, 0, -1, -1), 3, 3)
        size = theme.px(14)
        picture = theme.pixmap(offer.icon, theme.category(offer.category), size, self.devicePixelRatioF())
        painter.drawPixmap(8, rect.center().y() - size // 2, picture)
        inner = rect.adjusted(theme.px(30), 0, -8, 0)
        name_font = theme.ui(12, 600 if current else 400)
        painter.setFont(name_font)
        painter.setPen(theme.color("text"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, offer.title)
        wide = painter.fontMetrics().horizontalAdvance(offer.title)
        painter.setFont(theme.ui(11))
        painter.setPen(theme.color("text3" if not current else "text2"))
        room = inner.adjusted(wide + 8, 0, 0, 0)
        elided = painter.fontMetrics().elidedText(offer.note, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, elided)
        painter.setFont(theme.mono(11))
        painter.setPen(theme.color("text2"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, offer.shape)
