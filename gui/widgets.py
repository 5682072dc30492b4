"""The small parts every room of the window is built from: buttons, labels, lines, folds and segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import Theme, Themes


def label(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """A label in one of the stylesheet's roles (title, caption, mono...); its text is plain, never markup."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def prose(text: str = "", role: str = "secondary") -> QLabel:
    """A label that wraps over as many lines as it needs."""
    made = label(text, role)
    made.setWordWrap(True)
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    made.setSizePolicy(policy)
    return made


def frame(role: str, layout: QLayout | None = None) -> QFrame:
    """A frame in one of the stylesheet's roles (panel, inset, card...)."""
    made = QFrame()
    made.setProperty("role", role)
    if layout is not None:
        made.setLayout(layout)
    return made


def line(vertical: bool = False) -> QFrame:
    """A hairline."""
    made = frame("line")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made


def row(
    *items: QWidget | int | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """A line of widgets; a number is a gap of so many pixels and None takes what is left."""
    made = QHBoxLayout()
    _fill(made, items, spacing, margins)
    return made


def column(
    *items: QWidget | int | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Widgets below one another; a number is a gap of so many pixels and None takes what is left."""
    made = QVBoxLayout()
    _fill(made, items, spacing, margins)
    return made


def restyled(widget: QWidget, **properties: str) -> None:
    """Set properties that the stylesheet's rules ask for, and let the rules be read again where they differ."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def push(text: str, role: str = "", icon: QIcon | None = None) -> QPushButton:
    """A button with words on it, in one of the stylesheet's roles."""
    made = QPushButton(text)
    if role:
        made.setProperty("role", role)
    if icon is not None:
        made.setIcon(icon)
    return made


class IconButton(QToolButton):
    """A button that is only a picture, with a tooltip and a name for screen readers."""

    def __init__(
        self, themes: Themes, icon: str, text: str, size: int = 16, color: str = "text2", hit: int = 24
    ) -> None:
        super().__init__()
        self._themes, self._icon, self._size, self._color, self._hit = themes, icon, size, color, hit
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def show_icon(self, icon: str, color: str = "text2") -> None:
        """Show another picture."""
        self._icon, self._color = icon, color
        self._restyle(self._themes.current)

    def _restyle(self, theme: Theme) -> None:
        self.setIcon(theme.icon(self._icon, self._color, self._size))
        self.setIconSize(QSize(theme.px(self._size), theme.px(self._size)))
        self.setFixedSize(theme.px(self._hit), theme.px(self._hit))


class IconLabel(QLabel):
    """A picture beside a text."""

    def __init__(
        self, themes: Themes, icon: str, color: str | Callable[[Theme], QColor] = "text2", size: int = 14
    ) -> None:
        super().__init__()
        self._themes, self._icon, self._color, self._size = themes, icon, color, size
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def show_icon(self, icon: str, color: str | Callable[[Theme], QColor] = "text2") -> None:
        """Show another picture."""
        if (icon, color) != (self._icon, self._color):
            self._icon, self._color = icon, color
            self._restyle(self._themes.current)

    def _restyle(self, theme: Theme) -> None:
        ink = self._color(theme) if callable(self._color) else self._color
        size = theme.px(self._size)
        self.setPixmap(theme.pixmap(self._icon, ink, size, self.devicePixelRatioF()))
        self.setFixedSize(size, size)


class ElidedLabel(QLabel):
    """A line of text that ends in dots where it does not fit; the tooltip then has it whole."""

    def __init__(self, text: str = "", role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._whole, self._mode = text, mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if role:
            self.setProperty("role", role)
        self._elide()

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._whole:
            self._whole = text
            self._elide()
            self.updateGeometry()

    @property
    def whole(self) -> str:
        """The text without dots."""
        return self._whole

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        hint = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._mode, max(self.width(), 0))
        if shown != self.text():
            self.setText(shown)
        self.setToolTip("" if shown == self._whole else self._whole)


class Fold(QWidget):
    """A section with a head that opens and closes it."""

    toggled = Signal(bool)

    def __init__(self, themes: Themes, title: str, note: str = "", open_: bool = True) -> None:
        super().__init__()
        self.setProperty("role", "clear")
        self._arrow = IconLabel(themes, "down", "text3", 10)
        self.note = ElidedLabel(note, "caption")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = row(self._arrow, label(title, "title"), self.note, spacing=8)
        line.setStretch(2, 1)
        head = _FoldHead(line)
        head.pressed.connect(self._toggle)
        head.setAccessibleName(title)
        self.is_open = True
        self.body = QWidget()
        self.body.setProperty("role", "clear")
        layout = column(head, self.body, spacing=4)
        self.setLayout(layout)
        self.set_open(open_)

    def _toggle(self) -> None:
        self.set_open(not self.is_open)

    def set_open(self, is_open: bool) -> None:
        """Open or close the section."""
        if is_open != self.is_open:
            self.is_open = is_open
            self.body.setVisible(is_open)
            self._arrow.show_icon("down" if is_open else "right", "text3")
            self.toggled.emit(is_open)


class _FoldHead(QWidget):
    pressed = Signal()

    def __init__(self, layout: QLayout) -> None:
        super().__init__()
        self.setLayout(layout)
        self.setMinimumHeight(24)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.pressed.emit()


class CheckBox(QCheckBox):
    """A box with a tick, drawn in the theme's colours."""

    def __init__(self, themes: Themes, text: str = "") -> None:
        super().__init__(text)
        self._themes = themes
        themes.changed.connect(self._restyle)

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        theme = self._themes.current
        text = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(theme.px(14) + theme.px(6) + text + 2, max(theme.px(24), self.fontMetrics().height()))

    def hitButton(self, pos: QPoint) -> bool:  # noqa: D102  # Qt's name
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        side = theme.px(14)
        box = QRectF(0.5, (self.height() - side) / 2 + 0.5, side - 1, side - 1)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        ink = "accent" if on or self.hasFocus() else "line3"
        painter.setPen(QPen(theme.color(ink if self.isEnabled() else "line2"), 1))
        painter.setBrush(theme.color(("accent" if self.isEnabled() else "line2") if on else "inset"))
        painter.drawRoundedRect(box, theme.px(3), theme.px(3))
        if on:
            size = theme.px(12)
            tick = theme.pixmap("check", "accentInk", size, self.devicePixelRatioF())
            painter.drawPixmap(QPoint(round(box.center().x() - size / 2), round(box.center().y() - size / 2)), tick)
        painter.setPen(theme.color("text" if self.isEnabled() else "disabled"))
        place = QRect(side + theme.px(6), 0, self.width() - side - theme.px(6), self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


class ComboBox(QComboBox):
    """A choice of several texts, with the theme's own arrow; the wheel scrolls what is around it instead."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)

    def setAccessibleName(self, name: str) -> None:  # noqa: D102  # Qt's name
        super().setAccessibleName(name)
        self.view().setAccessibleName(name)

    def wheelEvent(self, event: object) -> None:  # noqa: D102  # Qt's name
        event.ignore()  # type: ignore[attr-defined]  # every Qt event can be ignored

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        theme = self._themes.current
        size = theme.px(10)
        arrow = theme.pixmap("down", "text3" if self.isEnabled() else "disabled", size, self.devicePixelRatioF())
        QPainter(self).drawPixmap(QPoint(self.width() - size - theme.px(6), (self.height() - size) // 2), arrow)


def _fill(
    layout: QHBoxLayout | QVBoxLayout,
    items: Sequence[QWidget | int | None],
    spacing: int,
    margins: tuple[int, int, int, int],
) -> None:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        else:
            layout.addWidget(item)
