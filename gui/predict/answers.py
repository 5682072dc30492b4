"""What a network answers, as widgets: classes with their probabilities, values with their errors, pictures."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from core.prediction.meanings import class_names, two_names
from gui.numbers import percent, plain, signed
from gui.predict.bars import Bar, Bars
from gui.predict.picture_input import Shown
from gui.subject import Output
from gui.theme import Themes
from gui.widgets import ElidedLabel, column, label, prose, row

MOST = 10
"""Classes that are listed, at the most: the likeliest ones where there are more."""
VALUES = 24
"""Numbers of a row that are listed, at the most."""


class Answering(Protocol):
    """A widget that shows one answer."""

    def show_answer(self, values: NDArray[Any], truth: NDArray[Any] | None) -> None:
        """Show the output for one sample, and what is right for it where that is known."""


class ClassAnswer(QWidget):
    """The class that is said, how sure it is, and how likely the others are."""

    def __init__(self, themes: Themes, output: Output) -> None:
        super().__init__()
        self._output = output
        meaning = output.meaning
        self._is_share = meaning.prediction != "scores" and output.form != "sign"
        self.said = label("", "name")
        self.verdict = label("", "caption2")
        self.bars = Bars(themes, f"{output.name}, classes", 1.0 if self._is_share else None)
        head = row(self.said, None, self.verdict)
        layout = column(spacing=4)
        layout.addLayout(head)
        layout.addWidget(self.bars)
        self.setLayout(layout)

    def show_answer(self, values: NDArray[Any], truth: NDArray[Any] | None) -> None:
        """Show these probabilities or scores."""
        names, numbers = self._named(values.reshape(-1))
        right = self._right(truth)
        best = self._best(numbers)
        places = range(len(names))
        order = sorted(places, key=lambda at: -numbers[at])[:MOST] if len(names) > MOST else places
        written = [percent(one) if self._is_share else plain(one, 3) for one in numbers]
        bars = [Bar(names[at], numbers[at], written[at], at in best, _mark(at, right, best)) for at in order]
        self.bars.show_bars(bars)
        self.said.setText(", ".join(names[at] for at in sorted(best)) or "none")
        self.verdict.setText(self._verdict(names, right, best))

    def _named(self, values: NDArray[Any]) -> tuple[list[str], list[float]]:
        numbers = [float(value) for value in values]
        if self._output.form == "yes or no":
            return list(two_names(self._output.meaning)), [1 - numbers[0], numbers[0]]
        if self._output.form == "sign":
            return ["score"], numbers
        return class_names(self._output.meaning, len(numbers)), numbers

    def _best(self, numbers: list[float]) -> set[int]:
        if self._output.form == "labels":
            return {at for at, share in enumerate(numbers) if share > 0.5}
        if self._output.form == "sign":
            return {0}
        return {int(np.argmax(numbers))} if np.isfinite(numbers).any() else set()

    def _right(self, truth: NDArray[Any] | None) -> set[int] | None:
        """Which classes are right."""
        if truth is None:
            return None
        flat = truth.reshape(-1)
        if self._output.form == "labels" or len(flat) > 1:
            return {int(at) for at in np.flatnonzero(flat > 0.5)}
        return {round(float(flat[0]))} if self._output.form == "classes" else {int(float(flat[0]) > 0.5)}

    def _verdict(self, names: list[str], right: set[int] | None, best: set[int]) -> str:
        if right is None:
            return ""
        if right == best:
            return "right"
        return f"it is {', '.join(names[at] for at in sorted(right) if at < len(names)) or 'none'}"


class SignAnswer(QWidget):
    """A score of which the sign counts: which class, how far from the margin."""

    def __init__(self, themes: Themes, output: Output) -> None:
        super().__init__()
        self._output = output
        self.said = label("", "name")
        self.verdict = label("", "caption2")
        self.score = label("", "mono")
        self.words = ElidedLabel("", "caption2")
        layout = column(spacing=4)
        layout.addLayout(row(self.said, None, self.verdict))
        line = row(self.score, self.words)
        line.setStretch(1, 1)
        layout.addLayout(line)
        self.setLayout(layout)

    def show_answer(self, values: NDArray[Any], truth: NDArray[Any] | None) -> None:
        """Show this score."""
        score = float(values.reshape(-1)[0])
        names, margin = two_names(self._output.meaning), self._output.meaning.margin
        self.said.setText(names[int(score > 0)])
        self.score.setText(f"score {signed(score)}")
        if margin:
            self.words.set_text("inside the margin" if abs(score) < margin else "beyond the margin")
        right = None if truth is None else int(float(truth.reshape(-1)[0]) > 0)
        told = "" if right is None else "right" if right == int(score > 0) else f"it is {names[right]}"
        self.verdict.setText(told)


class ValueAnswer(QWidget):
    """Numbers in their natural units; beside each the right one and the error, where they are known."""

    def __init__(self, themes: Themes, output: Output) -> None:
        super().__init__()
        self._output = output
        self._lines: list[tuple[QLabel, QLabel, ElidedLabel]] = []
        self._column = column(spacing=2)
        self.setLayout(self._column)
        self.more = label("", "caption")
        self._column.addWidget(self.more)
        self.more.hide()

    @property
    def texts(self) -> list[tuple[str, str, str]]:
        """Name, value and error of every line, as they are read."""
        return [(name.text(), value.text(), error.whole) for name, value, error in self._lines]

    def show_answer(self, values: NDArray[Any], truth: NDArray[Any] | None) -> None:
        """Show these values."""
        flat = values.reshape(-1)
        right = truth.reshape(-1) if truth is not None and truth.size == flat.size else None
        self._grow(min(len(flat), VALUES))
        for place, (name, value, error) in enumerate(self._lines):
            name.setText(self._name(place, len(flat)))
            value.setText(plain(float(flat[place])))
            error.set_text("" if right is None else _error(float(flat[place]), float(right[place])))
        self.more.setVisible(len(flat) > VALUES)
        self.more.setText(f"and {len(flat) - VALUES:,} more")

    def _grow(self, count: int) -> None:
        while len(self._lines) < count:
            error = ElidedLabel("", "caption2")
            error.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            line = (label("", "secondary"), label("", "name" if count == 1 else "mono"), error)
            self._lines.append(line)
            laid = row(*line)
            laid.setStretch(2, 1)
            self._column.insertLayout(len(self._lines) - 1, laid)

    def _name(self, place: int, count: int) -> str:
        field = self._output.meaning.field
        if field is not None and place < len(field.columns):
            return field.columns[place]
        return self._output.name if count == 1 else str(place)


class PictureAnswer(QWidget):
    """The picture that came out beside the one that is wanted, and how far they are apart."""

    def __init__(self, themes: Themes, output: Output) -> None:
        super().__init__()
        self.shown = Shown(themes, f"{output.name}, a picture", 128)
        self.wanted = Shown(themes, "What is right", 128)
        self._caption = label("right", "caption")
        self.error = label("", "caption2")
        self._right = QWidget()
        self._right.setProperty("role", "clear")
        self._right.setLayout(column(self._caption, self.wanted, None, spacing=4))
        left = column(label("comes out", "caption"), self.shown, None, spacing=4)
        pair = row(spacing=8)
        pair.addLayout(left)
        pair.addWidget(self._right)
        pair.addStretch(1)
        layout = column(spacing=4)
        layout.addLayout(pair)
        layout.addWidget(self.error)
        self.setLayout(layout)

    def show_answer(self, values: NDArray[Any], truth: NDArray[Any] | None) -> None:
        """Show this picture (C, H, W)."""
        self.shown.show_picture(values)
        wanted = truth if truth is not None and truth.shape == values.shape else None
        self._right.setVisible(wanted is not None)
        self.wanted.show_picture(wanted)
        self.error.setVisible(wanted is not None)
        if wanted is not None:
            apart = float(np.sqrt(np.mean((values.astype(np.float64) - wanted) ** 2)))
            self.error.setText(f"root mean square error {plain(apart, 3)}")


class SeriesAnswer(QWidget):
    """What comes next, in numbers; the line itself is drawn where the series is given."""

    def __init__(self, _themes: Themes, output: Output) -> None:
        super().__init__()
        self._output = output
        self.said = label("", "mono")
        self.said.setWordWrap(True)
        self.error = label("", "caption2")
        self.setLayout(column(self.said, self.error, spacing=4))

    def show_answer(self, values: NDArray[Any], truth: NDArray[Any] | None) -> None:
        """Show these values."""
        flat = values.reshape(-1)
        shown = "  ".join(plain(float(one)) for one in flat[:VALUES])
        self.said.setText(shown + (f"  and {len(flat) - VALUES:,} more" if len(flat) > VALUES else ""))
        right = truth.reshape(-1) if truth is not None and truth.size == flat.size else None
        self.error.setVisible(right is not None)
        if right is not None:
            apart = float(np.sqrt(np.mean((flat.astype(np.float64) - right) ** 2)))
            self.error.setText(f"root mean square error {plain(apart, 3)}")


class NoAnswer(QWidget):
    """For what has no form here: its numbers in short."""

    def __init__(self, _themes: Themes, output: Output) -> None:
        super().__init__()
        self._output = output
        self.words = prose("")
        self.setLayout(column(self.words))

    def show_answer(self, values: NDArray[Any], _truth: NDArray[Any] | None) -> None:
        """Say the shape, and the least and the most."""
        sizes = "×".join(map(str, values.shape))
        self.words.setText(f"{sizes} numbers from {plain(float(values.min()))} to {plain(float(values.max()))}")


def _mark(at: int, right: set[int] | None, best: set[int]) -> str:
    if right is None or at not in right:
        return ""
    return "check" if at in best else "close"


def _error(value: float, right: float) -> str:
    return f"{plain(right)} is right, {signed(value - right, 3)}"
