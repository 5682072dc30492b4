"""The small controls in a monitor's header."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QSlider, QWidget

from gui.compact import ARROW, drop_down
from gui.theme import Themes

FACTORS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97, 0.98, 0.99, 0.995)
"""The smoothing factors that the slider stops at."""


class Segmented(QWidget):
    """A few choices side by side, one of which holds."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[str], themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        self._buttons = {choice: _Segment(choice, themes) for choice in choices}
        for button in self._buttons.values():
            self._group.addButton(button)
            layout.addWidget(button)
        self._buttons[choices[0]].setChecked(True)
        self._compact = False
        self._group.buttonClicked.connect(self._clicked)
        themes.changed.connect(self._restyle)

    def choose(self, choice: str) -> None:
        """Let `choice` hold, as a click on it does."""
        self._buttons[choice].setChecked(True)
        self._show()
        self.chosen.emit(choice)

    def button(self, choice: str) -> QAbstractButton:
        """The button of a choice."""
        return self._buttons[choice]

    def width_when(self, compact: bool) -> int:
        """The pixels that all choices take, or the widest of them as a drop-down."""
        wide = [button.sizeHint().width() for button in self._buttons.values()]
        return 2 + (max(wide) if compact else sum(wide))

    def set_compact(self, compact: bool) -> None:
        """Show the choice that holds alone, as a drop-down, or all of them."""
        if compact != self._compact:
            self._compact = compact
            self._show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground that the segments lie on."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._themes.current.color("control"))
        painter.drawRoundedRect(QRectF(self.rect()), 5, 5)

    def _clicked(self, button: QAbstractButton) -> None:
        if self._compact:
            drop_down(button, {choice: choice for choice in self._buttons}, self.choose)
        else:
            self.chosen.emit(button.accessibleName())

    def _show(self) -> None:
        for choice, button in self._buttons.items():
            button.setText(choice + (ARROW if self._compact else ""))
            button.setVisible(not self._compact or button.isChecked())
        self._restyle()

    def _restyle(self) -> None:
        for button in self._buttons.values():
            button.updateGeometry()
        self.update()


class _Segment(QAbstractButton):
    """One of the choices."""

    def __init__(self, text: str, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The width of the text in its bold form, so that choosing moves nothing."""
        theme = self._themes.current
        self.setFont(theme.ui(12, 600))
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + theme.px(14), theme.px(22))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text, on a fill where it is chosen, with a ring where it has the focus."""
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ring = QPen(theme.color("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen
        painter.setPen(ring)
        painter.setBrush(theme.color("hover") if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.color("text" if self.isChecked() or self.underMouse() else "text2"))
        painter.setFont(theme.ui(12, 600 if self.isChecked() else 400))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class SmoothingSlider(QSlider):
    """A slim slider over the smoothing factors."""

    def __init__(self, themes: Themes, factor: float) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._themes = themes
        self.setRange(0, len(FACTORS) - 1)
        self.setPageStep(2)
        self.setValue(FACTORS.index(factor))
        self.setAccessibleName("Smoothing")
        self.setToolTip("Smoothing: how much of the moving average the next step keeps")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def factor(self) -> float:
        """The factor that the slider stands at."""
        return FACTORS[self.value()]

    def sizeHint(self) -> QSize:
        """64 x 24 at 100 %."""
        return QSize(self._themes.current.px(64), self._themes.current.px(24))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where the pointer is, at once."""
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pressed pointer."""
        self._go(event.position())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A 3 px groove, filled up to the knob."""
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        radius, middle = theme.px(5), self.height() / 2
        knob = self._knob()
        for end, token in ((self.width() - radius, "line2"), (knob, "accent")):
            painter.setBrush(theme.color(token))
            painter.drawRoundedRect(QRectF(radius, middle - 1.5, end - radius, 3), 1.5, 1.5)
        painter.setBrush(theme.color("text" if theme.dark else "raised"))
        painter.setPen(QPen(theme.color("accent"), 2) if self.hasFocus() or not theme.dark else Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(knob, middle), radius, radius)

    def _knob(self) -> float:
        radius = self._themes.current.px(5)
        return radius + (self.width() - 2 * radius) * self.value() / self.maximum()

    def _go(self, place: QPointF) -> None:
        radius = self._themes.current.px(5)
        share = (place.x() - radius) / (self.width() - 2 * radius)
        self.setValue(round(share * self.maximum()))
