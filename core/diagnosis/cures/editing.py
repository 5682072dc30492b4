"""Small edits that cures are put together of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.catalog import KINDS
from core.graph import Node
from core.planning import scope_of, set_param, set_training
from core.project import Project
from core.training.optimizers import KINDS as OPTIMIZERS
from core.training.optimizers import Optimizer, switched


def node_of(project: Project, node_id: str) -> Node:
    """The node, in whatever graph it lies."""
    return project.scope(scope_of(project, node_id)).node(node_id)


def with_params(project: Project, node_ids: Iterable[str], params: Mapping[str, object]) -> Project:
    """With these parameters set at these nodes, where their kinds have them; None sets one back."""
    for node_id in node_ids:
        known = {param.name for param in KINDS[node_of(project, node_id).kind].params}
        for name, value in params.items():
            if name in known:
                project = set_param(project, node_id, name, value)
    return project


def with_optimizer(project: Project, **changed: Any) -> Project:
    """With these fields of every phase's optimizer changed; another name keeps what both optimizers read."""
    return with_optimizers(project, lambda optimizer: _changed(optimizer, changed))


def with_optimizers(project: Project, change: Any) -> Project:
    """With every phase's optimizer as this function makes it."""
    phases = tuple(replace(phase, optimizer=change(phase.optimizer)) for phase in project.training.phases)
    return replace(project, training=replace(project.training, phases=phases))


def with_training(project: Project, **changed: object) -> Project:
    """With these fields of the training settings set."""
    for name, value in changed.items():
        project = set_training(project, name, value)
    return project


def with_data(project: Project, names: Iterable[str], **changed: Any) -> Project:
    """With these fields of these data sets changed."""
    for name in names:
        project = project.with_data(name, replace(project.data[name], **changed))
    return project


def _changed(optimizer: Optimizer, changed: Mapping[str, Any]) -> Optimizer:
    name = str(changed.get("name", optimizer.name))
    made = switched(optimizer, name) if name != optimizer.name else optimizer
    known = {"name", *OPTIMIZERS[name].reads}
    return replace(made, **{field: value for field, value in changed.items() if field in known})


def count(steps: Iterable[object], what: str) -> str:
    """So many of something: 1 layer, 3 layers."""
    number = len(tuple(steps))
    return f"{number} {what}{'' if number == 1 else 's'}"
