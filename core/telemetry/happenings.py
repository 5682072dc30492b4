"""What happened in a run beside its numbers: at which step, in a few words."""

from __future__ import annotations

from typing import NamedTuple

from core.engine.messages import AnyEvent, Failed, Finished, Kept, RateChanged, Started

BEST_KEPT = "best weights kept"
FAILED = "failed"


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
            return Happening(step, BEST_KEPT if name == "best" else "weights kept")
        case RateChanged(step=step, value=value, phase=phase):
            return Happening(step, f"rate {f'of phase {phase + 1} ' if phase else ''}set to {value:g}")
        case Finished(step=step, state=state):
            return Happening(step, str(state))
        case Failed(step=step):
            return Happening(step, FAILED)
        case _:
            return None
