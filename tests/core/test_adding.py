"""Layers that go behind several others at once, and those that join two wires."""

from __future__ import annotations

import pytest

from core.adding import add_behind_each, add_joining, joiners
from core.catalog.kind import Batch, TensorType
from core.errors import ChainruleError
from core.fitting import types_of
from core.graph import InputKey
from core.project import Project
from core.reading import read
from core.rewiring import Output
from tests.core.networks import lenet


def names(project: Project, kind: str) -> tuple[str, ...]:
    return tuple(node.id for node in project.graph.nodes.values() if node.kind == kind)


def test_a_layer_goes_behind_each_into_every_wire_that_leaves_it() -> None:
    project = lenet()
    convs = names(project, "Conv2d")
    readers = {conv: [edge.key for edge in project.graph.out_of(conv)] for conv in convs}
    made, added = add_behind_each(project, "BatchNorm2d", convs)
    assert len(added) == len(convs) == 2
    for conv, norm in zip(convs, added, strict=True):
        assert [edge.target for edge in made.graph.out_of(conv)] == [norm]
        assert [edge.key for edge in made.graph.out_of(norm)] == readers[conv]
    assert not read(made).errors
    assert len(made.graph.edges) == len(project.graph.edges) + 2
    places = list(made.positions.values())
    assert len(set(places)) == len(places)


def test_what_leads_nowhere_yet_gets_its_first_wire_and_a_source_cannot_go_behind() -> None:
    project = lenet()
    (loss,) = names(project, "CrossEntropy")
    last = project.graph.edges[InputKey(loss, "logits")].source
    loose = project.with_scope(project.graph.remove_nodes({loss}), "")
    made, (added,) = add_behind_each(loose, "Softmax", (last,))
    assert [edge.target for edge in made.graph.out_of(last)] == [added]
    with pytest.raises(ChainruleError):
        add_behind_each(loose, "Noise", (last,))
    with pytest.raises(ChainruleError):
        add_behind_each(project, "ReLU", (loss,))


def test_joiners_are_those_whose_shapes_fit_and_the_usual_come_first() -> None:
    wide, narrow = (TensorType((Batch(), channels, 14, 14)) for channels in (16, 8))
    assert [item.kind.name for item in joiners(wide, wide)][:3] == ["Add", "Concat", "Multiply"]
    assert [item.kind.name for item in joiners(wide, narrow)] == ["Concat"]
    found = {item.kind.name: item.output for item in joiners(wide, wide)}
    assert found["Concat"] == TensorType((Batch(), 32, 14, 14))
    assert {item.kind.name for item in joiners(wide, wide)} <= {item.kind.name for item in joiners(None, wide)}


def test_a_joining_layer_stands_in_the_wire_and_takes_the_other_output_too() -> None:
    project = lenet()
    conv, tanh = names(project, "Conv2d")[0], names(project, "Tanh")[0]
    into = next(iter(project.graph.out_of(tanh))).key
    made, added = add_joining(project, "Add", (0.0, 0.0), into, Output(conv, "output"))
    assert [(edge.source, edge.order) for edge in made.graph.into(added)] == [(tanh, 0), (conv, 1)]
    assert made.graph.edges[into].source == added
    assert types_of(made, read(made).analysis).of(added, "output") == TensorType((Batch(), 6, 28, 28))
    with pytest.raises(ChainruleError):
        add_joining(project, "Add", (0.0, 0.0), into, Output(into.node, "output"))
