"""The loss over the steps, with its smoothing and its scale."""

from __future__ import annotations

from PySide6.QtGui import QAction, QActionGroup

from gui.monitors.controls import SmoothingSlider
from gui.monitors.cursor import Cursor
from gui.monitors.loss_plot import SMOOTHING, LossPlot
from gui.monitors.panel import Monitor, shared
from gui.theme import Themes
from gui.training.feed import Feed

SCALES = {"automatic": "Automatic scale", "log": "Log scale", "linear": "Linear scale"}


class LossMonitor(Monitor):
    """The loss of the run, with its smoothing and its scale."""

    SENTENCE = (
        "How wrong the network is: pale at every training step, strong their moving average, dashed on the samples "
        "that it was not trained with."
    )

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.curves = LossPlot(feed, themes, shared(cursor))
        super().__init__("Loss", self.curves, feed, themes)
        self.slider = SmoothingSlider(themes, SMOOTHING)
        self.factor = self.header.caption("", mono=True)
        self.factor.setMinimumWidth(themes.current.px(34))
        self.header.controls.addWidget(self.header.caption("Smoothing"))
        self.header.controls.addWidget(self.slider)
        self.header.controls.addWidget(self.factor)
        self.slider.valueChanged.connect(self._smooth)
        self._smooth()
        self._scales = QActionGroup(self)
        self.header.menu.addSeparator()
        for scaling, words in SCALES.items():
            action = QAction(words, self._scales, checkable=True, checked=scaling == self.curves.scaling)
            action.setData(scaling)
            self.header.menu.addAction(action)
        self.header.menu.addSeparator()
        self.compare = QAction("Earlier run", self.header.menu, checkable=True, checked=True)
        self.compare.setToolTip("Draw the run before as pale lines, to compare with")
        self.compare.toggled.connect(self._compare)
        self.header.menu.addAction(self.compare)
        self.log_time = self.offer_log_time()
        self._scales.triggered.connect(lambda action: self.use_scale(action.data()))

    def state(self) -> dict[str, str]:
        """What was chosen."""
        chosen = {"smoothing": str(self.slider.value()), "scale": self.curves.scaling}
        return {**super().state(), **chosen, "compares": "1" if self.compare.isChecked() else ""}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        if state.get("smoothing", "").isdigit():
            self.slider.setValue(int(state["smoothing"]))
        for action in self._scales.actions():
            if action.data() == state.get("scale"):
                action.trigger()
        self.compare.setChecked(bool(state.get("compares", "1")))

    def use_scale(self, scaling: str) -> None:
        """Draw on a `log` or a `linear` scale, or on the one that suits (`automatic`)."""
        self.curves.scaling = scaling
        self.curves.refresh()

    def _compare(self, shown: bool) -> None:
        self.curves.compares = shown
        self.curves.refresh()

    def _smooth(self) -> None:
        self.curves.factor = self.slider.factor
        self.factor.setText(f"{self.slider.factor:.3g}")
        self.curves.refresh()
