"""What every page of the inspector shares: the head with glyph and name, folds, and figures in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from core.errors import ChainruleError
from core.reading import Reading
from gui.palette_entries import GLYPHS
from gui.session import Editor
from gui.theme import Themes
from gui.widgets import Fold, IconLabel, column, label, push, restyled, row

GAP, LEAST = 7, 60
"""Pixels between the parts of a head, and of its name at the least."""


class Page(QWidget):
    """One page; it follows the reading of the project."""

    fix_asked = Signal(object)

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__()
        self.themes = themes
        self.editor = editor
        self.stack = QVBoxLayout(self)
        self.stack.setContentsMargins(0, 0, 0, 0)
        self.stack.setSpacing(8)

    def refresh(self, reading: Reading) -> None:
        """Show the new reading."""
        raise NotImplementedError

    def section(self, title: str, *content: QWidget, note: str = "") -> Fold:
        """A fold of this title at the end of the page."""
        fold = Fold(self.themes, title, note)
        fold.body.setLayout(column(*content, spacing=6))
        self.stack.addWidget(fold)
        return fold


class NodeHead(QWidget):
    """Glyph, name and kind of a node; the name can be changed in place."""

    def __init__(self, themes: Themes, editor: Editor, node: str, category: str, icon: str = "") -> None:
        super().__init__()
        self._themes = themes
        self._editor = editor
        self._node = node
        self._glyph = IconLabel(themes, icon or GLYPHS[category], lambda theme: theme.category(category), 18)
        self.name = QLineEdit()
        self.name.setProperty("role", "bare-name")
        self.name.setAccessibleName("Name")
        self.name.editingFinished.connect(self._renamed)
        self.kind = label("", "secondary")
        self._icon = IconLabel(themes, "check", "ok", 13)
        self.state = label("", "caption2")
        self._error = label("", "error")
        self._error.setWordWrap(True)
        self._error.hide()
        self.run_again = push("Let it run again", "link", themes.current.icon("bypass", "accent", 13))
        self.run_again.setToolTip("It is bypassed: what comes in goes on as it is, and its weights are kept.")
        self.run_again.clicked.connect(self._stop_bypass)
        self.run_again.hide()
        top = row(self._glyph, self.name, self.kind, None, self._icon, self.state, spacing=GAP)
        stack = column(spacing=2)
        stack.addLayout(top)
        stack.addWidget(self._error)
        stack.addWidget(self.run_again)
        self.setLayout(stack)
        self.show_state("", "", "")

    def show_node(self, name: str, kind: str) -> None:
        """Show the node's name and what it is."""
        if not self.name.hasFocus() or not self.name.isModified():
            self.name.setText(name)
            self.name.setCursorPosition(0)  # a name that is too long is seen from its beginning
            self.name.setToolTip(f"{name}: the name in the graph, in the code and in the records. Press to change it.")
        self.kind.setText(kind)
        self._fit()
        node = self._editor.node(self._node)
        self.run_again.setVisible(node is not None and node.bypassed)

    def _stop_bypass(self) -> None:
        node = self._editor.node(self._node)
        if node is not None:
            self._editor.replace_node(f"Stop bypassing {node.name}", replace(node, bypassed=False))

    def show_state(self, icon: str, color: str, text: str) -> None:
        """Show a picture and word at the right."""
        self._icon.setVisible(bool(icon))
        if icon:
            self._icon.show_icon(icon, color)
        self.state.setText(text)
        self._fit()
        restyled(self.state, role=color if color in ("ok", "warn", "error") else "caption2")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Let the name be as wide as it is, as far as what stands beside it leaves room."""
        theme = self._themes.current
        beside = [widget for widget in (self._glyph, self.kind, self._icon, self.state) if not widget.isHidden()]
        room = self.width() - sum(widget.sizeHint().width() + GAP for widget in beside) - GAP
        wide = QFontMetrics(theme.ui(15, 600)).horizontalAdvance(self.name.text()) + 6
        self.name.setFixedWidth(max(min(wide, room), theme.px(LEAST)))

    def _renamed(self) -> None:
        node = self._editor.node(self._node)
        if node is None or not self.name.isModified():
            return
        try:
            self._editor.replace_node(f"Rename {node.name}", replace(node, name=self.name.text().strip()))
        except ChainruleError as error:
            self._error.setText(str(error))
            self._error.show()
            return
        self._error.hide()
        self.name.setModified(False)


class Figures(QWidget):
    """Captions over numbers, side by side."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._values: dict[str, QLabel] = {}
        layout = row(spacing=4)
        for title in titles:
            value = label("–", "mono")
            self._values[title] = value
            box = QWidget()
            box.setLayout(column(label(title, "caption2"), value, spacing=2))
            layout.addWidget(box, 1)
        self.setLayout(layout)

    def show_figure(self, title: str, text: str) -> None:
        """Show a number under its caption."""
        self._values[title].setText(text)

    def figure(self, title: str) -> str:
        """The number under this caption, as it is shown."""
        return self._values[title].text()


class Parts(QWidget):
    """What a sum is made of: a name and a number a line."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = column(spacing=3)
        self.setLayout(self._stack)
        self._lines: list[tuple[QLabel, QLabel]] = []

    def show_parts(self, parts: Sequence[tuple[str, str]]) -> None:
        """Show these, names as a sentence begins."""
        while len(self._lines) < len(parts):
            line = (label("", "secondary"), label("", "mono11"))
            self._lines.append(line)
            self._stack.addLayout(row(line[0], None, line[1]))
        for place, (name, number) in enumerate(self._lines):
            title, text = parts[place] if place < len(parts) else ("", "")
            name.setText(title[:1].upper() + title[1:])
            number.setText(text)
            for widget in (name, number):
                widget.setVisible(place < len(parts))

    @property
    def text(self) -> str:
        """All of them, as a screen reader says them."""
        return ", ".join(f"{name.text()} {number.text()}" for name, number in self._lines if not name.isHidden())
