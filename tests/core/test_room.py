"""Whether training fits: told with the batch that would, and refused before torch asks for the memory."""

from __future__ import annotations

import pytest

from core import planning
from core.engine.messages import Failed
from core.errors import CheckError
from core.reading import read
from core.room import SURE, ensure_room, ensure_weights, free_memory
from core.training.control import Control
from core.training.loop import train
from core.training.run import Run
from tests.core.training.projects import DIGITS, classifier, node, small_convnet
from tests.core.training.running import job


def test_the_free_memory_is_some_of_the_machines() -> None:
    free = free_memory()
    assert free is not None
    assert 2**20 < free < 2**50


def test_training_that_fits_is_not_told() -> None:
    project = small_convnet(batch_size=200)
    assert read(project, free=read(project).memory.peak).problems == ()
    assert read(project, free=None).problems == ()


def test_training_that_does_not_fit_is_told_with_the_batch_that_does() -> None:
    project = small_convnet(batch_size=200)
    free = read(project).memory.peak * 2 // 3
    (problem,) = read(project, free=free).problems
    assert (problem.code, problem.severity, problem.path) == ("W307", "warning", "conv")
    (fix,) = problem.fixes
    mended = planning.apply_fix(project, fix)
    assert read(mended, free=free).problems == ()
    assert mended.training.batch_size in (64, 128)


def test_where_no_batch_helps_the_heaviest_layer_is_named() -> None:
    project = small_convnet(batch_size=200)
    (problem,) = read(project, free=1000).problems
    assert problem.fixes == ()
    assert problem.error.fix == "Make conv smaller."


def test_a_warning_is_no_refusal_but_what_surely_fails_is_refused() -> None:
    project = small_convnet(batch_size=200)
    known = read(project)
    peak = known.memory.peak
    ensure_room(project, known.plan, known.analysis, None)
    ensure_room(project, known.plan, known.analysis, int(peak / SURE) + 1)
    with pytest.raises(CheckError, match="most of it at conv"):
        ensure_room(project, known.plan, known.analysis, int(peak / SURE / 2))
    ensure_weights(known.plan, known.analysis, 4 * known.analysis.total_parameters)
    with pytest.raises(CheckError, match="Make fc smaller"):
        ensure_weights(known.plan, known.analysis, 4 * known.analysis.total_parameters - 1)


def test_weights_without_end_are_refused_before_torch_asks_for_them() -> None:
    """A matrix of 2^24 rows and columns has 2^48 numbers: a petabyte."""
    layers = [
        node("flatten", "Flatten"),
        node("wide", "Linear", out_features=2**24),
        node("wider", "Linear", out_features=2**24),
        node("fc", "Linear", out_features=10),
    ]
    (event,) = train(job(classifier(layers, DIGITS)), Control())
    assert isinstance(event, Failed)
    assert event.problem.where == "wider"
    assert event.problem.kind == "CheckError"
    assert "TiB" in event.problem.came
    with pytest.raises(CheckError):
        Run(job(classifier(layers, DIGITS)))
