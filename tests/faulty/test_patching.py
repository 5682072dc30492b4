"""A patch says what an edit did: laid over the spec, it makes the project that the edit made."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from core.project import Project
from tests.core.diagnosis.test_remedies import FAULTY, offered, seen
from tests.faulty.case import merge, view_of
from tests.faulty.graphs import imported
from tests.faulty.patching import Said, patch
from tests.faulty.scoring import CASES
from tests.faulty.view import View

SHORT = MappingProxyType({case.id[:3]: case for case in CASES})
WITHOUT_A_WORD = frozenset({"P23", "P25", "R11"})
"""Cases whose first remedy is in no view's words: smoothed labels and other parts."""


def made(short: str) -> tuple[View, Said, Said]:
    """The view, and its project before and after the first remedy."""
    project, found = offered(short)
    return seen(short)[0], Said(project), Said(found[0].apply(project))


def _sound(short: str) -> tuple[View, Project]:
    view = view_of(SHORT[short], "case")
    return view, imported(view).project


@pytest.mark.parametrize("short", SHORT)
def test_the_layers_of_a_project_are_those_of_its_view(short: str) -> None:
    view, project = seen(short) if short in FAULTY else _sound(short)
    said = Said(project)
    wanted = [["rnn", layer[1], *(layer[2:] or ["tanh"])] if layer[0] == "rnn" else layer for layer in view["arch"]]
    assert said.arch == wanted
    assert patch(said.project, said.project) is None


@pytest.mark.parametrize("short", FAULTY)
def test_a_patched_view_is_imported_as_the_project_that_the_remedy_made(short: str) -> None:
    view, before, after = made(short)
    found = patch(before.project, after.project)
    assert (found is None) == (short in WITHOUT_A_WORD)
    if found is None:
        return
    spec = merge({"arch": view["arch"], "init": view["init"], "train": view["train"]}, found)
    again = Said(imported(View(**{**view, **{name: spec[name] for name in ("arch", "init", "train")}})).project)  # type: ignore[typeddict-item]
    assert again.arch == after.arch
    mine, theirs = again.project.training, after.project.training
    assert (mine.epochs, mine.batch_size, mine.shuffle) == (theirs.epochs, theirs.batch_size, theirs.shuffle)
    assert mine.clip_norm == pytest.approx(theirs.clip_norm)
    assert (again.optimizer.learning_rate, again.optimizer.weight_decay) == pytest.approx(
        (after.optimizer.learning_rate, after.optimizer.weight_decay)
    )
    assert [node.kind for node in again.weighted] == [node.kind for node in after.weighted]


@pytest.mark.parametrize("short", ["P01", "P05", "P06", "P08", "P10", "P11", "P12", "P35", "R02"])
def test_weights_begin_as_widely_spread_as_after_the_remedy(short: str) -> None:
    view, before, after = made(short)
    found = patch(before.project, after.project)
    assert found is not None
    spec = merge({"arch": view["arch"], "init": view["init"], "train": view["train"]}, found)
    again = Said(imported(View(**{**view, **spec})).project)  # type: ignore[typeddict-item]
    spreads = [[said.spread(node) for node in said.plain] for said in (again, after)]
    assert spreads[0] == pytest.approx(spreads[1])
    biases = [[said.arguments[node.name]["bias_init"] or 0.0 for node in said.plain] for said in (again, after)]
    assert biases[0] == biases[1]
