"""What the Doctor offers: an ordinary edit of the project, what it costs and what it is expected to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.project import Project

Edit = Callable[[Project], Project]
"""A project's next state."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """An edit that is expected to cure a finding.

    `document.edit(remedy.label, remedy.apply(document.project))` makes it, as one step of undo. `apply` takes the
    project that the finding is about, or a later one in which the nodes are still there.
    """

    id: str
    """The family, one of those in docs/doctor.md, as SWAP_ACT: what tests and muted offers go by."""
    label: str
    """What it does, as a button and the history have it: Replace 6 sigmoids by ReLU."""
    detail: str
    """One sentence: everything it changes, and what that costs."""
    effect: str
    """One sentence: what is expected of it."""
    apply: Edit
