"""The dialog that measures the loss around the weights, and shows it."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtWidgets import QDialog, QProgressBar, QWidget

from core.datatrust import not_allowed
from core.engine.landscapes import Landscape, Survey
from core.engine.sharpness import Curve, Curved
from core.engine.traces import Trace
from core.errors import ChainruleError
from core.files import to_text
from gui.asking import Asking
from gui.engines import Line
from gui.landscape.plot import LandscapePlot
from gui.message_bar import MessageBar
from gui.monitors import saving
from gui.numbers import plain
from gui.session import Editor
from gui.theme import Themes
from gui.widgets import ComboBox, column, frame, label, line, prose, push, row

TOLD = (
    "The loss of one batch where all weights are moved along two random directions, each filter by as much as it is "
    "long. The cross is where the network stands: in a wide basin it will bear other data well, on a cliff it will not."
)
SHARP = (
    "The largest eigenvalue of the loss's Hessian, by Lanczos's iteration: how fast the slope changes along the "
    "direction in which it does so most. Where it is above 2 / learning rate, plain gradient descent swings along it."
)
SETTLED = 0.1
"""A residual below which an eigenvalue is off by about a hundredth, where it stands apart."""
REACHES = ("0.25", "0.5", "1", "2")
POINTS = {"11 × 11": 11, "21 × 21": 21, "41 × 41": 41}


class LandscapeDialog(QDialog):
    """Measures at once when it opens; closing it ends that."""

    def __init__(
        self, themes: Themes, editor: Editor, bridge: Line, weights: Path | None, last: bool, window: QWidget
    ) -> None:
        """`weights` are those of the document; `last` says whether the engine has later ones, of its run."""
        super().__init__(window)
        self._themes, self._editor, self._weights, self._last = themes, editor, weights, last
        self.asking, self.curving = Asking(bridge, self), Asking(bridge, self)
        self.plot = LandscapePlot(themes)
        self.reach, self.points = ComboBox(themes), ComboBox(themes)
        self.reach.addItems(REACHES)
        self.reach.setCurrentText("1")
        self.reach.setAccessibleName("How far")
        self.points.addItems(list(POINTS))
        self.points.setCurrentText("21 × 21")
        self.points.setAccessibleName("Points")
        self.status, self.sharpness = label("", "secondary"), label("", "secondary")
        self.sharpness.setToolTip(SHARP)
        self.bar = QProgressBar(textVisible=False, maximum=100)
        self.message = MessageBar(themes)
        self.again, self.save, self.close_ = push("Measure again"), push("Save as…"), push("Close")
        self._lay_out()
        self._connect()
        self.measure()

    def measure(self) -> None:
        """Begin to measure; what is under way is given up."""
        self.message.hide()
        self.plot.show_found(None, "Measuring…")
        self.curving.cancel()
        self.sharpness.setText("")
        self.save.setEnabled(False)
        if missing := self._editor.own.missing(self._editor.project):
            self._show_failure(not_allowed(missing))
            return
        reach, points = float(self.reach.currentText()), POINTS[self.points.currentText()]
        self._ask(self.asking, "landscape", Survey(project="", reach=reach, points=points))

    def _ask(self, asking: Asking, kind: str, question: Trace) -> None:
        """Ask about the network that the dialog was opened for."""
        if not self._last:
            question.project = to_text(self._editor.project)
            question.weights = str(self._weights) if self._weights is not None else ""
            question.fresh = self._weights is None
        asking.ask(kind, msgspec.json.encode(question).decode(), self._editor.trusted())

    def reject(self) -> None:
        """Esc and Close: give up what is under way, or close."""
        if not self.asking.is_busy:
            super().reject()
            return
        self.asking.cancel()
        self._show_idle("Cancelled.")
        self.plot.show_found(None, "Cancelled.")

    def done(self, result: int) -> None:
        """Close; nothing goes on behind it."""
        self.asking.cancel()
        self.curving.cancel()
        super().done(result)

    def _lay_out(self) -> None:
        px = self._themes.current.px
        self.setWindowTitle("Loss landscape")
        self.again.setAutoDefault(False)
        self.save.setAutoDefault(False)
        self.close_.setDefault(True)
        names = label("How far", "secondary"), label("Points", "secondary")
        lower = frame("clear", column(self.status, self.sharpness, self.bar, self.message, spacing=6))
        lower.setMinimumHeight(px(56))
        layout = column(spacing=10, margins=(20, 18, 20, 16))
        layout.addWidget(label("Loss landscape", "name"))
        layout.addWidget(prose(TOLD))
        layout.addLayout(row(names[0], self.reach, 8, names[1], self.points, None, self.again))
        layout.addWidget(self.plot, 1)
        layout.addWidget(lower)
        layout.addWidget(line())
        layout.addLayout(row(None, self.save, self.close_))
        self.setLayout(layout)
        self.resize(px(620), px(720))

    def _connect(self) -> None:
        self.again.clicked.connect(self.measure)
        self.reach.activated.connect(lambda _index: self.measure())
        self.points.activated.connect(lambda _index: self.measure())
        self.save.clicked.connect(self._save)
        self.close_.clicked.connect(self.reject)
        self.asking.doing.connect(self._show_doing)
        self.asking.answered.connect(self._show_answer)
        self.asking.failed.connect(self._show_failure)
        self.curving.answered.connect(self._show_sharpness)
        self.curving.failed.connect(lambda error: self.sharpness.setText(f"Its sharpness is not known: {error.came}"))

    def _save(self) -> None:
        path = saving.ask(self, "Loss landscape")
        if path is None:
            return
        try:
            saving.save(self.plot, path)
        except ChainruleError as error:
            self.message.say_error("The landscape was not saved.", error)

    def _show_doing(self, text: str, share: float) -> None:
        self.bar.show()
        self.status.setText(f"{text}…")
        self.bar.setValue(round(100 * share))
        self.close_.setText("Cancel")

    def _show_idle(self, text: str) -> None:
        self.bar.hide()
        self.status.setText(text)
        self.close_.setText("Close")

    def _show_answer(self, body: str) -> None:
        found = msgspec.json.decode(body, type=Landscape)
        self.plot.show_found(found)
        at = f"after step {found.step:,}" if found.step else "as the network stands"
        self._show_idle(f"{found.samples} samples, {at}: loss {plain(self.plot.middle)} at the cross.")
        self.save.setEnabled(True)
        self.sharpness.setText("Measuring its sharpness…")
        self._ask(self.curving, "curve", Curve(project=""))

    def _show_sharpness(self, body: str) -> None:
        found, optimizer = msgspec.json.decode(body, type=Curved), self._editor.project.training.phases[0].optimizer
        limit = f"; plain descent swings above {plain(2 / optimizer.learning_rate)}" if optimizer.name == "SGD" else ""
        about = "" if found.residual < SETTLED else f"after {found.iterations} products not settled, about "
        self.sharpness.setText(f"Sharpness {about}{plain(found.sharpness)}{limit}.")

    def _show_failure(self, error: ChainruleError) -> None:
        self._show_idle("")
        self.plot.show_found(None, "Nothing was measured.")
        self.message.say_error("The landscape could not be measured.", error)
