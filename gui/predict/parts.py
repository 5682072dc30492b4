"""Which widget gives an input and which one shows an answer: the two tables of the panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from core.data.settings import dataset_kind
from core.data.sources import FieldSpec
from core.engine.predictions import Surveyed
from core.prediction.centring import framing_of
from core.prediction.inputs import Input, reads
from core.prediction.meanings import Form, class_names
from gui.predict.answers import Answering, ClassAnswer, NoAnswer, PictureAnswer, SeriesAnswer, SignAnswer, ValueAnswer
from gui.predict.choice_input import ChoiceInput
from gui.predict.coefficients import CoefficientBars
from gui.predict.curve import CurveInput
from gui.predict.masks import MaskAnswer
from gui.predict.picture_input import PictureInput
from gui.predict.plane import PlaneInput
from gui.predict.row_input import RowInput
from gui.predict.series_input import SeriesInput
from gui.predict.text_input import TextInput
from gui.predict.writer import writing_of
from gui.subject import Output, Subject
from gui.theme import Themes
from gui.widgets import column, prose

PLOTTED: frozenset[Form] = frozenset({"classes", "yes or no", "sign", "values"})
"""The answers that a plane or a curve can show."""


class Giving(Protocol):
    """A widget that gives an input."""

    changed: SignalInstance

    @property
    def values(self) -> NDArray[Any]:
        """What it gives, as one sample (1, ...) in natural units."""

    @property
    def is_given(self) -> bool:
        """Whether there is anything to be judged."""

    def show_sample(self, values: NDArray[Any]) -> None:
        """Show this sample of the data."""


class SampleInput(QWidget):
    """An input that cannot be given by hand: samples of the data are shown as what they are."""

    changed = Signal()

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__()
        self._values = np.zeros((1, *spec.shape), spec.dtype)
        self._is_given = False
        self.words = prose("")
        self.setLayout(column(self.words))

    @property
    def values(self) -> NDArray[Any]:
        """The sample that is shown."""
        return self._values

    @property
    def is_given(self) -> bool:
        """Whether one was shown."""
        return self._is_given

    def show_sample(self, values: NDArray[Any]) -> None:
        """Say the size of the sample and the range of its numbers."""
        self._values, self._is_given = values, True
        sizes = "×".join(map(str, values.shape[1:])) or "1"
        self.words.setText(f"{sizes} numbers from {values.min():.4g} to {values.max():.4g}")


def input_of(themes: Themes, subject: Subject, name: str, surveyed: Surveyed) -> Giving:
    """The widget for an input of this name."""
    one: Input = subject.inputs[name]
    kind, columns = reads(one.spec), surveyed.columns.get(name, [])
    if kind == "picture":
        settings = subject.project.data.get(one.dataset)
        fields = dataset_kind(settings).fields if settings is not None else ()
        classes = next((field.classes for field in fields if field.classes), ())
        framing = framing_of(settings.source, one.spec.shape, classes) if settings is not None else None
        gives_back = any(output.form == "picture" for output in subject.outputs)
        return PictureInput(themes, one.spec.shape, framing, with_noise=gives_back)
    if kind == "row" and len(subject.inputs) == 1 and len(columns) in (1, 2) and subject.outputs[0].form in PLOTTED:
        plot = CurveInput if len(columns) == 1 else PlaneInput
        return plot(themes, one.spec, surveyed, name, subject.outputs[0])
    if kind == "row" and len(columns) == len(one.spec.columns):
        return RowInput(themes, one.spec.columns, columns)
    if kind == "choice":
        return ChoiceInput(themes, one.spec)
    if kind == "text":
        writing = writing_of(subject)
        return TextInput(themes, one.spec, is_open=writing is not None and writing.grown == name)
    return SeriesInput(themes, one.spec) if kind == "series" else SampleInput(one.spec)


def coefficients_of(themes: Themes, subject: Subject, surveyed: Surveyed) -> CoefficientBars | None:
    """The bars of a linear model over a row of named numbers; None for any other network."""
    step, ((name, one), *others) = subject.linear, subject.inputs.items()
    if step is None or others or reads(one.spec) != "row":
        return None
    output = subject.outputs[0]
    classes = class_names(output.meaning, output.shape[0]) if output.form == "classes" and output.shape else ()
    return CoefficientBars(themes, step.module, one.spec.columns, surveyed.columns.get(name, ()), classes)


def answer_of(themes: Themes, output: Output) -> Answering:
    """The widget for an output."""
    return ANSWERS.get(output.form, NoAnswer)(themes, output)


ANSWERS: Mapping[Form, Callable[[Themes, Output], Answering]] = MappingProxyType(
    {
        "classes": ClassAnswer,
        "yes or no": ClassAnswer,
        "labels": ClassAnswer,
        "sign": SignAnswer,
        "values": ValueAnswer,
        "picture": PictureAnswer,
        "series": SeriesAnswer,
        "mask": MaskAnswer,
    }
)
