"""Gestures that add: from the palette by drag and double-click, and from the search at the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from tests.gui.hand import KEY, SHIFT
from tests.gui.random_hand.machine import PICK, Machine, gesture

KINDS = (
    ("Conv2d", "conv2"),
    ("Linear", "linear"),
    ("ReLU", "relu"),
    ("Add", "add"),
    ("Concat", "concat"),
    ("Flatten", "flat"),
    ("Dropout", "drop"),
    ("LSTM", "lstm"),
    ("CrossEntropy", "cross"),
    ("MaxPool2d", "maxpool2"),
    ("data:digits", "digits"),
    ("BlockInput", "blockinput"),
    ("BlockOutput", "blockoutput"),
)


class Adding(Machine):
    """What a hand does to add layers."""

    @gesture(kind=PICK, at=PICK, trouble=PICK)
    def drop(self, kind: int, at: int, trouble: int) -> None:
        self.need(not self.is_full)
        name, search = self.offered(kind)
        wires = self.wires()
        place = self.of(wires, at) if wires and at % 3 == 0 else self.free(at)
        self.hand.drop(name, place if at % 11 else QPoint(-40, 20), search, given_up=trouble % 6 == 0)

    @gesture(kind=PICK)
    def pick_in_the_palette(self, kind: int) -> None:
        self.need(not self.is_full)
        self.hand.pick(*self.offered(kind))

    @gesture(how=PICK, at=PICK, word=PICK, end=PICK)
    def search(self, how: int, at: int, word: int, end: int) -> None:
        self.need(not self.is_full)
        self.focus()
        spot = self.free(at)
        self.hand.point(spot)
        match how % 4:
            case 0:
                self.hand.double_click(spot)
            case 1:
                self.hand.key(KEY.Key_Space)
            case 2:
                self.hand.key(KEY.Key_Tab)
            case 3:
                self.hand.key(KEY.Key_A, SHIFT)
        if not self.hand.canvas.popup.isVisible():
            return
        self.hand.type(self.of(["", "zzz", "block", *(search for _kind, search in KINDS)], word))
        match end % 6:
            case 0:
                self.hand.key(KEY.Key_Escape)
            case 1:
                self.hand.click(self.free(end, 0))
            case 2:
                pass
            case _:
                self.hand.key(KEY.Key_Return)

    def offered(self, kind: int) -> tuple[str, str]:
        """One of the kinds that the palette lists now, and what is typed to find it; blocks of the project too."""
        blocks = [(entry.kind, entry.title) for entry in self.hand.work.palette._blocks if ":" in entry.kind]
        inside = bool(self.hand.canvas.trail)
        kinds = [found for found in KINDS if inside or not found[0].startswith("Block")]
        return self.of([*kinds, *blocks[:6]], kind)
