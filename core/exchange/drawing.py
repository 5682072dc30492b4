"""Calls to a project: nodes and wires, blocks for modules, repetitions, names, positions, and weights by path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from core.catalog import find
from core.catalog.kept import CONSTANT
from core.catalog.python_block import PYTHON
from core.catalog.sources import INPUT as SOURCE
from core.exchange.calls import INPUT, Call, Imported, Ref
from core.exchange.folding import AGAIN, Folding, Item, Leaf, Nest, Shape
from core.exchange.settling import by_hand, settled
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node, Parameters, free_name, is_valid_name
from core.layout import arrange, arrange_to_fit
from core.project import Position, Project

if TYPE_CHECKING:
    from core.exchange.calls import Array

_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "Module"})
"""Classes whose name says less than that of the module."""
_WIDE = 1600.0
"""The width at which the inside of a block wraps."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import came to."""

    layers: int
    """Nodes of all instances, repetitions counted."""
    blocks: int
    """Different blocks."""
    parameters: int
    opaque: tuple[str, ...]
    """The paths of what could not be mapped."""
    notes: tuple[str, ...]


class Drawn(NamedTuple):
    """An imported network as a project, its weights by instance path, and what there is to say of it."""

    project: Project
    weights: dict[str, Array]
    outputs: tuple[tuple[str, str], ...]
    """The path of each output, by its name."""
    report: Report


def drawn(imported: Imported) -> Drawn:
    """The network as an editable project.

    Raises ParameterError for a parameter that its kind does not take, KindError for a kind that does not exist.
    """
    network = settled(imported)
    params = by_hand(network)
    folding = Folding(network, params)
    items = folding.items()
    drawing = _Drawing(network, params, folding)
    graph, names = drawing.main(items)
    project = Project(
        network.name,
        graph,
        MappingProxyType({block.id: block for block in drawing.blocks}),
        MappingProxyType(drawing.positions),
    )
    places = list(drawing.places(items, names))
    weights = {f"{place.path}.{name}": array for place in places for name, array in place.weights()}
    opaque = tuple(place.path for place in places if place.call.kind == PYTHON)
    parameters = sum(array.size for place in places for name, array in place.weights() if place.learns(name))
    report = Report(len(places), len(drawing.blocks), parameters, opaque, network.notes)
    ends = {place.number: place.path for place in places}
    outputs = tuple((name, _output(ends[ref.call], ref.port)) for name, ref in network.outputs)
    return Drawn(project, weights, outputs, report)


def _output(path: str, port: str) -> str:
    return path if port == "output" else f"{path}.{port}"


class _Place(NamedTuple):
    """One call of one instance: its path and, unless one before it has the same, its weights."""

    path: str
    number: int
    """Of the call."""
    call: Call
    is_first: bool

    def weights(self) -> Iterable[tuple[str, Array]]:
        """The weights that stand under its path."""
        return self.call.weights.items() if self.is_first else ()

    def learns(self, weight: str) -> bool:
        """Whether a weight is a parameter, no buffer."""
        return self.call.kind != CONSTANT and weight not in (*BUFFERS, *self.call.buffers)


BUFFERS = frozenset({"running_mean", "running_var", "num_batches_tracked"})
"""Names of weights that are no parameters: nothing is learned by gradients there."""


@dataclass(frozen=True, slots=True)
class _Definition:
    """A block that stands for equal nests: its names by place."""

    id: str
    inputs: tuple[str, ...]
    """The ports, by the place of the nest's inputs."""
    outputs: tuple[str, ...]
    names: tuple[str, ...]
    """Of the items inside, by place."""


class _Drawing:
    """A project in the making."""

    def __init__(self, network: Imported, params: Sequence[Parameters], folding: Folding) -> None:
        self.network = network
        self.params = params
        self.folding = folding
        self.blocks: list[Block] = []
        self.positions: dict[str, Position] = {}
        self._definitions: dict[Shape, _Definition] = {}
        self._ids = (f"n{number}" for number in count(1))

    def main(self, items: Sequence[Item]) -> tuple[Graph, tuple[str, ...]]:
        """The main graph, and the names of the items in it."""
        taken: set[str] = set()
        sources: dict[Ref, tuple[str, str]] = {}
        nodes: list[Node] = []
        for name, kind in self.network.inputs:
            params = (("dtype", kind.dtype), ("shape", kind.features))
            node = Node(next(self._ids), SOURCE, _name(name, "input", taken), params[kind.dtype == "float32" :])
            sources[Ref(INPUT, name)] = (node.id, "output")
            nodes.append(node)
        graph, names = self._graph(items, nodes, sources, taken)
        self.positions |= arrange_to_fit(graph)
        return graph, names

    def _graph(
        self, items: Sequence[Item], nodes: list[Node], sources: dict[Ref, tuple[str, str]], taken: set[str]
    ) -> tuple[Graph, tuple[str, ...]]:
        """The nodes of these items behind those that are there, and their wires."""
        edges: list[Edge] = []
        names: list[str] = []
        links = _links([self._label(item) for item in items])
        for item in items:
            node = self._node(item, taken, links.get(self._label(item), ""))
            names.append(node.name)
            nodes.append(node)
            edges += self._wires(item, node, sources)
            sources |= self._outputs(item, node)
        return Graph.of(nodes, edges), tuple(names)

    def _label(self, item: Item) -> str:
        return item.link if isinstance(item, Nest) else self.network.calls[item.call].shared

    def _node(self, item: Item, taken: set[str], link: str) -> Node:
        if isinstance(item, Nest):
            definition = self._definition(item)
            name = _name(_plain(item.path[-1]), _snake(item.title), taken)
            is_numbered = re.search(r"(^|\W)\d+$", item.path[-1])
            name = _without_number(name, taken) if is_numbered and len(item.stack) > 1 else name
            return Node(next(self._ids), BLOCK, name, (), definition.id, link, len(item.stack))
        call = self.network.calls[item.call]
        name = _name(_plain(self.folding.names.get(item.call, call.name)), find(call.kind).stem or "node", taken)
        return Node(next(self._ids), call.kind, name, self.params[item.call], link=link)

    def _wires(self, item: Item, node: Node, sources: Mapping[Ref, tuple[str, str]]) -> Iterator[Edge]:
        if isinstance(item, Nest):
            ports = self._definition(item).inputs
            for port, ref in zip(ports, item.inputs, strict=True):
                yield Edge(*sources[ref], node.id, port)
            return
        for port, refs in self.network.calls[item.call].inputs.items():
            for order, ref in enumerate(refs):
                yield Edge(*sources[ref], node.id, port, order)

    def _outputs(self, item: Item, node: Node) -> dict[Ref, tuple[str, str]]:
        if isinstance(item, Nest):
            ports = self._definition(item).outputs
            return {ref: (node.id, port) for port, ref in zip(ports, item.outputs, strict=True)}
        return {ref: (node.id, ref.port) for ref in self.folding.made(item)}

    def _definition(self, nest: Nest) -> _Definition:
        known = self._definitions.get(nest.shape)
        if known is None:
            known = self._definitions[nest.shape] = self._defined(nest.stack[0] if nest.stack else nest)
        return known

    def _defined(self, nest: Nest) -> _Definition:
        taken: set[str] = set()
        inputs = tuple(_port_names([self._fed(nest, ref) for ref in nest.inputs], "input", taken))
        taken.update(inputs)
        made = nest.own
        outputs = tuple(_port_names([ref.port for ref in made], "output", taken))
        taken.update(outputs)
        entries = [Node(next(self._ids), BLOCK_INPUT, inputs[place]) for place in self.folding.order(nest)]
        by_name = {node.name: node.id for node in entries}
        sources = {ref: (by_name[name], "output") for ref, name in zip(nest.inputs, inputs, strict=True)}
        graph, names = self._graph(nest.items, list(entries), sources, taken)
        exits = [Node(next(self._ids), BLOCK_OUTPUT, name) for name in outputs]
        wires = [Edge(*sources[ref], node.id, "input") for ref, node in zip(made, exits, strict=True)]
        graph = graph.add_nodes(exits).connect_all(wires)
        self.positions |= arrange(graph, width=_WIDE)
        block = Block(free_name("block", [block.id for block in self.blocks]), self._title(nest), graph)
        self.blocks.append(block)
        return _Definition(block.id, inputs, outputs, names)

    def _title(self, nest: Nest) -> str:
        words = nest.path[-1].replace("_", " ").replace(".", " ") if nest.title in _CONTAINERS else nest.title
        title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", _plain(words)) or "Block"
        title = title[:1].upper() + title[1:]
        known = {block.name for block in self.blocks}
        return next(name for number in count(1) if (name := f"{title} {number}" if number > 1 else title) not in known)

    def _fed(self, nest: Nest, ref: Ref) -> str:
        """What the first that reads it inside calls this input."""
        for item in nest.items:
            for port, refs in self.folding.fed(item):
                if ref in refs:
                    return port if isinstance(item, Leaf) else ""
        return ""

    def places(
        self, items: Sequence[Item], names: Sequence[str], prefix: str = "", is_first: bool = True
    ) -> Iterator[_Place]:
        """Every call of every instance, in running order."""
        seen: set[tuple[str, object]] = set()
        for item, name in zip(items, names, strict=True):
            label = self._label(item)
            what = self._definition(item).id if isinstance(item, Nest) else self.network.calls[item.call].kind
            first = is_first and not (label and (label, what) in seen)
            seen.add((label, what))
            if isinstance(item, Leaf):
                yield _Place(f"{prefix}{name}", item.call, self.network.calls[item.call], first)
                continue
            inside = self._definition(item).names
            for index, nest in enumerate(item.stack):
                mark = f"[{index}]" if len(item.stack) > 1 else ""
                yield from self.places(nest.items, inside, f"{prefix}{name}{mark}.", first)


def _links(texts: Iterable[str]) -> dict[str, str]:
    """A link's label for each text that several have."""
    listed = [text for text in texts if text]
    several = [text for text in dict.fromkeys(listed) if listed.count(text) > 1]
    return {text: f"link{number}" for number, text in enumerate(several, 1)}


def _plain(name: str) -> str:
    return name.partition(AGAIN)[0]


def _name(wanted: str, stem: str, taken: set[str]) -> str:
    """A valid name that is new among these, close to what is wanted; a number alone says less than the kind."""
    text = re.sub(r"\W+", "_", wanted, flags=re.ASCII).strip("_")
    if not text or text[0].isdigit():
        text = stem
        name = free_name(text, taken)
    else:
        text = text if is_valid_name(text) else f"{text}_"
        name = text if text not in taken else free_name(text, taken)
    taken.add(name)
    return name


def _without_number(name: str, taken: set[str]) -> str:
    """The name of a stack of blocks: layers for layers_0."""
    root = re.sub(r"_?\d+$", "", name)
    if root == name or not is_valid_name(root) or root in taken:
        return name
    taken.discard(name)
    taken.add(root)
    return root


def _snake(title: str) -> str:
    """The name of a class as that of a thing: basic_block."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", title).lower()
    text = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return text if text and is_valid_name(text) else "block"


def _port_names(words: Sequence[str], general: str, taken: Iterable[str]) -> Iterator[str]:
    """A name for every port: the word where it is a telling one, else input or output with a number."""
    if len(words) == 1:
        yield general
        return
    names = set(taken)
    for word in words:
        telling = (
            is_valid_name(word) and len(word) > 1 and word not in ("input", "inputs", "output") and word not in names
        )
        name = word if telling else free_name(general, names)
        names.add(name)
        yield name
