"""Layers that look tokens up: they need a row, or a place, for each token that the data has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from core.catalog import KINDS
from core.catalog.sources import DATASET
from core.data.sources import FieldSpec
from core.errors import CheckError
from core.graph import Node
from core.plan import Plan, Step, Value
from core.ports import dataset_fields
from core.problems import Problem, SetParam
from core.project import Project
from core.shapes import Analysis

TABLES: Mapping[str, str] = MappingProxyType(
    {"Embedding": "num_embeddings", "EmbeddingBag": "num_embeddings", "OneHot": "num_classes"}
)
"""By kind the parameter that says how many tokens it knows."""
_MOVES = "Shape"
"""The category of the layers that move numbers and change none."""


def vocabulary_problems(plan: Plan, analysis: Analysis) -> Iterator[Problem]:
    """What knows fewer tokens than come in: training would end at the first that it does not know."""
    for step in plan.steps:
        name = TABLES.get(step.kind.name)
        if name is None:
            continue
        rows, field = analysis.arguments.get(step.path, {}).get(name), _tokens(plan, step)
        if field is None or not isinstance(rows, int) or rows >= len(field.classes):
            continue
        wanted = len(field.classes)
        error = CheckError(
            f"{wanted:,} tokens were wanted, as many as {field.name} has",
            f"{rows:,} are known",
            step.path,
            f"Set {name} to {wanted}.",
        )
        fixes = (SetParam(f"Set {name} to {wanted}", step.node, name, wanted),)
        yield Problem("E116", "error", error, step.node, step.path, step.inputs[0][0], param=name, fixes=fixes)


def known_tokens(project: Project, node: Node, scope: str) -> SetParam | None:
    """How many tokens a table that nobody has set is to know: as many as the field that is wired to it; else None."""
    name = TABLES.get(node.kind)
    graph = project.scope(scope)
    if name is None or node.param(name) is not None:
        return None
    for edge in graph.into(node.id):
        source = graph.nodes[edge.source]
        fields = dataset_fields(project, source) if source.kind == DATASET else ()
        count = next((len(field.classes) for field in fields if field.name == edge.output), 0)
        if count and count != KINDS[node.kind].param(name).default:
            return SetParam(f"Set {name} to {count}", node.id, name, count)
    return None


def _tokens(plan: Plan, step: Step) -> FieldSpec | None:
    """The field whose tokens come in, moved perhaps; None where others do."""
    value = _first(step)
    while value is not None and (source := plan.by_path.get(value.path)) is not None:
        if source.fields:
            field = next((one for one in source.fields if one.name == value.port), None)
            return field if field is not None and field.classes else None
        moves = source.kind.category == _MOVES and source.kind.name not in TABLES and len(source.inputs) == 1
        value = _first(source) if moves else None
    return None


def _first(step: Step) -> Value | None:
    return next((value for _port, values in step.inputs[:1] for value in values), None)
