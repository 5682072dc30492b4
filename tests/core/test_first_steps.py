"""The first steps: what each opens is there, and only what it asks for counts as done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

import resources
from core.files import load
from core.first_steps import FIRST_STEPS, FirstStep, Seen
from core.grouping import group, set_repeat
from core.reading import read

FOLDER = Path(resources.__file__).parent


def step(name: str) -> FirstStep:
    return next(step for step in FIRST_STEPS if step.name == name)


def begun(name: str) -> Seen:
    project = load(FOLDER / step(name).opens)
    return Seen(project, project, not read(project).errors)


@pytest.mark.parametrize("name", [step.name for step in FIRST_STEPS])
def test_opening_alone_does_no_step(name: str) -> None:
    seen = begun(name)
    assert [one.name for one in FIRST_STEPS if one.done(seen)] == []


def test_only_the_first_begins_with_what_cannot_be_trained() -> None:
    assert [one.name for one in FIRST_STEPS if read(load(FOLDER / one.opens)).errors] == ["wire"]


def test_wiring_is_done_when_the_graph_is_whole() -> None:
    whole = load(FOLDER / "templates" / "iris.chain")
    some = replace(whole, graph=replace(whole.graph, edges=MappingProxyType(dict([*whole.graph.edges.items()][:2]))))
    seen = begun("wire")
    assert not step("wire").done(seen._replace(now=some, ready=False))
    assert step("wire").done(seen._replace(now=whole, ready=True))


def test_a_gradient_is_cured_when_the_network_of_many_sigmoids_has_learnt() -> None:
    seen = begun("cure")
    assert not step("cure").done(seen._replace(accuracy=0.11, epochs=20, ended=True))
    assert step("cure").done(seen._replace(accuracy=0.6))
    assert not step("cure").done(begun("digit")._replace(accuracy=0.97)), "nothing was ill there"


def test_gradients_are_watched_in_a_deep_network() -> None:
    assert step("gradients").done(begun("gradients")._replace(epochs=1))
    assert not step("gradients").done(begun("curve")._replace(epochs=1))


def test_a_block_is_reused_when_it_runs_twice() -> None:
    seen = begun("block")
    chosen = [node.id for node in seen.now.graph.nodes.values() if node.name in ("conv3_2", "relu3_2")]
    grouped, node = group(seen.now, chosen)
    assert not step("block").done(seen._replace(now=grouped))
    repeated = set_repeat(grouped, node, "", 2)
    assert not read(repeated).errors
    assert step("block").done(seen._replace(now=repeated))
