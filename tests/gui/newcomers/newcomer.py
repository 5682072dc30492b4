"""A hand that uses only what is seen: rows of the palette without a search, titles to drag, cards on the start page."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from core.graph import InputKey
from gui.palette_tree import CATEGORY, ENTRY, RECENT, PaletteTree
from gui.scrubbing import ScrubLabel, steps_of
from gui.welcome import Welcome
from tests.gui.hand import LEFT, NONE, Hand

_NOTCH = 120
"""What Qt tells of one notch of a wheel."""
_FARTHEST = 400
"""Pixels that a title is dragged at most."""


class Newcomer(Hand):
    """One who has read nothing."""

    def begin(self) -> None:
        """Press New graph on the start page."""
        page = self._welcome()
        self.click_on(next(button for button in page.findChildren(QPushButton) if button.text() == "New graph"))

    def open_card(self, stem: str) -> None:
        """Press the card of a template or an exercise on the start page, brought into view by the wheel."""
        card = next(card for card in self._welcome().cards if card.template.path.stem == stem)
        self._bring_in(card)
        self.click_on(card)

    def add(self, category: str, kind: str) -> None:
        """Double-click a layer in the palette's list: among those used last, else in its category, opened before."""
        tree = self.work.palette.tree
        QTest.mouseMove(tree.viewport(), QPoint(4, 4))
        heads = {index.data(CATEGORY): index for index in _heads(tree)}
        used = [row.data(ENTRY).kind for row in _rows(tree, heads[RECENT])] if RECENT in heads else []
        head = heads[RECENT if kind in used else category]
        if not tree.isExpanded(head):
            self._turn_to(tree, head)
            self.click_on(tree.viewport(), tree.visualRect(head).center())
        entries = [index for index in _rows(tree, head) if index.data(ENTRY) is not None]  # no heads within
        row = next(index for index in entries if index.data(ENTRY).kind == kind)
        self._turn_to(tree, row)
        place = tree.visualRect(row).center()
        assert self.hits(tree.viewport(), place)
        self.count["double click"] += 1
        QTest.mouseClick(tree.viewport(), LEFT, NONE, place)
        QTest.mouseDClick(tree.viewport(), LEFT, NONE, place)
        QTest.mouseRelease(tree.viewport(), LEFT, NONE, place)

    def scrub(self, name: str, by: int) -> None:
        """Drag the title of a number in the inspector, until it has counted so many steps."""
        label = self._title(name)
        way = next(pixels for pixels in range(_FARTHEST) if steps_of(pixels) == abs(by)) * (1 if by > 0 else -1)
        start = QPoint(8, label.height() // 2)
        end = label.mapTo(self.app.window, start + QPoint(way, 0))
        assert self.app.window.rect().contains(end), "there is room for the drag"
        self.count["drag"] += 1
        QTest.mouseMove(label, start)
        QTest.mousePress(label, LEFT, NONE, start)
        for share in (0.2, 0.6, 1.0):
            QTest.mouseMove(label, start + QPoint(round(way * share), 0))
        QTest.mouseRelease(label, LEFT, NONE, start + QPoint(way, 0))

    def drop_on_wire(self, source: str, target: str) -> None:
        """Drag from the output of one layer onto the wire that ends at another."""
        key = InputKey(self.node(target).id, "input")
        place = self.on_wire(key)
        assert place is not None, f"the wire to {target} can be hit"
        self.drag(self.port(self.node(source).id, "output", "output"), place)

    def box(self, first: str, last: str) -> None:
        """Draw a box around the cards from one to another of its row."""
        begin, end = (self.scene.nodes[self.node(name).id] for name in (first, last))
        corner = begin.pos() + QPointF(-20, -30)
        other = end.pos() + QPointF(end.rect.width() + 12, end.rect.height() + 16)
        self.drag(self.spot(corner), self.spot(other))

    def _welcome(self) -> Welcome:
        page = self.app.window.findChild(Welcome)
        assert page is not None, "the start page is open"
        return page

    def _title(self, name: str) -> ScrubLabel:
        def shown() -> ScrubLabel | None:
            labels = self.work.inspector.page.findChildren(ScrubLabel)
            return next((label for label in labels if label.whole == name and label.isVisible()), None)

        self.await_(lambda: shown() is not None, f"the inspector has a title {name}")
        found = shown()
        assert found is not None
        QApplication.processEvents()
        self._bring_in(found)
        return found

    def _bring_in(self, widget: QWidget) -> None:
        """Turn the wheel over what scrolls until the widget is seen whole: one gesture, however far."""
        area = widget.parentWidget()
        while area is not None and not hasattr(area, "ensureWidgetVisible"):
            area = area.parentWidget()
        if area is None or widget.visibleRegion().boundingRect().height() >= min(widget.height(), 60):
            return
        viewport: QWidget = area.viewport()  # type: ignore[attr-defined]  # a scroll area has one
        self.count["wheel"] += 1
        for _notch in range(60):
            top = widget.mapTo(viewport, QPoint(0, 0)).y()
            if top >= 0 and widget.visibleRegion().boundingRect().height() >= min(widget.height(), 60):
                return
            _notch_over(viewport, -1 if top > 0 else 1)
        raise AssertionError(f"{widget} can be scrolled into view")

    def _turn_to(self, tree: PaletteTree, row: QModelIndex) -> None:
        """Turn the wheel over the palette until the row is seen: one gesture, however far."""
        area = tree.viewport().rect()
        if area.contains(tree.visualRect(row)):
            return
        self.count["wheel"] += 1
        for _notch in range(200):
            rect = tree.visualRect(row)
            if area.contains(rect):
                return
            _notch_over(tree.viewport(), 1 if rect.top() < 0 else -1)
        raise AssertionError("the row can be scrolled into view")


def _notch_over(widget: QWidget, way: int) -> None:
    at, held = widget.rect().center(), Qt.MouseButton.NoButton
    place, turned = QPointF(widget.mapToGlobal(at)), QPoint(0, way * _NOTCH)
    event = QWheelEvent(QPointF(at), place, QPoint(), turned, held, NONE, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(widget, event)


def _heads(tree: PaletteTree) -> list[QModelIndex]:
    model = tree.model()
    return [model.index(row, 0) for row in range(model.rowCount())]


def _rows(tree: PaletteTree, head: QModelIndex) -> list[QModelIndex]:
    model = tree.model()
    return [model.index(row, 0, head) for row in range(model.rowCount(head))]
