"""The inspector's part on the learning rate's schedule: its form, and the rate over the run, drawn before it begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.data.settings import split_sizes
from core.graph import Value
from core.project import Project
from core.training.schedules import KINDS, SCHEDULE_FIELDS, Schedule, rate_factor, schedule_fields
from gui.fields import number_text, of_setting
from gui.forms import Form
from gui.session import Editor
from gui.theme import Theme, Themes
from gui.widgets import column, prose

STEPS = 100
"""Steps of an epoch, where no data set says how many there are."""


def steps_per_epoch(project: Project) -> int:
    """The steps that an epoch has with the project's data and batch size."""
    counts = [split_sizes(settings)[0] for settings in project.data.values()]
    samples = min((count for count in counts if count > 0), default=0)
    return max(-(-samples // project.training.batch_size), 1) if samples else STEPS


class RateCurve(QWidget):
    """The learning rate over the epochs, as the schedule will have it."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._schedule = Schedule()
        self._rate = 0.0
        self._epochs = 1
        self._per_epoch = STEPS
        self._drawn: tuple[Schedule, float, int, int] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self._restyle)

    def show_schedule(self, schedule: Schedule, rate: float, epochs: int, per_epoch: int) -> None:
        """Show this schedule of a set learning rate."""
        if (schedule, rate, epochs, per_epoch) == self._drawn:
            return
        self._drawn = self._schedule, self._rate, self._epochs, self._per_epoch = schedule, rate, epochs, per_epoch
        first, last = (rate * factor for factor in (self.factors(2)[0], self.factors(2)[-1]))
        told = f"The learning rate over {epochs:,} epochs: from {first:.3g} to {last:.3g}, at most {rate:.3g}"
        self.setAccessibleName(told)
        self.setToolTip(f"{told}. {KINDS[schedule.name].help}")
        self.update()

    def factors(self, count: int) -> list[float]:
        """So many factors of the set rate, evenly over the run."""
        total = self._epochs * self._per_epoch
        places = [round(index * (total - 1) / max(count - 1, 1)) for index in range(count)]
        return [rate_factor(self._schedule, step, self._per_epoch, total) for step in places]

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(100, self._themes.current.px(72))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRectF(0, theme.px(18), self.width(), self.height() - theme.px(18) - theme.px(17))
        painter.setPen(theme.color("line2"))
        painter.drawLine(place.bottomLeft(), place.bottomRight())
        self._paint_curve(painter, place, theme.color("accent"))
        painter.setPen(theme.color("text3"))
        painter.setFont(theme.mono(11))
        above = QRectF(0, 0, self.width(), theme.px(16))
        below = QRectF(0, place.bottom() + 1, self.width(), theme.px(16))
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, number_text(self._rate))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "0")
        words = f"{self._epochs:,} epochs"
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_curve(self, painter: QPainter, place: QRectF, ink: QColor) -> None:
        factors = self.factors(max(round(place.width()), 2))
        pitch = place.width() / (len(factors) - 1)
        points = [QPointF(place.left() + i * pitch, place.bottom() - place.height() * f) for i, f in enumerate(factors)]
        fill = QColor(ink)
        fill.setAlphaF(0.14)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF([place.bottomLeft(), *points, place.bottomRight()]))
        painter.setPen(QPen(ink, 1.5))
        painter.drawPolyline(QPolygonF(points))

    def _restyle(self, _theme: Theme) -> None:
        self.updateGeometry()
        self.update()


class ScheduleForm(QWidget):
    """The schedule's settings over the curve that follows from them."""

    def __init__(self, themes: Themes, editor: Editor, listen: Callable[[object, object], None]) -> None:
        super().__init__()
        self._themes = themes
        self._editor = editor
        self._listen = listen
        self._name = ""
        self.form = Form(themes)
        self.curve = RateCurve(themes)
        self._help = prose("", "caption2")
        self.shares = prose("", "caption2")
        self.shares.setToolTip("Set as Rate × under Training on the page of the layer or block.")
        self.setLayout(column(self.form, self.curve, self._help, self.shares, spacing=6))

    def refresh(self, project: Project, phase: int = 0) -> None:
        """Show the project's schedule, of this phase's rate."""
        training = project.training
        schedule = training.schedule
        if schedule.name != self._name:
            self._name = schedule.name
            self.form.clear()
            for field in schedule_fields(schedule.name):
                self._listen(self.form.add(of_setting(field, "Schedule")), self._set)
        for name, shown in self.form.fields.items():
            shown.show_value(getattr(schedule, name))
        rate = training.phases[phase].optimizer.learning_rate
        self.curve.show_schedule(schedule, rate, training.epochs, steps_per_epoch(project))
        self._help.setText(KINDS[schedule.name].help)
        told = [f"{path} {f'× {number_text(share)}' if share else 'frozen'}" for path, share in training.rates]
        self.shares.setText(", ".join(told))
        self.shares.setVisible(bool(told))

    def _set(self, name: str, value: Value) -> None:
        training = self._editor.project.training
        schedule = replace(training.schedule, **{name: value})  # type: ignore[arg-type]  # checked by Asked
        title = next(field.title for field in SCHEDULE_FIELDS if field.name == name)
        settings = replace(training, schedule=schedule)
        self._editor.set_training(settings, f"Set {title.lower()}", f"schedule.{name}")
