"""Inputs and answers of one network, laid out: below one another, or side by side where there is room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from core.data.settings import dataset_kind
from core.engine.predictions import Surveyed, Trained
from gui.predict.coefficients import CoefficientBars
from gui.predict.curve import CurveInput
from gui.predict.masks import MaskAnswer
from gui.predict.parts import Giving, answer_of, coefficients_of, input_of
from gui.predict.picture_input import PictureInput
from gui.predict.plane import PlaneInput
from gui.predict.samples import Samples
from gui.predict.series_input import SeriesInput
from gui.predict.subject import Output, Subject
from gui.theme import Themes
from gui.widgets import ElidedLabel, column, line

BESIDE = 560
"""Pixels from which inputs and answers stand side by side."""


class Page(QWidget):
    """All that is given and answered."""

    changed = Signal()
    """The user gave another input."""
    sample_asked = Signal(str, int)
    """A part and the place of a sample in it."""
    noised = Signal()
    """The same input with another amount of noise."""
    failed = Signal(str)
    """Why an input could not be taken."""

    def __init__(self, themes: Themes, subject: Subject, surveyed: Surveyed) -> None:
        super().__init__()
        self._themes = themes
        self.subject = subject
        self._key = _key(subject)
        self.inputs: dict[str, Giving] = {name: input_of(themes, subject, name, surveyed) for name in subject.inputs}
        self.coefficients = coefficients_of(themes, subject, surveyed)
        self.answers = {output.name: answer_of(themes, output) for output in subject.outputs}
        self.samples = Samples(themes)
        self.samples.use(surveyed.train, surveyed.held_out)
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(12)
        self._layout.addLayout(self._given(), 1)
        self._rule = line()
        self._layout.addWidget(self._rule)
        self._layout.addLayout(self._answered(), 1)
        self.samples.asked.connect(self.sample_asked)
        for giving in self.inputs.values():
            giving.changed.connect(self._change)
            if isinstance(giving, PictureInput):
                giving.failed.connect(self.failed)
                giving.noised.connect(self.noised)

    @property
    def values(self) -> dict[str, NDArray[Any]]:
        """What is given, by input, as one sample."""
        return {name: giving.values for name, giving in self.inputs.items()}

    @property
    def is_given(self) -> bool:
        """Whether all inputs are there."""
        return all(giving.is_given for giving in self.inputs.values())

    def fits(self, subject: Subject) -> bool:
        """Whether another network reads and says just the same."""
        return _key(subject) == self._key

    def begin(self) -> None:
        """Show the first sample, where there is one."""
        if any(self.samples.sizes.values()):
            self.samples.ask()

    def show_sample(self, place: int, inputs: Mapping[str, NDArray[Any]]) -> None:
        """Show this sample of the data."""
        for name, values in inputs.items():
            if name in self.inputs:
                self.inputs[name].show_sample(values)
        self.samples.shown(place)

    def show_answers(self, answers: Mapping[str, NDArray[Any]], truths: Mapping[str, NDArray[Any]]) -> None:
        """Show what came out for the one sample, beside what is right."""
        for name, values in answers.items():
            if name in self.answers:
                truth = truths.get(name)
                self._show(name, values[0], truth[0] if truth is not None else None)

    def _show(self, name: str, values: NDArray[Any], truth: NDArray[Any] | None) -> None:
        answer, given = self.answers[name], list(self.inputs.values())
        if isinstance(answer, MaskAnswer) and len(given) == 1 and isinstance(given[0], PictureInput):
            answer.ground = given[0].values[0]
        answer.show_answer(values, truth)
        first = self.subject.outputs[0]
        if name == first.name and first.form in ("series", "values") and isinstance(given[0], SeriesInput):
            given[0].show_next(values, truth)

    @property
    def questions(self) -> list[Trained]:
        """What plots and bars have to ask, whenever the network has learnt."""
        return [part.question() for part in self._asking()]

    def take(self, told: object) -> None:
        """Hand on the answer to a question of one of the parts."""
        for part in self._asking():
            part.take(told)

    def _asking(self) -> list[PlaneInput | CurveInput | CoefficientBars]:
        found = [part for part in self.inputs.values() if isinstance(part, PlaneInput | CurveInput)]
        return [*found, *([self.coefficients] if self.coefficients is not None else [])]

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        beside = self.width() > self._themes.current.px(BESIDE)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._layout.setDirection(across if beside else down)
        self._rule.setVisible(not beside)

    def _given(self) -> QBoxLayout:
        made = column(spacing=8)
        for name, giving in self.inputs.items():
            made.addWidget(ElidedLabel(self._title(name), "caption2"))
            made.addWidget(cast("QWidget", giving))
        made.addWidget(self.samples)
        made.addStretch(1)
        return made

    def _answered(self) -> QBoxLayout:
        made = column(spacing=8)
        for output in self.subject.outputs:
            made.addWidget(ElidedLabel(self._about(output), "caption2"))
            made.addWidget(cast("QWidget", self.answers[output.name]))
        if self.coefficients is not None:
            made.addWidget(line())
            made.addWidget(self.coefficients)
        made.addStretch(1)
        return made

    def _title(self, name: str) -> str:
        """An input's name, and in which units it is."""
        one = self.subject.inputs[name]
        settings = self.subject.project.data.get(one.dataset)
        if settings is None:
            return name
        kind = dataset_kind(settings)
        return f"{name} of {kind.title}, {kind.natural}" if one.spec.scaled else f"{name} of {kind.title}"

    def _about(self, output: Output) -> str:
        field = output.meaning.field
        return f"{output.name}, for {field.name}" if field is not None else output.name

    def _change(self) -> None:
        self.samples.own()
        self.changed.emit()


def _key(subject: Subject) -> tuple[object, ...]:
    """All that the widgets depend on."""
    outputs = tuple((one.name, one.meaning, one.shape) for one in subject.outputs)
    return tuple(subject.inputs.items()), outputs, tuple(subject.project.data.items())
