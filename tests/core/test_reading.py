"""What is kept from before an edit is what would be found anew."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import planning
from core.graph import Edge
from core.pieces import at_once
from core.problems import Problem
from core.project import Project
from core.reading import Reading, read
from core.wiring import running_order
from tests.core.networks import LENET, chain, lenet
from tests.core.random_edits import edited, starts


def told(problem: Problem) -> tuple[Any, ...]:
    """A problem as a value; exceptions are equal only to themselves."""
    return (*(getattr(problem, name) for name in Problem.__slots__ if name != "error"), str(problem.error))


def content(reading: Reading) -> dict[str, Any]:
    """Everything that a reading says."""
    analysis = reading.analysis
    return {
        "steps": reading.plan.steps,
        "paths": dict(reading.plan.by_path),
        "left out": reading.plan.left_out,
        "types": dict(analysis.types),
        "arguments": dict(analysis.arguments),
        "inferred": dict(analysis.inferred),
        "parameters": dict(analysis.parameters),
        "macs": dict(analysis.macs),
        "modules": dict(analysis.modules),
        "problems": [told(problem) for problem in reading.problems],
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(starts(), st.data())
def test_a_reading_kept_up_with_any_edits_is_the_one_that_is_made_anew(project: Project, data: st.DataObject) -> None:
    reading = read(project)
    past = [project]
    for _edit in range(data.draw(st.integers(1, 12))):
        undoes = data.draw(st.booleans()) and data.draw(st.booleans())
        project = data.draw(st.sampled_from(past)) if undoes else edited(project, data)
        past.append(project)
        reading = read(project, reading)
        assert content(reading) == content(read(project))


def test_an_edit_analyses_only_what_it_touches() -> None:
    project = chain(LENET)
    before = read(project)
    changed = project.graph.replace_node(project.graph.nodes["fc2"].with_params(out_features=85))
    after = read(project.with_scope(changed), before)
    kept = [step.path for step in after.plan.steps if before.plan.by_path[step.path] is step]
    assert kept == [step.path for step in after.plan.steps if step.path != "fc2"]
    same = [path for path, found in after.analysis.arguments.items() if before.analysis.arguments[path] is found]
    assert sorted(set(after.analysis.arguments) - set(same)) == ["fc2", "fc3", "tanh4"]


def test_the_order_after_a_new_wire_is_the_files_wherever_wires_leave_a_choice() -> None:
    project = chain(LENET)
    reading = read(project)
    graph = project.graph.disconnect([key for key in project.graph.edges if key.node == "fc1"])
    graph = graph.connect(Edge("data", "image", "fc1", "input"))
    paths = [step.path for step in read(project.with_scope(graph), reading).plan.steps]
    assert paths == [graph.nodes[node_id].name for node_id in running_order(graph)[0]]


def test_memory_weighed_piece_by_piece_is_that_of_one_go_and_outlives_a_move():
    piecewise, whole = read(lenet()), read(lenet())
    work = piecewise.weighing()
    next(work)
    assert not piecewise.is_weighed
    for pieces, _none in enumerate(work):
        assert not piecewise.is_weighed, pieces
    assert piecewise.is_weighed
    assert piecewise.memory == whole.memory
    assert at_once(piecewise.weighing()) is piecewise.memory
    elsewhere = planning.move(piecewise.project, {next(iter(piecewise.project.graph.nodes)): (500.0, 500.0)})
    assert piecewise.moved(elsewhere).memory is piecewise.memory
    assert not read(lenet()).moved(elsewhere).is_weighed
