"""One question after the other, until nobody asks any more; what is large tells how far it is."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import BinaryIO

import msgspec

from core.data.progress import telling
from core.engine.failure import problem
from core.inspecting.answers import answer
from core.inspecting.told import Ask, Tell

EVERY = 0.05
"""Seconds between two words on how far a question is."""


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer every line; whoever wants an answer no more ends the process."""
    for line in questions:
        asked = msgspec.json.decode(line, type=Ask)
        with telling(_Teller(asked.id, answers).tell):
            _send(answers, _told(asked))


def _told(asked: Ask) -> Tell:
    try:
        return Tell(asked.id, answer=msgspec.Raw(answer(asked)))
    except Exception as error:  # whatever a file makes a reader throw is told, and the next question answered
        return Tell(asked.id, problem=problem(error))


class _Teller:
    """Tells how far a question is, some times a second."""

    def __init__(self, question: int, answers: BinaryIO) -> None:
        self._send = partial(_send, answers)
        self._question, self._last = question, 0.0

    def tell(self, text: str, share: float) -> None:
        """Say it, unless something was said just now."""
        if monotonic() - self._last >= EVERY:
            self._last = monotonic()
            self._send(Tell(self._question, doing=text, share=share))


def _send(stream: BinaryIO, told: Tell) -> None:
    stream.write(msgspec.json.encode(told) + b"\n")
    stream.flush()
