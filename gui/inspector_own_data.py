"""The inspector's page of a file of the user's own: where it stands, whether it has changed, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog

from core.data.formats import FORMATS
from core.data.settings import DatasetSettings, dataset_kind
from core.data.sources import SourceKind
from core.errors import ChainruleError
from core.inspecting.told import AskSurvey, Surveyed
from core.owndata import reread
from gui.data.dialog import file_filter
from gui.inspector_data import DataPage
from gui.session import Editor
from gui.theme import Themes
from gui.widgets import ElidedLabel, frame, prose, push, row


class OwnDataPage(DataPage):
    """As any data set's, with the file in the place of the options; nothing of it is read in this process."""

    change_asked = Signal(str)
    """The id of the data set whose reading is to be changed."""

    def __init__(self, themes: Themes, editor: Editor, node: str) -> None:
        super().__init__(themes, editor, node)
        self.choose: Callable[[Path, bool], Path | None] = self._ask_path
        self.place = ElidedLabel("", "caption2")
        self.state = prose("", "warn")
        self.notes = prose("", "caption2")
        self.change, self.reread = push("Change…", "small"), push("Reread", "small")
        self.locate = push("Locate…", "small")
        self.allow = push("Allow reading it", "small-primary")
        buttons = frame("clear", row(self.change, self.reread, self.locate, self.allow, None, spacing=6))
        self._file = self.section("File", self.place, self.state, buttons, self.notes)
        self._move(self._file, 2)
        self._options.hide()
        self.change.clicked.connect(lambda: self.change_asked.emit(self.dataset))
        self.reread.clicked.connect(self._reread)
        self.locate.clicked.connect(self._locate)
        self.allow.clicked.connect(lambda: editor.own.allow([self._settings.path]) if self._settings else None)
        editor.own.came.connect(self._came)
        editor.own.allowed.connect(self._read)

    def _move(self, section: object, place: int) -> None:
        self.stack.removeWidget(section)  # type: ignore[arg-type]  # a Fold
        self.stack.insertWidget(place, section)  # type: ignore[arg-type]  # the same

    @property
    def _settings(self) -> DatasetSettings | None:
        return self.editor.project.data.get(self.dataset)

    def _build(self, source: SourceKind) -> None:
        self._source = source.name
        self._words.setText(f"{source.summary}.")
        self._licence.hide()
        self._build_split(source)
        self._list_fields(source)

    def _show_options(self, settings: DatasetSettings) -> None:
        self._words.setText(f"{dataset_kind(settings).summary}.")
        self.place.set_text(settings.path)
        found = settings.found
        self.notes.setText("\n".join(found.notes) if found is not None else "")
        self.notes.setVisible(bool(self.notes.text()))
        self.editor.own.forget(settings.path)
        self._show_state(settings)

    def _show_preview(self, settings: DatasetSettings) -> None:
        """Show what is known, and what comes later."""
        fields = dataset_kind(settings).fields
        seen = self.editor.own.preview(settings, fields[0].name)
        for section in (self._samples, self._classes, self._columns):
            section.setVisible(False)
        if seen is None or isinstance(seen, ChainruleError):
            self._show_state(settings)
            return
        self._show_found(seen)

    def _show_state(self, settings: DatasetSettings) -> None:
        """Say whether the file is the one that was read."""
        own = self.editor.own
        may = own.may_read(settings.path)
        mark = own.mark(settings) if may else None
        found = settings.found
        is_changed = isinstance(mark, str) and found is not None and mark != found.mark
        text = "It lies outside the project's folder, and is not read before you allow it." if not may else ""
        if isinstance(mark, ChainruleError):
            text = f"{mark.came[:1].upper()}{mark.came[1:]}."
        elif is_changed:
            text = "The file has changed since it was read."
        elif (seen := own.preview(settings)) is None and may:
            text = "Reading…"
        elif isinstance(seen, ChainruleError):
            text = str(ChainruleError(seen.wanted, seen.came, "", seen.fix))
        self.state.setText(text)
        self.state.setVisible(bool(text))
        self.allow.setVisible(not may)
        self.locate.setVisible(may and isinstance(mark, ChainruleError))
        self.reread.setVisible(may and not isinstance(mark, ChainruleError))

    def _came(self, settings: DatasetSettings) -> None:
        if self._shown is not None and settings.path == self._shown.path:
            self._read()

    def _read(self) -> None:
        """Show what has become known."""
        settings = self._settings
        if settings is not None:
            self._show_state(settings)
            self._show_preview(settings)

    def _reread(self) -> None:
        settings = self._settings
        if settings is None:
            return
        self.state.setText("Reading…")
        self.state.show()
        self.reread.setEnabled(False)
        asked = AskSurvey(settings.path, settings.source, dict(settings.options))
        self.editor.own.reader.ask(asked, Surveyed, self._take, self._fail)

    def _take(self, told: Surveyed) -> None:
        self.reread.setEnabled(True)
        settings, found = self._settings, told.settings
        if settings is None:
            return
        if found is None or found.found is None:
            problem = told.problem
            self._fail(ChainruleError(problem.wanted, problem.came, "", problem.fix) if problem else ChainruleError(""))
            return
        self.editor.own.forget(settings.path)
        try:
            changed = reread(settings, found.found)
            changed = replace(changed, validation=found.validation) if found.found.held else changed
        except ChainruleError as error:
            self._fail(error)
            return
        self.editor.set_data(self.dataset, changed, f"Reread {self.dataset}")
        self._read()

    def _fail(self, error: ChainruleError) -> None:
        self.reread.setEnabled(True)
        self.state.setText(str(error))
        self.state.show()

    def _locate(self) -> None:
        settings = self._settings
        if settings is None:
            return
        kind, lost = FORMATS[settings.source], Path(settings.path)
        chosen = self.choose(lost, not kind.file or not lost.name.lower().endswith(kind.suffixes))
        if chosen is not None:
            self.editor.own.remember([str(chosen)])
            self.editor.set_data(self.dataset, replace(settings, path=str(chosen)), f"Locate {chosen.name}")

    def _ask_path(self, lost: Path, folder: bool) -> Path | None:
        start = str(next((one for one in lost.parents if one.is_dir()), Path.home()))
        if folder:
            chosen = QFileDialog.getExistingDirectory(self, f"Where is {lost.name}?", start)
        else:
            chosen, _filter = QFileDialog.getOpenFileName(self, f"Where is {lost.name}?", start, file_filter())
        return Path(chosen) if chosen else None
