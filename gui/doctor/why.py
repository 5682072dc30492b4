"""Why it happens: the mechanism in a few sentences, with the numbers of the user's own graph."""

from __future__ import annotations

import math
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from core.diagnosis.finding import Finding, Plot
from gui.doctor.prose import Told
from gui.monitors import ticks
from gui.theme import Theme, Themes
from gui.widgets import IconButton, column, label, prose, row

LINE, GAP = 22, 6


class Why(QFrame):
    """A box under a finding; the cross closes it."""

    closed = Signal()

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.setProperty("role", "why")
        self.cause = Told(themes)
        self.mechanism = Told(themes, ink="text2")
        self.source = prose("", "caption")
        self.factors = Factors(themes)
        close = IconButton(themes, "close", "Close the explanation", 12)
        close.clicked.connect(self.closed)
        layout = column(spacing=6, margins=(12, 6, 6, 10))
        layout.addLayout(row(label("Why it happens", "title"), None, close))
        for part in (self.cause, self.mechanism, self.factors, self.source):
            layout.addWidget(part)
        self.setLayout(layout)

    def show_finding(self, finding: Finding) -> None:
        """Explain this one."""
        self.cause.tell(finding.cause)
        self.mechanism.tell(finding.why)
        self.source.setText(f"Source: {finding.source}" if finding.source else "")
        self.source.setVisible(bool(finding.source))
        self.factors.show_plot(next((seen.plot for seen in finding.evidence if seen.plot is not None), None))


class Factors(QWidget):
    """What each layer passes on of the gradient, multiplied: the chain rule with the run's own numbers."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.names: tuple[str, ...] = ()
        self.values: tuple[float, ...] = ()
        """A factor a layer, from the loss back to the input."""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        themes.changed.connect(self._restyle)

    def show_plot(self, plot: Plot | None) -> None:
        """Take the factors of a profile of gradients; hidden for anything else."""
        values = plot.curves[0].y if plot is not None and plot.form == "profile" and plot.logarithmic else ()
        usable = len(values) > 2 and all(value > 0 and math.isfinite(value) for value in values)
        self.values = tuple(values[i] / values[i + 1] for i in reversed(range(len(values) - 1))) if usable else ()
        self.names = tuple(reversed(plot.names[: len(self.values)])) if plot is not None and usable else ()
        self.setVisible(bool(self.values))
        self.setAccessibleName(self.words)
        self.setToolTip(self.words)
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        """The product as text."""
        if not self.values:
            return ""
        parts = " · ".join(factor_text(value) for value in self.values)
        return f"{parts} = {ticks.scientific(math.prod(self.values))}"

    def chips(self, width: int) -> list[tuple[QRectF, str, QColor | None]]:
        """Where each factor stands, in lines that wrap; the product comes last, without a ground."""
        theme = self._themes.current
        wide = QFontMetrics(theme.mono(11)).horizontalAdvance
        depths = accumulate(math.log10(value) for value in self.values)
        parts = list(zip(map(factor_text, self.values), (theme.gradient(-2.0 + one) for one in depths), strict=True))
        made: list[tuple[QRectF, str, QColor | None]] = []
        x = y = 0.0
        for text, ground in (*parts, (f"= {ticks.scientific(math.prod(self.values))}", None)) if parts else ():
            box = QRectF(x, y, wide(text) + theme.px(10), theme.px(LINE - 4))
            if x and box.right() > width:
                y += theme.px(LINE)
                box.moveTopLeft(QPointF(0, y))
            made.append((box, text, ground))
            x = box.right() + theme.px(GAP)
        return made

    def hasHeightForWidth(self) -> bool:  # noqa: D102  # Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: D102  # Qt's name
        chips = self.chips(width)
        return math.ceil(chips[-1][0].bottom()) if chips else 0

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        wide = max(self.width(), self._themes.current.px(200))
        return QSize(self._themes.current.px(200), self.heightForWidth(wide))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme, painter = self._themes.current, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.mono(11))
        for box, text, ground in self.chips(self.width()):
            if ground is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ground)
                painter.drawRoundedRect(box, theme.px(3), theme.px(3))
            painter.setPen(_readable(theme, ground))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


def factor_text(value: float) -> str:
    """A factor in two digits: 0.12."""
    return f"{value:.2g}" if 1e-3 <= value < 1e3 else ticks.scientific(value, 0)


def _readable(theme: Theme, ground: QColor | None) -> QColor:
    """White or black, whichever stands out from the ground."""
    if ground is None:
        return theme.color("text")
    bright = 0.3 * ground.redF() + 0.59 * ground.greenF() + 0.11 * ground.blueF()
    return QColor("#FFFFFF" if bright < 0.5 else "#0B1017")
