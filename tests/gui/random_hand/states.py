"""Gestures of the right button and on points of wires, and going to another project and back."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QMenu

from tests.gui.hand import CTRL, KEY, NONE, RIGHT, SHIFT
from tests.gui.mirror import assert_window_mirrors
from tests.gui.random_hand.machine import PICK, Machine, gesture


class States(Machine):
    """What a hand does with menus, points of wires and tabs."""

    @gesture(node=PICK, entry=PICK)
    def card_menu(self, node: int, entry: int) -> None:
        self.focus()
        self.hand.open_menu(self.hand.card(self.of(self.seen(), node)))
        menu = QApplication.activePopupWidget()
        self.need(isinstance(menu, QMenu))
        assert isinstance(menu, QMenu)
        able = [
            action.text() for action in menu.actions() if action.text() and action.isEnabled() and not action.menu()
        ]
        self.hand.choose_in(menu, self.of(able, entry))

    @gesture(wire=PICK)
    def put_or_take_a_point(self, wire: int) -> None:
        """A double click on a wire, or on a point of one."""
        self.focus()
        points = [self.hand.spot(place) for place in self.points()]
        spots = [spot for spot in points if self.hand.reaches(spot)]
        self.hand.double_click(self.of(spots if spots and wire % 3 == 0 else self.wires(), wire))

    @gesture(point=PICK, to=PICK, held=PICK, trouble=PICK)
    def drag_a_point(self, point: int, to: int, held: int, trouble: int) -> None:
        self.focus()
        spots = [self.hand.spot(place) for place in self.points()]
        start = self.of([spot for spot in spots if self.hand.reaches(spot)], point)
        self.drag(start, self.anywhere(to), self.of([NONE, NONE, SHIFT, CTRL], held), trouble)

    @gesture(a=PICK, b=PICK)
    def stroke_for_points(self, a: int, b: int) -> None:
        self.focus()
        self.hand.drag(self.free(a, 0), self.anywhere(b), SHIFT, RIGHT)

    def points(self) -> list[QPointF]:
        """Where points of wires stand."""
        return [place for item in self.hand.scene.edges.values() for place in item.via]

    @gesture(pick=PICK)
    def look_at_another_project(self, pick: int) -> None:
        """Make a tab or go to the other one, do something there, and come back."""
        home, projects = self.app.projects.front, self.app.projects
        self.focus()
        self.hand.key(*((KEY.Key_N, CTRL) if len(projects.all) < 2 else (KEY.Key_Tab, CTRL)))
        assert projects.front is not home
        assert_window_mirrors(self.app)
        if pick % 3 == 0:
            self.focus()
            self.hand.key(KEY.Key_V, CTRL)
            assert_window_mirrors(self.app)
        elif pick % 3 == 1:
            self.focus()
            self.hand.key(KEY.Key_A, CTRL)
            self.hand.key(KEY.Key_Delete)
        self.hand.key(KEY.Key_Tab, CTRL)
        assert projects.front is home
