"""A trial in the card of its finding: how far it is, and then both curves with what they come to."""

from __future__ import annotations

from types import MappingProxyType

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar

from core.diagnosis.finding import Curve, Plot
from core.diagnosis.trial import Trial
from gui.doctor.prose import Told
from gui.doctor.small_plot import SmallPlot
from gui.doctor.trying import Tried
from gui.message_bar import told
from gui.theme import Themes
from gui.widgets import ElidedLabel, IconButton, IconLabel, column, label, push, row

OUTCOMES = MappingProxyType(
    {
        "better": ("check", "ok", "It helps."),
        "alike": ("info", "accent", "No clear difference."),
        "worse": ("error", "error", "It does not help."),
    }
)
"""The picture of an outcome, its colour and its words."""
POINTS = 120
"""Of a curve: means of as many steps as there are more."""
WAITS = "Your run waits meanwhile."


class TrialBox(QFrame):
    """Hidden until something is tried."""

    cancelled = Signal()
    """The trial is given up, or its result was read."""
    apply_asked = Signal()

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.setProperty("role", "why")
        self.title = ElidedLabel("", "title")
        self.close_ = IconButton(themes, "close", "Close the trial", 12)
        self.status = Told(themes, ink="text2")
        self.bar = QProgressBar(textVisible=False, maximum=1000)
        self.stop = push("Cancel", "small")
        self.icon = IconLabel(themes, "check", "ok", 14)
        self.outcome = label("", "title")
        self.verdict = Told(themes)
        self.caption = label("", "caption2")
        self.plot = SmallPlot(themes)
        self.apply = push("Apply", "small-primary")
        head = row(self.title, self.close_)
        head.setStretch(0, 1)
        self._going, self._done = QFrame(), QFrame()
        for box in (self._going, self._done):
            box.setProperty("role", "clear")
        self._going.setLayout(column(self.status, self.bar, self.stop, spacing=6))
        done = column(spacing=6)
        done.addLayout(row(self.icon, self.outcome, None, spacing=8))
        for part in (self.verdict, self.caption, self.plot, self.apply):
            done.addWidget(part)
        self._done.setLayout(done)
        layout = column(spacing=6, margins=(12, 6, 6, 10))
        layout.addLayout(head)
        layout.addWidget(self._going)
        layout.addWidget(self._done)
        self.setLayout(layout)
        self.close_.clicked.connect(self.cancelled)
        self.stop.clicked.connect(self.cancelled)
        self.apply.clicked.connect(self.apply_asked)
        self.hide()

    def show_tried(self, tried: Tried | None) -> None:
        """Show how it stands; None: nothing is tried."""
        self.setVisible(tried is not None)
        if tried is None:
            return
        self.title.set_text(f"Trial: {tried.remedy.label}")
        self._going.setVisible(tried.is_running)
        self._done.setVisible(not tried.is_running)
        if tried.is_running:
            self.status.tell(f"{tried.words}.{' ' + WAITS if tried.is_training else ''}")
            self.bar.setValue(round(1000 * tried.share))
        elif tried.trial is not None:
            self._show_trial(tried.trial)
        elif tried.error is not None:
            self._show_end("error", "error", "It could not be tried.", told(tried.error))
        self.setAccessibleName(f"{self.title.whole}. {self.outcome.text()} {self.verdict.words or self.status.words}")

    def _show_trial(self, trial: Trial) -> None:
        verdict = trial.verdict
        self._show_end(*OUTCOMES[verdict.outcome], verdict.text)
        self.caption.setText("Loss as it is, and with the remedy, from the same seed")
        self.plot.show_plot(curves(trial), frozenset())
        for part in (self.caption, self.plot):
            part.show()
        self.apply.setVisible(verdict.outcome != "worse")

    def _show_end(self, icon: str, ink: str, outcome: str, words: str) -> None:
        self.icon.show_icon(icon, ink)
        self.outcome.setText(outcome)
        self.verdict.tell(words)
        for part in (self.caption, self.plot, self.apply):
            part.hide()


def curves(trial: Trial) -> Plot:
    """Both losses over the steps; logarithmic where they are far apart."""
    both = (("as it is", trial.before.losses), ("with the remedy", trial.after.losses))
    drawn = tuple(Curve(name, *_thinned(losses)) for name, losses in both)
    values = [value for curve in drawn for value in curve.y if value > 0]
    wide = bool(values) and max(values) > 10 * min(values) and all(value > 0 for curve in drawn for value in curve.y)
    return Plot("line", drawn, logarithmic=wide, y_title="loss")


def _thinned(losses: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Means of neighbouring steps, at most so many, and the steps at which they stand."""
    width = max(-(-len(losses) // POINTS), 1)
    parts = [losses[first : first + width] for first in range(0, len(losses), width)]
    steps = (first + (len(part) + 1) / 2 for first, part in zip(range(0, len(losses), width), parts, strict=True))
    return tuple(sum(part) / len(part) for part in parts), tuple(steps)
