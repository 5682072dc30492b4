"""Copy and paste as values: a selection becomes a project of its own, a project is put into another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from core import reroutes
from core.annotating import put
from core.collapsing import shown_alike
from core.errors import GraphError
from core.graph import Block, Graph, Node, free_name
from core.instances import PORTS, check_nesting, free_title, outline
from core.planning import new_ids
from core.project import Position, Project
from core.training.settings import TrainingSettings

STEP = 24.0
"""How far a duplicate stands from its original, to the right and down."""


def extract(project: Project, node_ids: Iterable[str], block: str = "", notes: Iterable[str] = ()) -> Project:
    """These nodes with wires, places, data sets and blocks, and these frames and notes: what a clipboard holds."""
    wanted = set(node_ids)
    scope = project.scope(block)
    nodes = {key: node for key, node in scope.nodes.items() if key in wanted}
    edges = {key: edge for key, edge in scope.edges.items() if edge.source in wanted and edge.target in wanted}
    blocks = dict(_used_blocks(project, nodes.values()))
    inside = {key for used in blocks.values() for key in used.graph.nodes}
    everything = [*nodes.values(), *(node for used in blocks.values() for node in used.graph.nodes.values())]
    data = {str(node.param("dataset", "")) for node in everything}
    return Project(
        name="clipboard",
        graph=Graph(MappingProxyType(nodes), MappingProxyType(edges)),
        blocks=MappingProxyType(blocks),
        positions=MappingProxyType({k: place for k, place in project.positions.items() if k in wanted | inside}),
        data=MappingProxyType({key: settings for key, settings in project.data.items() if key in data}),
        training=TrainingSettings(),
        annotations=MappingProxyType({key: replace(project.annotations[key], block="") for key in notes}),
        reroutes=reroutes.among(project, wanted | inside),
        bodies=MappingProxyType({k: body for k, body in project.bodies.items() if k in wanted | inside}),
    )


def paste(
    project: Project, clip: Project, at: Position | None = None, block: str = ""
) -> tuple[Project, tuple[str, ...]]:
    """With the clip's nodes under new ids and names, and those ids.

    Their upper left corner stands at `at`; without it they stand a step beside their originals. Raises GraphError
    where a block would come to stand inside itself, or a block's port outside of one.
    """
    if not block:
        clip = _without_ports(clip)
    project, blocks = with_blocks(project, clip)
    for key in {blocks.get(node.block, "") for node in clip.graph.nodes.values()} - {""}:
        check_nesting(project, key, block)
    project, data = _with_data(project, clip)
    fresh = new_ids(project)
    ids = {node_id: next(fresh) for node_id in clip.graph.nodes}
    names = {node.name for node in project.scope(block).nodes.values()}
    nodes = []
    for node in clip.graph.nodes.values():
        name = node.name if node.name not in names else free_name(node.name, names)
        names.add(name)
        nodes.append(_renamed(node, ids[node.id], name, blocks, data))
    edges = [edge._replace(source=ids[edge.source], target=ids[edge.target]) for edge in clip.graph.edges.values()]
    grown = project.scope(block).add_nodes(nodes).connect_all(edges)
    across, down = _way(clip, at)
    places = {key: clip.positions.get(key, (0.0, 0.0)) for key in clip.graph.nodes}
    moved = {ids[key]: (x + across, y + down) for key, (x, y) in places.items()}
    project, _notes = put(project, clip.annotations.values(), (across, down), block)
    made = project.with_scope(grown, block).with_positions(moved)
    return shown_alike(reroutes.taken_over(made, clip, ids), clip, ids), tuple(ids.values())


def paste_wired(
    project: Project, clip: Project, at: Position | None = None, block: str = ""
) -> tuple[Project, tuple[str, ...]]:
    """The same, the copies fed by what feeds the originals in this graph; an original that is gone brings no wires."""
    graph = project.scope(block)
    clip = clip if block else _without_ports(clip)
    project, nodes = paste(project, clip, at, block)
    copies = dict(zip(clip.graph.nodes, nodes, strict=True))
    known = {key for key, node in clip.graph.nodes.items() if _is_original(graph, node)}
    feeding = [edge for edge in graph.edges.values() if edge.target in known and edge.source not in copies]
    wires = [edge._replace(target=copies[edge.target]) for edge in feeding]
    return project.with_scope(project.scope(block).connect_all(wires), block), nodes


def duplicate(
    project: Project, node_ids: Iterable[str], block: str = "", notes: Iterable[str] = ()
) -> tuple[Project, tuple[str, ...]]:
    """With a copy of these nodes and notes a step beside them, and the copied nodes' ids."""
    return paste(project, extract(project, node_ids, block, notes), None, block)


def corner(clip: Project) -> Position | None:
    """The upper left corner of the clip's cards, or of its notes where it has no cards; None where it is empty."""
    places = [clip.positions.get(key, (0.0, 0.0)) for key in clip.graph.nodes]
    corners = places or [item.rect[:2] for item in clip.annotations.values()]
    return (min(x for x, _y in corners), min(y for _x, y in corners)) if corners else None


def _is_original(graph: Graph, node: Node) -> bool:
    """Whether the graph has the node that was copied; another project may know another one by its id."""
    there = graph.nodes.get(node.id)
    return there is not None and (there.kind, there.name) == (node.kind, node.name)


def _used_blocks(project: Project, nodes: Iterable[Node]) -> Iterator[tuple[str, Block]]:
    waiting, seen = [node.block for node in nodes if node.block], set[str]()
    while waiting:
        key = waiting.pop()
        if key in project.blocks and key not in seen:
            seen.add(key)
            waiting += [node.block for node in project.blocks[key].graph.nodes.values() if node.block]
            yield key, project.blocks[key]


def _way(clip: Project, at: Position | None) -> Position:
    """How far everything is carried: a step, or so that the upper left corner of the cards comes to stand at `at`."""
    stands = corner(clip)
    if at is None or stands is None:
        return STEP, STEP
    return at[0] - stands[0], at[1] - stands[1]


def _renamed(node: Node, node_id: str, name: str, blocks: Mapping[str, str], data: Mapping[str, str]) -> Node:
    made = replace(node, id=node_id, name=name, block=blocks.get(node.block, node.block))
    dataset = str(node.param("dataset", ""))
    return made.with_params(dataset=data[dataset]) if dataset in data and data[dataset] != dataset else made


def _with_data(project: Project, clip: Project) -> tuple[Project, dict[str, str]]:
    """With the clip's data sets; the same one is not added twice."""
    named: dict[str, str] = {}
    for key, settings in clip.data.items():
        there = project.data.get(key)
        named[key] = key if there is None or there == settings else free_name(key, project.data)
        if there != settings:
            project = project.with_data(named[key], settings)
    return project, named


def _without_ports(clip: Project) -> Project:
    """The clip for the main graph, where a block's ports have no meaning."""
    ports = [key for key, node in clip.graph.nodes.items() if node.kind in PORTS]
    if ports and len(ports) == len(clip.graph.nodes):
        wanted, fix = "layers were wanted", "Paste it inside a block."
        raise GraphError(wanted, "a block's port came, and this is the main graph", "", fix)
    return replace(clip, graph=clip.graph.remove_nodes(ports))


def with_blocks(project: Project, clip: Project) -> tuple[Project, dict[str, str]]:
    """With the clip's blocks, inner nodes under new ids, and what each block is now called.

    A block that is there already, whatever its ids, is used; another of the same name gets a new one.
    """
    known = {outline(project, key): key for key in reversed(tuple(project.blocks))}
    named: dict[str, str] = {}
    for key in clip.blocks:
        mine = outline(clip, key)
        there = key if key in project.blocks and outline(project, key) == mine else known.get(mine)
        named[key] = there or (free_name(key, {*project.blocks, *named.values()}) if key in project.blocks else key)
    for key, block in clip.blocks.items():
        if named[key] not in project.blocks:
            project = _with_block(project, block, named, clip)
    return project, named


def _with_block(project: Project, block: Block, named: Mapping[str, str], clip: Project) -> Project:
    fresh = (key for key in new_ids(project) if key not in block.graph.nodes)
    taken = project.all_nodes()
    ids = {key: key if key not in taken else next(fresh) for key in block.graph.nodes}
    nodes = [
        replace(node, id=ids[node.id], block=named.get(node.block, node.block)) for node in block.graph.nodes.values()
    ]
    edges = [edge._replace(source=ids[edge.source], target=ids[edge.target]) for edge in block.graph.edges.values()]
    made = Block(named[block.id], free_title(block.name, project), Graph.of(nodes, edges))
    grown = replace(project, blocks=MappingProxyType({**project.blocks, made.id: made}))
    placed = grown.with_positions({ids[key]: place for key, place in clip.positions.items() if key in ids})
    return shown_alike(reroutes.taken_over(placed, clip, ids), clip, ids)
