"""The inspector: what is selected, and the form to change it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from core.catalog.python_block import PYTHON
from core.catalog.sources import DATASET
from core.data.settings import DatasetSettings
from core.datatrust import not_allowed
from core.graph import Node
from core.reading import Reading
from gui.augmentation_view import Preview
from gui.inspector_block import BlockPage
from gui.inspector_data import DataPage
from gui.inspector_node import NodePage
from gui.inspector_own_data import OwnDataPage
from gui.inspector_page import Page
from gui.inspector_project import ProjectPage
from gui.inspector_python import PythonPage
from gui.inspector_several import SeveralPage
from gui.session import Editor
from gui.theme import Themes
from gui.throttle import Afterwards

if TYPE_CHECKING:
    from core.engine.portraits import Portrait
    from core.telemetry.health import Health
    from core.telemetry.timing import Timing

WIDTH = 300


class Inspector(QScrollArea):
    """A page for what is selected: a layer, a data set, several layers, or the whole project."""

    fix_asked = Signal(object)
    """A problems.Fix whose button was pressed."""
    code_asked = Signal(str, str)
    """What is to be done with the code of a Python block, as its page says it, and its node."""
    block_asked = Signal(str, str)
    """What is to be done with a block, as its page says it, and its node."""

    data_asked = Signal(str)
    """The id of a data set whose reading is to be changed."""
    variants_asked = Signal(object, int)
    """Settings of a data set, and a seed: how its augmentation draws samples."""
    channel_asked = Signal(int)
    """The input channel of a convolution whose kernels are wanted."""

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__()
        self._themes = themes
        self._editor = editor
        self._health: Mapping[str, Health] = {}
        self._timings: Mapping[str, Timing] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._host = QWidget()
        self._host.setProperty("role", "page")
        self._layout = QVBoxLayout(self._host)
        self._layout.setContentsMargins(12, 10, 12, 16)
        self.setWidget(self._host)
        self._page: Page | None = None
        self._of_project: ProjectPage | None = None
        """Kept once it was made: it is shown whenever nothing is selected."""
        self._is_other, self._is_stale = True, False
        """Whether another page is to be shown, and whether the one that is shown is to be brought up to date."""
        self._later = Afterwards(self._catch_up, parent=self)
        self._painting = Afterwards(lambda: self.setUpdatesEnabled(True), parent=self)
        editor.selected.connect(self._ask_other)
        editor.read.connect(self._refresh)
        editor.scoped.connect(self._ask_other)
        self._later.ask()

    @property
    def page(self) -> Page:
        """What is shown, as it is now; to the eye the project's page, made of all its layers, follows a frame later."""
        while self._is_other or self._is_stale:
            self._later.flush()
        assert self._page is not None  # there is one for everything that may be selected, and for nothing
        return self._page

    def show_health(self, health: Mapping[str, Health]) -> None:
        """Show how the gradient at the selected layer stands."""
        self._health = health
        if isinstance(self._page, NodePage):
            self._page.show_health(health.get(self._page.node))

    def show_timings(self, timings: Mapping[str, Timing]) -> None:
        """Show how long the selected layer takes; by the names of the nodes in the graph that is shown."""
        self._timings = timings
        if isinstance(self._page, NodePage):
            node = self._editor.node(self._page.node)
            self._page.show_timing(timings.get(node.name) if node is not None else None)

    def show_portrait(self, node: str, portrait: Portrait | None) -> None:
        """Show the weights of the selected layer."""
        page = self.page
        if isinstance(page, NodePage) and page.node == node:
            page.show_portrait(portrait)

    @property
    def variants(self) -> Preview | None:
        """Where samples are shown as augmentation draws them; None while no data set is selected."""
        return self.page.augmentation.preview if isinstance(self.page, DataPage) else None

    def show_line(self, line: int) -> None:
        """Show this line of the code of the block that is selected."""
        page = self.page
        if isinstance(page, PythonPage):
            page.code.edit.go_to(line)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._host.setMaximumWidth(self.viewport().width())

    def _show(self, selection: tuple[str, ...]) -> None:
        page = self._page_of(selection)
        if page is self._page:
            page.refresh(self._editor.reading)
            return
        self._put_off_painting()
        if self._page is not None:
            self._layout.removeWidget(self._page)
            self._page.hide()
            if self._page is not self._of_project:
                self._page.deleteLater()
        self._page = page
        self._layout.addWidget(page)
        page.show()
        if page is self._of_project:
            self._is_stale = True
            self._later.ask()
            self.verticalScrollBar().setValue(0)
            return
        page.fix_asked.connect(self.fix_asked)
        if isinstance(page, BlockPage):
            page.asked.connect(self.block_asked)
        if isinstance(page, PythonPage):
            page.code_asked.connect(self.code_asked)
        if isinstance(page, NodePage):
            page.channel_asked.connect(self.channel_asked)
        if isinstance(page, DataPage):
            page.augmentation.asked.connect(self._ask_variants)
        page.refresh(self._editor.reading)
        self.show_health(self._health)
        self.show_timings(self._timings)
        self.verticalScrollBar().setValue(0)

    def _put_off_painting(self) -> None:
        """Let the picture of the page that goes stand for a frame: the graph is painted in it, which is looked at."""
        self.setUpdatesEnabled(False)
        self._painting.ask()

    def _page_of(self, selection: tuple[str, ...]) -> Page:
        if len(selection) > 1:
            return SeveralPage(self._themes, self._editor, selection)
        opened = self._editor.trail[-1].node if self._editor.trail else ""
        node = self._editor.node(selection[0] if selection else opened)
        if node is None:
            if self._of_project is None:
                self._of_project = ProjectPage(self._themes, self._editor)
                self._of_project.fix_asked.connect(self.fix_asked)
            return self._of_project
        if node.block in self._editor.project.blocks:
            return BlockPage(self._themes, self._editor, node.id)
        if node.kind == DATASET:
            return self._data_page(node)
        page = PythonPage if node.kind == PYTHON else NodePage
        return page(self._themes, self._editor, node.id)

    def _ask_variants(self, settings: DatasetSettings, seed: int) -> None:
        """Hand the question on, unless it is about a file that may not be read."""
        if not settings.path or self._editor.own.may_read(settings.path):
            self.variants_asked.emit(settings, seed)
        elif self.variants is not None:
            self.variants.refuse(str(not_allowed([settings.path])))

    def _data_page(self, node: Node) -> Page:
        settings = self._editor.project.data.get(str(node.param("dataset", "")))
        if settings is None or settings.found is None:
            return DataPage(self._themes, self._editor, node.id)
        page = OwnDataPage(self._themes, self._editor, node.id)
        page.change_asked.connect(self.data_asked)
        return page

    def _refresh(self, _reading: Reading) -> None:
        self._is_stale = True
        if not self._is_other and (self._editor.is_editing or self._page is not self._of_project):
            self._later.flush()  # what is typed in a node's page must not outlast an undo of it
        else:
            self._later.ask()

    def _ask_other(self, _of: object) -> None:
        self._is_other = True
        self._later.flush()  # what is typed on the page that goes is used before anything else is done

    def _catch_up(self) -> None:
        is_other, is_stale = self._is_other, self._is_stale
        self._is_other = self._is_stale = False
        if is_other:
            self._show(self._editor.selection)
        elif is_stale and self._page is not None:
            self._page.refresh(self._editor.reading)
