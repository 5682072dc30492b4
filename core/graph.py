"""The network as a value: nodes, the wires between them, and blocks; every edit returns a new Graph."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from core.errors import GraphError

Value = None | bool | int | float | str | tuple["Value", ...]
"""What a parameter may hold: plain and frozen."""

Parameters = tuple[tuple[str, Value], ...]
"""The parameters that were set by hand, sorted by name; all others have their default."""

_TAKEN = """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu
    load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad
    self torch nn F
"""
RESERVED = frozenset(_TAKEN.split())
"""Names that a node cannot have: they are torch.nn.Module's own, or those of the code that is written."""

MAX_NAME = 255
"""Characters of a name or an id."""
BLOCK = "Block"
BLOCK_INPUT = "BlockInput"
BLOCK_OUTPUT = "BlockOutput"


@dataclass(frozen=True, slots=True)
class Node:
    """One box on the canvas: a layer, an operation, a source, a loss, or an instance of a block."""

    id: str
    kind: str
    name: str
    params: Parameters = ()
    block: str = ""
    """The block's id where the kind is `Block`."""
    link: str = ""
    """Nodes with the same non-empty link, of one kind or block, share parameters and buffers."""
    repeat: int = 1
    """How often a block is stacked, each time with weights of its own."""
    bypassed: bool = False
    """Whether it does nothing for now: what comes in at its first input goes on as it is."""

    def param(self, name: str, default: Value = None) -> Value:
        """The value set by hand, or `default`."""
        for known, value in self.params:
            if known == name:
                return value
        return default

    def with_params(self, **values: Value) -> Node:
        """The node with these parameters set."""
        merged = {**dict(self.params), **values}
        return replace(self, params=tuple(sorted(merged.items())))

    def without_param(self, name: str) -> Node:
        """The node with this parameter back at its default (or inferred)."""
        return replace(self, params=tuple(item for item in self.params if item[0] != name))


class InputKey(NamedTuple):
    """Where a wire ends: an input port holds one wire, a variadic one a wire per order."""

    node: str
    port: str
    order: int = 0


class Edge(NamedTuple):
    """A wire from an output port to an input port; `order` counts the wires of a variadic input."""

    source: str
    output: str
    target: str
    input: str
    order: int = 0

    @property
    def key(self) -> InputKey:
        """The end that identifies the wire."""
        return InputKey(self.target, self.input, self.order)


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by id and edges by the input they end in, both in the order of the file."""

    nodes: Mapping[str, Node] = field(default_factory=lambda: MappingProxyType({}))
    edges: Mapping[InputKey, Edge] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, nodes: Iterable[Node], edges: Iterable[Edge] = ()) -> Graph:
        """A graph of these nodes and edges; raises GraphError where they contradict each other."""
        graph = cls()
        graph = graph.add_nodes(nodes)
        return graph.connect_all(edges)

    def node(self, node_id: str) -> Node:
        """The node; raises GraphError where there is none."""
        try:
            return self.nodes[node_id]
        except KeyError:
            raise GraphError("a node of this graph was wanted", f"there is no node “{node_id}”") from None

    def add_nodes(self, nodes: Iterable[Node]) -> Graph:
        """With these nodes; ids and names must be new and names valid."""
        merged = dict(self.nodes)
        names = {node.name for node in self.nodes.values()}
        for node in nodes:
            if node.id in merged:
                raise GraphError("a new node id was wanted", f"“{node.id}” is taken", node.name)
            _check_name(node.name, names)
            names.add(node.name)
            merged[node.id] = node
        return replace(self, nodes=MappingProxyType(merged))

    def replace_node(self, node: Node) -> Graph:
        """With this node in place of the one of the same id."""
        old = self.node(node.id)
        if old == node:
            return self
        if old.name != node.name:
            _check_name(node.name, {other.name for other in self.nodes.values() if other.id != node.id})
        merged = dict(self.nodes)
        merged[node.id] = node
        return replace(self, nodes=MappingProxyType(merged))

    def remove_nodes(self, node_ids: Iterable[str]) -> Graph:
        """Without these nodes and every wire that touches them."""
        gone = set(node_ids)
        if not gone:
            return self
        nodes = {key: node for key, node in self.nodes.items() if key not in gone}
        edges = {key: edge for key, edge in self.edges.items() if edge.source not in gone and edge.target not in gone}
        return Graph(MappingProxyType(nodes), MappingProxyType(edges))

    def connect(self, edge: Edge) -> Graph:
        """With this wire; one that ended in the same input goes."""
        return self.connect_all((edge,))

    def connect_all(self, edges: Iterable[Edge]) -> Graph:
        """With these wires, in this order."""
        merged = dict(self.edges)
        for edge in edges:
            self._check_ends(edge)
            merged[edge.key] = edge
        return replace(self, edges=MappingProxyType(merged))

    def disconnect(self, keys: Iterable[InputKey]) -> Graph:
        """Without the wires that end there."""
        gone = set(keys)
        edges = {key: edge for key, edge in self.edges.items() if key not in gone}
        return self if len(edges) == len(self.edges) else replace(self, edges=MappingProxyType(edges))

    def into(self, node_id: str) -> Iterator[Edge]:
        """The wires that end in the node, in the file's order."""
        return (edge for edge in self.edges.values() if edge.target == node_id)

    def out_of(self, node_id: str) -> Iterator[Edge]:
        """The wires that begin at the node, in the file's order."""
        return (edge for edge in self.edges.values() if edge.source == node_id)

    def by_name(self, name: str) -> Node | None:
        """The node of this name, or None."""
        return next((node for node in self.nodes.values() if node.name == name), None)

    def _check_ends(self, edge: Edge) -> None:
        for end in (edge.source, edge.target):
            if end not in self.nodes:
                raise GraphError("a wire between two nodes was wanted", f"there is no node “{end}”")


@dataclass(frozen=True, slots=True)
class Block:
    """A named sub-graph used as a node; its ports are its BlockInput and BlockOutput nodes, in order."""

    id: str
    name: str
    graph: Graph

    def inputs(self) -> tuple[str, ...]:
        """The names of the input ports."""
        return tuple(node.name for node in self.graph.nodes.values() if node.kind == BLOCK_INPUT)

    def outputs(self) -> tuple[str, ...]:
        """The names of the output ports."""
        return tuple(node.name for node in self.graph.nodes.values() if node.kind == BLOCK_OUTPUT)


def is_valid_name(name: str) -> bool:
    """Whether the name can stand as a Python attribute of a module."""
    reserved = keyword.iskeyword(name) or name in RESERVED or name.startswith("_")
    return name.isidentifier() and name.isascii() and len(name) <= MAX_NAME and not reserved


def free_name(stem: str, taken: Iterable[str]) -> str:
    """`stem` itself or with the first number that makes it new: conv1, conv2, and so on."""
    names = set(taken)
    if stem not in names and not stem[-1:].isdigit() and f"{stem}1" not in names:
        return f"{stem}1"
    root = stem.rstrip("0123456789") or stem
    number = 1
    while f"{root}{number}" in names:
        number += 1
    return f"{root}{number}"


def _check_name(name: str, taken: set[str]) -> None:
    if not is_valid_name(name):
        taken_by = ", which Python or torch needs" if name in RESERVED or keyword.iskeyword(name) else ""
        wanted = "a name of letters, digits and underscores was wanted"
        raise GraphError(wanted, f"“{name}”{taken_by} came", fix="Use a name like conv1.")
    if name in taken:
        raise GraphError("a name that is new in its graph was wanted", f"“{name}” is taken", fix="Use another name.")
