"""What a network says of sample after sample, the most wrong first, again and again in training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.data.sources import FieldSpec
from core.engine.reviews import Order, Part, Reviewed
from core.prediction.inputs import Input
from gui.monitors.choice import Choice
from gui.monitors.controls import Segmented
from gui.monitors.cursor import Cursor
from gui.monitors.panel import shared
from gui.monitors.review_plot import ReviewPlot
from gui.monitors.seen_monitor import SeenMonitor
from gui.theme import Themes
from gui.training.feed import Feed
from gui.widgets import IconButton, push, row

PARTS: Mapping[str, Part] = {"Held out": "validation", "Train": "train"}
ORDERS: Mapping[Order, str] = {
    "wrong": "Most wrong",
    "unsure": "Least sure",
    "class": "By class",
    "number": "As they are",
}
SHORT: Mapping[Order, str] = {"wrong": "Wrong", "unsure": "Unsure", "class": "Class", "number": "No."}
"""The orders where there is little room."""
EVERY = "−1"
Asked = Literal["walk", "predict"]


class PredictionMonitor(SeenMonitor):
    """The samples of a part, put in order and looked at one by one."""

    SENTENCE = (
        "Each line is a sample with what is right and what the network says of it, the one that costs most first: "
        "what stands above is what it still gets wrong, or what is labelled wrong."
    )
    asked_again = Signal()
    """Another part is wanted."""
    sample_wanted = Signal(int)
    """The place of a sample in its part that is to be seen large."""
    sent = Signal(str, str, int)
    """To `walk` or `predict`, the part, and the place in it of a sample that is wanted there."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.list = ReviewPlot(feed, themes, shared(cursor))
        super().__init__("Predictions", self.list, feed, themes, turn=4)
        self.part: Part = "validation"
        self.parts = Segmented(tuple(PARTS), themes)
        self.order = Choice("Order", lambda: cast("Mapping[str, str]", ORDERS), themes)
        self.wrong = IconButton(themes, "close", "Only the samples that are wrong", 14)
        self.wrong.setCheckable(True)
        self.classes = Choice("Class", self._classes, themes)
        for control in (self.parts, self.order, self.wrong, self.classes):
            self.header.controls.addWidget(control)
        self.parts.chosen.connect(self._use_part)
        self.order.chosen.connect(lambda key: self.choose(order=key))
        self.wrong.clicked.connect(self._use_wrong)
        self.classes.chosen.connect(lambda key: self.choose(of_class=key))
        self.footer = self._made_footer()
        layout = self.layout()
        assert layout is not None  # Monitor made it
        layout.addWidget(self.footer)
        self.list.opened.connect(self._opened)
        self._tell()

    def begin(self, inputs: Mapping[str, Input], field: FieldSpec | None) -> None:
        """Show another network from now on."""
        self.list.begin(inputs, field)
        self._tell()

    def take(self, told: Reviewed) -> None:
        """Show these samples."""
        if told.part != self.part:  # nothing is held out
            self.part = cast("Part", told.part)
            name = next(name for name, part in PARTS.items() if part == told.part)
            self.parts.blockSignals(True)
            self.parts.choose(name)
            self.parts.blockSignals(False)
        if max(self.list.of_class, self.list.as_class) >= len(told.classes):  # they are classes of another network
            self.list.of_class = self.list.as_class = -1
        self.list.take(told)
        self._tell()

    def shown_step(self) -> int | None:
        """The step of what is shown."""
        known = self.list.judgement
        return known.told.step if known is not None else None

    def choose(self, order: str = "", of_class: str = "") -> None:
        """List the samples in another order, or other ones; those that are wrong alone where that is on."""
        shown, wrong = self.list, self.wrong.isChecked()
        kind = -1 if of_class == EVERY else int(of_class) if of_class else shown.of_class
        shown.choose(order or shown.order, wrong, kind, -1 if of_class else shown.as_class)
        self._tell()

    def list_cell(self, true: int | None, said: int | None) -> None:
        """List the held-out samples that are of one class and said to be of another; None for any."""
        if self.part != "validation":
            self.parts.choose(next(name for name, part in PARTS.items() if part == "validation"))
        self.list.close_sample()
        of, by = (one if one is not None else -1 for one in (true, said))
        self.list.choose(self.list.order, False, of, by)
        self._tell()

    def state(self) -> dict[str, str]:
        """What was chosen."""
        shown = self.list
        return {**super().state(), "part": self.part, "order": shown.order, "wrong": "1" if shown.only_wrong else ""}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        order = state.get("order", "")
        self.list.choose(order if order in ORDERS else "wrong", bool(state.get("wrong")), -1)
        for name, part in PARTS.items():
            if part == state.get("part"):
                self.parts.choose(name)
        self._tell()

    def _made_footer(self) -> QWidget:
        self.back = push("Back to the list", "small")
        self.back.setToolTip("Show all samples again (Esc)")
        self.back.clicked.connect(self.list.close_sample)
        self.walk = push("Step through", "small")
        self.walk.setToolTip("Walk this sample through the network, layer by layer, and its gradient back")
        self.walk.clicked.connect(lambda: self._send("walk"))
        self.predict = push("Open in Predict", "small")
        self.predict.setToolTip("Change the sample there, and see what the network makes of it")
        self.predict.clicked.connect(lambda: self._send("predict"))
        made = QWidget()
        made.setLayout(row(self.back, None, self.walk, self.predict, spacing=8, margins=(10, 4, 8, 8)))
        made.hide()
        return made

    def _send(self, where: Asked) -> None:
        if self.list.shown is not None:
            self.sent.emit(where, self.part, self.list.shown)

    def _opened(self) -> None:
        shown = self.list.shown
        self.footer.setVisible(shown is not None)
        if shown is not None:
            self.sample_wanted.emit(shown)
        else:
            self.list.setFocus()

    def _use_wrong(self, _on: bool) -> None:
        self.choose()

    def _use_part(self, name: str) -> None:
        self.part = PARTS[name]
        self.list.close_sample()
        self.asked_again.emit()

    def _classes(self) -> Mapping[str, str]:
        judgement = self.list.judgement
        names = judgement.told.classes if judgement is not None else []
        return {EVERY: "Every class", **{str(at): f"is {name}" for at, name in enumerate(names)}}

    def _tell(self) -> None:
        """Say what is chosen, and offer what there is to choose."""
        shown, judgement = self.list, self.list.judgement
        order = cast("Order", shown.order)
        self.order.hold(order, ORDERS[order], SHORT[order])
        self.wrong.setChecked(shown.only_wrong)
        self.wrong.show_icon("close", "error" if shown.only_wrong else "text2")
        has_classes = judgement is not None and judgement.has_classes
        self.wrong.setVisible(judgement is not None and judgement.has_wrong)
        self.classes.setVisible(has_classes)
        chosen = str(shown.of_class) if shown.of_class >= 0 else EVERY
        words = self._classes().get(chosen, "Every class")
        if shown.as_class >= 0 and judgement is not None:
            said = f"said {judgement.name(shown.as_class)}"
            words = f"{words}, {said}" if shown.of_class >= 0 else said
        some = shown.of_class >= 0 or shown.as_class >= 0
        self.classes.hold(chosen, words, "One" if some else "All")
