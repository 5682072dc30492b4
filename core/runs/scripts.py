"""A run of a script that is no project of ours: its layers as cards, in the order in which they were called.

What functions do between them, branches and sizes among it, is not known: it is a drawing to show measurements on, and
what the Doctor counts depth along, no network that could be trained.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from core.catalog import KINDS
from core.engine.messages import RowInfo, Started
from core.errors import ParameterError
from core.graph import RESERVED, Edge, Graph, Node, Parameters
from core.layout import arrange_to_fit
from core.project import Project
from core.runs.info import RunInfo
from core.training.optimizers import KINDS as OPTIMIZERS
from core.training.optimizers import Optimizer
from core.training.settings import Phase, TrainingSettings

OWN_LOSS, LIKE = "own_loss", "MSE"
"""The name and the kind of the card of a loss that is none of ours: something is held against a target."""
OTHER = "Identity"
"""The kind of the card of a layer that we know none for."""
LOSS = "loss"
_FIELDS = (("lr", "learning_rate"), ("momentum", "momentum"), ("weight_decay", "weight_decay"), ("eps", "eps"))
"""What torch calls them, and what we do."""


class Sketch(NamedTuple):
    """What is shown of a script's run."""

    project: Project
    started: Started
    """With the names of the cards for paths."""
    paths: Mapping[str, str]
    """By the name of a card what its layer is called in the script."""


def sketched(info: RunInfo) -> Sketch:
    """The drawing of a script's run."""
    started, script = info.started, info.script or {}
    rows = list({row.path: row for row in (started.outputs or _defined(started, script))}.values())
    names = _names([row.path for row in (*rows, *started.weights)])
    settings = script.get("layers", {})
    nodes = [
        Node(f"n{number}", kind, names[row.path], _params(kind, settings.get(row.path, {})))
        for number, row in enumerate(rows, 1)
        for kind in (_kind(row.kind),)
    ]
    nodes.append(_loss(script))
    graph = Graph.of(nodes, _chained(nodes))
    project = Project(
        info.project,
        graph,
        positions=MappingProxyType(arrange_to_fit(graph)),
        training=_training(script),
        description=_description(info),
    )
    ids = {node.name: node.id for node in nodes}
    return Sketch(project, _renamed(started, names, ids), {name: path for path, name in names.items()})


def _defined(started: Started, script: Mapping[str, Any]) -> Iterable[RowInfo]:
    """The layers in the order in which they were defined, of a model none of which was seen at work."""
    known = {row.path: row for row in started.weights}
    kinds = script.get("kinds", {})
    layers = (RowInfo(path=path, node=path, kind=kind, category="", numel=0) for path, kind in kinds.items())
    return [*(known.pop(row.path, row) for row in layers), *known.values()]


def _renamed(started: Started, names: Mapping[str, str], ids: Mapping[str, str]) -> Started:
    def row(info: RowInfo) -> RowInfo:
        name, kind = names[info.path], _kind(info.kind)
        told = kind if kind != OTHER else info.kind
        return msgspec.structs.replace(
            info, path=name, node=ids.get(name, ""), kind=told, category=KINDS[kind].category
        )

    def column(name: str) -> str:
        quantity, colon, path = name.partition(":")
        return f"{quantity}{colon}{names.get(path, path)}"

    return msgspec.structs.replace(
        started,
        weights=[row(info) for info in started.weights],
        outputs=[row(info) for info in started.outputs],
        step_columns=[column(name) for name in started.step_columns],
        sample_columns=[column(name) for name in started.sample_columns],
    )


def _names(paths: Iterable[str]) -> dict[str, str]:
    """By path a name that a card may have, and no other has."""
    found: dict[str, str] = {}
    taken = {LOSS, OWN_LOSS, *RESERVED}
    for path in paths:
        if path in found:
            continue
        plain = re.sub(r"\W+", "_", path, flags=re.ASCII).strip("_") or "layer"
        first = plain if plain[0].isalpha() else f"layer_{plain}"
        name, number = first, 2
        while name in taken or not name.isidentifier():
            name, number = f"{first}_{number}", number + 1
        taken.add(name)
        found[path] = name
    return found


def _kind(name: str) -> str:
    """The kind of a class of this name: the one that is called so, or the longest whose name it holds."""
    layers = [kind for kind in KINDS.values() if kind.role == "layer" and kind.inputs and kind.outputs]
    within = [kind.name for kind in layers if kind.name == name or (len(kind.name) > 3 and kind.name in name)]
    return max(within, key=len, default=OTHER)


def _params(kind: str, settings: Mapping[str, Any]) -> Parameters:
    """What a layer was made with, where that is what cards of this kind have."""
    found = []
    for param in KINDS[kind].params:
        value = settings.get(param.name)
        if param.inferred or value is None:
            continue
        try:
            held = param.check(tuple(value) if isinstance(value, list) else value)
        except ParameterError:
            continue  # a card cannot say it: torch's layer takes more than ours, or another class calls it so
        if held != param.default:
            found.append((param.name, held))
    return tuple(sorted(found))


def _description(info: RunInfo) -> str:
    """What is known of the training, in words."""
    script = info.script or {}
    models = " and ".join(script.get("model", ())) or "A network"
    parts = [f"{models}, trained by a script: {info.started.parameters:,} parameters."]
    parts.append(f"Its loss is {script['loss']}." if script.get("loss") else "Its loss is its own.")
    for told in script.get("optimizers", ()):
        settings = [f"{name} {told[name]:g}" for name, _field in _FIELDS if isinstance(told.get(name), int | float)]
        parts.append(f"{told.get('name', 'Optimizer')}: {', '.join(settings)}.")
    return " ".join(parts)


def _loss(script: Mapping[str, Any]) -> Node:
    name = str(script.get("loss", ""))
    is_ours = name in KINDS and KINDS[name].role == "loss"
    return Node("loss", name, LOSS) if is_ours else Node("loss", LIKE, OWN_LOSS)


def _chained(nodes: list[Node]) -> list[Edge]:
    pairs = pairwise(nodes)
    return [Edge(one.id, KINDS[one.kind].outputs[0].name, two.id, KINDS[two.kind].inputs[0].name) for one, two in pairs]


def _training(script: Mapping[str, Any]) -> TrainingSettings:
    """The optimizers as far as we have their like."""
    phases = []
    for told in script.get("optimizers", ()):
        name = "Momentum" if told.get("name") == "SGD" and told.get("momentum") else told.get("name")
        made = Optimizer(name=name if name in OPTIMIZERS else "SGD")
        known: dict[str, Any] = {
            field: float(told[name]) for name, field in _FIELDS if isinstance(told.get(name), int | float)
        }
        betas = told.get("betas")
        if isinstance(betas, list) and len(betas) == 2:
            known |= {"beta1": float(betas[0]), "beta2": float(betas[1])}
        phases.append(Phase(optimizer=replace(made, **known)))
    batch, usual = script.get("batch"), TrainingSettings()
    size = batch if isinstance(batch, int) and batch > 0 else usual.batch_size
    return replace(usual, epochs=1, batch_size=size, phases=tuple(phases) or (Phase(),))
