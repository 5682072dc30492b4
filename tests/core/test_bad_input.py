"""Whatever graph comes: it is told in four parts what is wrong, and the engine takes one step or says why not."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.commands.opening import TEMPLATES
from core.data.load import LoadedData, load
from core.data.settings import DatasetSettings
from core.engine.messages import Event, Failed, Finished, Train
from core.engine.worker import Worker
from core.errors import ChainruleError, FileError
from core.files import from_text
from core.lowering import lower
from core.project import Project
from core.python.probing import engine_oracle
from core.reading import read
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job
from tests.core.broken_graphs import projects

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Generating overly large repr")]
ROOM = 2**28
"""Bytes that the engine believes to be free."""
OURS = frozenset(kind.__name__ for kind in ChainruleError.__subclasses__())
LENET = (TEMPLATES / "lenet5.chain").read_text(encoding="utf-8")


@cache
def loaded(source: str) -> LoadedData:
    return load(DatasetSettings(source))


@settings(max_examples=300, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(project=projects())
def test_any_graph_is_trained_or_told_what_is_wrong(project: Project) -> None:
    known = read(project, oracle=engine_oracle())
    for problem in known.problems:
        in_four_parts(problem.error)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.training.run.free_memory", lambda: ROOM)
        events = stepped(project)
    failed = [event.problem for event in events if isinstance(event, Failed)]
    for told in failed:
        assert told.kind in OURS, told
        in_four_parts(told)
    if known.errors:
        assert [told.wanted for told in failed] == [known.errors[0].error.wanted]


def stepped(project: Project) -> list[Event]:
    """What the engine says of one step of this project."""
    used = {step.dataset for step in lower(project).sources} & project.data.keys()
    control = Control()
    control.resume(steps=1)
    events: list[Event] = []
    for event in train(Job(project, {key: loaded(project.data[key].source) for key in used}), control):
        events.append(event)
        if getattr(event, "state", "") == "paused":
            control.stop()
    assert isinstance(events[-1], Failed | Finished)
    return events


def in_four_parts(told: Any) -> None:
    """What was wanted, what came, where, and what to do."""
    assert all((told.wanted, told.came, told.where, told.fix)), told


JUNK = st.sampled_from([None, True, -1, 0, 10**18, 1e308, "", "../x", "n1", [], [[]], {}, {"a": 1}, ["n1", "output"]])


@settings(max_examples=300, derandomize=True, deadline=None)
@given(data=st.data())
def test_any_file_is_read_or_refused_in_four_parts(data: st.DataObject) -> None:
    content = json.loads(LENET)
    for _change in range(data.draw(st.integers(1, 3))):
        spoil(content, data)
    text = json.dumps(content)
    cut = data.draw(st.sampled_from([len(text)] * 9 + [len(text) // 2]))
    try:
        known = read(from_text(text[:cut], "x.chain"))
    except FileError as error:
        in_four_parts(error)
        return
    for problem in known.problems:
        in_four_parts(problem.error)


def spoil(content: Any, data: st.DataObject) -> None:
    """Put junk in a place of this content, or take something away."""
    inside = content
    while isinstance(inside, dict | list) and inside:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(inside[key], dict | list) and inside[key] and data.draw(st.integers(0, 9)) != 5:
            inside = inside[key]
        elif data.draw(st.booleans()):
            inside[key] = deepcopy(data.draw(JUNK))
            return
        else:
            del inside[key]
            return


def test_a_data_node_without_its_data_is_told_by_the_engine() -> None:
    content = json.loads(LENET)
    content["data"] = []
    content["edges"] = [edge for edge in content["edges"] if edge[0] != content["nodes"][0]["id"]]
    (event,) = Worker().train(Train(project=json.dumps(content)), Control())
    assert isinstance(event, Failed)
    assert event.problem.kind in OURS
    in_four_parts(event.problem)
