"""What happened in a run beside its numbers: at which step, in a few words."""

from __future__ import annotations

from typing import NamedTuple

from core.engine.messages import AnyEvent, Failed, Finished, Kept, Started


class Happening(NamedTuple):
    """One event of a run."""

    step: int
    words: str


def happening(event: AnyEvent) -> Happening | None:
    """What an event says for a plot's margin; None for those that say nothing there."""
    match event:
        case Started(first_step=step) if step:
            return Happening(step, "resumed")
        case Kept(step=step, name=name) if name != "last":
            return Happening(step, "best weights kept" if name == "best" else "weights kept")
        case Finished(step=step, state=state):
            return Happening(step, str(state))
        case Failed(step=step):
            return Happening(step, "failed")
        case _:
            return None
