"""Asks the engine for what a network says over a plane or along an axis, while the monitor is seen."""

from __future__ import annotations

from core.engine.predictions import Survey, Surveyed, Sweep, Swept, Trained, unpacked
from core.prediction.meanings import Form
from gui.boundary import curve, plane
from gui.boundary.curve import CurveDrawing
from gui.boundary.ground import Span, is_of_one_unit, spans_of
from gui.boundary.plane import PlaneDrawing
from gui.engines import Line
from gui.monitors.boundary import BoundaryMonitor
from gui.session import Editor
from gui.subject import Subject
from gui.training.control import RunControl
from gui.training.network_looks import NetworkLooks

PLOTTED: frozenset[Form] = frozenset({"classes", "yes or no", "sign", "values"})
"""The answers that a plane or a curve can show."""
NO_ROW = "It is for networks that read one row of named numbers, as a table or points of a plane."
NO_ANSWER = "It is for networks that say a class or one value."


class BoundaryLooks(NetworkLooks):
    """A survey of the data whenever the network is another one, a sweep whenever it has learnt."""

    def __init__(self, monitor: BoundaryMonitor, line: Line, editor: Editor, run: RunControl) -> None:
        self._view = monitor
        self._asked_of: tuple[list[int], list[Span]] | None = None
        """The columns and spans of the plane that is shown."""
        self._has_means = False
        """Whether all other numbers of it stand at their means."""
        super().__init__(monitor, line, editor, run)
        monitor.axes_changed.connect(self._again)

    def begin(self, subject: Subject) -> None:  # noqa: D102  # as NetworkLooks has it
        self._asked_of = None
        ((_name, one), *others), output = subject.inputs.items(), subject.outputs[0]
        spec = one.spec
        if others or not one.dataset or len(spec.shape) != 1 or len(spec.columns) != spec.shape[0]:
            self._view.offer(())
            self.say("This network has no such plane.", NO_ROW)
        elif output.form not in PLOTTED:
            self._view.offer(())
            self.say("This network has no such plane.", NO_ANSWER)
        else:
            self._view.offer(spec.columns if len(spec.columns) > 2 else ())
            self._again()

    def learn(self) -> None:  # noqa: D102  # as NetworkLooks has it
        if self._asked_of is not None:
            across, spans = self._asked_of
            count = curve.COUNT if len(spans) == 1 else plane.COUNT
            low, high = [span[0] for span in spans], [span[1] for span in spans]
            self.asking.ask(Sweep(project="", low=low, high=high, count=count, across=across))

    def take(self, question: Trained, told: object) -> None:  # noqa: D102  # as NetworkLooks has it
        if isinstance(told, Surveyed) and isinstance(question, Survey) and question.across == self._across:
            self._build(told)
            self.learn()
        elif isinstance(told, Swept) and isinstance(question, Sweep) and self._asked_of is not None:
            across, _spans = self._asked_of
            if question.across == across:
                self._has_means = bool(told.means)
                self._view.plane.take(told.step, unpacked(told.values), unpacked(told.samples))
                self.marked()

    def say(self, title: str, hint: str) -> None:  # noqa: D102  # as NetworkLooks has it
        self._view.plane.say(title, hint)

    @property
    def _across(self) -> list[int]:
        """The columns that are asked about; none where there is no choice."""
        return list(self._view.across) if self._view.columns else []

    def _again(self) -> None:
        if self.asking.subject is not None:
            self._asked_of = None
            self.asking.ask(Survey(project="", across=self._across))

    def _build(self, surveyed: Surveyed) -> None:
        subject = self.asking.subject
        assert subject is not None  # it was asked about
        ((name, one),) = subject.inputs.items()
        spec, output = one.spec, subject.outputs[0]
        places = self._across or list(range(len(spec.columns)))
        columns, names = [surveyed.columns[name][at] for at in places], tuple(spec.columns[at] for at in places)
        drawing: PlaneDrawing | CurveDrawing
        if len(columns) == 1:
            drawing = CurveDrawing(output, columns[0])
            spans, asked = drawing.spans(), [drawing.across]
        else:
            drawing, spans = PlaneDrawing(output), spans_of(columns, is_of_one_unit(spec), plane.MARGIN)
            asked = list(spans)
        drawing.take_samples(surveyed)
        self._asked_of = (self._across, asked)
        self._view.begin(drawing, names, spans, is_of_one_unit(spec))

    def marked(self) -> None:  # noqa: D102  # as NetworkLooks has it
        others = "All other numbers stand at their means." if self._has_means else ""
        self._view.plane.mark(" ".join(part for part in (others, self.remark) if part))
