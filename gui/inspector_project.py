"""The inspector's page of the project: its size, and how it is trained."""

from __future__ import annotations

from dataclasses import replace

from core.amounts import bytes_text
from core.graph import Value
from core.reading import Reading
from core.training.optimizers import OPTIMIZER_FIELDS, optimizer_fields, switched
from core.training.settings import FIELDS
from gui.fields import of_setting
from gui.forms import Field, Form
from gui.inspector_page import Figures, Page, Parts
from gui.inspector_schedule import ScheduleForm
from gui.session import Editor
from gui.status import WEIGHING_MILLISECONDS, memory_table, quantity
from gui.theme import Themes
from gui.throttle import Throttle
from gui.widgets import label, prose


class ProjectPage(Page):
    """A summary of the graph, and the forms of training, optimizer and schedule."""

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__(themes, editor)
        self._title = label("", "name")
        self._words = prose("")
        self.figures = Figures(("Parameters", "MACs / sample", "Layers"))
        self.memory = Parts()
        self._weighing = Throttle(self._weigh, WEIGHING_MILLISECONDS, self)
        self.optimizer = Form(themes)
        self.training = Form(themes)
        self._optimizer_name = ""
        for field in FIELDS:
            self._listen(self.training.add(of_setting(field)), self._set_training)
        self.stack.addWidget(self._title)
        self.stack.addWidget(self._words)
        self.stack.addWidget(self.figures)
        self.memory_fold = self.section("Memory to train", self.memory)
        self.section("Training", self.training)
        self.section("Optimizer", self.optimizer)
        self.schedule = ScheduleForm(themes, editor, self._listen)
        self.section("Learning rate", self.schedule)
        self.stack.addStretch(1)

    def refresh(self, reading: Reading) -> None:  # noqa: D102  # of Page
        project = reading.project
        self._title.setText(project.name)
        self._words.setText(project.description)
        self._words.setVisible(bool(project.description))
        analysis = reading.analysis
        self.figures.show_figure("Parameters", f"{analysis.total_parameters:,}")
        self.figures.show_figure("MACs / sample", quantity(analysis.total_macs))
        self.figures.show_figure("Layers", f"{len(project.graph.nodes):,}")
        self.memory_fold.setVisible(bool(project.graph.nodes) and not reading.errors)
        self._weighing.ask()
        for field in FIELDS:
            self.training.fields[field.name].show_value(getattr(project.training, field.name))
        optimizer = project.training.phases[0].optimizer
        self._build_optimizer(optimizer.name)
        for name, shown in self.optimizer.fields.items():
            shown.show_value(getattr(optimizer, name))
        self.schedule.refresh(project)

    def _weigh(self) -> None:
        """Show what memory training would take, a little after an edit."""
        reading = self.editor.reading
        self.memory.show_parts([(title, bytes_text(size)) for title, size in reading.memory.parts()])
        self.memory.setToolTip(memory_table(reading))
        batch = reading.project.training.batch_size
        self.memory_fold.note.set_text(f"≈ {bytes_text(reading.memory.peak)} with batch {batch:,}")

    def _build_optimizer(self, name: str) -> None:
        if name == self._optimizer_name:
            return
        self._optimizer_name = name
        self.optimizer.clear()
        for field in optimizer_fields(name):
            self._listen(self.optimizer.add(of_setting(field, "Optimizer")), self._set_optimizer)

    def _listen(self, field: object, slot: object) -> None:
        assert isinstance(field, Field)
        field.changed.connect(slot)
        field.left.connect(self.editor.document.end_merge)
        field.taken_back.connect(self.editor.take_back)

    def _set_training(self, name: str, value: Value) -> None:
        settings = replace(self.editor.project.training, **{name: value})  # type: ignore[arg-type]  # checked by Asked
        title = next(field.title for field in FIELDS if field.name == name)
        self.editor.set_training(settings, f"Set {title.lower()}", f"training.{name}")

    def _set_optimizer(self, name: str, value: Value) -> None:
        old = self.editor.project.training.phases[0].optimizer
        optimizer = switched(old, str(value)) if name == "name" else replace(old, **{name: value})  # type: ignore[arg-type]
        title = next(field.title for field in OPTIMIZER_FIELDS if field.name == name)
        self.editor.set_optimizer(optimizer, f"Set {title.lower()}", f"optimizer.{name}")
