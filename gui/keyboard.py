"""The sheet of all keys, which is the place to change them too: choose a command, press new keys, take them over."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from gui.actions import ACTIONS, MENUS, command, keys_text
from gui.command import Command
from gui.keymap import FIXED, Keymap, is_letter, written
from gui.theme import Themes
from gui.widgets import CheckBox, column, label, prose, push, row

CANVAS_KEYS = (
    ("Space, Tab", "Add a layer at the pointer"),
    ("Space + drag", "Move the view"),
    ("Arrows", "Walk along the wires and among branches"),
    ("Alt + arrows", "Nudge the selected layers"),
    ("Enter, double-click", "Open a block"),
    ("Esc", "Give up the gesture, then the selection, then leave the block"),
    ("Wheel", "Zoom at the pointer"),
    ("Double-click on a wire", "Put a point into it, or take the point out"),
    ("Shift + right drag", "Put a point into every wire that the stroke crosses"),
    ("Ctrl + right drag", "Cut every wire that the stroke crosses"),
    ("Alt + drag", "Keep what is dragged beside the wires"),
)
"""What the canvas itself answers to; these cannot be changed."""
_ID = Qt.ItemDataRole.UserRole
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class KeyboardDialog(QDialog):
    """Every command with its keys; a change holds at once, everywhere."""

    def __init__(self, themes: Themes, keymap: Keymap, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._themes, self._keymap = themes, keymap
        self._wanted = ""
        self.setWindowTitle("Keyboard shortcuts")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search commands or keys")
        self.search.setAccessibleName("Search commands or keys")
        self.search.setProperty("role", "search")
        self.list = QTreeWidget()
        self.field = KeyField()
        self.words = prose("")
        self.give = push("Use these keys", "small-primary")
        self.clear = push("No keys", "small")
        self.reset = push("Reset this one", "small")
        self.reset_all = push("Reset all", "small")
        self.letters = CheckBox(themes, "Single letters are keys while the canvas has the keyboard")
        self.letters.setChecked(keymap.letters)
        self._build()
        self._connect()
        self.refresh()

    @property
    def chosen(self) -> Command | None:
        """The command that is marked."""
        item = self.list.currentItem()
        name = item.data(0, _ID) if item is not None else None
        return command(name) if name else None

    def choose(self, name: str) -> None:
        """Mark this command."""
        for item in _rows(self.list):
            if item.data(0, _ID) == name:
                self.list.setCurrentItem(item)

    def refresh(self) -> None:
        """Write the list anew; what was marked stays marked."""
        marked = self.chosen
        text = self.search.text().strip().lower()
        self.list.clear()
        for title, lines in self._sections():
            found = [one for one in lines if text in one[1].lower() or text in one[2].lower()]
            if found:
                self._add_section(title, found)
        self.list.expandAll()
        if marked is not None:
            self.choose(marked.id)
        self._show_chosen()

    def _build(self) -> None:
        px = self._themes.current.px
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setIndentation(px(12))
        self.list.setAccessibleName("Commands and their keys")
        self.list.setMinimumSize(px(460), px(380))
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        close = push("Close", "primary")
        close.clicked.connect(self.accept)
        layout = column(
            label("Keyboard shortcuts", "name"), self.search, self.list, spacing=10, margins=(20, 18, 20, 16)
        )
        layout.addLayout(row(self.field, self.give, self.clear, self.reset, spacing=6))
        layout.addWidget(self.words)
        layout.addWidget(self.letters)
        layout.addLayout(row(self.reset_all, None, close))
        self.setLayout(layout)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.refresh)
        self.list.currentItemChanged.connect(self._show_chosen)
        self.field.pressed.connect(self._want)
        self.give.clicked.connect(self._give)
        self.clear.clicked.connect(lambda: self._change(()))
        self.reset.clicked.connect(self._reset)
        self.reset_all.clicked.connect(self._keymap.reset_all)
        self.letters.toggled.connect(self._keymap.use_letters)
        self._keymap.changed.connect(self._follow)

    def _sections(self) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        """The title of each, and its lines: a command's id, its words and its keys."""
        for menu in MENUS:
            yield menu, [(one.id, one.title.rstrip("…"), self._said(one)) for one in ACTIONS if one.menu == menu]
        yield "Canvas, fixed", [("", words, keys) for keys, words in CANVAS_KEYS]

    def _said(self, one: Command) -> str:
        off = [keys for keys in self._keymap.given(one.id) if keys not in self._keymap.keys(one.id)]
        said = ", ".join(map(keys_text, self._keymap.keys(one.id)))
        return said or (f"{', '.join(map(keys_text, off))} (off)" if off else "")

    def _add_section(self, title: str, lines: list[tuple[str, str, str]]) -> None:
        head = QTreeWidgetItem(self.list, [title])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = self._themes.current.ui(12, 600)
        head.setFont(0, font)
        for name, words, keys in lines:
            item = QTreeWidgetItem(head, [words, keys])
            item.setData(0, _ID, name)
            item.setFont(1, self._themes.current.mono(11))
            own = bool(name) and self._keymap.is_own(name)
            item.setForeground(1, self._themes.current.color("accent" if own else "text2"))
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{words}, {keys or 'no keys'}")

    def _show_chosen(self) -> None:
        chosen = self.chosen
        self._wanted = ""
        self.field.clear()
        self.field.setEnabled(chosen is not None)
        for button in (self.give, self.clear, self.reset):
            button.setEnabled(False)
        self.give.setText("Use these keys")
        if chosen is not None:
            self.clear.setEnabled(bool(self._keymap.given(chosen.id)))
            self.reset.setEnabled(self._keymap.is_own(chosen.id))
            self.words.setText(f"{chosen.title.rstrip('…')}: press the new keys in the field.")
        else:
            self.words.setText("Choose a command to give it other keys.")

    def _want(self, keys: str) -> None:
        """New keys were pressed: say who has them."""
        chosen = self.chosen
        if chosen is None:
            return
        self._wanted = ""
        self.give.setEnabled(False)
        if keys in FIXED:
            self.words.setText(f"{keys_text(keys)} is for {FIXED[keys]} and stays so. Press other keys.")
            return
        self._wanted = keys
        holder = self._keymap.holder(keys, chosen.id)
        self.give.setEnabled(True)
        self.give.setText(f"Take from {holder.title.rstrip('…')}" if holder is not None else "Use these keys")
        if holder is not None:
            self.words.setText(f"{keys_text(keys)} is {holder.title.rstrip('…')}, which will be left without it.")
        elif is_letter(keys) and not chosen.on_canvas:
            self.words.setText(f"{keys_text(keys)} will work wherever no text is written.")
        else:
            self.words.setText(f"{keys_text(keys)} is free.")

    def _give(self) -> None:
        if self._wanted:
            self._change((self._wanted,))

    def _change(self, keys: tuple[str, ...]) -> None:
        if self.chosen is not None:
            self._keymap.give(self.chosen.id, keys)

    def _reset(self) -> None:
        if self.chosen is not None:
            self._keymap.reset(self.chosen.id)

    def _follow(self) -> None:
        self.letters.setChecked(self._keymap.letters)
        self.refresh()


class KeyField(QLineEdit):
    """A field that takes the keys pressed in it instead of letters; Tab goes on, Esc closes."""

    pressed = Signal(str)
    """The keys, as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setPlaceholderText("Press new keys")
        self.setAccessibleName("New keys")

    def event(self, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in _MODIFIERS:
            return
        if event.key() == Qt.Key.Key_Escape:
            super().keyPressEvent(event)
            event.ignore()
            return
        keys = _pressed(event)
        self.setText(keys_text(keys))
        self.pressed.emit(keys)


def _pressed(event: QKeyEvent) -> str:
    """The keys of an event; Shift is left out where it only makes the sign: ? and not Shift+?."""
    keys = written(QKeySequence(event.keyCombination()).toString())
    shifted = keys.removeprefix("Shift+")
    return shifted if len(shifted) == 1 and not shifted.isalnum() else keys


def _rows(tree: QTreeWidget) -> Iterator[QTreeWidgetItem]:
    for place in range(tree.topLevelItemCount()):
        head = tree.topLevelItem(place)
        for index in range(head.childCount()) if head is not None else ():
            item = head.child(index) if head is not None else None
            if item is not None:
                yield item
