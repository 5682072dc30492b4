"""The time that is left follows the pace of training, not how long it stood still."""

from __future__ import annotations

import math

import pytest

from core.engine.messages import Progress
from core.training.control import Control
from core.training.loop import train
from core.training.pace import Pace
from tests.core.training.projects import small_convnet
from tests.core.training.running import job, only


def test_the_newest_counts_most_and_a_steady_pace_is_told_as_it_is():
    pace = Pace()
    assert pace.rate == 0.0
    for _second in range(40):
        pace.note(25, 0.25)
    assert pace.rate == pytest.approx(100.0)
    for _second in range(40):
        pace.note(5, 0.25)
    assert pace.rate == pytest.approx(20 + 80 * math.exp(-10 / 3), rel=0.01)  # ten seconds later


def test_standing_still_is_no_part_of_the_pace():
    control = Control()
    events = train(job(small_convnet(epochs=20)), control)
    told = []
    for event in events:
        if isinstance(event, Progress):
            told.append(event)
            if event.state == "training" and len(told) == 2:
                control.pause()
            if event.state == "paused" and len(told) > 8:
                break
    events.close()
    standing = [event for event in told if event.state == "paused"]
    assert len(standing) >= 4
    assert len({event.seconds_left for event in standing}) == 1
    assert standing[0].seconds_left == pytest.approx(only(told, Progress)[1].seconds_left, rel=0.7)
