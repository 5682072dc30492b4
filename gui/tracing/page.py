"""The stop at which a walk stands: its numbers, the chain of factors, and the check of one weight."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from core.engine.traces import Differed, Stage
from core.walk import Moment, Walk
from gui.theme import Themes
from gui.tracing.histogram import Histogram
from gui.tracing.words import backward, chain, checked, first_numbers, forward
from gui.widgets import ComboBox, Fold, column, label, prose, push, restyled, row

PLACES = "one index for each of the dimensions, as 0, 3"


class Page(QWidget):
    """What is known of one step in one direction."""

    check_asked = Signal(str, str, list)
    """The module's path, the parameter's name and the place in it of a weight."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.setProperty("role", "clear")
        self.name, self.kind = label("", "card-title"), label("", "caption")
        self.histogram = Histogram(themes)
        self.first = prose("", "mono-secondary")
        self.chain = prose("", "secondary")
        self._table = QGridLayout()
        self._table.setColumnStretch(1, 1)
        self._table.setHorizontalSpacing(12)
        self._table.setVerticalSpacing(3)
        self._cells: list[QLabel] = []
        self._stage: Stage | None = None
        self.fold = self._made_fold(themes)
        layout = column(spacing=8, margins=(12, 10, 12, 10))
        layout.addLayout(row(self.name, self.kind, None))
        layout.addLayout(self._table)
        for part in (self.histogram, self.first, self.chain, self.fold):
            layout.addWidget(part)
        layout.addStretch(1)
        self.setLayout(layout)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The table as it is shown."""
        texts = [cell.text() for cell in self._cells]
        return list(zip(texts[::2], texts[1::2], strict=True))

    def show_moment(self, walk: Walk, moment: Moment) -> None:
        """Show this stop."""
        stage, is_back = moment.stage, moment.direction == "backward"
        before, self._stage = self._stage, stage
        if before is None or stage.path != before.path:
            self._take_parameters(stage)
        self.name.setText(stage.path)
        self.kind.setText(stage.kind)
        self._fill(backward(stage) if is_back else forward(stage))
        output = stage.outputs[0] if stage.outputs else None
        self.histogram.setVisible(not is_back and output is not None and bool(output.spread.bins))
        if output is not None and not is_back:
            self.histogram.show_spread(output.spread)
        numbers = first_numbers(output, moment.direction) if output is not None else ""
        self.first.setText(f"First sample: {numbers}" if numbers else "")
        self.first.setVisible(bool(numbers))
        text = chain(walk, stage.path) if is_back else ""
        self.chain.setText(text)
        self.chain.setVisible(bool(text))

    def show_check(self, found: Differed) -> None:
        """Show what a numeric check came to."""
        text, state = checked(found)
        self.say(text, state)

    def say(self, text: str, state: str) -> None:
        """Say this of the check; `state` is ok, warn or error."""
        self.verdict.setText(text)
        restyled(self.verdict, role=state)
        self.verdict.show()

    def _made_fold(self, themes: Themes) -> Fold:
        fold = Fold(themes, "Check a gradient", open_=False)
        self.parameter, self.place = ComboBox(themes), QLineEdit("0")
        self.place.setProperty("role", "value")
        self.parameter.setAccessibleName("Parameter")
        self.place.setAccessibleName("Place of the weight")
        self.place.setToolTip(f"Which weight: {PLACES}")
        self.button = push("Check", "small")
        self.button.clicked.connect(self._ask)
        self.place.returnPressed.connect(self._ask)
        self.parameter.currentIndexChanged.connect(self._reset_place)
        self.verdict = prose("", "secondary")
        about = prose("Moves one weight a little both ways and divides the loss's change by it.", "caption2")
        line = row(self.parameter, self.place, self.button, spacing=6)
        line.setStretch(1, 1)
        body = column(about, spacing=6, margins=(18, 0, 0, 0))
        body.addLayout(line)
        body.addWidget(self.verdict)
        fold.body.setLayout(body)
        return fold

    def _take_parameters(self, stage: Stage) -> None:
        names = [weight.name for weight in stage.weights]
        with QSignalBlocker(self.parameter):
            self.parameter.clear()
            self.parameter.addItems(names)
        self.fold.setVisible(bool(names))
        self._reset_place()

    def _reset_place(self, _index: int = 0) -> None:
        self.verdict.hide()
        weight = self._weight()
        if weight is not None:
            self.place.setText(", ".join(["0"] * len(weight)))

    def _weight(self) -> list[int] | None:
        """The shape of the parameter that is chosen."""
        weights = self._stage.weights if self._stage is not None else []
        index = self.parameter.currentIndex()
        return weights[index].shape if 0 <= index < len(weights) else None

    def _ask(self) -> None:
        shape, stage = self._weight(), self._stage
        if shape is None or stage is None:
            return
        parts = self.place.text().replace("[", " ").replace("]", " ").replace(",", " ").split()
        if len(parts) != len(shape) or not all(
            part.isdigit() and int(part) < size for part, size in zip(parts, shape, strict=True)
        ):
            self.say(f"A place in {'×'.join(map(str, shape))} is wanted: {PLACES}.", "error")
            return
        self.verdict.hide()
        self.check_asked.emit(stage.module, self.parameter.currentText(), [int(part) for part in parts])

    def _fill(self, lines: list[tuple[str, str]]) -> None:
        while len(self._cells) > 2 * len(lines):
            cell = self._cells.pop()
            self._table.removeWidget(cell)
            cell.hide()  # until it is deleted it would be drawn over what comes below
            cell.deleteLater()
        while len(self._cells) < 2 * len(lines):
            line, place = divmod(len(self._cells), 2)
            cell = prose("", "mono11") if place else label("", "caption2")
            self._table.addWidget(cell, line, place, Qt.AlignmentFlag.AlignTop)
            self._cells.append(cell)
        for cell, text in zip(self._cells, [text for pair in lines for text in pair], strict=True):
            cell.setText(text)
