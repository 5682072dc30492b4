"""One warm engine for the whole test run: it takes seconds to load torch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TypeVar

import pytest

from core.engine.client import Engine, EngineDied, Notice
from core.engine.messages import Answer, AnyEvent, Ready, Stop
from tests.guards import Survivors

Wanted = TypeVar("Wanted", bound=AnyEvent | EngineDied)


def until(engine: Engine, wanted: type[Wanted], seconds: float = 20.0) -> tuple[Wanted, list[Notice]]:
    """The first event of this type, and all that came up to the drain that held it."""
    came: list[Notice] = []
    deadline = time.monotonic() + seconds
    while engine.wait(max(0.0, deadline - time.monotonic())):
        came += engine.drain()
        for event in came:
            if isinstance(event, wanted):
                return event, came
    pytest.fail(f"no {wanted.__name__} came, but {[type(event).__name__ for event in came]}\n{engine.output}")


@pytest.fixture(scope="session")
def warm_engine(outlives_tests: Survivors) -> Iterator[Engine]:
    """One real engine for all tests: it takes seconds to warm up."""
    engine = Engine()
    outlives_tests(engine.pid, *engine.threads)
    try:
        until(engine, Ready, 60.0)
        yield engine
    finally:
        engine.close()


@pytest.fixture
def engine(warm_engine: Engine) -> Iterator[Engine]:
    """The real engine, idle before and after the test."""
    warm_engine.drain()
    yield warm_engine
    warm_engine.send(Stop())
    number = warm_engine.ask("settle")
    answered: set[int] = set()
    while number not in answered:  # answers to what the test asked before may come with it
        answered.update(event.id for event in until(warm_engine, Answer)[1] if isinstance(event, Answer))
