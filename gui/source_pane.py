"""The network as PyTorch code, or its whole training as a script, always true to the graph: to read, copy and save."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QGuiApplication, QResizeEvent, QShowEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QTextEdit, QWidget

from core.codegen import Code, writing
from core.datatrust import not_allowed
from core.errors import ChainruleError, FileError
from core.exchange.script import written_script
from core.files import write_atomically
from core.reading import Reading
from gui.code_colors import CodeColors
from gui.data.script_writing import ScriptWriting
from gui.palette import SearchField
from gui.segments import Segments
from gui.session import Editor
from gui.slices import Slices
from gui.source_text import show_text
from gui.theme import Theme, Themes
from gui.widgets import column, push, row

Kind = Literal["model", "script"]
CHOICES = (("model", "Model"), ("script", "Training script"))
AT_ONCE = 40
"""Up to so many steps the code follows an edit in the same moment; that of more is written in a pause."""
PAUSE = 200
"""Milliseconds without an edit until that begins."""
NARROW = 860
"""Below this width, in pixels at 100 %, the head has no room for long words."""


class SourcePane(QWidget):
    """Read-only code with a switch, a search field and buttons to copy and save it; written only while it can be seen.

    The lines of the selected nodes are marked.
    """

    saved = Signal(tuple)
    """The Paths that were written."""

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__()
        self._themes = themes
        self._editor = editor
        self._stale = True
        self._code = Code(())
        self._kept = editor.reading
        self._read: tuple[object, ...] = ()
        """What the code was written from; the reading is kept, so that none of its ids comes again."""
        self._later = Slices(self._writing, self._shown, self)
        self.choose: Callable[[Path], Path | None] = self._ask_path
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setUndoRedoEnabled(False)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Generated PyTorch code")
        self._colors = CodeColors(themes, self.text.document())
        self._make_controls(themes)
        self.setLayout(column(self.text, margins=(8, 4, 4, 4)))
        self.setFocusProxy(self.text)
        editor.read.connect(self._changed)
        editor.selected.connect(self._selected)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102  # Qt's name
        super().showEvent(event)
        if self._stale:
            self._write_soon(0)
        self._show_selected()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        narrow = self.width() < self._themes.current.px(NARROW)
        self.switch.rename("script", "Script" if narrow else "Training script")

    @property
    def busy(self) -> bool:
        """Whether the code waits to be written, or is being written."""
        return self._later.busy

    def refresh(self) -> None:
        """Write the code now, seen or not."""
        self._stale = True
        self._write()

    @property
    def kind(self) -> Kind:
        """What is shown."""
        return "script" if self.switch.current == "script" else "model"

    def show_kind(self, kind: Kind) -> None:
        """Show the model alone, or the whole training."""
        self.switch.choose(kind)
        self.refresh()
        self._show_selected()

    def _make_controls(self, themes: Themes) -> None:
        self.switch = Segments(themes, CHOICES)
        self.switch.setToolTip("The network alone, or all that its training is")
        self.switch.chosen.connect(self.show_kind)
        self.search = SearchField(themes, "Find")
        self.search.setMinimumWidth(themes.current.px(64))
        self.search.setMaximumWidth(themes.current.px(130))
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(self._find_next)
        self.copy = push("Copy", "small")
        self.copy.clicked.connect(self._copy)
        self.save = push("Save…", "small")
        self.save.setToolTip("Write this code to a file; beside a script the data that it reads")
        self.save.clicked.connect(self._save)
        self._scripts = ScriptWriting(self._editor.own.reader, self)
        self.controls = QWidget()
        self.controls.setLayout(row(self.switch, self.search, self.copy, self.save, spacing=6))

    def _changed(self, reading: Reading) -> None:
        if self._sources(reading) == self._read:
            return
        self._stale = True
        if self.isVisible():
            self._write_soon(PAUSE)

    def _sources(self, reading: Reading) -> tuple[object, ...]:
        """What the code is made of: where cards stand is no part of it."""
        project = reading.project
        parts = (project.graph, project.blocks, project.data, project.training, reading.analysis, reading.checked)
        return (self.kind, self._stem, project.name, project.description, *map(id, parts))

    def _write_soon(self, pause: int) -> None:
        if len(self._editor.reading.plan.steps) <= AT_ONCE:
            self._write()
        else:
            self._later.ask(pause)

    def _write(self) -> None:
        """Write the code now where it is not what the graph says."""
        if self._stale:
            self._later.flush()

    def _writing(self) -> Generator[None, None, None]:
        known = self._editor.reading
        self._kept, self._read = known, self._sources(known)
        if self.kind == "model":
            code = yield from writing(known.project, known.plan, known.analysis)
        else:
            yield
            code = self._script(known)
        yield
        self._code = code
        yield from show_text(self.text, self.text.toPlainText(), code.text)

    def _script(self, known: Reading) -> Code:
        """The script of a training; where there can be none, what keeps it from being written."""
        try:
            return written_script(known, self._stem)
        except ChainruleError as error:
            return Code.of_comment(f"There is no script of a training yet. {error}")

    def _shown(self, _nothing: None) -> None:
        self._stale = False
        self.copy.setText("Copy")
        self.save.setText("Save…")
        self.save.setEnabled(not self._code.is_comment)
        self._mark()

    @property
    def _stem(self) -> str:
        path = self._editor.document.path
        return path.stem if path is not None else "network"

    def _selected(self, _nodes: tuple[str, ...]) -> None:
        if self.isVisible():
            self._show_selected()

    def _show_selected(self) -> None:
        """Mark the lines of the selected nodes, and bring the first of them into view."""
        places = self._mark()
        if places:
            block = self.text.document().findBlockByNumber(places[0])
            self.text.setTextCursor(QTextCursor(block))
            self.text.centerCursor()

    def _mark(self) -> tuple[int, ...]:
        places = self._code.places(*self._editor.selection)
        marks = []
        for place in places:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.text.document().findBlockByNumber(place))
            mark.format.setBackground(self._ink)
            mark.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            marks.append(mark)
        self.text.setExtraSelections(marks)
        return places

    def _copy(self) -> None:
        self._write()
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")

    def _save(self) -> None:
        self._write()
        folder = self._editor.document.path.parent if self._editor.document.path is not None else Path.cwd()
        path = self.choose(folder / f"{self._stem}.py")
        if path is None:
            return
        if self.kind == "script":
            self._save_script(path)
            return
        try:
            write_atomically(path, self._code.text)
        except FileError as error:
            self._editor.refuse(error)
            return
        self._written((path,))

    def _save_script(self, path: Path) -> None:
        missing = self._editor.own.missing(self._editor.project)
        if missing:
            self._editor.refuse(not_allowed(missing))
            return
        self.save.setText("Saving…")
        self._scripts.start(self._editor.reading, path, self._written, self._unwritten)

    def _written(self, files: tuple[Path, ...]) -> None:
        self.save.setText("Saved")
        self.saved.emit(files)

    def _unwritten(self, error: ChainruleError) -> None:
        self.save.setText("Save…")
        self._editor.refuse(error)

    def _ask_path(self, start: Path) -> Path | None:
        chosen, _filter = QFileDialog.getSaveFileName(self, "Save the code", str(start), "Python (*.py)")
        return Path(chosen) if chosen else None

    def _find(self, words: str) -> None:
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if words:
            self.text.find(words)

    def _find_next(self) -> None:
        if not self.text.find(self.search.text()):
            self._find(self.search.text())

    def _restyle(self, theme: Theme) -> None:
        self.text.setFont(theme.mono(12))
        self.text.setTabStopDistance(4 * self.text.fontMetrics().horizontalAdvance(" "))
        self.text.setStyleSheet(
            f"QPlainTextEdit {{ font-family: '{theme.mono().family()}'; font-size: {theme.px(12)}px }}"
        )
        self._ink = QColor(theme.color("accent"))
        self._ink.setAlphaF(0.16)
        self._mark()
