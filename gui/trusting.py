"""Asks the user whether a project's own code may run: a bar over the canvas, and a dialog that shows the code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QListWidget, QWidget

from core.catalog.python_block import PYTHON
from core.project import Project
from core.python.questions import Code, code_of
from core.reading import Reading
from gui.block_code import CodeWindow
from gui.block_shapes import BlockShapes
from gui.code_edit import CodeEdit
from gui.message_bar import MessageBar
from gui.session import Editor
from gui.theme import Themes
from gui.widgets import column, frame, label, prose, push, row

WARNING = (
    "Code can do whatever you can do on this computer: read, change and delete your files, and use the network. "
    "Trust it only if you know where it comes from, or have read it."
)


class Trusting(QObject):
    """What stands between a project's code and this computer."""

    def __init__(self, themes: Themes, editor: Editor, blocks: BlockShapes | None) -> None:
        super().__init__(editor)
        self._themes = themes
        self._editor = editor
        self._blocks = blocks
        self._told: tuple[Code, ...] = ()
        self.bar = MessageBar(themes)
        self.windows: dict[str, CodeWindow] = {}
        editor.read.connect(self._show)
        self._show(editor.reading)

    def ask(self) -> None:
        """Show the code that is not trusted, and ask."""
        found = self._blocks.untrusted(self._editor.project) if self._blocks is not None else ()
        if not found:
            return
        dialog = CodeDialog(self._themes, named(self._editor.project, found), self.bar.window())
        dialog.trusted.connect(self.trust)
        dialog.finished.connect(lambda _result: self._show(self._editor.reading, again=True))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def trust(self) -> None:
        """Let all code of the project run from now on."""
        if self._blocks is not None:
            self._blocks.trust(self._blocks.untrusted(self._editor.project))

    def open_window(self, node: str) -> None:
        """Show the code of this node in a window of its own, once."""
        if node in self.windows:
            self.windows[node].raise_()
            self.windows[node].activateWindow()
            return
        window = self.windows[node] = CodeWindow(self._themes, self._editor, node, self.bar.window())
        window.code.trust_asked.connect(self.ask)
        window.finished.connect(lambda _result: self.windows.pop(node, None))
        window.show()

    def close_windows(self) -> None:
        """Close the windows with code."""
        for window in tuple(self.windows.values()):
            window.close()

    def close(self) -> None:
        """Close what is open."""
        self.close_windows()
        self.bar.deleteLater()

    def _show(self, reading: Reading, again: bool = False) -> None:
        found = self._blocks.untrusted(reading.project) if self._blocks is not None else ()
        if found == self._told and not again:
            return
        self._told = found
        if not found:
            self.bar.hide()
            return
        nodes = [node for node in reading.project.all_nodes().values() if node.kind == PYTHON]
        count = sum(code_of(node.params) in found for node in nodes)
        blocks = f"{count} block{'s' if count != 1 else ''}"
        offers = (("Look at the code…", self.ask), ("Trust and run", self.trust))
        title = f"This project brings its own Python code ({blocks})."
        self.bar.say("warning", title, "Nothing of it has run.", offers)


def named(project: Project, codes: Sequence[Code]) -> Mapping[str, Code]:
    """These codes by the names of the nodes that hold them."""
    names: dict[Code, list[str]] = {code: [] for code in codes}
    for node in project.all_nodes().values():
        if node.kind == PYTHON and code_of(node.params) in names:
            names[code_of(node.params)].append(node.name)
    return {
        f"{', '.join(found)} ({place})" if _shared(names, found) else ", ".join(found): code
        for place, (code, found) in enumerate(names.items(), 1)
    }


def _shared(names: Mapping[Code, list[str]], found: list[str]) -> bool:
    """Whether another code stands in nodes of the same names, as in two blocks."""
    return list(names.values()).count(found) > 1


class CodeDialog(QDialog):
    """All code that waits for trust, to be read; the safe answer is the one that Enter and Esc give."""

    trusted = Signal()

    def __init__(self, themes: Themes, codes: Mapping[str, Code], window: QWidget | None = None) -> None:
        super().__init__(window)
        self.setWindowTitle("Code of this project")
        self._codes = tuple(codes.values())
        self.names = QListWidget()
        self.names.setAccessibleName("Blocks with code")
        self.names.addItems(list(codes))
        self.names.setFixedWidth(themes.current.px(170))
        self.names.setVisible(len(codes) > 1)
        self.code = CodeEdit(themes, "Code", read_only=True)
        self.settings = prose("", "mono-secondary")
        self.names.currentRowChanged.connect(self._choose)
        self.trust = push("Trust this project's code")
        self.trust.setAutoDefault(False)
        self.trust.clicked.connect(self._trust)
        self.refuse = push("Do not trust it", "primary")
        self.refuse.setDefault(True)
        self.refuse.clicked.connect(self.reject)
        count = f"{len(codes)} piece{'s' if len(codes) != 1 else ''} of code"
        head = column(label("This project brings its own Python code", "name"), prose(WARNING), spacing=6)
        body = row(self.names, spacing=8)
        body.addWidget(frame("inset", column(self.code, margins=(0, 4, 0, 4))), 1)
        layout = column(spacing=10, margins=(20, 18, 20, 16))
        layout.addLayout(head)
        layout.addLayout(body, 1)
        layout.addWidget(self.settings)
        layout.addLayout(row(label(f"{count}. Nothing of it has run.", "caption2"), None, self.trust, self.refuse))
        self.setLayout(layout)
        self.resize(themes.current.px(820), themes.current.px(600))
        self.names.setCurrentRow(0)
        self.refuse.setFocus()

    def _choose(self, place: int) -> None:
        code = self._codes[place]
        self.code.show_code(code.source)
        self.settings.setText(f"settings {code.settings}" if code.settings else "")
        self.settings.setVisible(bool(code.settings))

    def _trust(self) -> None:
        self.trusted.emit()
        self.accept()
