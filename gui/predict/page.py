"""Inputs and answers of one network, laid out: below one another, or side by side where there is room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from numpy.typing import NDArray
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QBoxLayout, QWidget

from core.data.settings import dataset_kind
from core.engine.predictions import Guess, Surveyed, Trained, packed
from gui.predict.coefficients import CoefficientBars
from gui.predict.curve import CurveInput
from gui.predict.masks import MaskAnswer
from gui.predict.parts import Giving, answer_of, coefficients_of, input_of
from gui.predict.picture_input import PictureInput
from gui.predict.plane import PlaneInput
from gui.predict.samples import Samples
from gui.predict.series_input import SeriesInput
from gui.predict.text_input import TextInput
from gui.predict.writer import Writer, writing_of
from gui.subject import Output, Subject
from gui.theme import Themes
from gui.widgets import ElidedLabel, column, line

BESIDE, LEAST = 560, 400
"""Pixels from which inputs and answers stand side by side, and the same where the panel is flat."""
FLAT = 1.3
"""How much wider than high a flat panel is."""


class Page(QWidget):
    """All that is given and answered."""

    changed = Signal()
    """The user gave another input."""
    sample_asked = Signal(str, int)
    """A part and the place of a sample in it."""
    asked = Signal(object)
    """A question for the engine."""
    noised = Signal()
    """The same input with another amount of noise."""
    failed = Signal(str)
    """Why an input could not be taken."""

    def __init__(self, themes: Themes, subject: Subject, surveyed: Surveyed) -> None:
        super().__init__()
        self._themes = themes
        self.subject = subject
        self._key = _key(subject)
        by_hand = _given_by_hand(subject)
        self.inputs: dict[str, Giving] = {name: input_of(themes, subject, name, surveyed) for name in by_hand}
        self.coefficients = coefficients_of(themes, subject, surveyed)
        self.writer = self._writer()
        written = self.writer.writing.output.name if self.writer is not None else ""
        self.answers = {one.name: answer_of(themes, one) for one in subject.outputs if one.name != written}
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
            if isinstance(giving, PlaneInput):
                giving.picked.connect(self._pick)
            if isinstance(giving, PictureInput):
                giving.failed.connect(self.failed)
                giving.noised.connect(self.noised)

    @property
    def values(self) -> dict[str, NDArray[Any]]:
        """What is given, by input, as one sample."""
        return {name: giving.values for name, giving in self.inputs.items()}

    def guess(self) -> Guess | None:
        """What to ask about what is given; None where that is not all there, or a writer asks for itself."""
        if not self.is_given or self.writer is not None:
            return None
        return Guess(project="", inputs={name: packed(values) for name, values in self.values.items()})

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

    def stop(self) -> None:
        """Wait for nothing that was asked."""
        if self.writer is not None:
            self.writer.stop()

    def show_truths(self, truths: Mapping[str, NDArray[Any]]) -> None:
        """What is right for the sample that is shown, where an answer is written bit by bit."""
        if self.writer is not None:
            truth = truths.get(self.writer.writing.output.name)
            self.writer.show_truth(truth[0] if truth is not None else None)

    def _writer(self) -> Writer | None:
        """The writer of a network that writes, fed by the inputs that are given by hand."""
        writing = writing_of(self.subject)
        if writing is None:
            return None
        made = Writer(self._themes, writing)
        typed = self.inputs.get(writing.grown)
        if isinstance(typed, TextInput):
            made.prompt = lambda: typed.tokens
        made.inputs = lambda: {name: values for name, values in self.values.items() if name != writing.grown}
        made.asked.connect(self.asked)
        return made

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

    def take(self, question: Trained, told: object) -> None:
        """Hand on the answer to a question of one of the parts."""
        if self.writer is not None:
            self.writer.take(question, told)
        for part in self._asking():
            part.take(told)

    def _asking(self) -> list[PlaneInput | CurveInput | CoefficientBars]:
        found = [part for part in self.inputs.values() if isinstance(part, PlaneInput | CurveInput)]
        return [*found, *([self.coefficients] if self.coefficients is not None else [])]

    def arrange(self, room: QSize) -> None:
        """Lay inputs and answers out for this room."""
        wide = room.width() > self._themes.current.px(LEAST) and room.width() > FLAT * room.height()
        beside = wide or room.width() > self._themes.current.px(BESIDE)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._layout.setDirection(across if beside else down)
        self._layout.setStretch(0, int(beside))
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
        if self.writer is not None:
            made.addWidget(ElidedLabel(self._about(self.writer.writing.output), "caption2"))
            made.addWidget(self.writer)
        for output in self.subject.outputs:
            if output.name not in self.answers:
                continue
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

    def _pick(self, place: int) -> None:
        """Show a held-out sample that is listed."""
        self.samples.choose("validation")
        self.sample_asked.emit("validation", place)

    def _change(self) -> None:
        self.samples.own()
        self.changed.emit()


def _given_by_hand(subject: Subject) -> list[str]:
    """The inputs that have a widget: all but the one that a translation grows into."""
    writing = writing_of(subject)
    return [name for name in subject.inputs if writing is None or not writing.translates or name != writing.grown]


def _key(subject: Subject) -> tuple[object, ...]:
    """All that the widgets depend on."""
    outputs = tuple((one.name, one.meaning, one.shape) for one in subject.outputs)
    return tuple(subject.inputs.items()), outputs, tuple(subject.project.data.items())
