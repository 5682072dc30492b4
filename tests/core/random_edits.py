"""Edits as a random user makes them, through the same plans as the window's gestures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from hypothesis import strategies as st

from core import planning
from core.catalog import KINDS
from core.collapsing import collapse, show_activations
from core.data.augmentation import Augmentation, possible
from core.data.settings import dataset_kind
from core.errors import ChainruleError
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node
from core.ports import input_ports, output_ports
from core.project import Project
from core.reroutes import added
from tests.core.networks import LENET, chain

PLAIN = tuple(name for name, kind in KINDS.items() if kind.role != "structure")


def with_blocks() -> Project:
    """Data, a residual block twice, a block that holds it, and a loss."""
    residual = Graph.of(
        [
            Node("ri", BLOCK_INPUT, "x"),
            Node("rl", "Linear", "fc"),
            Node("ra", "Add", "add"),
            Node("ro", BLOCK_OUTPUT, "y"),
        ],
        [
            Edge("ri", "output", "rl", "input"),
            Edge("ri", "output", "ra", "inputs", 0),
            Edge("rl", "output", "ra", "inputs", 1),
            Edge("ra", "output", "ro", "input"),
        ],
    )
    outer = Graph.of(
        [Node("oi", BLOCK_INPUT, "x"), Node("ob", BLOCK, "inner", block="residual"), Node("oo", BLOCK_OUTPUT, "y")],
        [Edge("oi", "output", "ob", "x"), Edge("ob", "y", "oo", "input")],
    )
    project = chain(
        [("Flatten", "flatten", {}), ("Linear", "fc1", {"out_features": 64}), ("Linear", "fc2", {"out_features": 10})]
    )
    graph = project.graph.add_nodes(
        [
            Node("b1", BLOCK, "first", block="residual", repeat=2),
            Node("b2", BLOCK, "second", block="outer", link="shared"),
        ]
    )
    graph = graph.connect_all(
        [Edge("fc1", "output", "b1", "x"), Edge("b1", "y", "b2", "x"), Edge("b2", "y", "fc2", "input")]
    )
    blocks = {"residual": Block("residual", "residual", residual), "outer": Block("outer", "outer", outer)}
    return replace(project, graph=graph, blocks=MappingProxyType(blocks))


def starts() -> st.SearchStrategy[Project]:
    """The networks that edits begin with."""
    return st.sampled_from([chain(LENET), with_blocks()])


def edited(project: Project, data: st.DataObject) -> Project:
    """The project after one random edit; the same where that edit cannot be."""
    edit: Callable[[Project, st.DataObject], Project] = data.draw(st.sampled_from(EDITS))
    try:
        return edit(project, data)
    except ChainruleError:
        return project


def _node(project: Project, data: st.DataObject, block: str | None = None) -> Node | None:
    nodes = list(project.all_nodes().values()) if block is None else list(project.scope(block).nodes.values())
    return data.draw(st.sampled_from(nodes)) if nodes else None


def _scope(project: Project, data: st.DataObject) -> str:
    return data.draw(st.sampled_from(["", *project.blocks]))


def _set_param(project: Project, data: st.DataObject) -> Project:
    node = _node(project, data)
    if node is None or node.kind not in KINDS or not KINDS[node.kind].params:
        return project
    param = data.draw(st.sampled_from(KINDS[node.kind].params))
    value = data.draw(st.sampled_from([None, param.default, 1, 2, 3, 10, 64, -1, True, False]))
    return planning.set_param(project, node.id, param.name, value)


def _add(project: Project, data: st.DataObject) -> Project:
    kind = data.draw(st.sampled_from((*PLAIN, BLOCK_INPUT, BLOCK_OUTPUT)))
    return planning.add(project, kind, (0, 0), _scope(project, data))[0]


def _connect(project: Project, data: st.DataObject) -> Project:
    block = _scope(project, data)
    source, target = _node(project, data, block), _node(project, data, block)
    if source is None or target is None:
        return project
    outputs, inputs = output_ports(project, source), input_ports(project, target)
    if not outputs or not inputs:
        return project
    edge = Edge(source.id, data.draw(st.sampled_from(outputs)).name, target.id, data.draw(st.sampled_from(inputs)).name)
    if data.draw(st.booleans()):
        return planning.connect(project, edge)
    return project.with_scope(project.scope(block).connect(edge), block)


def _disconnect(project: Project, data: st.DataObject) -> Project:
    edges = list(project.scope(_scope(project, data)).edges)
    return planning.disconnect(project, [data.draw(st.sampled_from(edges))]) if edges else project


def _reroute(project: Project, data: st.DataObject) -> Project:
    edges = list(project.scope(_scope(project, data)).edges.values())
    place = (float(data.draw(st.integers(-99, 99))), 7.5)
    return added(project, data.draw(st.sampled_from(edges)), place, 0) if edges else project


def _fold(project: Project, data: st.DataObject) -> Project:
    node = _node(project, data)
    fold = data.draw(st.sampled_from([collapse, show_activations]))
    return fold(project, [node.id], data.draw(st.booleans())) if node is not None else project


def _delete(project: Project, data: st.DataObject) -> Project:
    node = _node(project, data)
    gone = data.draw(st.sampled_from([planning.delete, planning.dissolve]))
    return gone(project, [node.id]) if node is not None else project


def _insert(project: Project, data: st.DataObject) -> Project:
    edges = list(project.scope(_scope(project, data)).edges)
    kind = data.draw(st.sampled_from(PLAIN))
    return planning.insert(project, kind, data.draw(st.sampled_from(edges)))[0] if edges else project


def _rename(project: Project, data: st.DataObject) -> Project:
    node = _node(project, data)
    return planning.rename(project, node.id, data.draw(st.sampled_from("abcx"))) if node is not None else project


def _change_node(project: Project, data: st.DataObject) -> Project:
    node = _node(project, data)
    if node is None:
        return project
    block = planning.scope_of(project, node.id)
    links, blocks = st.sampled_from(["", "shared"]), st.sampled_from([node.block, *project.blocks])
    changed = replace(
        node,
        link=data.draw(links),
        repeat=data.draw(st.integers(1, 3)) if node.kind == BLOCK else 1,
        block=data.draw(blocks) if node.kind == BLOCK else "",
        bypassed=data.draw(st.booleans()),
    )
    return project.with_scope(project.scope(block).replace_node(changed), block)


def _change_kind(project: Project, data: st.DataObject) -> Project:
    node = _node(project, data)
    return planning.change_kind(project, node.id, data.draw(st.sampled_from(PLAIN))) if node is not None else project


def _change_data(project: Project, data: st.DataObject) -> Project:
    settings = replace(project.data["mnist"], source=data.draw(st.sampled_from(["mnist", "digits", "iris", "spiral"])))
    return project.with_data("mnist", settings)


def _augment(project: Project, data: st.DataObject) -> Project:
    settings = project.data["mnist"]
    names = st.sampled_from([kind.name for kind in possible(dataset_kind(settings))])
    steps = st.builds(Augmentation, names, st.sampled_from([(), (("p", 0.25),)]), st.booleans())
    return project.with_data("mnist", replace(settings, augmentation=tuple(data.draw(st.lists(steps, max_size=3)))))


def _reorder(project: Project, data: st.DataObject) -> Project:
    block = _scope(project, data)
    graph = project.scope(block)
    nodes = dict(data.draw(st.permutations(list(graph.nodes.items()))))
    return project.with_scope(replace(graph, nodes=MappingProxyType(nodes)), block)


EDITS: tuple[Callable[[Project, st.DataObject], Project], ...] = (
    _set_param,
    _add,
    _connect,
    _disconnect,
    _reroute,
    _fold,
    _delete,
    _insert,
    _rename,
    _change_node,
    _change_kind,
    _change_data,
    _augment,
    _reorder,
)
