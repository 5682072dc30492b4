"""Gestures on wires: drawn either way, moved, cut, kept on, by mouse and by keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint

from tests.gui.hand import ALT, CTRL, KEY, NONE, SHIFT
from tests.gui.random_hand.machine import PICK, Machine, gesture


class Wires(Machine):
    """What a hand does with wires."""

    @gesture(a=PICK, b=PICK, trouble=PICK)
    def wire_forward(self, a: int, b: int, trouble: int) -> None:
        self.focus()
        start, end = self.of(self.ports("output"), a), self.of(self.ports("input"), b)
        self.drag(self.hand.port(start[0], "output", start[1]), self.hand.port(end[0], "input", end[1]), NONE, trouble)

    @gesture(a=PICK, b=PICK, trouble=PICK)
    def wire_backward(self, a: int, b: int, trouble: int) -> None:
        self.focus()
        free = [port for port in self.ports("input") if port not in self.wired()]
        start, end = self.of(free, a), self.of(self.ports("output"), b)
        self.drag(self.hand.port(start[0], "input", start[1]), self.hand.port(end[0], "output", end[1]), NONE, trouble)

    @gesture(a=PICK, b=PICK)
    def wire_to_a_card(self, a: int, b: int) -> None:
        self.focus()
        start, end = self.of(self.ports("output"), a), self.of(self.seen(), b)
        self.drag(self.hand.port(start[0], "output", start[1]), self.hand.card(end))

    @gesture(a=PICK, at=PICK, word=PICK, end=PICK)
    def wire_to_nothing(self, a: int, at: int, word: int, end: int) -> None:
        self.focus()
        side = "output" if a % 3 else "input"
        start = self.of([port for port in self.ports(side) if side == "output" or port not in self.wired()], a)
        self.drag(self.hand.port(start[0], side, start[1]), self.free(at))
        popup = self.hand.canvas.popup
        if not popup.isVisible():
            return
        self.hand.type(self.of(["", "lin", "relu", "conv", "add", "drop", "zzz"], word))
        keys = [KEY.Key_Down, KEY.Key_Return] if end % 4 == 1 else [KEY.Key_Escape] if end % 4 == 2 else []
        for key in keys or ([KEY.Key_Return] if end % 4 == 0 and not self.is_full else []):
            self.hand.key(key)

    @gesture(a=PICK, b=PICK, trouble=PICK)
    def move_an_end(self, a: int, b: int, trouble: int) -> None:
        self.focus()
        ports = self.ports("input")
        start = self.of([port for port in ports if port in self.wired()], a)
        end = self.of(ports, b)
        target = self.free(b) if b % 3 == 0 else self.hand.port(end[0], "input", end[1])
        self.drag(self.hand.port(start[0], "input", start[1]), target, NONE, trouble)

    @gesture(a=PICK, b=PICK, trouble=PICK)
    def move_all_wires(self, a: int, b: int, trouble: int) -> None:
        self.focus()
        ports = self.ports("output")
        start, end = self.of(ports, a), self.of(ports, b)
        target = self.free(b) if b % 4 == 0 else self.hand.port(end[0], "output", end[1])
        self.drag(self.hand.port(start[0], "output", start[1]), target, CTRL, trouble)

    @gesture(a=PICK, b=PICK, trouble=PICK)
    def cut(self, a: int, b: int, trouble: int) -> None:
        self.focus()
        self.drag(self.free(a, 0), self.anywhere(b), CTRL | ALT, trouble)

    @gesture(a=PICK, b=PICK, c=PICK, end=PICK)
    def keep_wiring(self, a: int, b: int, c: int, end: int) -> None:
        self.focus()
        hand = self.hand
        start, ends = self.of(self.ports("output"), a), self.ports("input")
        first, second = self.of(ends, b), self.of(ends, c)
        with hand.holding(SHIFT):
            hand.hold(hand.port(start[0], "output", start[1]), hand.port(first[0], "input", first[1]), SHIFT)
            hand.release(hand.port(first[0], "input", first[1]), SHIFT)
            spot = hand.port(second[0], "input", second[1]) if end % 3 else self.free(c)
            if hand.reaches(spot):
                hand.point(spot)
                self.interrupt(end)
                if hand.reaches(spot):
                    hand.press(spot, SHIFT)
                    hand.release(spot, SHIFT)

    @gesture(node=PICK, steps=PICK, trouble=PICK)
    def wire_by_keys(self, node: int, steps: int, trouble: int) -> None:
        self.focus()
        self.hand.click(self.hand.card(self.of(self.seen(), node)))
        self.hand.key(KEY.Key_W)
        for place in range(steps % 4):
            self.hand.key([KEY.Key_Right, KEY.Key_Tab, KEY.Key_W, KEY.Key_Down][(steps + place) % 4])
        self.interrupt(trouble)
        self.hand.key(KEY.Key_Escape if steps % 5 == 0 else KEY.Key_Return)

    @gesture(pick=PICK, held=PICK, goes=PICK)
    def choose_a_wire(self, pick: int, held: int, goes: int) -> None:
        self.focus()
        self.hand.click(self.of(self.wires(), pick), self.of([NONE, NONE, SHIFT, CTRL], held))
        if goes % 3 == 0:
            self.hand.key(KEY.Key_Delete)

    @gesture(pick=PICK)
    def rest_on_a_wire(self, pick: int) -> None:
        self.hand.point(self.of(self.wires(), pick))
        self.hand.point(QPoint(1, 1))

    def wired(self) -> set[tuple[str, str]]:
        """The inputs that hold a wire."""
        self.need(self.hand.graph.nodes)
        return {(key.node, key.port) for key in self.hand.graph.edges}
