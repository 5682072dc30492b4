"""Gestures beside the graph: forms, problems, searches, zoom, styles, and giving up."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLineEdit

from gui.forms import Line
from gui.inspector_node import NodePage
from tests.gui.hand import ALT, CTRL, KEY, MIDDLE, NONE
from tests.gui.random_hand.machine import PICK, Machine, gesture


class Panels(Machine):
    """What a hand does beside the graph."""

    @gesture(node=PICK, field=PICK, value=PICK, end=PICK)
    def set_a_parameter(self, node: int, field: int, value: int, end: int) -> None:
        self.focus()
        self.hand.click(self.hand.card(self.of(self.seen(), node)))
        page = self.hand.work.inspector.page
        self.need(isinstance(page, NodePage))
        assert page is not None
        self.hand.await_(page.isVisible, "the inspector shows the layer")
        lines = [line for line in page.findChildren(Line) if line.isVisible()]
        line = self.of(lines, field)
        self.hand.work.inspector.ensureWidgetVisible(line)
        self.hand.click_on(line)
        self.hand.key(KEY.Key_A, CTRL)
        self.hand.type(self.of(["3", "0.5", "-1", "16", "x", "2, 2", "10"], value))
        self.leave_line(end)

    @gesture(name=PICK, end=PICK)
    def name_in_the_inspector(self, name: int, end: int) -> None:
        self.focus()
        page = self.hand.work.inspector.page
        self.need(len(self.hand.scene.selection) == 1 and page is not None)
        assert page is not None
        field = next((found for found in page.findChildren(QLineEdit) if found.accessibleName() == "Name"), None)
        self.need(field is not None)
        assert field is not None
        self.hand.await_(field.isVisible, "the name is shown")
        self.hand.work.inspector.ensureWidgetVisible(field)
        self.hand.click_on(field)
        self.hand.key(KEY.Key_A, CTRL)
        self.hand.type(self.of(["c", "d4", "2 bad", "", *sorted(self.hand.names)[-1:]], name))
        self.leave_line(end)

    def leave_line(self, end: int) -> None:
        """Enter, Esc, a click on the graph, Tab, undo from within, or left open."""
        match end % 6:
            case 0:
                self.hand.key(KEY.Key_Return)
            case 1:
                self.hand.key(KEY.Key_Escape)
            case 2:
                self.hand.click(self.free(end, 0))
            case 3:
                self.hand.key(KEY.Key_Tab)
            case 4:
                self.hand.key(KEY.Key_Z, CTRL)

    @gesture(times=PICK)
    def give_up(self, times: int) -> None:
        self.hand.key(KEY.Key_Escape, NONE, times % 3 + 1)

    @gesture(at=PICK, notches=PICK)
    def zoom(self, at: int, notches: int) -> None:
        self.hand.wheel(self.free(at, 0), notches % 7 - 3)

    @gesture(a=PICK, by=PICK)
    def pan(self, a: int, by: int) -> None:
        self.focus()
        spot = self.free(a, 0)
        end = spot + QPoint(by % 31 * 12 - 180, by % 29 * 12 - 170)
        if by % 2:
            self.drag(spot, end, NONE, 1) if by % 5 else self.hand.drag(spot, end, NONE, MIDDLE)
        else:
            self.hand.drag(spot, end, NONE, MIDDLE)

    @gesture(key=PICK)
    def show(self, key: int) -> None:
        """Fit, frame, 100 %, modes: nothing that edits."""
        self.focus()
        keys = ((KEY.Key_Home, NONE), (KEY.Key_F, NONE), (KEY.Key_0, CTRL), (KEY.Key_1, NONE), (KEY.Key_3, NONE))
        self.hand.key(*self.of(keys, key))

    @gesture(at=PICK)
    def press_the_minimap(self, at: int) -> None:
        minimap = self.hand.canvas.minimap
        self.need(minimap.isVisible())
        self.hand.click_on(minimap, QPoint(10 + at % 170, 10 + at % 90))

    @gesture(pick=PICK)
    def view_menu(self, pick: int) -> None:
        self.focus()
        entries = ("Curved wires", "Straight wires", "Right-angled wires", "Snap to grid", "Minimap")
        self.hand.menu("View", self.of(entries, pick))

    @gesture(pick=PICK)
    def mend(self, pick: int) -> None:
        self.need(self.hand.work.problems.shown)
        self.focus()
        self.hand.key(KEY.Key_F8, NONE, pick % 3 + 1)
        self.focus()
        self.hand.key(KEY.Key_Return, ALT)

    @gesture(pick=PICK)
    def find(self, pick: int) -> None:
        self.need(self.hand.graph.nodes)
        self.focus()
        self.hand.key(KEY.Key_F, CTRL)
        names = sorted(node.name for node in self.hand.work.document.project.all_nodes().values())
        self.hand.type(self.of(names, pick), KEY.Key_Escape if pick % 5 == 0 else KEY.Key_Return)

    @gesture(pick=PICK)
    def go_elsewhere(self, pick: int) -> None:
        """The keyboard goes to the palette's search, to the next panel, or to another window."""
        match pick % 3:
            case 0:
                self.hand.click_on(self.hand.work.palette.search)
            case 1:
                self.hand.key(KEY.Key_F6)
            case 2:
                self.look_away()
