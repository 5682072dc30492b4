"""The transport bar: train, step and stop, and how the run stands."""

from __future__ import annotations

from types import MappingProxyType

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QProgressBar, QPushButton, QSizePolicy, QWidget

from core.errors import ParameterError
from core.training.fields import checked
from core.training.optimizers import OPTIMIZER_FIELDS, Optimizer
from core.training.settings import TrainingSettings
from gui.action_set import ActionSet
from gui.fields import number_of, number_text
from gui.theme import Theme, Themes
from gui.training.run import RunState
from gui.widgets import column, label, line, restyled, row

HEIGHT = 48
PROGRESS = (110, 206)
"""Pixels of the progress at the least and at the most."""
_TONES = MappingProxyType({"quiet": "text2", "ok": "ok", "hint": "ok", "warning": "warn", "critical": "error"})
"""The ink of what the Doctor says."""
LEAST = ("device", "batch", "speed", "optimizer", "metric", "step")
"""The figures that go first where the bar is narrow; they stand in the inspector and in the monitors too."""
_STATES = MappingProxyType(
    {
        "idle": ("text3", "Ready"),
        "blocked": ("error", "Blocked"),
        "starting": ("warn", "Starting"),
        "training": ("ok", "Training"),
        "paused": ("warn", "Paused"),
        "stopped": ("text3", "Stopped"),
        "finished": ("ok", "Finished"),
        "failed": ("error", "Failed"),
        "watched": ("ok", "Watching"),
    }
)


class Transport(QFrame):
    """Buttons and figures of the run; the learning rate can be changed while it runs."""

    learning_rate = Signal(float)
    """A learning rate that the user typed."""

    def __init__(self, themes: Themes, actions: ActionSet) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._themes = themes
        self._actions = actions
        self._state = RunState()
        self._phase: tuple[str, str, Theme | None] = ("", "", None)
        self._optimizer = Optimizer()
        self.train = self._button("train", " Train", "train")
        self.step = self._button("step", " Step", "transport")
        self.stop = self._button("stop", " Stop", "transport")
        self.doctor = self._button("doctor", " Doctor", "doctor")
        self.doctor.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._said: tuple[str, str] = ("", "quiet")
        """What the Doctor says, and how grave it is."""
        self._dot = label("●")
        self._status = label("Ready")
        self._status_box = row(self._dot, self._status, None, spacing=5)
        self.epoch, self.count = label("", "mono"), label("", "mono")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self._progress_title, self._eta = label("Progress", "caption"), label("", "mono11")
        self._progress_room = 0
        """The pixels that the line over the bar has."""
        self.rate = QLineEdit()
        self.rate.setProperty("role", "rate")
        self.rate.setAccessibleName("Learning rate")
        self.rate.editingFinished.connect(self._typed)
        self._values = {name: label("", "mono") for name in ("optimizer", "batch", "device", "speed", "metric")}
        self._metric_title = label("Val. accuracy", "caption")
        self._boxes: dict[str, QWidget] = {}
        self._widths: dict[str, int] = {}
        self._lines: list[tuple[QWidget, QWidget]] = []
        self._layout = QHBoxLayout(self)
        self._fill()
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def show_settings(self, settings: TrainingSettings) -> None:
        """Show how the project is trained."""
        self._optimizer = settings.phases[0].optimizer
        if not self.rate.hasFocus() or not self.rate.isModified():
            self._show_rate()
        self._values["optimizer"].setText(optimizer_text(self._optimizer))
        several = f"×{settings.accumulate}" if settings.accumulate > 1 else ""
        self._values["batch"].setText(f"{settings.batch_size}{several}")
        told = f"{settings.accumulate} batches of {settings.batch_size} make one step." if several else ""
        self._values["batch"].setToolTip(told)
        by = f"Of the weights' running average (EMA decay {settings.averaging:g})." if settings.averaging else ""
        for widget in (self._metric_title, self._values["metric"]):
            widget.setToolTip(by)
        threads = f"{settings.threads} thread" + ("s" if settings.threads != 1 else "")
        self._values["device"].setText(f"{settings.device.upper()}, {threads}")
        if self._state.total == 0:
            self.epoch.setText(f"0 / {settings.epochs}")

    def show_state(self, state: RunState, blocked: bool = False) -> None:
        """Show how the run stands."""
        self._state = state
        shown = "blocked" if blocked and not state.active else state.phase
        color, words = _STATES[shown]
        self._status.setText(words)
        self._show_phase(state, color)
        if state.total:
            self.epoch.setText(f"{state.epoch:,} / {state.epochs:,}" if state.epochs else "–")
            self.count.setText(f"{state.step:,} / {state.total:,}")
        else:
            self.count.setText("0")
        share = state.step / state.total if state.total else 0.0
        self.progress.setValue(round(1000 * share))
        self._eta.setText(_progress_text(state, share))
        self._fit_progress()
        self._values["speed"].setText(rate_text(state.samples_per_second) if state.phase == "training" else "–")
        watched = f"Watching has added {100 * state.watching:.1f} % to the time of training."
        self._values["speed"].setToolTip(watched if state.watching else "")
        self._show_metric(state)

    def show_doctor(self, words: str, tone: str) -> None:
        """Show what the Doctor says: Doctor: 2 findings; the tone is quiet, ok, hint, warning or critical."""
        self._said = (words, tone)
        theme = self._themes.current
        restyled(self.doctor, tone=tone)
        self.doctor.setIcon(theme.icon("doctor", _TONES[tone], 16))
        self.doctor.setAccessibleName(f"Doctor: {words or 'nothing to check yet'}")
        self._drop_what_has_no_room()

    def _show_phase(self, state: RunState, color: str) -> None:
        theme = self._themes.current
        if (state.phase, color, theme) == self._phase:
            return
        self._phase = (state.phase, color, theme)
        self._dot.setStyleSheet(f"color: {theme.hex(color)}; font-size: {theme.px(10)}px")
        running = state.phase in ("training", "starting")
        self.train.setText(" Pause" if running else " Resume" if state.phase == "paused" else " Train")
        self.train.setIcon(theme.icon("pause" if running else "play", "accentInk", 16))

    def refuse_rate(self, error: ParameterError) -> None:
        """Say in the field why its value cannot be."""
        restyled(self.rate, state="error")
        self.rate.setToolTip(str(error))

    def _show_metric(self, state: RunState) -> None:
        accuracy = state.metric_name in ("accuracy", "")
        self._metric_title.setText("Val. accuracy" if accuracy else f"Val. {state.metric_name}")
        if state.metric is None:
            self._values["metric"].setText("–")
        else:
            self._values["metric"].setText(
                f"{state.metric:.1%}".replace("%", " %") if accuracy else f"{state.metric:.4g}"
            )

    def _show_rate(self) -> None:
        self.rate.setText(number_text(self._optimizer.learning_rate))
        self.rate.setModified(False)
        restyled(self.rate, state="")
        self.rate.setToolTip("The length of a step along the gradient. It can be changed while training.")

    def _typed(self) -> None:
        if not self.rate.isModified():
            return
        field = next(field for field in OPTIMIZER_FIELDS if field.name == "learning_rate")
        try:
            value = checked(field, number_of(self.rate.text()), "Transport")
        except ParameterError as error:
            self.refuse_rate(error)
            return
        self.rate.setModified(False)
        restyled(self.rate, state="")
        self.learning_rate.emit(float(value))

    def _button(self, name: str, text: str, role: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", role)
        action = self._actions[name]
        button.setToolTip(action.toolTip())
        button.clicked.connect(action.trigger)
        action.enabledChanged.connect(button.setEnabled)
        button.setEnabled(action.isEnabled())
        return button

    def _fill(self) -> None:
        self._layout.setSpacing(0)
        for index, button in enumerate((self.train, self.step, self.stop)):
            self._layout.addSpacing(6 if index else 0)
            self._layout.addWidget(button)
        self._gap(14)
        self._layout.addWidget(self._rule())
        self._gap(14)
        status = QWidget()
        status.setLayout(self._status_box)
        self._box("status", "Status", status, 76)
        self._box("epoch", "Epoch", self.epoch, 64)
        self._box("step", "Step", self.count, 104)
        self._add_progress()
        self._layout.addWidget(self._rule())
        self._gap(14)
        self._box("rate", "Learning rate", self.rate, 74)
        self._box("optimizer", "Optimizer", self._values["optimizer"], 86)
        self._box("batch", "Batch", self._values["batch"], 40)
        self._box("device", "Device", self._values["device"], 96)
        self._box("speed", "Samples/s", self._values["speed"], 58)
        self._box("metric", self._metric_title, self._values["metric"], 76)
        self._layout.addStretch(1)
        self._layout.addWidget(self.doctor)

    def _add_progress(self) -> None:
        head = QWidget()
        head.setLayout(row(self._progress_title, None, self._eta, spacing=6))
        below = QWidget()
        below.setLayout(column(None, self.progress, None, spacing=0))
        box = QWidget()
        box.setLayout(column(head, below, spacing=1))
        self._lines.append((head, below))
        self._boxes["progress"] = box
        self._layout.addWidget(box, 100)
        self._gap(18)

    def _box(self, name: str, title: str | QWidget, value: QWidget, width: int) -> None:
        box = QWidget()
        head = label(title, "caption") if isinstance(title, str) else title
        box.setLayout(column(head, value, spacing=1))
        self._lines.append((head, value))
        self._widths[name] = width
        self._boxes[name] = box
        self._layout.addWidget(box)
        self._gap(10)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._drop_what_has_no_room()

    def _drop_what_has_no_room(self) -> None:
        """Hide the figures that matter least until the others fit."""
        theme = self._themes.current
        room = self.width() - theme.px(24 + 96 + 2 * 86 + 29 + 33) - sum(theme.px(10) for _name in self._widths)
        room -= theme.px(PROGRESS[0]) + sum(theme.px(width) for width in self._widths.values())
        words = self._said[0]
        self.doctor.setText(f" Doctor: {words}" if words else " Doctor")
        room -= self.doctor.sizeHint().width()
        for name in LEAST:
            self._boxes[name].setVisible(room >= 0)
            room += theme.px(self._widths[name]) if room < 0 else 0
        if room < 0 and words:
            self.doctor.setText(f" {words}")
        self._progress_room = min(theme.px(PROGRESS[0]) + max(room, 0), theme.px(PROGRESS[1]))
        self._fit_progress()

    def _fit_progress(self) -> None:
        """Leave the word out where the share and the time that is left need its room."""
        wide = self._progress_title.sizeHint().width() + 6 + self._eta.sizeHint().width()
        self._progress_title.setVisible(wide <= self._progress_room)

    def _gap(self, width: int) -> None:
        self._layout.addSpacing(width)

    def _rule(self) -> QFrame:
        rule = line(vertical=True)
        rule.setMaximumHeight(24)
        return rule

    def _restyle(self, theme: Theme) -> None:
        self.setFixedHeight(theme.px(HEIGHT))
        self._layout.setContentsMargins(theme.px(12), 0, theme.px(12), 0)
        self.train.setFixedWidth(theme.px(96))
        for button, icon in ((self.step, "step"), (self.stop, "stop")):
            button.setIcon(theme.icon(icon, "text", 16))
            button.setMinimumWidth(theme.px(73))
        self.show_doctor(*self._said)
        for button in (self.train, self.step, self.stop, self.doctor):
            button.setIconSize(QSize(theme.px(16), theme.px(16)))
        for name, box in self._boxes.items():
            if name == "progress":
                box.setMinimumWidth(theme.px(PROGRESS[0]))
                box.setMaximumWidth(theme.px(PROGRESS[1]))
            else:
                box.setFixedWidth(theme.px(self._widths[name]))
        self.rate.setFixedSize(theme.px(70), theme.px(20))
        self.progress.setFixedHeight(theme.px(4))
        for head, value in self._lines:
            head.setFixedHeight(theme.px(16))
            value.setFixedHeight(theme.px(20 if value is self.rate else 19))
        self._drop_what_has_no_room()
        self.show_state(self._state)


def optimizer_text(optimizer: Optimizer) -> str:
    """The optimizer in a few letters: SGD · m 0.9."""
    if optimizer.name == "Momentum":
        return f"SGD · m {optimizer.momentum:g}"
    return optimizer.name


def rate_text(value: float) -> str:
    """Samples per second, shortened: 21.4k."""
    return f"{value / 1000:.1f}k" if value >= 10_000 else f"{value:,.0f}"


def clock_text(seconds: float) -> str:
    """Seconds as a clock shows them: 00:09, 1:02:30."""
    whole = max(round(seconds), 0)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"


def _progress_text(state: RunState, share: float) -> str:
    if not state.total:
        return "not started"
    text = f"{100 * share:.0f} %"
    if state.phase in ("training", "paused") and state.seconds_left > 0:
        return f"{text} · ETA {clock_text(state.seconds_left)}"
    return text
