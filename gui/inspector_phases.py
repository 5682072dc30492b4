"""The inspector's part on optimizer and phases: what each makes small, what it trains, and with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core import phasing, planning
from core.catalog import find
from core.errors import ChainruleError
from core.graph import Value
from core.project import Project
from core.reading import Reading
from core.training.optimizers import OPTIMIZER_FIELDS, optimizer_fields, switched
from core.training.settings import PHASE_STEPS, Phase
from gui.fields import of_param, of_setting
from gui.forms import Field, Form
from gui.rate_offer import RateOffer
from gui.segments import Segments
from gui.session import Editor
from gui.theme import Themes
from gui.widgets import CheckBox, IconButton, column, label, prose, push, row

Listen = Callable[[object, object], None]


class Picks(QWidget):
    """Boxes to choose some of many by; the last that is chosen stays so."""

    changed = Signal(tuple)
    """The keys that are chosen."""

    def __init__(self, themes: Themes, title: str, help_: str, beside: str = "") -> None:
        super().__init__()
        self._themes = themes
        self._help = help_
        self.boxes: dict[str, CheckBox] = {}
        self._lines = column(spacing=3)
        head = label(title, "caption")
        head.setToolTip(help_)
        stack = column(spacing=2)
        stack.addLayout(row(head, None, label(beside, "caption")))
        stack.addLayout(self._lines)
        self.setLayout(stack)

    def build(self, items: dict[str, str], beside: dict[str, QWidget] | None = None) -> None:
        """Have these keys by their titles, with what stands beside each."""
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.boxes.clear()
        for key, title in items.items():
            box = CheckBox(self._themes, title)
            box.setToolTip(self._help)
            box.clicked.connect(partial(self._clicked, key))
            self.boxes[key] = box
            holder = QWidget()
            more = (beside or {}).get(key)
            holder.setLayout(row(box, None, more, spacing=6) if more is not None else row(box, None))
            self._lines.addWidget(holder)

    def show_chosen(self, chosen: set[str]) -> None:
        """Show which are chosen."""
        for key, box in self.boxes.items():
            box.setChecked(key in chosen)

    def _clicked(self, key: str, _on: bool = False) -> None:
        chosen = tuple(one for one, box in self.boxes.items() if box.isChecked())
        if chosen:
            self.changed.emit(chosen)
        else:
            self.boxes[key].setChecked(True)


class PhasesForm(QWidget):
    """The optimizer of a run with one phase; with several, all that each of them is."""

    shown = Signal(int)
    """Another phase is shown."""

    def __init__(self, themes: Themes, editor: Editor, listen: Listen) -> None:
        super().__init__()
        self._themes, self._editor, self._listen = themes, editor, listen
        self.place = 0
        """Which phase is shown."""
        self._optimizer_name = ""
        self._count = 0
        self._known = phasing.Choices((), ())
        self._offered: dict[str, str] = {}
        """The parts to choose from, where there is a choice."""
        self.optimizer = Form(themes)
        self.rounds = Form(themes)
        self.offer = RateOffer()
        self.offer.taken.connect(self._take_rate)
        self._switched: Project | None = None
        """What choosing another optimizer led to."""
        self.losses = Picks(
            themes, "Makes small", "The losses that this phase makes small, and how much each counts.", "weight"
        )
        self.parts = Picks(themes, "Trains", "The blocks and layers whose weights this phase changes.")
        self.weights: dict[str, Field] = {}
        self.fault = prose("", "error")
        self.segments: Segments | None = None
        self._choice = column(spacing=0)
        self.add = push("Add a phase", "link", themes.current.icon("plus", "accent", 12))
        self.add.setToolTip(
            "Train parts of the network by turns, as a GAN does: each phase has losses, parts and an optimizer."
        )
        self.add.clicked.connect(self._add)
        self.remove = IconButton(themes, "close", "Remove this phase", 12)
        self.remove.clicked.connect(self._remove)
        self.losses.changed.connect(self._choose_losses)
        self.parts.changed.connect(self._choose_parts)
        self._listen(self.rounds.add(of_setting(PHASE_STEPS, "Phases")), self._set_steps)
        top = row(spacing=6)
        top.addLayout(self._choice, 1)
        top.addWidget(self.remove)
        stack = column(spacing=6)
        stack.addLayout(top)
        for widget in (self.losses, self.parts, self.fault, self.rounds, self.optimizer, self.offer):
            stack.addWidget(widget)
        stack.addLayout(row(self.add, None))
        self.setLayout(stack)

    @property
    def note(self) -> str:
        """What the fold's head says."""
        return f"phase {self.place + 1} of {self._count}" if self._count > 1 else ""

    def refresh(self, reading: Reading) -> None:
        """Show the project's phases."""
        training = reading.project.training
        self._show_choice(len(training.phases))
        phase = training.phases[self.place]
        self._show_parts(reading, phase)
        self.rounds.fields["steps"].show_value(phase.steps)
        if phase.optimizer.name != self._optimizer_name:
            self._optimizer_name = phase.optimizer.name
            self.optimizer.clear()
            for field in optimizer_fields(phase.optimizer.name):
                self._listen(self.optimizer.add(of_setting(field, "Optimizer")), self._set_optimizer)
        for name, shown in self.optimizer.fields.items():
            shown.show_value(getattr(phase.optimizer, name))
        self.offer.follow(phase.optimizer)
        fault = phasing.fault(training, self.place, reading.plan, reading.analysis) if not reading.errors else ""
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))

    def show_phase(self, place: int) -> None:
        """Show this phase."""
        self.place = place
        self.offer.forget()
        if self.segments is not None:
            self.segments.choose(str(place))
        self.refresh(self._editor.reading)
        self.shown.emit(place)

    def _show_choice(self, count: int) -> None:
        self.place = min(self.place, count - 1)
        several = count > 1
        if count != self._count:
            self._count = count
            if self.segments is not None:
                self._choice.removeWidget(self.segments)
                self.segments.hide()
                self.segments.deleteLater()
            self.segments = Segments(self._themes, [(str(place), f"Phase {place + 1}") for place in range(count)])
            self.segments.set_compact(count > 4)
            self.segments.chosen.connect(lambda key: self.show_phase(int(key)))
            self._choice.addLayout(row(self.segments, None))
            self.segments.setVisible(several)
        if self.segments is not None:
            self.segments.choose(str(self.place))
        self.remove.setVisible(several)
        self.rounds.setVisible(several)

    def _show_parts(self, reading: Reading, phase: Phase) -> None:
        several = self._count > 1
        known = phasing.choices(reading.plan, reading.analysis)
        more = tuple((path, path) for path in phase.trains if path not in dict(known.parts))
        known = known._replace(parts=(*known.parts, *more))
        if known != self._known:
            self._known = known
            self.weights = {key: self._weight(key, name) for key, name in known.losses}
            self.losses.build(dict(known.losses), dict(self.weights))
        chooses = several or bool(phase.trains)
        parts = dict(known.parts) if chooses else {}  # not thousands of boxes that nobody sees
        if parts != self._offered:
            self._offered = parts
            self.parts.build(parts)
        for key, field in self.weights.items():
            node = self._editor.node(key)
            if node is not None:
                field.show_value(node.param("weight", find(node.kind).param("weight").default))
        self.losses.show_chosen(set(phase.losses or dict(known.losses)))
        self.parts.show_chosen(set(phase.trains or dict(known.parts)))
        self.losses.setVisible(len(known.losses) > 1 or (several and bool(known.losses)))
        self.parts.setVisible(bool(parts))

    def _weight(self, key: str, name: str) -> Field:
        """The field of how much a loss counts."""
        node = self._editor.node(key)
        assert node is not None  # it stands in the plan
        asked = replace(of_param(find(node.kind).param("weight"), name), name=key, title=f"Weight of {name}")
        field = Field(self._themes, asked)
        field.setFixedWidth(self._themes.current.px(64))
        self._listen(field, self._set_weight)
        return field

    def _set_weight(self, key: str, value: Value) -> None:
        node = self._editor.node(key)
        if node is not None:
            usual = find(node.kind).param("weight").default
            project = planning.set_param(self._editor.project, key, "weight", None if value == usual else value)
            self._editor.edit(f"Set weight of {node.name}", project, f"{key}.weight")

    def _choose_losses(self, chosen: tuple[str, ...]) -> None:
        losses = phasing.picked(chosen, dict(self._known.losses))
        self._put(replace(self._phase, losses=losses), "Choose losses")

    def _choose_parts(self, chosen: tuple[str, ...]) -> None:
        self._put(
            replace(self._phase, trains=phasing.picked(chosen, dict(self._known.parts))), "Choose what is trained"
        )

    def _set_steps(self, _name: str, value: Value) -> None:
        assert isinstance(value, int)  # the field has checked it
        self._put(replace(self._phase, steps=value), "Set steps a round", "steps")

    def _set_optimizer(self, name: str, value: Value) -> None:
        old = self._phase.optimizer
        optimizer = switched(old, str(value)) if name == "name" else replace(old, **{name: value})  # type: ignore[arg-type]
        title = next(field.title for field in OPTIMIZER_FIELDS if field.name == name)
        if name == "name":
            self.offer.tell(old, optimizer)
        self._put(replace(self._phase, optimizer=optimizer), f"Set {title.lower()}", f"optimizer.{name}")
        if name == "name":
            self._switched = self._editor.project

    def _take_rate(self, rate: float) -> None:
        """The rate that is offered, as a part of the step that chose the optimizer."""
        phase = replace(self._phase, optimizer=replace(self._phase.optimizer, learning_rate=rate))
        training = phasing.with_phase(self._editor.project.training, self.place, phase)
        project = replace(self._editor.project, training=training)
        self._editor.amend("Set optimizer", project, self._switched or self._editor.project)

    @property
    def _phase(self) -> Phase:
        return self._editor.project.training.phases[self.place]

    def _put(self, phase: Phase, words: str, merge: str | None = None) -> None:
        training = self._editor.project.training
        told = f"{words} of phase {self.place + 1}" if len(training.phases) > 1 else words
        key = f"{merge}.{self.place}" if merge is not None else None
        self._editor.set_training(phasing.with_phase(training, self.place, phase), told, key)

    def _add(self) -> None:
        training = self._editor.project.training
        self._editor.set_training(phasing.with_more(training), "Add a phase")
        self.show_phase(len(training.phases))

    def _remove(self) -> None:
        training, place = self._editor.project.training, self.place
        try:
            fewer = phasing.without(training, place)
        except ChainruleError as error:
            self._editor.refuse(error)
            return
        self.place = max(place - 1, 0)
        self._editor.set_training(fewer, f"Remove phase {place + 1}")
