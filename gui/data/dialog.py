"""The dialog that takes a file of data in: what is in it, how it is read, what is left out, and how it is split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QProgressBar, QWidget

from core.data.formats import FORMATS
from core.data.settings import DatasetSettings, dataset_kind, split_sizes
from core.data.sources import Value
from core.errors import ChainruleError
from core.inspecting.told import AskSurvey, Surveyed
from gui.data.choice import Choice
from gui.data.reader import DataReader
from gui.data.sides import Sides
from gui.data.sight import Sight
from gui.message_bar import MessageBar
from gui.preferences import Preferences
from gui.theme import Themes
from gui.widgets import column, frame, label, line, prose, push, row

PLACE = "data folder"
"""Word of the preferences."""
SOON = 250
"""Milliseconds from a change until the file is read with it."""
SLOW = 200
"""Milliseconds of reading before it is said that it takes time."""


class DataDialog(QDialog):
    """Looks at the file in another process; nothing is in the project before it is accepted."""

    taken = Signal(object)
    """The DatasetSettings that were accepted."""

    def __init__(self, themes: Themes, preferences: Preferences, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._themes, self._preferences = themes, preferences
        self.reader = DataReader(self)
        self.choose: Callable[[str, Path], Path | None] = self._ask_path
        self.choice: Choice | None = None
        self.settings: DatasetSettings | None = None
        """What the file comes to, once it was read."""
        self._surveyed: Surveyed | None = None
        self._question = 0
        self._ask_soon = QTimer(self, singleShot=True, interval=SOON)
        self._ask_soon.timeout.connect(self._ask)
        self._tell_slow = QTimer(self, singleShot=True, interval=SLOW)
        self.place = QLineEdit(readOnly=True)
        self.file, self.folder = push("File…"), push("Folder…")
        self.status, self.bar = label("", "secondary"), QProgressBar(textVisible=False, maximum=100)
        self.message = MessageBar(themes)
        self.sight, self.sides = Sight(themes, self.reader), Sides(themes)
        self.words = label("", "title")
        self.notes = prose("", "caption2")
        self.accept_, self.cancel = push("Add", "primary"), push("Cancel")
        self._lay_out()
        self._connect()
        self._show_ready()

    def open_path(self, path: Path) -> None:
        """Look at this file or folder."""
        self.place.setText(str(path))
        self.sight.clear()
        self.sides.clear()
        self.settings = self._surveyed = None
        self.choice = Choice.of_path(path)
        self._preferences.keep_word(PLACE, str(path.parent))
        self.sides.show_choice(self.choice)
        self._ask()

    def open_settings(self, settings: DatasetSettings) -> None:
        """Look at a data set of the project, to change how it is read."""
        self.setWindowTitle("Change how data are read")
        self.accept_.setText("Change")
        self.place.setText(settings.path)
        self.choice = Choice.of_settings(settings)
        self.sides.show_choice(self.choice)
        self._ask()

    def reject(self) -> None:
        """Esc and Cancel: end what is under way, or close the dialog."""
        if self._question and self._surveyed is None:
            self._stop()
            self.message.say("warning", "Cancelled.", "Choose a file, or change how it is read.")
            self._show_ready()
            return
        self.reader.close()
        super().reject()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: D102  # Qt's name
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: D102  # Qt's name
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.open_path(paths[0])
            event.acceptProposedAction()

    def _lay_out(self) -> None:
        px = self._themes.current.px
        self.setWindowTitle("Add data")
        self.setAcceptDrops(True)
        self.place.setPlaceholderText("A table (CSV, Parquet…), NumPy arrays, a folder… Choose it, or drop it here")
        self.place.setAccessibleName("File or folder")
        for button in (self.file, self.folder, self.cancel):
            button.setAutoDefault(False)
        self.accept_.setDefault(True)
        self._progress = frame("clear", column(self.status, self.bar, spacing=6))
        self._progress.hide()
        body = row(self.sight, self.sides, spacing=16)
        body.setStretch(0, 1)
        layout = column(spacing=10, margins=(20, 18, 20, 16))
        layout.addLayout(row(self.place, self.file, self.folder))
        for widget in (self._progress, self.message):
            layout.addWidget(widget)
        layout.addLayout(body, 1)
        layout.addWidget(line())
        layout.addWidget(self.words)
        layout.addWidget(self.notes)
        layout.addLayout(row(None, self.cancel, self.accept_))
        self.setLayout(layout)
        self.resize(px(980), px(680))

    def _connect(self) -> None:
        self.file.clicked.connect(lambda: self._browse("file"))
        self.folder.clicked.connect(lambda: self._browse("folder"))
        self.cancel.clicked.connect(self.reject)
        self.accept_.clicked.connect(self._take)
        self.sides.option_set.connect(self._set_option)
        self.sides.shared_set.connect(self._set_shared)
        self.sight.columns.type_chosen.connect(self._set_type)
        self.sight.columns.use_chosen.connect(self._set_use)
        self._tell_slow.timeout.connect(self._show_busy)

    def _set_option(self, name: str, value: Value) -> None:
        if self.choice is not None:
            self._choose(self.choice.with_option(name, value), SOON)

    def _set_type(self, name: str, kind: str) -> None:
        if self.choice is not None and self._surveyed is not None:
            column_ = next(one for one in self._surveyed.columns if one.name == name)
            self._choose(self.choice.with_type(column_, kind))

    def _set_use(self, name: str, role: str) -> None:
        if self.choice is not None and self._surveyed is not None:
            self._choose(self.choice.with_use(self._surveyed.columns, name, role))

    def _choose(self, choice: Choice, soon: int = 0) -> None:
        """Read the file like this; what was typed waits for more."""
        self.choice = choice
        self._ask_soon.start(soon)

    def _set_shared(self, name: str, value: Value) -> None:
        if self.choice is not None:
            self.choice = self.choice.with_shared(name, value)
            self._complete()

    def _ask(self) -> None:
        assert self.choice is not None
        self._stop()
        asked = AskSurvey(self.choice.path, self.choice.source, dict(self.choice.options))
        self.status.setText("Reading…")
        self.bar.setValue(0)
        self._tell_slow.start()
        self._question = self.reader.ask(asked, Surveyed, self._show, self._fail, self._show_doing)
        self._show_ready()

    def _stop(self) -> None:
        self.reader.cancel(self._question)
        self._question = 0
        self._tell_slow.stop()
        self._progress.hide()

    def _show_busy(self) -> None:
        self._progress.show()

    def _show_doing(self, text: str, share: float) -> None:
        self.status.setText(f"{text}…")
        self.bar.setValue(round(100 * share))

    def _show(self, told: Surveyed) -> None:
        self._stop()
        assert self.choice is not None
        self._surveyed = told
        self.choice = replace(self.choice, source=told.source)
        self.sides.follow(self.choice, [column.name for column in told.columns] if told.rows else ())
        settings = told.settings
        self.sight.show_survey(told, settings, fixed=not self.choice.has_columns)
        self.sides.show_settled(told.settled)
        self.message.hide()
        if told.problem is not None:
            self.settings = None
            problem = told.problem
            self._fail(ChainruleError(problem.wanted, problem.came, "", problem.fix))
            return
        self._complete()

    def _complete(self) -> None:
        """Say what the file comes to with the split that was chosen."""
        found = self._surveyed.settings if self._surveyed is not None else None
        if found is None or self.choice is None:
            return
        try:
            self.settings = self.choice.complete(found)
        except ChainruleError as error:
            self.settings = None
            self._fail(error)
            return
        self.message.hide()
        self.sides.show_shared(self.settings)
        self._show_ready()

    def _fail(self, error: ChainruleError) -> None:
        self._stop()
        self.settings = None
        plain = ChainruleError(error.wanted, error.came, "", error.fix)
        self.message.say_error("Not yet usable." if self._surveyed is not None else "Not readable.", plain)
        self._show_ready()

    def _show_ready(self) -> None:
        settings = self.settings if not self._question else None
        self.accept_.setEnabled(settings is not None)
        self.words.setText(counted(settings) if settings is not None else "")
        found = settings.found if settings is not None else None
        self.notes.setText("\n".join(found.notes) if found is not None else "")
        self.notes.setVisible(bool(self.notes.text()))

    def _take(self) -> None:
        if self.settings is not None:
            self.taken.emit(self.settings)
            self.reader.close()
            self.accept()

    def _browse(self, what: str) -> None:
        start = Path(self._preferences.word(PLACE, str(Path.home())))
        chosen = self.choose(what, start if start.is_dir() else Path.home())
        if chosen is not None:
            self.open_path(chosen)

    def _ask_path(self, what: str, start: Path) -> Path | None:
        if what == "folder":
            chosen = QFileDialog.getExistingDirectory(self, "Add data from a folder", str(start))
        else:
            chosen, _filter = QFileDialog.getOpenFileName(self, "Add data from a file", str(start), file_filter())
        return Path(chosen) if chosen else None


def file_filter() -> str:
    """The files that can be read, as the system's dialog wants it."""
    kinds = [kind for kind in FORMATS.values() if kind.suffixes]
    every = " ".join(f"*{suffix}" for kind in kinds for suffix in kind.suffixes)
    single = [f"{kind.title} ({' '.join(f'*{suffix}' for suffix in kind.suffixes)})" for kind in kinds]
    return ";;".join((f"Data ({every})", *single, "All files (*)"))


def counted(settings: DatasetSettings) -> str:
    """What a file comes to, in a line."""
    kind, found = dataset_kind(settings), settings.found
    train, held = split_sizes(settings)
    out = f", {found.skipped:,} left out" if found is not None and found.skipped else ""
    fields = ", ".join(f"{field.name} {'×'.join(map(str, field.shape)) or ''}".strip() for field in kind.fields[:6])
    return f"{kind.samples:,} samples{out}: {train:,} to train on, {held:,} to validate with. Fields: {fields}."
