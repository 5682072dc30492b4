"""What the selected layer gives for a sample, and the filters of a convolution."""

from __future__ import annotations

from PySide6.QtGui import QAction

from gui.monitors.controls import Segmented
from gui.monitors.cursor import Cursor
from gui.monitors.feature_plot import FeaturePlot
from gui.monitors.layer_monitor import LayerMonitor
from gui.monitors.panel import shared
from gui.theme import Themes
from gui.training.feed import Feed


class ActivationMonitor(LayerMonitor):
    """The feature maps of the selected layer, live, or its filters."""

    SENTENCES = (
        "What the selected layer answers to one sample it was not trained with: a picture a channel, orange above zero "
        "and blue below.",
        "The patterns that the selected convolution looks for: a picture for each filter and input channel, orange "
        "above zero and blue below.",
    )

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.maps = FeaturePlot(feed, themes, shared(cursor))
        super().__init__("Activations", self.maps, feed, themes, turn=4)
        self.modes = Segmented(("Maps", "Filters"), themes)
        self.modes.chosen.connect(self._choose)
        self.header.controls.addWidget(self.modes)
        for words, by in (("Next sample", 1), ("Sample before", -1)):
            action = QAction(words, self)
            action.triggered.connect(lambda _checked=False, by=by: self.maps.choose_sample(self.maps.sample + by))
            self.header.menu.addAction(action)
        self.maps.sample_changed.connect(self.looked_at)

    def shown_step(self) -> int | None:
        """The step of what is shown."""
        return self.maps.found.step if self.maps.found is not None else None

    @property
    def sentence(self) -> str:
        """What one is looking at."""
        return self.SENTENCES[1 if self.maps.filters else 0]

    def state(self) -> dict[str, str]:
        """What was chosen."""
        return {**super().state(), "mode": "Filters" if self.maps.filters else "Maps"}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        if state.get("mode") in ("Maps", "Filters"):
            self.modes.choose(state["mode"])

    def _choose(self, mode: str) -> None:
        self.maps.filters = mode == "Filters"
        self.say_sentence()
        self.maps.refresh()
