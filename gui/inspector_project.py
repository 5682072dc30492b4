"""The inspector's page of the project: its size, and how it is trained."""

from __future__ import annotations

from dataclasses import replace

from core.amounts import bytes_text
from core.graph import Value
from core.reading import Reading
from core.training.fields import Field as Setting
from core.training.settings import BASIC, FIELDS, TrainingSettings
from gui.fields import number_text, of_setting
from gui.forms import Field, Form
from gui.inspector_page import Figures, Page, Parts
from gui.inspector_phases import PhasesForm
from gui.inspector_schedule import ScheduleForm
from gui.session import Editor
from gui.status import memory_table, quantity
from gui.theme import Themes
from gui.widgets import ElidedLabel, Fold, prose


class ProjectPage(Page):
    """A summary of the graph, and the forms of training, optimizer and schedule."""

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__(themes, editor)
        self._title = ElidedLabel("", "name")
        self._words = prose("")
        self.figures = Figures(("Parameters", "MACs / sample", "Layers"))
        self.memory = Parts()
        editor.weighed.connect(self._show_memory)
        self.training = Form(themes)
        self.more = Form(themes)
        for field in FIELDS:
            self._listen(self._form(field).add(of_setting(field)), self._set_training)
        self.stack.addWidget(self._title)
        self.stack.addWidget(self._words)
        self.stack.addWidget(self.figures)
        self.memory_fold = self.section("Memory to train", self.memory)
        self.section("Training", self.training)
        self.phases = PhasesForm(themes, editor, self._listen)
        self.phases_fold = self.section("Optimizer", self.phases)
        self.schedule = ScheduleForm(themes, editor, self._listen)
        self.section("Learning rate", self.schedule)
        self.phases.shown.connect(self._show_phase)
        self.more_fold = self.section("More", self.more)
        self.more_fold.set_open(False)
        self.stack.addStretch(1)

    def refresh(self, reading: Reading) -> None:  # noqa: D102  # of Page
        project = reading.project
        self._title.set_text(project.name)
        self._words.setText(project.description)
        self._words.setVisible(bool(project.description))
        if self.editor.document.read_only:
            for part in (self.figures, *self.findChildren(Fold)):
                part.hide()
            return
        analysis = reading.analysis
        self.figures.show_figure("Parameters", f"{analysis.total_parameters:,}")
        self.figures.show_figure("MACs / sample", quantity(analysis.total_macs))
        self.figures.show_figure("Layers", f"{len(project.graph.nodes):,}")
        self.memory_fold.setVisible(reading.can_train)
        if reading.is_weighed:
            self._show_memory(reading)
        for field in FIELDS:
            self._form(field).fields[field.name].show_value(getattr(project.training, field.name))
        self.more_fold.note.set_text(_unusual(project.training))
        self.phases.refresh(reading)
        self.phases_fold.note.set_text(self.phases.note)
        self.schedule.refresh(project, self.phases.place)

    @property
    def optimizer(self) -> Form:
        """The form of the optimizer of the phase that is shown."""
        return self.phases.optimizer

    def _form(self, field: Setting) -> Form:
        return self.training if field.name in BASIC else self.more

    def _show_memory(self, reading: Reading) -> None:
        """Show what memory training would take, a little after an edit."""
        if not reading.can_train:
            return
        self.memory.show_parts([(title, bytes_text(size)) for title, size in reading.memory.parts()])
        self.memory.setToolTip(memory_table(reading))
        batch = reading.project.training.batch_size
        self.memory_fold.note.set_text(f"≈ {bytes_text(reading.memory.peak)} with batch {batch:,}")

    def _show_phase(self, place: int) -> None:
        """Let the curve and the fold's head be those of this phase."""
        self.phases_fold.note.set_text(self.phases.note)
        self.schedule.refresh(self.editor.project, place)

    def _listen(self, field: object, slot: object) -> None:
        assert isinstance(field, Field)
        field.changed.connect(slot)
        field.left.connect(self.editor.document.end_merge)
        field.taken_back.connect(self.editor.take_back)

    def _set_training(self, name: str, value: Value) -> None:
        settings = replace(self.editor.project.training, **{name: value})  # type: ignore[arg-type]  # checked by Asked
        title = next(field.title for field in FIELDS if field.name == name)
        self.editor.set_training(settings, f"Set {title.lower()}", f"training.{name}")


def _unusual(training: TrainingSettings) -> str:
    """What is folded away and not as usual, in a line."""
    usual = TrainingSettings()
    changed = [field for field in FIELDS if getattr(training, field.name) != getattr(usual, field.name)]
    return ", ".join(_told(field, getattr(training, field.name)) for field in changed if field.name not in BASIC)


def _told(field: Setting, value: float | str | bool) -> str:
    if field.type is bool:
        return field.title.lower()
    return f"{field.title} {value if isinstance(value, str) else number_text(value)}"
