"""What the canvas itself answers to of the keyboard; all other keys are those of the window's table of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent

from gui.canvas.key_wire import KeyWire
from gui.canvas.overlay import Panel
from gui.canvas.under import PortRef
from gui.theme import Themes
from gui.widgets import label, row

if TYPE_CHECKING:
    from gui.canvas.canvas import Canvas

_CLEAR = 24.0
"""Kept between a card that the arrows lead to and the edge of the view."""


class Keys:
    """The keyboard of one canvas."""

    def __init__(self, canvas: Canvas, themes: Themes) -> None:
        self._canvas = canvas
        self._view = canvas.view
        self.bar = WireBar(themes, canvas)
        self._view.pressed_key.connect(self.press)

    def press(self, event: QKeyEvent) -> None:
        """A key that no gesture took."""
        canvas, key, held = self._canvas, Qt.Key(event.key()), event.modifiers()
        plain = not held & ~Qt.KeyboardModifier.KeypadModifier
        simple = {
            Qt.Key.Key_Tab: canvas.quick_add,
            Qt.Key.Key_Escape: self._step_back,
            Qt.Key.Key_Return: canvas.enter_selected,
            Qt.Key.Key_Enter: canvas.enter_selected,
        }
        if plain and key in simple:
            simple[key]()
        elif canvas.editing.arrow(key, held):
            self.show_current()
        else:
            event.ignore()

    def wire(self) -> None:
        """Begin a wire at the selected card; while one is drawn, at its next port."""
        canvas, held = self._canvas, self._view.held
        if held is not None:
            held.other_port()
            return
        if not canvas.scene.selection:
            canvas.message.emit("A wire by keyboard begins at the selected layer. Choose one with the arrow keys.")
            return
        self._view.cancel_gesture()
        self._view.setFocus()
        self._view.held = KeyWire(canvas.stage, canvas.scene.selection[-1], self._tell)

    def show_current(self) -> None:
        """Ring the card at which the keyboard stands, and bring it into view."""
        scene = self._canvas.scene
        current = scene.selection[-1] if scene.selection else ""
        self._view.ring.show(current)
        if current:
            self._view.bring_in(scene.nodes[current].rect.adjusted(-_CLEAR, -_CLEAR, _CLEAR, _CLEAR))

    def _step_back(self) -> None:
        """Clear the selection; where nothing is selected, leave the block."""
        scene = self._canvas.scene
        self._view.ring.show("")
        if scene.is_selecting:
            scene.select(())
        else:
            self._canvas.tour.leave()

    def _tell(self, words: str, port: PortRef | None) -> None:
        self.bar.say(words)
        if port is not None:
            self._view.bring_in(self._canvas.scene.nodes[port.node].rect)
            self._view.ring.show(port.node)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._view, words))
        elif self._canvas.scene.selection:
            self._view.ring.show(self._canvas.scene.selection[-1])


class WireBar(Panel):
    """While a wire is drawn by keyboard: from where to where, and which keys go on."""

    def __init__(self, themes: Themes, parent: Canvas) -> None:
        super().__init__(themes, parent, "raised", "accent")
        self.words = label("", "mono11")
        keys = (("arrows", "choose"), ("W", "other port"), ("Enter", "wire"), ("Esc", "leave"))
        pairs = [part for cap, what in keys for part in (label(cap, "keycap"), label(what, "caption"))]
        layout = row(self.words, 10, *pairs, spacing=6)
        layout.setContentsMargins(12, 6, 12, 6)
        self.setLayout(layout)
        self.hide()

    def say(self, words: str) -> None:
        """Say these words at the lower edge of the canvas; hide for none."""
        self.setVisible(bool(words))
        self.words.setText(words)
        parent = self.parentWidget()
        if words and parent is not None:
            self.adjustSize()
            self.move(12, parent.height() - self.height() - 52)
            self.raise_()
