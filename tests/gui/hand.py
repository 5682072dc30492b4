"""A user's hand on the whole window: mouse and keys aimed at what is really there to be hit, every gesture counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu, QWidget

from core.graph import Graph, InputKey, Node
from gui.app import App
from gui.canvas.canvas import Canvas
from gui.canvas.scene import Scene
from gui.canvas.view import View
from gui.palette_tree import ENTRY
from gui.workspace import Workspace

KEY, HELD = Qt.Key, Qt.KeyboardModifier
LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, CTRL, SHIFT, ALT = HELD.NoModifier, HELD.ControlModifier, HELD.ShiftModifier, HELD.AltModifier
_HELD_KEYS = ((CTRL, KEY.Key_Control), (SHIFT, KEY.Key_Shift), (ALT, KEY.Key_Alt))


class Hand:
    """One mouse and one keyboard on one window; where a place cannot be hit with the mouse, the gesture fails."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.count: Counter[str] = Counter()
        """How many there were of each: click, double click, drag, wheel, key (a chord is one), letter."""
        self._held = NONE

    @property
    def gestures(self) -> int:
        """All of them; a typed word is as many as it has letters."""
        return self.count.total()

    @property
    def work(self) -> Workspace:
        assert self.app.workspace is not None, "a document is open"
        return self.app.workspace

    @property
    def canvas(self) -> Canvas:
        return self.work.canvas

    @property
    def view(self) -> View:
        return self.canvas.view

    @property
    def scene(self) -> Scene:
        return self.canvas.scene

    @property
    def graph(self) -> Graph:
        """The graph that is shown."""
        return self.scene.graph

    @property
    def names(self) -> set[str]:
        return {node.name for node in self.graph.nodes.values()}

    def node(self, name: str) -> Node:
        """The node of this name in the graph that is shown."""
        found = self.graph.by_name(name)
        assert found is not None, f"{name} among {sorted(self.names)}"
        return found

    def await_(self, holds: Callable[[], bool], what: str) -> None:
        """Let the window work until this holds, two seconds at most."""
        deadline = time.monotonic() + 2.0
        while not holds():
            assert time.monotonic() < deadline, what
            QTest.qWait(5)

    # Places on the canvas, in pixels of its view.

    def spot(self, at: QPointF) -> QPoint:
        return self.view.mapFromScene(at)

    def card(self, node: str) -> QPoint:
        """The middle of a card's header."""
        item = self.scene.nodes[node]
        return self.spot(item.pos() + QPointF(item.rect.width() / 2, 13))

    def port(self, node: str, side: str, name: str) -> QPoint:
        return self.spot(self.scene.nodes[node].port_at(side, name))

    def on_wire(self, key: InputKey) -> QPoint | None:
        """A place at which the mouse hits this wire and nothing else, if there is one."""
        path = self.scene.edges[key].route.path
        places = (path.pointAtPercent(share) for share in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8))
        reach = 6 / self.view.transform().m11()
        free = (at for at in places if self.scene.node_at(at) is None and self.scene.port_near(at, 2 * reach) is None)
        spots = (self.spot(at) for at in free if self.scene.edge_at(at, reach) == key)
        return next((spot for spot in spots if self.reaches(spot)), None)

    def ground(self, room: int = 0) -> Iterator[QPoint]:
        """Places at which nothing of the graph lies, with this many pixels of room around each."""
        size = self.view.viewport().size()
        spots = (QPoint(x, y) for y, x in product(range(12, size.height(), 23), range(12, size.width(), 29)))
        return (spot for spot in spots if self.is_ground(spot, room))

    def is_ground(self, spot: QPoint, room: int = 0) -> bool:
        """Whether nothing of the graph lies at this place, nor any card within these pixels of it."""
        at, scale = self.view.mapToScene(spot), self.view.transform().m11()
        away = max(room, 1) / scale
        area = QRectF(at, at).adjusted(-away, -away, away, away)
        clear = not self.scene.cards.touching(area) and self.scene.port_near(at, 14 / scale) is None
        apart = self.scene.edge_at(at, 12 / scale) is None and self.scene.annotations.grip(at, scale) is None
        return clear and apart and self.reaches(spot)

    def reaches(self, at: QPoint) -> bool:
        """Whether the mouse at this place of the view hits the graph, not what lies over it."""
        return self.hits(self.view.viewport(), at)

    def hits(self, widget: QWidget, at: QPoint) -> bool:
        """Whether the mouse at this place of a widget hits that widget, not another that lies over it."""
        popup = QApplication.activePopupWidget()
        if popup is not None and popup is not widget.window():
            return False
        return widget.window().childAt(widget.mapTo(widget.window(), at)) is widget or widget.isWindow()

    # The mouse on the canvas.

    def press(self, at: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        assert self.reaches(at), f"nothing lies over the graph at {at}"
        self.point(at)
        QTest.mousePress(self.view.viewport(), button, held, at)

    def point(self, at: QPoint) -> None:
        """Move the mouse there; a button that is down stays down, and so do keys that are held."""
        viewport = self.view.viewport()
        QTest.mouseMove(viewport, at)
        if self._held != NONE:  # The offscreen platform's own event of the move knows of no keys.
            place = QPointF(viewport.mapToGlobal(at))
            kind, buttons = QEvent.Type.MouseMove, QApplication.mouseButtons()
            event = QMouseEvent(kind, QPointF(at), place, Qt.MouseButton.NoButton, buttons, self._held)
            QApplication.sendEvent(viewport, event)

    def release(self, at: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseRelease(self.view.viewport(), button, held, at)

    def click(self, at: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        self.count["click"] += 1
        with self.holding(held):
            self.press(at, held, button)
            self.release(at, held, button)

    def double_click(self, at: QPoint) -> None:
        self.count["double click"] += 1
        self.press(at)
        self.release(at)
        QTest.mouseDClick(self.view.viewport(), LEFT, NONE, at)

    def hold(self, start: QPoint, end: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        """Press and move, without letting go."""
        self.count["drag"] += 1
        self.press(start, held, button)
        for share in (0.2, 0.6, 1.0):
            self.point(start + (end - start) * share)

    def drag(self, start: QPoint, end: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        with self.holding(held):
            self.hold(start, end, held, button)
            self.release(end, held, button)

    def wire(self, source: str, output: str, target: str, port: str, held: Qt.KeyboardModifier = NONE) -> None:
        """Drag from an output to an input."""
        self.drag(self.port(source, "output", output), self.port(target, "input", port), held)

    def wheel(self, at: QPoint, notches: int) -> None:
        """Turn the wheel, away from the hand for a positive number."""
        self.count["wheel"] += 1
        self.point(at)
        viewport = self.view.viewport()
        place, turned = QPointF(viewport.mapToGlobal(at)), QPoint(0, 120 * notches)
        phase, buttons = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
        event = QWheelEvent(QPointF(at), place, QPoint(), turned, buttons, NONE, phase, False)
        QApplication.sendEvent(viewport, event)

    def open_menu(self, at: QPoint) -> None:
        """Click with the right button, which asks for the menu of what is there."""
        self.click(at, button=RIGHT)
        place = self.view.viewport().mapToGlobal(at)
        asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, place)
        QApplication.sendEvent(self.view.viewport(), asked)

    # The mouse elsewhere.

    def click_on(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click a button, a field or a row."""
        place = at if at is not None else widget.rect().center()
        self.count["click"] += 1
        assert widget.isVisible(), f"{widget.accessibleName() or widget} is seen"
        QTest.mouseClick(widget, LEFT, NONE, place)

    def menu(self, title: str, entry: str) -> None:
        """Open a menu of the bar and click an entry: two clicks."""
        bar = self.app.window.top.menus
        action = next(action for action in bar.actions() if action.text().replace("&", "") == title)
        self.click_on(bar, bar.actionGeometry(action).center())
        opened = QApplication.activePopupWidget()
        assert isinstance(opened, QMenu), f"the menu {title} opens"
        self.choose_in(opened, entry)

    def choose_in(self, menu: QMenu, entry: str) -> None:
        """Click an entry of an open menu; the window is then the active one again, for which no system cares here."""
        found = next(action for action in menu.actions() if action.text() == entry)
        assert found.isEnabled(), f"{entry} can be done"
        QApplication.processEvents()
        self.click_on(menu, menu.actionGeometry(found).center())
        if QApplication.activeModalWidget() is None:
            self.app.window.activateWindow()
            self.await_(lambda: QApplication.focusWidget() is not None, "the window has the keyboard again")

    def palette_row(self, kind: str, search: str = "") -> QRect:
        """Where the palette lists this kind, once it is typed into its search."""
        palette = self.work.palette
        self.click_on(palette.search)
        self.key(KEY.Key_A, CTRL)
        self.type(search or kind)
        model = palette.tree.model()
        rows = (model.index(row, 0) for row in range(model.rowCount()))
        index = next(row for row in rows if row.data(ENTRY) is not None and row.data(ENTRY).kind == kind)
        palette.tree.scrollTo(index)
        return palette.tree.visualRect(index)

    def drop(self, kind: str, at: QPoint, search: str = "", given_up: bool = False) -> str:
        """Drag a row of the palette onto this place of the canvas, or Esc before it is let go; the new node or ""."""
        before = set(self.graph.nodes)
        start = self.palette_row(kind, search).center()
        tree = self.work.palette.tree.viewport()
        end = tree.mapFromGlobal(self.view.viewport().mapToGlobal(at))
        self.count["drag"] += 1
        QTest.mousePress(tree, LEFT, NONE, start)
        for share in (0.05, 0.3, 0.7, 1.0):
            QTest.mouseMove(tree, start + (end - start) * share)
        if given_up:
            QTest.keyClick(self.work.palette.tree, KEY.Key_Escape)
        QTest.mouseRelease(tree, LEFT, NONE, end)
        return next(iter(set(self.graph.nodes) - before), "")

    def pick(self, kind: str, search: str = "") -> str:
        """Double-click a row of the palette; the new node or ""."""
        before = set(self.graph.nodes)
        place = self.palette_row(kind, search).center()
        self.count["double click"] += 1
        tree = self.work.palette.tree.viewport()
        QTest.mouseClick(tree, LEFT, NONE, place)
        QTest.mouseDClick(tree, LEFT, NONE, place)
        return next(iter(set(self.graph.nodes) - before), "")

    # The keyboard.

    @contextmanager
    def holding(self, held: Qt.KeyboardModifier) -> Iterator[None]:
        """Hold these keys down while the mouse works."""
        keys = [key for flag, key in _HELD_KEYS if held & flag]
        for key in keys:
            QTest.keyPress(self.focus, key, held)
        self._held = held
        yield
        self._held = NONE
        for key in reversed(keys):
            QTest.keyRelease(self.focus, key)

    @property
    def focus(self) -> QWidget:
        """What the keyboard writes into."""
        return QApplication.activePopupWidget() or QApplication.focusWidget() or self.app.window

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        """Press a key, with others held, where the keyboard is."""
        for _time in range(times):
            self.count["key"] += 1
            QTest.keyClick(self.focus, key, held)

    def type(self, text: str, end: Qt.Key | None = None) -> None:
        """Type where the keyboard is, then one more key."""
        self.count["letter"] += len(text)
        QTest.keyClicks(self.focus, text)
        if end is not None:
            self.key(end)

    def command(self, title: str) -> None:
        """Do a command by its name: Ctrl+K, its words, Enter."""
        self.key(KEY.Key_K, CTRL)
        self.type(title, KEY.Key_Return)

    def answer(self, text: str) -> None:
        """Type into the search at the pointer and take the first row."""
        assert self.canvas.popup.isVisible(), "the search is open"
        self.type(text, KEY.Key_Return)

    def field(self, name: str) -> QWidget:
        """The inspector's field of this parameter, as its screen reader calls it."""

        def shown() -> QWidget | None:
            page = self.work.inspector.page
            found = [*page.findChildren(QLineEdit), *page.findChildren(QComboBox)]
            return next((field for field in found if field.accessibleName() == name and field.isVisible()), None)

        self.await_(lambda: shown() is not None, f"the inspector asks for {name}")
        field = shown()
        assert field is not None
        self.work.inspector.ensureWidgetVisible(field)
        return field

    def set_field(self, name: str, text: str, end: Qt.Key | None = KEY.Key_Return) -> None:
        """Click the inspector's field of this parameter and type a value over the old one."""
        self.click_on(self.field(name))
        self.key(KEY.Key_A, CTRL)
        self.type(text, end)
