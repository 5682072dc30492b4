"""The gallery: every result is that of the template as it stands, was reached, and the page says so."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.data.load import load
from core.engine.messages import Failed, Finished, StepRows
from core.lowering import lower
from core.shapes import analyse
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job
from tools.gallery.exhibit import CATEGORIES, Exhibit
from tools.gallery.listing import EXHIBITS
from tools.gallery.page import PICTURES, page
from tools.gallery.running import MOST_SECONDS, SEEDS, exhibit_hash, known
from tools.make_gallery import PAGE
from tools.make_gallery_pictures import SIZE

EACH = pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.name)
STEPS = 3
LARGEST = 130_000
"""Bytes of a picture; all of them come with every clone."""


@EACH
def test_the_result_is_that_of_the_template_as_it_stands(exhibit: Exhibit) -> None:
    project, result = exhibit.make(), known()[exhibit.name]
    assert result.hash == exhibit_hash(project), f"run python -m tools.make_gallery {exhibit.name}"
    assert result.parameters == analyse(lower(project)).total_parameters
    assert tuple(seed.seed for seed in result.seeds) == SEEDS


@EACH
def test_every_seed_reached_its_figure_in_time(exhibit: Exhibit) -> None:
    for seed in known()[exhibit.name].seeds:
        assert exhibit.figure.reached(seed.value, seed.reference), seed
        assert (seed.reference is None) == (exhibit.figure.reference is None)
        assert 0 < seed.seconds <= MOST_SECONDS


@EACH
def test_it_trains(exhibit: Exhibit) -> None:
    project = exhibit.make()
    project = replace(project, training=replace(project.training, threads=1))
    control, losses = Control(), []
    control.resume(steps=STEPS)
    with closing(iter(train(Job(project, {key: load(item) for key, item in project.data.items()}), control))) as events:
        for event in events:
            assert not isinstance(event, Failed), event
            if isinstance(event, StepRows):
                losses += np.frombuffer(event.data, np.float32).reshape(event.count, -1)[:, 0].tolist()
            if getattr(event, "state", "") == "paused" or isinstance(event, Finished):
                control.stop()
    assert len(losses) == STEPS
    assert all(math.isfinite(loss) for loss in losses)


@EACH
def test_its_lesson_is_three_sentences_and_stands_in_a_note(exhibit: Exhibit) -> None:
    assert len(exhibit.lesson) == 3
    assert all(sentence.endswith((".", "?")) for sentence in exhibit.lesson)
    assert exhibit.category in CATEGORIES
    assert exhibit.source


def test_the_page_is_what_the_results_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(known())
    assert set(known()) == {exhibit.name for exhibit in EXHIBITS}


def test_a_figure_that_is_not_reached_is_told_as_such() -> None:
    figure = EXHIBITS[0].figure
    assert not figure.reached(figure.wanted - 0.001, None)
    assert not figure.reached(figure.wanted, figure.wanted + figure.near + 0.001)


@EACH
def test_a_picture_shows_it_in_training(exhibit: Exhibit) -> None:
    picture = PAGE.parent / PICTURES / f"{exhibit.name}.png"
    assert picture.stat().st_size < LARGEST, f"run python -m tools.make_gallery_pictures {exhibit.name}"
    with Image.open(picture) as image:
        assert image.size == SIZE
    assert f"]({PICTURES}/{exhibit.name}.png)" in PAGE.read_text(encoding="utf-8")


def test_all_pictures_are_those_of_templates() -> None:
    shown = {path.stem for path in (PAGE.parent / PICTURES).glob("*")}
    assert shown == {exhibit.name for exhibit in EXHIBITS}
