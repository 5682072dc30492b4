"""What one card shows, as a value: texts, ports, state; made from the project and its analysis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from core.catalog import KINDS
from core.catalog.kind import Category, PortSpec, TensorType
from core.catalog.python_block import PYTHON, interface_of
from core.catalog.sources import DATASET
from core.data.augmentation import in_order
from core.data.settings import split_sizes
from core.errors import GraphError
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Node
from core.instances import PORTS
from core.phasing import share_of
from core.ports import input_ports, output_ports
from core.problems import CODE_UNTRUSTED, WITHOUT_LOSS, Problem
from core.project import Project
from gui.canvas import captions, room
from gui.canvas.geometry import Frame, frame, frame_below
from gui.canvas.known import Known

Shape = Literal["circle", "diamond", "square"]
_LOOSE = "E102"
_BOTH = 17
"""Letters of two texts that stand in one line of a card."""
UNFINISHED = frozenset({_LOOSE, WITHOUT_LOSS, CODE_UNTRUSTED})
"""A loose port, a missing loss or code to be trusted is told otherwise: a drop shall not turn red at once."""
_TITLES = MappingProxyType({BLOCK_INPUT: "Block input", BLOCK_OUTPUT: "Block output"})
_SHAPES: Mapping[str, Shape] = MappingProxyType({"int": "diamond", "scalar": "square"})


@dataclass(frozen=True, slots=True)
class Port:
    """One port as drawn: its form tells the dtype; it is hollow while its shape is not known."""

    name: str
    shape: Shape = "circle"
    known: bool = False
    labelled: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """Everything on a card but its health."""

    node: str
    name: str
    title: str
    category: Category
    icon: str
    role: str = "layer"
    badge: str = ""
    left: tuple[str, str] = ("", "")
    right: tuple[str, str] = ("", "")
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    rest: str = ""
    """What the strip says while there is no measurement."""
    errors: int = 0
    warnings: int = 0
    bad: str = ""
    """The value in the second line that is wrong."""
    frozen: bool = False
    shares: bool = False
    """Whether its weights are those of another node too."""
    shapes: str = ""
    """What goes in and out, in words."""
    frame: Frame = field(default_factory=Frame)
    bypassed: bool = False
    """Whether what comes in goes on as it is."""
    unfolds: bool = False
    """Whether there is an activation to fold out."""
    augmented: bool = False
    """Whether its samples are changed at random while training."""


def card(
    project: Project, node: Node, into: Sequence[Edge], facts: Known | None, preview: tuple[int, int] | None = None
) -> Card:
    """The card of one node with these wires into it; without an analysis its shapes and counts are left out."""
    brought = [_carried(facts, edge) for edge in into]
    inputs, outputs = _ports(project, node, dict(zip(into, brought, strict=True)), facts)
    problems = facts.problems.get(node.id, ()) if facts else ()
    errors = sum(problem.severity == "error" and problem.code not in UNFINISHED for problem in problems)
    errors += facts.inside.get(node.id, 0) if facts else 0
    base = _Base(project, into, node, facts, inputs, outputs, preview)
    badge, left, right = base.texts()
    entries, leaving = [port.name for port in inputs], [port.name for port in outputs]
    measures = frame(entries, leaving, preview)
    if preview is None and base.is_crowded(left, right):
        left, right = base.texts_above()
        measures = frame_below(entries, leaving, room.needed(_labels(inputs), _labels(outputs), left, right))
    kind = KINDS.get(node.kind)
    return Card(
        node.id,
        node.name,
        base.title,
        kind.category if kind else "Blocks",
        kind.icon if kind else "block",
        kind.role if kind else "structure",
        badge,
        left,
        right,
        inputs,
        outputs,
        base.rest(),
        errors,
        sum(problem.severity == "warning" for problem in problems),
        _bad_value(node, problems),
        _is_frozen(project, node),
        bool(node.link),
        _spoken(facts, brought, node),
        measures,
        bypassed=node.bypassed,
        unfolds=node.kind == BLOCK or (kind is not None and kind.role == "layer"),
        augmented=node.kind == DATASET and _is_augmented(project, node),
    )


def _is_augmented(project: Project, node: Node) -> bool:
    settings = project.data.get(str(node.param("dataset", "")))
    return settings is not None and bool(in_order(settings.augmentation))


def _is_frozen(project: Project, node: Node) -> bool:
    """Whether its weights stay: by its own word, or in the main graph by its share of the learning rate."""
    if node.param("frozen") is True:
        return True
    kind = KINDS.get(node.kind)
    able = node.kind == BLOCK or (kind is not None and kind.weighted)
    return able and node.id in project.graph.nodes and share_of(project.training, node.name) == 0


def _size(block: Block) -> str:
    layers = sum(node.kind not in PORTS for node in block.graph.nodes.values())
    return f"{layers} layer{'s' if layers != 1 else ''}"


def _labels(ports: Iterable[Port]) -> list[str]:
    return [port.name for port in ports if port.labelled]


def fingerprint(project: Project, node: Node, into: Sequence[Edge], facts: Known | None) -> tuple[object, ...]:
    """All that a card is made of; while it stays equal the card does too."""
    settings = project.data.get(str(node.param("dataset", ""))) if node.kind == DATASET else None
    outside = (settings, project.training.batch_size) if settings else project.blocks.get(node.block)
    frozen = _is_frozen(project, node)
    if facts is None:
        return (node, into, outside, frozen)
    types = facts.types
    return (
        node,
        into,
        outside,
        frozen,
        [types.of(edge.source, edge.output) for edge in into],
        types.of(node.id, "output"),
        facts.parameters.get(node.id),
        facts.waiting.get(node.id),
        facts.problems.get(node.id),
        facts.inside.get(node.id),
        [types.of(node.id, port.name) for port in output_ports(project, node)]
        if (node.kind == BLOCK and outside) or node.kind in (PYTHON, DATASET)
        else (),
        _is_asked(facts, node),
        facts.analysis.arguments.get(types.path(node.id)),
    )


@dataclass(frozen=True, slots=True)
class _Base:
    """One node with all that its texts are made of."""

    project: Project
    into: Sequence[Edge]
    node: Node
    facts: Known | None
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    preview: tuple[int, int] | None

    @property
    def title(self) -> str:
        block = self.project.blocks.get(self.node.block)
        return block.name if block is not None else _TITLES.get(self.node.kind, self.node.kind)

    def texts(self) -> tuple[str, tuple[str, str], tuple[str, str]]:
        """The badge, the two texts at the left and the two at the right."""
        if self.node.kind == DATASET:
            return self._data_texts()
        count = self._count()
        if self.node.kind == BLOCK:
            return self._block_texts(count)
        if self.node.kind in PORTS:
            return "", (self.title, self._passing()), ("", "")
        if len(self.inputs) > 1:
            return "", ("", ""), ("" if self._is_loss() else self.title, self._parameters())
        if len(self.outputs) > 1:
            return count, (self.title, self._parameters()), ("", "")
        return "", (self.title, self._parameters()), (count, "")

    def is_crowded(self, left: tuple[str, str], right: tuple[str, str]) -> bool:
        """Whether the texts have no room beside the names of the ports."""
        names = _labels(self.inputs), _labels(self.outputs)
        return self.node.kind != DATASET and any(names) and room.crowded(*names, left, right)

    def texts_above(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The two texts at the left and the two at the right of a card whose ports stand below them."""
        block = self.project.blocks.get(self.node.block)
        said = _size(block) if block is not None else self._parameters()
        return (self.title, said), ("", self._count())

    def rest(self) -> str:
        if self.node.kind == DATASET:
            return f"batch {captions.thousands(self.project.training.batch_size)}"
        if self.node.kind in PORTS:
            return "comes in here" if self.node.kind == BLOCK_INPUT else "goes out here"
        if self.facts and any(found.code == _LOOSE for found in self.facts.problems.get(self.node.id, ())):
            return "not wired yet"
        if self.facts and any(found.code == CODE_UNTRUSTED for found in self.facts.problems.get(self.node.id, ())):
            return "not trusted yet"
        if self.facts and _is_asked(self.facts, self.node):
            return "asking PyTorch…"
        blocker = self.facts.waiting.get(self.node.id) if self.facts else None
        return f"waiting for {blocker}" if blocker else "not trained yet"

    def _is_loss(self) -> bool:
        kind = KINDS.get(self.node.kind)
        return kind is not None and kind.role == "loss"

    def _count(self) -> str:
        count = self.facts.parameters.get(self.node.id) if self.facts else None
        return "" if count is None else captions.thousands(count)

    def _parameters(self) -> str:
        if self.node.kind == PYTHON:
            return interface_of(self.node).class_name or "no class"
        kind = KINDS.get(self.node.kind)
        if kind is None:
            return "unknown kind"
        if any(port.variadic for port in kind.inputs):
            count = len(self.into)
            rest = captions.parameters(kind, dict(self.node.params)) if kind.params else ""
            return f"{count} input{'s' if count != 1 else ''} {rest}".strip()
        path = self.facts.types.path(self.node.id) if self.facts else ""
        arguments = self.facts.analysis.arguments.get(path) if self.facts else None
        return captions.parameters(kind, dict(self.node.params) if arguments is None else arguments)

    def _block_texts(self, count: str) -> tuple[str, tuple[str, str], tuple[str, str]]:
        """How often it is stacked, what it is, and how much is in it; beside labelled ports what there is room for."""
        block = self.project.blocks.get(self.node.block)
        badge = f"×{self.node.repeat}" if self.node.repeat > 1 else ""
        if block is None:
            return badge, ("missing", ""), ("", "")
        size = _size(block)
        if len(self.inputs) > 1 and len(self.outputs) > 1:
            return badge, ("", ""), ("", "")
        if len(self.inputs) > 1:
            return badge, ("", ""), (count, size)
        if len(self.outputs) > 1:
            return badge, (size, count), ("", "")
        shape = self._given(block)
        return badge, (block.name, size), (count, shape if len(size) + len(shape) <= _BOTH else "")

    def _given(self, block: Block) -> str:
        """The shape of the block's output, where there is one."""
        types = self.facts.types if self.facts is not None else None
        found = [types.of(self.node.id, name) for name in block.outputs()] if types is not None else []
        return str(found[0]) if len(found) == 1 and found[0] is not None else ""

    def _passing(self) -> str:
        """The shape that goes through a block's port."""
        if self.facts is None:
            return ""
        ends = [(self.node.id, "output")] if self.node.kind == BLOCK_INPUT else [edge[:2] for edge in self.into]
        found = [str(kind) for end in ends if (kind := self.facts.types.of(*end)) is not None]
        return found[0] if found else ""

    def _data_texts(self) -> tuple[str, tuple[str, str], tuple[str, str]]:
        settings = self.project.data.get(str(self.node.param("dataset", "")))
        if settings is None:
            return "", ("no data set", ""), ("", "")
        first = next(iter(output_ports(self.project, self.node)), None)
        sizes = first.help.split("×")[1:] if first else []
        shape = "×".join(sizes[1:] if len(sizes) == 3 and sizes[0] == "1" else sizes)
        count = captions.thousands(split_sizes(settings)[0])
        if self.preview is not None:
            return count, (shape, ""), ("", "")
        return "", (shape, f"{count} train"), ("", "")


def _ports(
    project: Project, node: Node, into: Mapping[Edge, TensorType | None], facts: Known | None
) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    try:
        entries, leaving = input_ports(project, node), output_ports(project, node)
    except GraphError:
        return (), ()
    kind = KINDS.get(node.kind)
    if kind is not None and kind.role == "loss":
        leaving = ()
    wired = {edge.input for edge, brought in into.items() if brought is not None}
    known_out = {port.name for port in leaving if facts and facts.types.of(node.id, port.name) is not None}
    labelled = node.kind == DATASET
    return _drawn(entries, wired, labelled), _drawn(leaving, known_out, labelled)


def _drawn(ports: Sequence[PortSpec], confirmed: set[str], labelled: bool) -> tuple[Port, ...]:
    several = labelled or len(ports) > 1
    return tuple(Port(port.name, _SHAPES.get(port.dtype, "circle"), port.name in confirmed, several) for port in ports)


def _carried(facts: Known | None, edge: Edge) -> TensorType | None:
    return facts.types.of(edge.source, edge.output) if facts else None


def _is_asked(facts: Known, node: Node) -> bool:
    """Whether the engine is being asked what the node's own code comes to."""
    path = facts.types.path(node.id) if node.kind == PYTHON else ""
    return path in facts.analysis.awaited and path not in facts.analysis.wrong


def _bad_value(node: Node, problems: Sequence[Problem]) -> str:
    if node.kind == PYTHON:
        line = next((problem.line for problem in problems if problem.line), 0)
        return f"line {line}" if line else ""
    name = next((problem.param for problem in problems if problem.severity == "error" and problem.param), "")
    return captions.number(node.param(name)) if name else ""


def _spoken(facts: Known | None, into: Iterable[TensorType | None], node: Node) -> str:
    """Shapes for the screen reader: input 6×14×14, output 16×10×10."""
    brought = [str(kind) for kind in into if kind is not None]
    out = facts.types.of(node.id, "output") if facts else None
    said = [f"input {' and '.join(brought)}"] if brought else []
    return ", ".join([*said, f"output {out}"] if out is not None else said)
