"""A run obeys between two steps: pause, go on, one step, one epoch, another rate, stop."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from core.engine.messages import Event, Finished, Progress, RateChanged, Said, StepRows, Validated
from core.errors import ParameterError
from core.training.control import Control
from core.training.loop import train
from tests.core.training.projects import gan, sigmoid_mlp
from tests.core.training.running import assert_same, columns, finished, job, only, weights

STEPS = 45


class Observed:
    """A run that is read event by event."""

    def __init__(self, control: Control, epochs: int = 2) -> None:
        self.control = control
        self.events: list[Event] = []
        self._running: Iterator[Event] = train(job(sigmoid_mlp(2, epochs=epochs)), control)

    def until(self, state: str) -> Progress | Finished:
        for event in self._running:
            self.events.append(event)
            if isinstance(event, Progress | Finished) and event.state == state:
                return event
        raise AssertionError(f"the run never was {state}")

    @property
    def rows(self) -> int:
        return sum(event.count for event in only(self.events, StepRows))


def test_a_run_that_begins_paused_does_single_steps():
    run = Observed(Control(paused=True))
    assert run.until("paused").step == 0
    for done in (1, 2, 5):
        run.control.resume(steps=done - run.rows)
        assert run.until("paused").step == done
        assert run.rows == done
    run.control.stop()
    assert run.until("stopped").step == 5


def test_one_epoch_ends_where_it_was_validated():
    run = Observed(Control(paused=True))
    run.control.resume(until_epoch=True)
    assert run.until("paused").step == STEPS
    assert len(only(run.events, Validated)) == 1
    run.control.resume()
    assert run.until("finished").step == 2 * STEPS


def test_standing_still_gives_moments_to_answer():
    run = Observed(Control(paused=True))
    assert [run.until("paused").step for _ in range(3)] == [0, 0, 0]
    assert run.rows == 0


def test_pausing_does_not_change_what_is_trained():
    run = Observed(Control(paused=True))
    run.control.resume(steps=7)
    run.until("paused")
    run.control.resume()
    run.until("finished")
    _events, straight = finished(sigmoid_mlp(2, epochs=2))
    assert_same(weights(run.control), weights(straight))


def test_a_new_rate_holds_from_the_next_step_on():
    run = Observed(Control(paused=True))
    run.control.resume(steps=3)
    run.until("paused")
    run.control.set_learning_rate(0.5)
    run.control.resume(steps=2)
    run.until("paused")
    assert columns(run.events)["learning_rate"].tolist() == np.float32([0.1, 0.1, 0.1, 0.5, 0.5]).tolist()
    assert only(run.events, RateChanged) == [RateChanged(step=3, value=0.5)]


def test_a_rate_of_a_phase_that_is_not_there_is_said_and_not_used():
    control = Control()
    control.set_learning_rate(0.5, phase=3)
    events, _control = finished(gan(batch_size=10), control)
    assert "phase 3" in only(events, Said)[0].text


@pytest.mark.parametrize("rate", [-1.0, float("nan"), 1e9])
def test_a_rate_that_cannot_be_is_refused_at_once(rate):
    with pytest.raises(ParameterError):
        Control().set_learning_rate(rate)


def test_stop_before_the_first_step_ends_with_the_first_weights():
    control = Control()
    control.stop()
    run = Observed(control)
    assert run.until("stopped").step == 0
    assert weights(control)
