"""The offer, at the start, to go on with what a crash left behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.recovery import Kept
from gui.message_bar import MessageBar


def offer_recovery(bar: MessageBar, kept: Sequence[Kept], recover: Callable[[Kept], object]) -> None:
    """Offer these documents, all at once, newest first; recovered, the newest stands in front."""
    names = listed([one.project.name for one in kept])
    one, verb = len(kept) == 1, "was" if len(kept) == 1 else "were"
    bar.say(
        "warning",
        f"{names} {verb} not saved.",
        "The window ended while there were changes that are in no file. They were kept aside.",
        (
            (f"Recover {names}", lambda: [recover(found) for found in reversed(kept)]),
            ("Let it go" if one else "Let them go", lambda: forget(kept)),
        ),
    )


def forget(kept: Sequence[Kept]) -> None:
    """Do not offer these again."""
    for found in kept:
        found.forget()


def listed(names: Sequence[str]) -> str:
    """The names as a sentence has them; of many, the first three and how many more."""
    shown = [*names[:3], *([f"{len(names) - 3} more"] if len(names) > 3 else [])]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
