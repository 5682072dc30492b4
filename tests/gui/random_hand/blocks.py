"""Gestures on blocks, and going back and forth in time."""

from __future__ import annotations

from gui.inspector_block import BlockPage
from tests.gui.hand import CTRL, KEY, NONE, SHIFT
from tests.gui.random_hand.machine import PICK, Machine, gesture


class Blocks(Machine):
    """What a hand does with blocks and with the history."""

    @gesture()
    def fold(self) -> None:
        self.focus()
        self.hand.key(KEY.Key_G, CTRL)

    @gesture()
    def unfold(self) -> None:
        self.focus()
        self.hand.key(KEY.Key_G, CTRL | SHIFT)

    @gesture(pick=PICK)
    def enter(self, pick: int) -> None:
        self.focus()
        nodes = self.hand.graph.nodes
        block = self.of([key for key in self.seen() if nodes[key].block], pick)
        if pick % 2:
            self.hand.double_click(self.hand.card(block))
        else:
            self.hand.click(self.hand.card(block))
            self.hand.key(KEY.Key_Return)

    @gesture(pick=PICK)
    def leave(self, pick: int) -> None:
        crumbs = self.hand.canvas.furniture.breadcrumb.steps
        self.need(crumbs)
        self.focus()
        if pick % 2:
            self.hand.click_on(self.of(crumbs, pick))
        else:
            self.hand.key(KEY.Key_Escape, NONE, 2)

    @gesture(pick=PICK)
    def next_repetition(self, pick: int) -> None:
        self.focus()
        buttons = list(self.hand.canvas.furniture.breadcrumb.repetitions.values())
        self.hand.click_on(self.of(buttons, pick))

    @gesture(pick=PICK, times=PICK)
    def repeat(self, pick: int, times: int) -> None:
        self.choose_block(pick)
        self.hand.set_field("repeat", str(times % 4), self.of([KEY.Key_Return, None, KEY.Key_Escape], times))

    @gesture(pick=PICK, name=PICK)
    def name_a_block(self, pick: int, name: int) -> None:
        self.choose_block(pick)
        self.hand.set_field("block", self.of(["Stage", "Stage", "", "Block 1"], name))

    @gesture(pick=PICK, name=PICK)
    def name_a_port(self, pick: int, name: int) -> None:
        self.choose_block(pick)
        page = self.hand.work.inspector.page
        assert isinstance(page, BlockPage)
        node = self.hand.work.editor.node(page.node)
        self.need(node is not None and self.hand.work.document.project.blocks[node.block].inputs())
        self.hand.set_field("input", self.of(["x", "features", "", "1"], name))

    @gesture(pick=PICK, which=PICK)
    def press_a_button_of_a_block(self, pick: int, which: int) -> None:
        self.choose_block(pick)
        page = self.hand.work.inspector.page
        assert isinstance(page, BlockPage)
        buttons = [button for button in (page.open, page.unfold, page.part) if button.isVisible()]
        button = self.of(buttons, which)
        self.hand.work.inspector.ensureWidgetVisible(button)
        self.hand.click_on(button)

    def choose_block(self, pick: int) -> None:
        """Click a block, so that the inspector shows it."""
        self.focus()
        nodes = self.hand.graph.nodes
        block = self.of([key for key in self.seen() if nodes[key].block], pick)
        self.hand.click(self.free(pick, 0))
        self.need(self.takes(block))
        self.hand.click(self.hand.card(block))
        page = self.hand.work.inspector.page
        self.hand.await_(lambda: page is not None and page.isVisible(), "the inspector shows the block")

    @gesture(times=PICK)
    def undo(self, times: int) -> None:
        self.focus()
        self.hand.key(KEY.Key_Z, CTRL, times % 5 + 1)

    @gesture(times=PICK)
    def redo(self, times: int) -> None:
        self.focus()
        self.hand.key(KEY.Key_Y, CTRL, times % 4 + 1)
