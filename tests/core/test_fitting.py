from __future__ import annotations

from core import planning
from core.adding import add_after, add_at_end
from core.catalog import KINDS
from core.fitting import Types, followers, leaders, refusal, types_of
from core.graph import Edge, InputKey
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from tests.core.networks import chain, lenet


def types(project: Project) -> Types:
    return types_of(project, analyse(lower(project)))


def test_types_are_found_by_node_and_port() -> None:
    known = types(lenet())
    assert str(known.of("conv2", "output")) == "16×10×10"
    assert known.of("data", "label").dtype == "int64"  # type: ignore[union-attr]  # the test fails where it is None
    assert known.of("conv2", "nothing") is None


def test_a_wire_that_shapes_forbid_is_refused_with_both_shapes() -> None:
    project, flat = planning.add(lenet(), "BatchNorm2d", (0, 0))
    error = refusal(project, types(project), Edge("fc1", "output", flat, "input"))
    assert error is not None
    assert "image" in error.wanted or "channels" in error.wanted
    assert "B×120" in error.came
    assert refusal(project, types(project), Edge("conv1", "output", flat, "input")) is None


def test_a_size_set_by_hand_does_not_refuse_the_wire() -> None:
    project = chain([("Linear", "fc1", {"in_features": 5})])
    assert refusal(project, types(project), Edge("data", "image", "fc1", "input")) is None


def test_followers_are_exactly_the_kinds_whose_formula_accepts() -> None:
    project = lenet()
    found = {item.kind.name: item for item in followers(project, types(project), "conv2", "output")}
    assert {"ReLU", "MaxPool2d", "Conv2d", "Flatten", "Add"} <= found.keys()
    assert not {"Conv1d", "BatchNorm1d", "Embedding", "Dataset", "LSTM"} & found.keys()
    for name, item in found.items():
        if item.output is None:
            continue
        grown, made = planning.add(project, name, (0, 0))
        wired = planning.connect(grown, Edge("conv2", "output", made, item.port))
        output = KINDS[name].outputs[0].name
        assert types(wired).of(made, output) == item.output


def test_likely_followers_come_first() -> None:
    project = lenet()
    order = [item.likely for item in followers(project, types(project), "conv2", "output")]
    assert order[0]
    assert order == sorted(order, reverse=True)


def test_leaders_have_an_output_that_the_input_takes() -> None:
    names = {item.kind.name for item in leaders(KINDS["CrossEntropy"].inputs[0])}
    assert "Linear" in names
    assert "MSE" not in names


def test_adding_after_a_node_wires_it_beside() -> None:
    project = lenet()
    project = planning.move(project, {"fc3": (100.0, 50.0)})
    project, made = add_after(project, types(project), "ReLU", "fc3")
    assert project.graph.edges[InputKey(made, "input")].source == "fc3"
    assert project.positions[made] == (316.0, 50.0)


def test_a_loss_added_at_the_end_gets_its_label_too() -> None:
    project = planning.delete(lenet(), ["loss"])
    project, made = add_at_end(project, types(project), "CrossEntropy", (0, 0), "fc3", "output")
    assert {(edge.source, edge.output, edge.input) for edge in project.graph.into(made)} == {
        ("fc3", "output", "logits"),
        ("data", "label", "label"),
    }


def test_adding_what_does_not_fit_adds_it_loose() -> None:
    project = lenet()
    project, made = add_after(project, types(project), "Embedding", "fc3")
    assert not list(project.graph.into(made))
