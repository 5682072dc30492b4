"""The learning-rate finder: a range test in the engine, its curve, and one edit that takes a rate over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from PySide6.QtWidgets import QDialog, QProgressBar, QWidget

from core.datatrust import not_allowed
from core.errors import ChainruleError
from core.files import to_text
from gui.asking import Asking
from gui.engines import Line
from gui.message_bar import MessageBar
from gui.session import Editor
from gui.theme import Themes
from gui.training.rate_plot import RateCurve, RatePlot, rate_text, two_digits
from gui.widgets import ComboBox, column, frame, label, line, prose, push, row

TOLD = (
    "A short run of its own, whose rate rises a little at every step. The loss falls fastest where the rate is good, "
    "and rises where it is too large (Smith 2017). Your run and your weights stay as they are."
)
FRESH, CURRENT = "the first weights of the seed", "the weights as they are now"


class Tested(msgspec.Struct):
    """The engine's answer."""

    rates: list[float]
    losses: list[float]
    smooth: list[float]
    suggested: float | None
    diverged: bool


class RateDialog(QDialog):
    """Tests at once when it opens; closing it ends the test."""

    def __init__(
        self, themes: Themes, editor: Editor, bridge: Line, weights: Path | None, last: bool, window: QWidget
    ) -> None:
        """`weights` are those of the document; `last` says whether the engine has later ones, of its run."""
        super().__init__(window)
        self._themes, self._editor = themes, editor
        self._weights, self._last = weights, last
        self.asking = Asking(bridge, self)
        self.plot = RatePlot(themes)
        self.begin_with = ComboBox(themes)
        self.begin_with.addItems([CURRENT, FRESH] if last or weights is not None else [FRESH])
        self.begin_with.setAccessibleName("Begin with")
        self.begin_with.setMinimumContentsLength(len(CURRENT))
        self.status = label("", "secondary")
        self.bar = QProgressBar(textVisible=False, maximum=100)
        self.message = MessageBar(themes)
        self.again, self.use, self.close_ = push("Test again"), push("Use this rate", "primary"), push("Close")
        self._lay_out()
        self._connect()
        self.test()

    def test(self) -> None:
        """Begin a test; one that is under way is given up."""
        self.message.hide()
        self.plot.show_curve(None, "Testing…")
        self._show_choice()
        if missing := self._editor.own.missing(self._editor.project):
            self._show_failure(not_allowed(missing))
            return
        now = self.begin_with.currentText() == CURRENT
        body = {
            "project": to_text(self._editor.project),
            "weights": str(self._weights) if now and not self._last and self._weights is not None else "",
            "last": now and self._last,
        }
        self.asking.ask("rates", msgspec.json.encode(body).decode(), self._editor.trusted())

    def reject(self) -> None:
        """Esc and Close: give up the test that is under way, or close."""
        if not self.asking.is_busy:
            super().reject()
            return
        self.asking.cancel()
        self._show_idle()
        self.plot.show_curve(None, "Cancelled.")
        self._show_choice()

    def done(self, result: int) -> None:
        """Close; nothing goes on behind it."""
        self.asking.cancel()
        super().done(result)

    def take_rate(self) -> None:
        """Set the chosen rate, as one step of undo, and close."""
        if self.plot.rate is None:
            return
        optimizer = self._editor.project.training.phases[0].optimizer
        self._editor.set_optimizer(replace(optimizer, learning_rate=two_digits(self.plot.rate)), "Use the rate found")
        self.accept()

    def _lay_out(self) -> None:
        px = self._themes.current.px
        self.setWindowTitle("Find a learning rate")
        for button in (self.again, self.close_):
            button.setAutoDefault(False)
        self.use.setDefault(True)
        name = label("Begin with", "secondary")
        name.setBuddy(self.begin_with)
        self._progress = frame("clear", column(self.status, self.bar, spacing=6))
        lower = frame("clear", column(self._progress, self.message, spacing=8))
        lower.setMinimumHeight(px(40))  # what is said at the end shall not push the curve
        layout = column(spacing=10, margins=(20, 18, 20, 16))
        layout.addWidget(label("Find a learning rate", "name"))
        layout.addWidget(prose(TOLD))
        layout.addLayout(row(name, self.begin_with, None, self.again))
        layout.addWidget(self.plot, 1)
        layout.addWidget(lower)
        layout.addWidget(line())
        layout.addLayout(row(None, self.close_, self.use))
        self.setLayout(layout)
        self.resize(px(640), px(560))

    def _connect(self) -> None:
        self.again.clicked.connect(self.test)
        self.begin_with.activated.connect(lambda _index: self.test())
        self.use.clicked.connect(self.take_rate)
        self.close_.clicked.connect(self.reject)
        self.plot.chosen.connect(lambda _rate: self._show_choice())
        self.asking.doing.connect(self._show_doing)
        self.asking.answered.connect(self._show_answer)
        self.asking.failed.connect(self._show_failure)

    def _show_doing(self, text: str, share: float) -> None:
        self._progress.show()
        self.status.setText(f"{text}…")
        self.bar.setValue(round(100 * share))
        self.close_.setText("Cancel")

    def _show_idle(self) -> None:
        self._progress.hide()
        self.close_.setText("Close")

    def _show_answer(self, body: str) -> None:
        self._show_idle()
        told = msgspec.json.decode(body, type=Tested)
        if not told.rates:
            self.plot.show_curve(None, "The loss was no number at the first step.")
            return
        curve = RateCurve(
            np.array(told.rates), np.array(told.losses), np.array(told.smooth), told.suggested, told.diverged
        )
        self.plot.show_curve(curve)
        if told.suggested is None:
            text = "The loss falls no more than by chance. Click a rate, or begin with other weights or larger batches."
            self.message.say("warning", "No rate stands out.", text)
        self._show_choice()
        self.plot.setFocus()

    def _show_failure(self, error: ChainruleError) -> None:
        self._show_idle()
        self.plot.show_curve(None, "No test.")
        self.message.say_error("The rate could not be tested.", error)
        self._show_choice()

    def _show_choice(self) -> None:
        rate = self.plot.rate
        self.use.setEnabled(rate is not None)
        self.use.setText(f"Use {rate_text(rate)}" if rate is not None else "Use this rate")
