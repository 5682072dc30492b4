"""Pure plans for gestures: each takes a project and returns the one after; what cannot be done raises and says why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from core import retraining
from core.catalog import find
from core.catalog.kind import PortSpec
from core.catalog.sources import DATASET
from core.data.settings import DatasetSettings, source_kind
from core.errors import GraphError, ParameterError, ShapeError
from core.graph import BLOCK, Edge, Graph, InputKey, Node, Parameters, free_name
from core.instances import BLOCK_PREFIX, LINKED_PREFIX, PORTS, instance, with_port_renamed, without_port
from core.ports import input_port, input_ports, output_port, output_ports
from core.problems import ChangeKind, Disconnect, Fix, InsertOn, RemoveNode, Rewire, SetParam, StopBypass, UseData
from core.project import Position, Project
from core.reroutes import carried, joined, parted
from core.spacing import between
from core.training.fields import checked
from core.training.settings import FIELDS

DATA_PREFIX = "data:"
"""Before the name of a source, makes it something one can drop: data:mnist."""


def new_id(project: Project) -> str:
    """A node id that the whole project does not have yet."""
    return next(_new_ids(project))


def scope_of(project: Project, node_id: str) -> str:
    """The block in which the node lies, "" for the main graph; raises GraphError where there is none."""
    if node_id in project.graph.nodes:
        return ""
    for block in project.blocks.values():
        if node_id in block.graph.nodes:
            return block.id
    raise GraphError("a node of this project was wanted", f"there is no node “{node_id}”")


def add(project: Project, kind: str, at: Position, block: str = "", params: Parameters = ()) -> tuple[Project, str]:
    """With a new node of this kind, its corner at `at`, and the node's id.

    `data:NAME` adds the data set of that source too; `block:ID` is an instance of a block of the project, `linked:ID`
    one that shares the weights of the last. Raises KindError or DataError for what does not exist, GraphError for a
    block inside itself or a port outside of one.
    """
    if kind.startswith(DATA_PREFIX):
        return _add_data(project, kind.removeprefix(DATA_PREFIX), at, block)
    if kind.startswith((BLOCK_PREFIX, LINKED_PREFIX)):
        return _add_block(project, kind, at, block)
    if kind in PORTS and not block:
        wanted, fix = "a block around its port was wanted", "Open a block first, or fold layers into one."
        raise GraphError(wanted, "this is the main graph", find(kind).name, fix)
    graph = project.scope(block)
    taken = (node.name for node in graph.nodes.values())
    node = Node(new_id(project), kind, free_name(find(kind).stem or "node", taken), params)
    return _with_node(project, node, at, block), node.id


def connect(project: Project, edge: Edge) -> Project:
    """With this wire; at an input that holds one the old wire goes, at a variadic input the new one comes last.

    Raises GraphError for ports that do not exist, a loop or a wire that is there already, ShapeError for a dtype that
    the input does not take.
    """
    block = scope_of(project, edge.target)
    graph = project.scope(block)
    source, target = graph.node(edge.source), graph.node(edge.target)
    output = output_port(project, source, edge.output)
    accepts = input_port(project, target, edge.input)
    _check_dtype(source, output, target, accepts)
    _check_forward(graph, source, target)
    if accepts.variadic:
        edge = edge._replace(order=_next_order(graph, edge))
    return project.with_scope(graph.connect(edge), block)


def disconnect(project: Project, keys: Iterable[InputKey]) -> Project:
    """Without the wires that end there."""
    for key in keys:
        block = scope_of(project, key.node)
        project = project.with_scope(project.scope(block).disconnect((key,)), block)
    return project


def splice(project: Project, node_id: str, key: InputKey) -> Project:
    """With a node put into the wire that ends at `key`: what came by the wire goes through the node.

    Raises GraphError or ShapeError where the node has no ports for it or they do not take what the wire brings.
    """
    block = scope_of(project, node_id)
    graph = project.scope(block)
    if key not in graph.edges:
        raise GraphError("a wire of this graph was wanted", "there is none at this input")
    edge, node = graph.edges[key], graph.node(node_id)
    entry, leaving = _first_ports(project, node)
    project = connect(project, Edge(edge.source, edge.output, node_id, entry.name))
    _check_dtype(node, leaving, graph.node(edge.target), input_port(project, graph.node(edge.target), edge.input))
    _check_forward(project.scope(block), node, graph.node(edge.target))
    last = edge._replace(source=node_id, output=leaving.name)
    replaced = project.with_scope(project.scope(block).connect(last), block)
    return parted(replaced, edge, Edge(edge.source, edge.output, node_id, entry.name), last, node_id)


def insert(project: Project, kind: str, key: InputKey, params: Parameters = ()) -> tuple[Project, str]:
    """With a new node of this kind in the middle of a wire, room made for it, and the node's id."""
    block = scope_of(project, key.node)
    edge = project.scope(block).edges.get(key)
    if edge is None:
        raise GraphError("a wire of this graph was wanted", "there is none at this input")
    project, at = between(project, edge, block)
    project, node_id = add(project, kind, at, block, params)
    return splice(project, node_id, key), node_id


def delete(project: Project, node_ids: Iterable[str], keys: Iterable[InputKey] = ()) -> Project:
    """Without these nodes, their wires and positions, and without the wires that end at `keys`."""
    gone = set(node_ids)
    project = disconnect(project, keys)
    for block in {scope_of(project, node_id) for node_id in gone}:
        for port in (node for key, node in project.scope(block).nodes.items() if key in gone and node.kind in PORTS):
            project = without_port(project, block, port)
        project = project.with_scope(project.scope(block).remove_nodes(gone), block)
    return project.without_cards(gone)


def dissolve(project: Project, node_ids: Iterable[str]) -> Project:
    """Without these nodes, each one's first input wired on to all that its first output fed, where that fits."""
    for node_id in tuple(node_ids):
        block = scope_of(project, node_id)
        healed = tuple(_healed(project, project.scope(block), node_id))
        project = delete(project, (node_id,))
        for first, last, edge in healed:
            if _fits(project, edge):
                project = project.with_scope(project.scope(block).connect(edge), block)
                project = joined(project, first, last, edge)
    return project


def move(project: Project, positions: Mapping[str, Position]) -> Project:
    """With these nodes at new places, and what their wires run through; the same project where nothing moves."""
    moved = {key: place for key, place in positions.items() if project.positions.get(key) != place}
    return carried(project, moved).with_positions(moved) if moved else project


def rename(project: Project, node_id: str, name: str) -> Project:
    """With the node under another name; raises GraphError where it is taken or no valid Python attribute.

    The wires at a block's port follow its new name, and so does what the training settings say of it.
    """
    block = scope_of(project, node_id)
    graph = project.scope(block)
    node = graph.node(node_id)
    made = graph.replace_node(replace(node, name=name.strip()))
    project = retraining.renamed(project, node_id, name.strip()).with_scope(made, block)
    return with_port_renamed(project, block, node, name.strip()) if node.kind in PORTS else project


def set_param(project: Project, node_id: str, name: str, value: object) -> Project:
    """With one parameter set by hand, or back at its default or inferred value for None; raises ParameterError."""
    block = scope_of(project, node_id)
    graph = project.scope(block)
    node = graph.node(node_id)
    checked = find(node.kind).param(name).check(value, node.name) if value is not None else None
    changed = node.without_param(name) if value is None else node.with_params(**{name: checked})
    return project.with_scope(graph.replace_node(changed), block)


def change_kind(project: Project, node_id: str, kind: str) -> Project:
    """With the node one of another kind, its wires at the ports of the same place; raises KindError or GraphError."""
    block = scope_of(project, node_id)
    graph = project.scope(block)
    node, wanted = graph.node(node_id), find(kind)
    shared = {param.name for param in wanted.params}
    changed = replace(node, kind=kind, params=tuple(item for item in node.params if item[0] in shared))
    places = {port.name: place for place, port in enumerate(input_ports(project, node))}
    wires = [edge for edge in graph.into(node_id) if places.get(edge.input, len(wanted.inputs)) < len(wanted.inputs)]
    moved = [edge._replace(input=wanted.inputs[places[edge.input]].name) for edge in wires]
    loose = graph.disconnect([edge.key for edge in graph.into(node_id)])
    return project.with_scope(loose.replace_node(changed).connect_all(moved), block)


def use_data(project: Project, node_id: str, source: str, field: str) -> Project:
    """With a data node of this source in the place of an input: one of its graph that is there already, or a new one.

    Raises DataError for a source that does not exist, GraphError for a field that it does not have.
    """
    block = scope_of(project, node_id)
    graph = project.scope(block)
    known = (node for node in graph.nodes.values() if node.kind == DATASET)
    data = next((node.id for node in known if _offers(project, node, source)), "")
    if not data:
        project, data = _add_data(project, source, project.positions.get(node_id, (0.0, 0.0)), block)
    output_port(project, project.scope(block).node(data), field)
    wires = [edge._replace(source=data, output=field) for edge in graph.out_of(node_id)]
    return delete(project.with_scope(project.scope(block).connect_all(wires), block), (node_id,))


def _offers(project: Project, node: Node, source: str) -> bool:
    settings = project.data.get(str(node.param("dataset", "")))
    return settings is not None and settings.source == source


def apply_fix(project: Project, fix: Fix) -> Project:
    """With a problem's fix made; raises what the edit itself would."""
    match fix:
        case RemoveNode() | Disconnect():
            return dissolve(project, (fix.node,)) if isinstance(fix, RemoveNode) else disconnect(project, (fix.key,))
        case SetParam():
            return set_param(project, fix.node, fix.name, fix.value)
        case InsertOn():
            return insert(project, fix.kind, fix.edge, fix.params)[0]
        case Rewire():
            return _rewired(project, fix)
        case ChangeKind() | UseData() | StopBypass():
            return _exchanged(project, fix)
    return set_training(project, fix.name, fix.value)


def _exchanged(project: Project, fix: ChangeKind | UseData | StopBypass) -> Project:
    if isinstance(fix, StopBypass):
        return with_bypass(project, (fix.node,), False)
    if isinstance(fix, UseData):
        return use_data(project, fix.node, fix.source, fix.field)
    return change_kind(project, fix.node, fix.kind)


def with_bypass(project: Project, node_ids: Iterable[str], bypassed: bool) -> Project:
    """With these nodes bypassed, or running again, whether or not they can be."""
    for node_id in node_ids:
        block = scope_of(project, node_id)
        graph = project.scope(block)
        project = project.with_scope(graph.replace_node(replace(graph.node(node_id), bypassed=bypassed)), block)
    return project


def set_training(project: Project, name: str, value: object) -> Project:
    """With one field of the training settings set; raises ParameterError."""
    field = next((field for field in FIELDS if field.name == name), None)
    if field is None:
        raise ParameterError("a training setting was wanted", f"“{name}” came", fix="Choose one of the form's.")
    values: dict[str, Any] = {name: checked(field, value)}
    return replace(project, training=replace(project.training, **values))


def _rewired(project: Project, fix: Rewire) -> Project:
    cut = disconnect(project, (fix.key,))
    return connect(cut, Edge(fix.source, fix.output, fix.key.node, fix.key.port, fix.key.order))


def takes(output: PortSpec, accepts: PortSpec) -> bool:
    """Whether the input takes what the output's kind declares; shapes are another question."""
    return "any" in (output.dtype, accepts.dtype) or output.dtype == accepts.dtype


def leads_to(graph: Graph, start: str, goal: str) -> bool:
    """Whether a way along the wires leads from one node to the other, or they are the same."""
    readers: dict[str, list[str]] = {}
    for edge in graph.edges.values():
        readers.setdefault(edge.source, []).append(edge.target)
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        fresh = [reader for reader in readers.get(node, ()) if reader not in seen]
        seen.update(fresh)
        waiting += fresh
    return False


def _new_ids(project: Project) -> Iterator[str]:
    known = project.all_nodes().keys() | project.positions.keys()
    numbers = (int(found[1]) for key in known if (found := re.fullmatch(r"n(\d{1,9})", key)))
    number = max(numbers, default=0)
    while True:
        number += 1
        yield f"n{number}"


def new_ids(project: Project) -> Iterator[str]:
    """Node ids that the whole project does not have yet, one after the other."""
    return _new_ids(project)


def _with_node(project: Project, node: Node, at: Position, block: str) -> Project:
    grown = project.with_scope(project.scope(block).add_nodes((node,)), block)
    return grown.with_positions({node.id: (float(at[0]), float(at[1]))})


def _add_block(project: Project, kind: str, at: Position, scope: str) -> tuple[Project, str]:
    prefix, _, block = kind.partition(":")
    project, node = instance(project, block, scope, new_id(project), f"{prefix}:" == LINKED_PREFIX)
    return _with_node(project, node, at, scope), node.id


def _add_data(project: Project, source: str, at: Position, block: str) -> tuple[Project, str]:
    settings = DatasetSettings(source_kind(source).name)
    dataset = _dataset_id(project, source)
    if dataset not in project.data:
        project = project.with_data(dataset, settings)
    return add_dataset(project, dataset, at, block)


def add_dataset(project: Project, dataset: str, at: Position, block: str = "") -> tuple[Project, str]:
    """With a node that offers this data set of the project; the node's id."""
    source = dataset if dataset.isidentifier() else "data"
    names = {node.name for node in project.scope(block).nodes.values()}
    name = source if source not in names else free_name(source, names)
    node = Node(new_id(project), DATASET, name, (("dataset", dataset),))
    return _with_node(project, node, at, block), node.id


def _dataset_id(project: Project, source: str) -> str:
    """The data set of this source that the project has, or a new id: two nodes on one set see the same samples."""
    if source not in project.data or project.data[source].source == source:
        return source
    return free_name(source, project.data)


def _check_dtype(source: Node, output: PortSpec, target: Node, accepts: PortSpec) -> None:
    if takes(output, accepts):
        return
    words = {"float": "numbers of floating point", "int": "whole numbers (int64)", "scalar": "a single number"}
    raise ShapeError(
        f"{words[accepts.dtype]} were wanted at {accepts.name}",
        f"{source.name} gives {words[output.dtype]} at {output.name}",
        target.name,
        f"Wire another output to {accepts.name}.",
    )


def _check_forward(graph: Graph, source: Node, target: Node) -> None:
    if source.id == target.id:
        raise GraphError(
            "a wire between two nodes was wanted",
            f"both ends are at {source.name}",
            source.name,
            "Choose another node.",
        )
    if leads_to(graph, target.id, source.id):
        raise GraphError(
            "wires that lead forward were wanted",
            f"{target.name} already leads to {source.name}, so this wire would close a circle",
            target.name,
            "Choose a node further on.",
        )


def _next_order(graph: Graph, edge: Edge) -> int:
    orders = []
    for known in graph.into(edge.target):
        if known.input == edge.input:
            if (known.source, known.output) == (edge.source, edge.output):
                name = graph.nodes[edge.source].name
                raise GraphError("a new wire was wanted", f"{name} is wired to {edge.input} already", fix="Keep it.")
            orders.append(known.order)
    return max(orders, default=-1) + 1


def _first_ports(project: Project, node: Node) -> tuple[PortSpec, PortSpec]:
    entries, leaving = input_ports(project, node), output_ports(project, node)
    if not entries or not leaving:
        side = "input" if not entries else "output"
        raise GraphError(
            "a node with an input and an output was wanted", f"{node.name} has no {side}", node.name, "Drop it beside."
        )
    return entries[0], leaving[0]


def _healed(project: Project, graph: Graph, node_id: str) -> Iterator[tuple[Edge, Edge, Edge]]:
    """The wire into the node, one out of it, and the one that would lead past it, for each."""
    node = graph.node(node_id)
    if node.kind == BLOCK and node.block not in project.blocks:
        return
    entries, leaving = input_ports(project, node), output_ports(project, node)
    into = [edge for edge in graph.into(node_id) if entries and edge.input == entries[0].name]
    if not into or not leaving:
        return
    first = min(into, key=lambda edge: edge.order)
    for edge in graph.out_of(node_id):
        if edge.output == leaving[0].name:
            yield first, edge, edge._replace(source=first.source, output=first.output)


def _fits(project: Project, edge: Edge) -> bool:
    graph = project.scope(scope_of(project, edge.target))
    outputs, inputs = output_ports(project, graph.node(edge.source)), input_ports(project, graph.node(edge.target))
    offered = next((port for port in outputs if port.name == edge.output), None)
    accepts = next((port for port in inputs if port.name == edge.input), None)
    return offered is not None and accepts is not None and takes(offered, accepts)
