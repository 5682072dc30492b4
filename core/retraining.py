"""What the training settings say of parts of the network, by their paths, where a part gets another name or place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from core.project import Project

Moved = Callable[[str], tuple[str, ...]]
"""A path's new ones."""


def retrained(project: Project, renamed: Mapping[str, tuple[str, ...]]) -> Project:
    """With the training settings speaking of the parts that they did, by their new paths."""

    def moved(path: str) -> tuple[str, ...]:
        old = max((key for key in renamed if f"{path}.".startswith((f"{key}.", f"{key}["))), key=len, default=path)
        return tuple(new + path[len(old) :] for new in renamed.get(old, (path,)))

    return _moved(project, moved)


def renamed(project: Project, node_id: str, name: str) -> Project:
    """The same where one node, still under its old name, is to have another."""

    def moved(path: str) -> tuple[str, ...]:
        return (_with_name(project, path, node_id, name),)

    return _moved(project, moved)


def _with_name(project: Project, path: str, node_id: str, name: str) -> str:
    graph, parts = project.graph, path.split(".")
    for place, part in enumerate(parts):
        called, *number = re.split(r"(?=\[)", part, maxsplit=1)
        node = graph.by_name(called)
        if node is None:
            break
        if node.id == node_id:
            parts[place] = "".join((name, *number))
        if node.block not in project.blocks:
            break
        graph = project.blocks[node.block].graph
    return ".".join(parts)


def _moved(project: Project, moved: Moved) -> Project:
    training = project.training
    phases = tuple(
        replace(phase, trains=tuple(new for path in phase.trains for new in moved(path))) for phase in training.phases
    )
    rates = tuple((new, share) for path, share in training.rates for new in moved(path))
    if (phases, rates) == (training.phases, training.rates):
        return project
    return replace(project, training=replace(training, phases=phases, rates=rates))
