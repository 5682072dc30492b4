"""One document being edited: what it comes to, what is selected, and the one door for edits from the window."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core import planning
from core.codegen import source
from core.data.settings import DatasetSettings
from core.document import Document
from core.errors import ChainruleError
from core.graph import Graph, Node
from core.plan import Step
from core.project import Project
from core.python.questions import code_of
from core.python.trust import codes, fingerprint
from core.reading import Reading, read
from core.room import free_memory
from core.trail import Trail, block_of, existing, prefix
from core.training.optimizers import Optimizer
from core.training.settings import TrainingSettings
from gui.block_shapes import BlockShapes
from gui.data.own_data import OwnData
from gui.read_before import ReadBefore
from gui.slices import Slices

WEIGHING = 150
"""Milliseconds from an edit until the memory for training is worked out."""


class Editor(QObject):
    """A document with its reading and selection; panels follow its signals and edit through it."""

    changed = Signal(object, object)
    """The old and the new Project, before anything is computed."""
    read = Signal(object)
    """The Reading of the new project."""
    weighed = Signal(object)
    """The same Reading, a little later: the memory that training takes is known by now, where it could train."""
    selected = Signal(object)
    """The ids of the selected nodes, as a tuple."""
    scoped = Signal(object)
    """The trail of blocks to the graph that is shown, empty for the main one."""
    stored = Signal()
    """The document's path or saved state has changed."""
    refused = Signal(object)
    """A ChainruleError that came of an edit; the document is as it was."""

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        block_shapes: BlockShapes | None = None,
        reading: Reading | None = None,
    ) -> None:
        """With a `reading` of the document's project none is made."""
        super().__init__(parent)
        self.document = document
        self.block_shapes = block_shapes
        """Who tells what Python blocks come to; None leaves their shapes unknown."""
        self.own = OwnData(self)
        self.own.folder = lambda: document.path.parent if document.path is not None else None
        """Who tells what stands in files of the user's own."""
        self.selection: tuple[str, ...] = ()
        self.trail: Trail = ()
        """The blocks that were opened, one in the other."""
        self.is_editing = False
        """Whether a panel edits through it just now: its form is to follow at once."""
        self._typed: Project | None = None
        """The project as the last edit with a merge key left it."""
        self.reading = reading if reading is not None else whole(self.project, block_shapes)
        self._before = ReadBefore()
        self._weighing = Slices(self._weigh, lambda _none: self.weighed.emit(self.reading), self)
        self._weighing.ask(WEIGHING)
        if block_shapes is not None:
            block_shapes.answered.connect(self.read_again)
            block_shapes.forgotten.connect(self.read_anew)
            self._ask()
        document.changed.connect(self._follow)
        document.stored.connect(self.stored.emit)

    @property
    def project(self) -> Project:
        """The document's project."""
        return self.document.project

    @property
    def scope(self) -> str:
        """The block whose inside is shown, or nothing for the main graph."""
        return block_of(self.project, self.trail)

    @property
    def graph(self) -> Graph:
        """The graph that is shown: the main one or a block's."""
        return self.project.scope(self.scope)

    def path(self, node_id: str) -> str:
        """The instance path of this node where it is shown, else that of the first step that it stands for."""
        path = self.shown_path(node_id)
        return path if path in self.reading.plan.by_path else self.reading.path(node_id)

    def steps(self, node_id: str) -> tuple[Step, ...]:
        """The steps that this node stands for where it is shown: one, or all in a block."""
        path = self.shown_path(node_id) if self.trail else ""
        steps = self.reading.plan.steps
        if not path:
            return tuple(step for step in steps if node_id in (step.node, step.shown))
        inside = (f"{path}.", f"{path}[")
        return tuple(step for step in steps if step.path == path or step.path.startswith(inside))

    def shown_path(self, node_id: str) -> str:
        """The path of a node of the shown graph, or of the block that was opened; "" for any other."""
        opened = bool(self.trail) and node_id == self.trail[-1].node
        trail = self.trail[:-1] if opened else self.trail
        node = self.project.scope(block_of(self.project, trail)).nodes.get(node_id)
        return f"{prefix(self.project, trail)}{node.name}" if node is not None else ""

    def shown_node(self, path: str) -> str:
        """The node of the shown graph that stands for the step of this path, or holds it; "" for none."""
        before = prefix(self.project, self.trail) if self.trail else ""
        name = path[len(before) :].partition(".")[0].partition("[")[0]
        node = self.graph.by_name(name) if path.startswith(before) else None
        return node.id if node is not None else ""

    def node(self, node_id: str) -> Node | None:
        """The node of this id, wherever in the project it lies."""
        return self.graph.nodes.get(node_id) or self.project.all_nodes().get(node_id)

    def edit(self, label: str, project: Project, merge: str | None = None) -> bool:
        """Make this the project as one step of undo; says whether anything differs."""
        self._typed = None
        self.is_editing = True
        try:
            changed = self.document.edit(label, project, merge)
        finally:
            self.is_editing = False
        self._typed = self.document.project if changed and merge is not None else None
        return changed

    def amend(self, label: str, project: Project, since: Project) -> None:
        """Make this the project within the last step of undo, where that led to `since`; else as a step of its own."""
        if self.document.project is not since:
            self.edit(label, project)
            return
        self._typed = None
        self.is_editing = True
        try:
            self.document.amend(label, project)
        finally:
            self.is_editing = False

    def take_back(self) -> None:
        """Undo what is being typed, if nothing else was edited since."""
        if self._typed is not None and self.document.project is self._typed:
            self._typed = None
            self.document.undo()

    def select(self, nodes: Iterable[str]) -> None:
        """Select these nodes and no others."""
        wanted = tuple(nodes)
        if wanted != self.selection:
            self.selection = wanted
            self.selected.emit(wanted)

    def enter(self, trail: Trail) -> None:
        """Show the graph to which these blocks lead; an empty trail is the main one."""
        wanted = existing(self.project, trail)
        if wanted != self.trail:
            self.trail = wanted
            self.select(())
            self.scoped.emit(wanted)

    def replace_node(self, label: str, node: Node, merge: str | None = None) -> None:
        """Put this node in place of the one of the same id; raises GraphError where its name will not do."""
        project = planning.rename(self.project, node.id, node.name)
        block = self._scope_of(node.id)
        graph = project.scope(block).replace_node(node)
        self.edit(label, project.with_scope(graph, block), merge)

    def set_code(self, label: str, node: Node, merge: str | None = None) -> None:
        """Put this Python block in place of the one of the same id; what the user writes is as trusted as it was."""
        before = self.node(node.id)
        blocks = self.block_shapes
        if blocks is not None and before is not None and blocks.covers(code_of(before.params)):
            blocks.follow([code_of(node.params)])
        self.replace_node(label, node, merge)

    def trusted(self) -> list[str]:
        """The fingerprints of the project's code that may run."""
        blocks = self.block_shapes
        return [fingerprint(code) for code in codes(self.project) if blocks is not None and blocks.covers(code)]

    def read_again(self) -> None:
        """Take in what has become known of Python blocks."""
        self._become(read(self.project, self.reading, free=free_memory()))

    def read_anew(self) -> None:
        """Read the project as if nothing were known of it."""
        self._become(whole(self.project, self.block_shapes))

    def take(self, reading: Reading) -> None:
        """Show this as what the project comes to."""
        self._become(reading)

    def _become(self, reading: Reading) -> None:
        self._before.clear()
        self.reading = reading
        self._ask()
        self._weighing.ask(WEIGHING)
        self.read.emit(self.reading)

    def set_training(self, settings: TrainingSettings, label: str, merge: str | None = None) -> None:
        """Train like this from now on."""
        self.edit(label, replace(self.project, training=settings), merge)

    def set_optimizer(self, optimizer: Optimizer, label: str, merge: str | None = None) -> None:
        """Let the first phase use this optimizer."""
        settings = self.project.training
        first = replace(settings.phases[0], optimizer=optimizer)
        self.set_training(replace(settings, phases=(first, *settings.phases[1:])), label, merge)

    def set_data(self, dataset: str, settings: DatasetSettings, label: str, merge: str | None = None) -> None:
        """Use the data set of this id like this from now on."""
        self.edit(label, self.project.with_data(dataset, settings), merge)

    def source(self) -> str:
        """The network as PyTorch code."""
        return source(self.reading.project, self.reading.plan, self.reading.analysis)

    def refuse(self, error: ChainruleError) -> None:
        """Tell the user of an edit that could not be."""
        self.refused.emit(error)

    def close(self) -> None:
        """Follow the document no more."""
        self._weighing.cancel()
        self.own.close()
        self.document.changed.disconnect(self._follow)
        self.document.stored.disconnect(self.stored.emit)
        if self.block_shapes is not None:
            self.block_shapes.answered.disconnect(self.read_again)
            self.block_shapes.forgotten.disconnect(self.read_anew)

    def _scope_of(self, node: str) -> str:
        if node in self.project.graph.nodes:
            return ""
        return next((key for key, block in self.project.blocks.items() if node in block.graph.nodes), "")

    def _follow(self, old: Project, new: Project) -> None:
        self.enter(self.trail)
        alive = self.graph.nodes
        self.changed.emit(old, new)
        self.select(node for node in self.selection if node in alive)
        if _meaning(old) != _meaning(new):
            self._before.keep(self.reading)
            free = free_memory()
            known = self._before.of(new, free) if self.document.retraced else None
            self.reading = known or read(new, self.reading, free=free)
            self._ask()
        else:
            self.reading = self.reading.moved(new)
        self._weighing.ask(WEIGHING)
        self.read.emit(self.reading)

    def _weigh(self) -> Generator[None, None, None]:
        if self.reading.can_train:
            yield from self.reading.weighing()

    def _ask(self) -> None:
        if self.block_shapes is not None:
            self.block_shapes.ask(self.reading.analysis.awaited.values())


def whole(project: Project, block_shapes: BlockShapes | None = None) -> Reading:
    """The reading of a project of which nothing is known yet."""
    return read(project, oracle=block_shapes.oracle if block_shapes is not None else None, free=free_memory())


def _meaning(project: Project) -> tuple[int, int, int, int]:
    """What of the project its reading depends on; moving a node leaves it the same."""
    return id(project.graph), id(project.blocks), id(project.data), id(project.training)
