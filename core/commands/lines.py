"""The messages of a run as lines of JSON; NaN and infinity, which JSON has not, are null."""

from __future__ import annotations

from array import array
from typing import Any

import msgspec

from core.engine.messages import Event, SampleRows, Started, StepRows


class Lines:
    """Writes messages as text; the columns of packed rows are those that `Started` has named."""

    def __init__(self) -> None:
        self._columns = 0
        self._sample_columns = 0

    def text(self, event: Event) -> str:
        """The message in one line, packed rows as lists of numbers."""
        match event:
            case Started():
                self._columns, self._sample_columns = len(event.step_columns), len(event.sample_columns)
                plain: Any = event
            case StepRows():
                rows = _rows(event.data, self._columns)
                plain = {"type": "step_rows", "first": event.first, "count": event.count, "rows": rows}
            case SampleRows():
                steps = array("q", event.steps).tolist()
                plain = {"type": "sample_rows", "steps": steps, "rows": _rows(event.data, self._sample_columns)}
            case _:
                plain = event
        return msgspec.json.encode(plain).decode()


def _rows(data: bytes, width: int) -> list[list[float]]:
    numbers: list[float] = array("f", data).tolist()
    return [numbers[start : start + width] for start in range(0, len(numbers), width)] if width else []
