"""The templates as exports are tried on them: one of each network, no deeper and no longer than it needs to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import resources
from core.files import load
from core.graph import BLOCK, Graph, Value
from core.project import Project

TEMPLATES = Path(resources.__file__).parent / "templates"
SHORT: dict[str, tuple[tuple[str, Value], ...]] = {
    "recall": (("length", 5),),
    "temperatures": (("horizon", 1), ("window", 6)),
    "shakespeare": (("characters", 20_000), ("length", 8)),
    "sentences": (("longest", 6), ("words", 800)),
}
"""Options of data whose samples are long: a recurrent layer is written step by step into a file."""
DEPTH = 2
"""How often a block is repeated at the most."""
UNSEEN = frozenset({"weight_init", "init_gain", "forget_bias", "update_bias", "weight", "dataset"})
"""Parameters that no file with trained weights holds."""


def networks() -> dict[str, Callable[[], Project]]:
    """By template its network, cut down; of those that differ only in data and training the first."""
    found: dict[object, str] = {}
    for path in sorted(TEMPLATES.glob("*.chain")):
        found.setdefault(_drawn(cut(load(path))), path.stem)
    return {name: (lambda name=name: cut(load(TEMPLATES / f"{name}.chain"))) for name in found.values()}


def cut(project: Project) -> Project:
    """The project with short samples and few repetitions."""
    data = {
        key: replace(settings, options=SHORT.get(settings.source, settings.options))
        for key, settings in project.data.items()
    }
    blocks = {key: replace(block, graph=_shallow(block.graph)) for key, block in project.blocks.items()}
    return replace(
        project,
        graph=_shallow(project.graph),
        blocks=MappingProxyType(blocks),
        data=MappingProxyType(data),
    )


def _shallow(graph: Graph) -> Graph:
    nodes = {
        key: replace(node, repeat=min(node.repeat, DEPTH)) if node.kind == BLOCK else node
        for key, node in graph.nodes.items()
    }
    return replace(graph, nodes=MappingProxyType(nodes))


def _drawn(project: Project) -> object:
    """What makes a network another one."""
    graphs = (project.graph, *(project.blocks[key].graph for key in sorted(project.blocks)))
    return tuple(
        (
            tuple((key, node.kind, _seen(node.params), node.block, node.repeat) for key, node in graph.nodes.items()),
            tuple(graph.edges.values()),
        )
        for graph in graphs
    )


def _seen(params: tuple[tuple[str, Value], ...]) -> tuple[tuple[str, Value], ...]:
    return tuple((name, value) for name, value in params if name not in UNSEEN)
