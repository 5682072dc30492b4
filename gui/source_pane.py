"""The network as PyTorch code, or its whole training as a script, always true to the graph: to read, copy and save."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QGuiApplication, QResizeEvent, QShowEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QTextEdit, QWidget

from core.codegen import Code
from core.codegen import written as written_model
from core.errors import ChainruleError, FileError
from core.exchange.script import write_script_of, written_script
from core.files import write_atomically
from core.reading import Reading
from gui.code_colors import CodeColors
from gui.palette import SearchField
from gui.session import Editor
from gui.theme import Theme, Themes
from gui.widgets import Segments, column, push, row

Kind = Literal["model", "script"]
CHOICES = (("model", "Model"), ("script", "Training script"))
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
        self.choose: Callable[[Path], Path | None] = self._ask_path
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
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
        self._write()
        self._show_selected()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        narrow = self.width() < self._themes.current.px(NARROW)
        self.switch.rename("script", "Script" if narrow else "Training script")

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
        self.controls = QWidget()
        self.controls.setLayout(row(self.switch, self.search, self.copy, self.save, spacing=6))

    def _changed(self, _reading: Reading) -> None:
        self._stale = True
        if self.isVisible():
            self._write()

    def _write(self) -> None:
        if not self._stale:
            return
        self._stale = False
        self._code = self._made()
        self.copy.setText("Copy")
        self.save.setText("Save…")
        code = self._code.text
        if code != self.text.toPlainText():
            place = self.text.verticalScrollBar().value()
            self._colors.read(code)
            self.text.setPlainText(code)
            self.text.verticalScrollBar().setValue(place)
        self._mark()

    def _made(self) -> Code:
        """The code; where there can be no script, what keeps it from being written."""
        known = self._editor.reading
        self.save.setEnabled(True)
        if self.kind == "model":
            return written_model(known.project, known.plan, known.analysis)
        try:
            return written_script(known, self._stem)
        except ChainruleError as error:
            self.save.setEnabled(False)
            return Code.of_comment(f"There is no script of a training yet. {error}")

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
        places = tuple(sorted({line for node in self._editor.selection for line in self._code.places(node)}))
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
        try:
            if self.kind == "script":
                written = write_script_of(self._editor.reading, path)
            else:
                write_atomically(path, self._code.text)
                written = (path,)
        except FileError as error:
            self._editor.refuse(error)
            return
        self.save.setText("Saved")
        self.saved.emit(written)

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
