"""`--set KEY=VALUE`: settings of training, optimizer, data sets and nodes as edits of the project.

KEY is a training setting (`epochs`), one of the optimizer (`optimizer`, `learning_rate`) or of one phase
(`phase2.losses`), a share of the learning rate (`rates.encoder`), a data set's
(`mnist.validation`) or a node's (`conv1.out_channels`, inside a block `encoder.conv1.out_channels`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from core.catalog import find
from core.commands.opening import closest, data_node
from core.commands.phases import phased, shared
from core.data.augmentation import read_steps
from core.data.formats import FORMATS
from core.data.settings import SETTINGS, DatasetSettings, dataset_kind, shared_options
from core.data.sources import OptionSpec
from core.errors import ChainruleError, ParameterError
from core.graph import Node, Value
from core.phrases import parsed, read_value
from core.project import Project
from core.training.fields import Field, checked
from core.training.optimizers import OPTIMIZER_FIELDS, Optimizer, switched
from core.training.schedules import SCHEDULE_FIELDS
from core.training.settings import FIELDS, TrainingSettings

_TRAINING: Mapping[str, Field] = MappingProxyType({field.name: field for field in FIELDS})
_OPTIMIZER: Mapping[str, Field] = MappingProxyType(
    {("optimizer" if field.name == "name" else field.name): field for field in OPTIMIZER_FIELDS}
)
_SCHEDULE: Mapping[str, Field] = MappingProxyType({field.name: field for field in SCHEDULE_FIELDS})


class Place(NamedTuple):
    """A node and the block that it lies in; that of the main graph is empty."""

    block: str
    node: Node


def assigned(project: Project, assignments: Iterable[str]) -> Project:
    """The project with every KEY=VALUE applied, in order; raises ParameterError."""
    for text in assignments:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ParameterError("KEY=VALUE was wanted", f"“{text}” came", "--set", "Write learning_rate=0.01.")
        project = _told(project, key.strip(), value.strip())
    return project


def _told(project: Project, key: str, text: str) -> Project:
    try:
        return _set(project, key, text)
    except ChainruleError as error:
        raise ParameterError(error.wanted, error.came, f"--set {key}={text}", error.fix) from error


def _set(project: Project, key: str, text: str) -> Project:
    if key.partition(".")[0] == "schedule":
        return replace(project, training=_scheduled(project.training, key, text))
    if key.partition(".")[0] == "rates" and "rates" not in project.data:
        _place(project, key.partition(".")[2])
        return replace(project, training=shared(project, key.partition(".")[2], text))
    if (changed := phased(project, key, text, _chosen)) is not None:
        return replace(project, training=changed)
    if key in _TRAINING or key in _OPTIMIZER:
        return replace(project, training=_training(project.training, key, text))
    owner, dot, name = key.rpartition(".")
    if not dot:
        raise _unknown(key, (*_TRAINING, *_OPTIMIZER), "a training setting or NODE.PARAMETER was wanted")
    dataset = data_node(project, owner) or owner
    if dataset in project.data:
        return project.with_data(dataset, _dataset(project.data[dataset], name, text))
    return _node(project, _place(project, owner), name, text)


def _training(training: TrainingSettings, key: str, text: str) -> TrainingSettings:
    """The settings with this one changed; an optimizer's is changed in every phase."""
    field = _TRAINING.get(key) or _OPTIMIZER[key]
    value = checked(field, _chosen(field.choices, text) if field.choices and not field.several else parsed(text))
    if key in _TRAINING:
        return replace(training, **{key: value})  # type: ignore[arg-type]  # checked against the field's type
    optimizers = (_optimizer(phase.optimizer, field.name, value) for phase in training.phases)
    phases = zip(training.phases, optimizers, strict=True)
    return replace(training, phases=tuple(replace(phase, optimizer=optimizer) for phase, optimizer in phases))


def _scheduled(training: TrainingSettings, key: str, text: str) -> TrainingSettings:
    """The settings with this schedule (`schedule=Cosine`), or with this setting of it (`schedule.warmup=2`)."""
    name = key.partition(".")[2] or "name"
    field = _SCHEDULE.get(name)
    if field is None:
        raise _unknown(name, _SCHEDULE, "a setting of the schedule was wanted")
    value = checked(field, _chosen(field.choices, text) if field.choices else parsed(text), "Schedule")
    return replace(training, schedule=replace(training.schedule, **{name: value}))  # type: ignore[arg-type]  # checked


def _optimizer(optimizer: Optimizer, name: str, value: float | str | bool) -> Optimizer:
    """The optimizer with this hyper-parameter; another optimizer begins with its own where the two do not share it."""
    if name == "name":
        return switched(optimizer, str(value))
    return replace(optimizer, **{name: value})  # type: ignore[arg-type]  # checked against the field's type


def _dataset(settings: DatasetSettings, name: str, text: str) -> DatasetSettings:
    if name == "augmentation":
        return replace(settings, augmentation=read_steps(text))
    specs = {spec.name: spec for spec in (*shared_options(dataset_kind(settings)), *dataset_kind(settings).options)}
    if name not in specs:
        names = (*specs, "augmentation")
        raise _unknown(name, names, f"a setting of the data set {settings.source} was wanted")
    value = _option(specs[name], text)
    if any(spec.name == name for spec in SETTINGS):
        return replace(settings, **{name: value})  # type: ignore[arg-type]  # checked when it is made
    options = {**dict(settings.options), name: value}
    changed = replace(settings, options=tuple(sorted(options.items())))  # type: ignore[arg-type]  # the same
    return _read_anew(changed, name)


def _option(spec: OptionSpec, text: str) -> Value:
    """What the text means for this option."""
    if spec.type == "text":
        return text
    return _chosen(spec.choices, text) if spec.type == "choice" else parsed(text)


def _read_anew(settings: DatasetSettings, name: str) -> DatasetSettings:
    """A file of the user's own is read anew where this option finds other fields in it."""
    if settings.found is None or name not in FORMATS[settings.source].rereads:
        return settings
    from core.data.own import inspected

    found = inspected(Path(settings.path), dict(settings.options), settings.source).found
    return replace(settings, found=found)


def _node(project: Project, place: Place, name: str, text: str) -> Project:
    kind = find(place.node.kind)
    if name not in (names := [param.name for param in kind.params]):
        raise _unknown(name, names, f"a parameter of {place.node.name} ({kind.name}) was wanted")
    value = read_value(kind.param(name), text)
    graph = project.scope(place.block)
    return project.with_scope(graph.replace_node(place.node.with_params(**{name: value})), place.block)


def _place(project: Project, path: str) -> Place:
    """The node at an instance path, `encoder.conv1`; a repeated block's number is not needed."""
    first, *inside = re.sub(r"\[\d+\]", "", path).split(".")
    place = Place("", _named(project, "", first))
    for name in inside:
        block = place.node.block
        if not block:
            raise ParameterError("a block of this project was wanted", f"{place.node.name} is none")
        place = Place(block, _named(project, block, name))
    return place


def _named(project: Project, block: str, name: str) -> Node:
    graph = project.scope(block)
    node = graph.by_name(name)
    if node is None:
        names = (other.name for other in graph.nodes.values())
        raise _unknown(name, (*names, *project.data), "a node or a data set of this project was wanted")
    return node


def _chosen(choices: tuple[str, ...], text: str) -> str:
    """The choice that is meant, whatever its letters' size."""
    return next((choice for choice in choices if choice.lower() == text.lower()), text)


def _unknown(name: str, names: Iterable[str], wanted: str) -> ParameterError:
    known = list(dict.fromkeys(names))
    near = closest(name, known)
    listed = f"Choose one of {', '.join(known)}." if known else "It has none."
    return ParameterError(wanted, f"“{name}” came", fix=f"Did you mean {near}?" if near else listed)
