"""Gestures on cards, frames and notes: chosen, moved, copied, put in order, named, removed."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication

from tests.gui.hand import ALT, CTRL, KEY, NONE, RIGHT, SHIFT
from tests.gui.random_hand.machine import PICK, Machine, gesture

ARROWS = (KEY.Key_Left, KEY.Key_Right, KEY.Key_Up, KEY.Key_Down)


class Cards(Machine):
    """What a hand does with cards."""

    @gesture(node=PICK, held=PICK)
    def choose(self, node: int, held: int) -> None:
        self.focus()
        self.hand.click(self.hand.card(self.of(self.seen(), node)), self.of([NONE, NONE, SHIFT, CTRL], held))

    @gesture(pick=PICK)
    def click_on_nothing(self, pick: int) -> None:
        self.focus()
        self.hand.click(self.free(pick, 0))

    @gesture(node=PICK, to=PICK, held=PICK, trouble=PICK)
    def move(self, node: int, to: int, held: int, trouble: int) -> None:
        self.focus()
        start = self.hand.card(self.of(self.seen(), node))
        wires = self.wires()
        end = self.of(wires, to) if wires and to % 3 == 0 else self.anywhere(to)
        self.drag(start, end, self.of([NONE, NONE, NONE, ALT, SHIFT], held), trouble)

    @gesture(a=PICK, b=PICK, held=PICK, trouble=PICK)
    def box(self, a: int, b: int, held: int, trouble: int) -> None:
        self.focus()
        self.drag(self.free(a, 0), self.anywhere(b), self.of([NONE, NONE, SHIFT, CTRL], held), trouble)

    @gesture()
    def choose_all(self) -> None:
        self.focus()
        self.hand.key(KEY.Key_A, CTRL)

    @gesture(pick=PICK)
    def remove(self, pick: int) -> None:
        self.need(len(self.hand.scene.selection) < 4 or pick % 4 == 0 or self.is_full)
        self.focus()
        self.hand.key(*self.of([(KEY.Key_Delete, NONE), (KEY.Key_Backspace, NONE), (KEY.Key_Delete, CTRL)], pick))

    @gesture(pick=PICK)
    def copy_or_cut(self, pick: int) -> None:
        self.focus()
        self.hand.key(KEY.Key_X if pick % 3 == 0 else KEY.Key_C, CTRL)

    @gesture(how=PICK, at=PICK)
    def paste(self, how: int, at: int) -> None:
        self.need(not self.is_full or not QApplication.clipboard().text())
        self.focus()
        wires = self.wires()
        self.hand.point(self.of(wires, at) if wires and how % 3 == 0 else self.free(at, 0))
        self.hand.key(KEY.Key_V, CTRL | SHIFT if how % 4 == 0 else CTRL)

    @gesture()
    def duplicate(self) -> None:
        self.need(not self.is_full)
        self.focus()
        self.hand.key(KEY.Key_D, CTRL)

    @gesture(arrow=PICK, held=PICK, times=PICK)
    def arrows(self, arrow: int, held: int, times: int) -> None:
        self.focus()
        self.hand.key(self.of(ARROWS, arrow), self.of([NONE, ALT, ALT | SHIFT], held), times % 3 + 1)

    @gesture(pick=PICK)
    def arrange(self, pick: int) -> None:
        self.need(len(self.hand.scene.selection) > 1)
        self.focus()
        ways = ("Align left", "Align middles", "Distribute horizontally", "Distribute vertically", "Align bottom")
        self.hand.menu("Graph", self.of(ways, pick))

    @gesture()
    def layout(self) -> None:
        self.focus()
        self.hand.key(KEY.Key_L, CTRL)

    @gesture()
    def freeze(self) -> None:
        self.focus()
        self.hand.key(KEY.Key_L)

    @gesture(pick=PICK)
    def show_less_or_more(self, pick: int) -> None:
        """Collapse to the title, fold activations out and in: of what is selected, or of all layers."""
        self.focus()
        self.hand.key(*self.of([(KEY.Key_C, ALT), (KEY.Key_A, ALT), (KEY.Key_2, NONE)], pick))

    @gesture(node=PICK)
    def press_the_sign(self, node: int) -> None:
        """The one at the header's right end that folds a card out and in."""
        self.focus()
        item = self.hand.scene.nodes[self.of(self.seen(), node)]
        spot = self.hand.spot(item.pos() + QPointF(item.rect.width() - 12, 13))
        self.need(self.hand.reaches(spot))
        self.hand.click(spot)

    @gesture()
    def bypass(self) -> None:
        self.focus()
        self.hand.key(KEY.Key_B)

    @gesture()
    def join(self) -> None:
        self.focus()
        self.hand.key(KEY.Key_J)

    @gesture(way=PICK)
    def choose_along(self, way: int) -> None:
        self.focus()
        self.hand.key(self.of([KEY.Key_Left, KEY.Key_Right], way), CTRL | SHIFT)

    @gesture(name=PICK, end=PICK)
    def rename(self, name: int, end: int) -> None:
        self.focus()
        self.hand.key(KEY.Key_F2)
        if self.hand.view.hasFocus():
            return
        taken = sorted(self.hand.names)[:1] or ["x"]
        self.hand.type(self.of(["a", "b2", "1 bad", "", "self", *taken], name))
        self.leave_field(end)

    def leave_field(self, end: int) -> None:
        """Enter, Esc, a click elsewhere, the wheel, or left open."""
        match end % 6:
            case 0 | 1:
                self.hand.key(KEY.Key_Return, CTRL if end % 12 > 5 else NONE)
            case 2:
                self.hand.key(KEY.Key_Escape)
            case 3:
                self.hand.click(self.free(end, 0))
            case 4:
                self.hand.wheel(self.free(end, 0), -1)

    # Frames and notes.

    @gesture(text=PICK, end=PICK)
    def frame(self, text: int, end: int) -> None:
        self.need(self.hand.scene.is_selecting and len(self.hand.work.document.project.annotations) < 6)
        self.focus()
        self.hand.key(KEY.Key_G, CTRL | ALT)
        if not self.hand.view.hasFocus():
            self.hand.type(self.of(["", "Encoder", "x"], text))
            self.leave_field(end)

    @gesture(at=PICK, text=PICK, end=PICK)
    def note(self, at: int, text: int, end: int) -> None:
        self.need(len(self.hand.work.document.project.annotations) < 6)
        self.focus()
        self.hand.double_click(self.free(at, 0))
        self.hand.answer("note")
        if not self.hand.view.hasFocus():
            self.hand.type(self.of(["", "# why", "so **it** is"], text))
            self.leave_field(end)

    @gesture(which=PICK, where=PICK, to=PICK, held=PICK, trouble=PICK)
    def drag_a_note(self, which: int, where: int, to: int, held: int, trouble: int) -> None:
        """By its title or by one of its edges and corners."""
        self.focus()
        spot = self.grip(which, where)
        by = QPoint(to % 41 * 5 - 100, to % 37 * 5 - 90)
        self.drag(spot, spot + by, self.of([NONE, NONE, SHIFT, CTRL], held), trouble)

    @gesture(which=PICK, end=PICK)
    def write_a_note(self, which: int, end: int) -> None:
        self.focus()
        self.hand.double_click(self.grip(which, 0))
        if not self.hand.view.hasFocus():
            self.hand.type("new")
            self.leave_field(end)

    @gesture(which=PICK, what=PICK)
    def note_menu(self, which: int, what: int) -> None:
        self.focus()
        spot = self.grip(which, 0)
        self.hand.open_menu(spot)
        menu = self.hand.canvas.annotating.menu
        self.need(menu.isVisible())
        entries = [action.text() for action in menu.actions() if action.text()]
        self.hand.choose_in(menu, self.of([entry for entry in entries if "ename" not in entry], what))

    def grip(self, which: int, where: int) -> QPoint:
        """A place at which the mouse takes hold of a frame or note: its title, or at an edge or corner."""
        hand, scene = self.hand, self.hand.scene
        key = self.of(sorted(scene.annotations.items), which)
        rect = scene.annotations.items[key].rect
        title = rect.topLeft() + QPointF(rect.width() / 2, 12)
        places = [title, title, rect.bottomRight(), QPointF(rect.right(), rect.center().y()), rect.topLeft()]
        at = self.of(places, where)
        spot = hand.spot(at)
        scale = hand.view.transform().m11()
        grip = scene.annotations.grip(hand.view.mapToScene(spot), scale)
        over = scene.node_at(at) is not None or scene.edge_at(at, 12 / scale) or scene.port_near(at, 14 / scale)
        self.need(hand.reaches(spot) and grip is not None and grip.key == key and not over)
        return spot

    @gesture(pick=PICK)
    def click_by_the_right(self, pick: int) -> None:
        self.focus()
        self.hand.click(self.free(pick, 0), button=RIGHT)
