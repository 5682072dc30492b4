"""Engines without torch, one for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from core.engine.client import Engine
from core.engine.launch import command
from core.engine.messages import Ready
from tests.core.engine.synthetic import PROGRAM
from tests.engines import until


@pytest.fixture
def light() -> Iterator[Engine]:
    """An engine without torch, ready."""
    engine = Engine(line=command(PROGRAM))
    try:
        until(engine, Ready)
        yield engine
    finally:
        engine.close()


@pytest.fixture
def light_engine() -> Iterator[Callable[..., Engine]]:
    """Makes engines without torch."""
    made: list[Engine] = []

    def make(wake: Callable[[], None] | None = None) -> Engine:
        made.append(Engine(wake, line=command(PROGRAM)))
        return made[-1]

    yield make
    for engine in made:
        engine.close()
