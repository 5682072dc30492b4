"""The inspector's part on how fast one layer or block learns: its share of the learning rate."""

from __future__ import annotations

from core import phasing
from core.graph import Value
from core.reading import Reading
from core.training.settings import SHARE
from gui.fields import number_text, of_setting
from gui.forms import Field, Form
from gui.inspector_page import Page


class ShareForm(Form):
    """One line in a fold of its own, shown where there are weights."""

    def __init__(self, page: Page, node: str) -> None:
        super().__init__(page.themes)
        self._editor, self._node = page.editor, node
        field = self.add(of_setting(SHARE))
        assert isinstance(field, Field)  # made from a setting
        field.changed.connect(self._set)
        field.left.connect(self._editor.document.end_merge)
        field.taken_back.connect(self._editor.take_back)
        self.fold = page.section("Training", self)
        self.fold.set_open(False)

    @property
    def path(self) -> str:
        """The path of the layer or block where it is shown; that of all its repetitions."""
        return self._editor.shown_path(self._node)

    def refresh(self, reading: Reading) -> None:
        """Show the share."""
        share = phasing.share_of(reading.project.training, self.path)
        self.fields[SHARE.name].show_value(share)
        parameters = reading.analysis.parameters
        self.fold.setVisible(any(parameters.get(step.path) for step in self._editor.steps(self._node)))
        told = f"× {number_text(share)}" if share else "frozen"
        self.fold.note.set_text("" if share == 1 else told)

    def _set(self, _name: str, value: Value) -> None:
        assert isinstance(value, float)  # the field has checked it
        settings = phasing.with_share(self._editor.project.training, self.path, value)
        self._editor.set_training(settings, f"Set the share of the rate of {self.path}", f"share.{self.path}")
