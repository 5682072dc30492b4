"""The source of one Python block, to be read and written: the editor, and a line that says how it stands."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from core.catalog.interface import interface
from core.catalog.python_block import KIND, source_of
from core.errors import ChainruleError, CodeError
from core.graph import Node
from core.python.questions import code_of
from core.reading import Reading
from gui.code_edit import CodeEdit
from gui.session import Editor
from gui.theme import Theme, Themes
from gui.widgets import IconLabel, column, frame, prose, push, restyled, row

MILLISECONDS = 600
"""After the last key until what was typed is tried, if it can be read."""
LEAST = 240
"""Pixels of the editor's height."""


class BlockCode(QWidget):
    """Edits go into the document a moment after the last key, or at once with Apply; one step of undo a visit."""

    trust_asked = Signal()
    larger_asked = Signal()

    def __init__(self, themes: Themes, editor: Editor, node: str, larger: bool = True) -> None:
        super().__init__()
        self._editor = editor
        self.node = node
        self._shown = ""
        """The source that the document had when it was last shown."""
        self._base = ""
        """The same as the editor has it, which knows one kind of line end only: what differs was typed."""
        self.edit = CodeEdit(themes, "Source of the block")
        self.edit.document().contentsChanged.connect(self._typed)
        self.edit.left.connect(self._leave)
        self.edit.apply_asked.connect(self.apply)
        self.edit.escaped.connect(self._lead_out)
        self._icon = IconLabel(themes, "check", "ok", 13)
        self.state = prose("", "")
        self.trust = push("Trust this project's code…", "small-primary")
        self.trust.clicked.connect(self.trust_asked)
        self.again = push("Ask again", "small")
        self.again.clicked.connect(self._ask_again)
        self.jump = push("Show the line", "small")
        self.jump.clicked.connect(lambda: self.edit.go_to(self.edit.error_line))
        self.apply_button = push("Apply", "small")
        self.apply_button.setToolTip("Use the code as it stands (Ctrl+Enter); it is used by itself once it can be read")
        self.apply_button.clicked.connect(self.apply)
        self.larger = push("Larger", "small")
        self.larger.setToolTip("Edit the code in a window of its own")
        self.larger.clicked.connect(self.larger_asked)
        if not larger:
            self.larger.hide()  # never shown from here: without a parent yet it would be a window of its own
        self._soon = QTimer(self, singleShot=True, interval=MILLISECONDS)
        self._soon.timeout.connect(self._apply_what_can_be_read)
        self._lay_out(themes)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def refresh(self, reading: Reading) -> None:
        """Show the document's source, and how it stands."""
        node = self._editor.node(self.node)
        if node is None:
            return
        source = source_of(node.params)
        if source != self._shown:
            self._shown = source
            self.edit.show_code(source)
            self._base = self.edit.code
            self._soon.stop()
        self._show_state(reading, node)

    def apply(self) -> None:
        """Use the code as it stands, whether or not it can be read."""
        self._soon.stop()
        node = self._editor.node(self.node)
        source = self.edit.code
        if node is None or source == self._base:
            return
        try:
            KIND.param("source").check(source, node.name)
        except ChainruleError as error:
            self._say("error", "error", "error-box", str(error))
            return
        self._shown = self._base = source
        self._editor.set_code(f"Edit the code of {node.name}", node.with_params(source=source), f"{self.node}.source")

    def close_up(self) -> None:
        """Use what was typed and not yet tried."""
        self.apply()

    def _lay_out(self, themes: Themes) -> None:
        self._box = frame("inset", column(self.edit, margins=(0, 4, 0, 4)))
        head = row(self._icon, spacing=6)
        head.addWidget(self.state, 1)
        buttons = row(self.trust, self.jump, self.again, None, self.apply_button, self.larger, spacing=6)
        stack = column(spacing=6, margins=(8, 6, 8, 6))
        stack.addLayout(head)
        self._state_box = frame("info-box", stack)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._box, 1)
        layout.addWidget(self._state_box)
        layout.addLayout(buttons)
        self.setFocusProxy(self.edit)

    def _typed(self) -> None:
        if self.edit.code != self._base:
            self.apply_button.setEnabled(True)
            self._soon.start()

    def _apply_what_can_be_read(self) -> None:
        """What cannot be read yet waits for more keys, so that the wires do not flicker; its line is marked at once."""
        fault = interface(self.edit.code).fault
        if fault is None:
            self.apply()
            return
        self.edit.show_error(fault.line)
        self._say("warn", "warn", "warn-box", f"Not used yet: {fault.wanted}, but {fault.came}.")

    def _leave(self) -> None:
        self.apply()
        self._editor.document.end_merge()

    def _lead_out(self) -> None:
        (self.trust if self.trust.isVisible() else self.larger).setFocus()

    def _ask_again(self) -> None:
        node = self._editor.node(self.node)
        if node is not None and self._editor.block_shapes is not None:
            self._editor.block_shapes.ask_again(code_of(node.params))

    def _show_state(self, reading: Reading, node: Node) -> None:
        """One sentence: what the block came to, that it is being asked, that it waits for trust, or its error."""
        blocks = self._editor.block_shapes
        code = code_of(node.params)
        wrong = next((item for item in reading.of(self.node) if isinstance(item.error, CodeError)), None)
        raised = blocks.raised(code) if blocks is not None else None
        trusted = blocks is None or blocks.covers(code)
        line = wrong.line if wrong is not None else raised.line if raised is not None else 0
        self.edit.show_error(line)
        self.trust.setVisible(not trusted)
        self.jump.setVisible(line > 0)
        is_open = self._editor.path(self.node) in reading.analysis.awaited
        self.again.setVisible(trusted and ((wrong is not None and is_open) or raised is not None))
        self.apply_button.setEnabled(self.edit.code != self._base)
        name = interface(code.source).class_name
        if not trusted and (wrong is None or not wrong.line):
            self._say("lock", "warn", "warn-box", "Not trusted yet: nothing of this code has run.")
        elif wrong is not None:
            self._say("error", "error", "error-box", wrong.message)
        elif raised is not None:
            self._say("error", "error", "error-box", f"The last run ended here: {raised.came}.")
        elif blocks is not None and blocks.is_asking(code):
            self._say("clock", "accent", "info-box", "Asking PyTorch what it comes to…")
        elif self._editor.path(self.node) in reading.analysis.parameters:
            self._say("check", "ok", "inset", f"{name} runs.")
        else:
            self._say("info", "text2", "inset", f"{name or 'The block'} is tried once its inputs are wired.")

    def _say(self, icon: str, color: str, role: str, text: str) -> None:
        self._icon.show_icon(icon, color)
        self.state.setText(text)
        restyled(self._state_box, role=role)

    def _restyle(self, theme: Theme) -> None:
        self.edit.setMinimumHeight(theme.px(LEAST))


class CodeWindow(QDialog):
    """The code of a block in a window of its own, beside the canvas."""

    def __init__(self, themes: Themes, editor: Editor, node: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        found = editor.node(node)
        self.setWindowTitle(f"Code of {found.name}" if found is not None else "Code")
        self._editor = editor
        self.code = BlockCode(themes, editor, node, larger=False)
        self.setLayout(column(self.code, margins=(12, 12, 12, 12)))
        self.resize(themes.current.px(760), themes.current.px(620))
        editor.read.connect(self._follow)
        self.code.refresh(editor.reading)
        self.finished.connect(lambda _result: self._leave())

    def _follow(self, reading: Reading) -> None:
        if self._editor.node(self.code.node) is None:
            self.close()
        else:
            self.code.refresh(reading)

    def _leave(self) -> None:
        self.code.close_up()
        self._editor.read.disconnect(self._follow)
        self.deleteLater()
