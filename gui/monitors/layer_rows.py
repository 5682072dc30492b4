"""What the views of layers have in common: how a row is named, the mark of vanishing, what an empty plot says."""

from __future__ import annotations

from core.engine.messages import RowInfo
from core.telemetry.happenings import FAILED
from core.telemetry.heat_scales import SCALES
from core.telemetry.record import RunRecord

VANISHING = -6.0
"""The mark, as log10, that every view of gradients shows."""


def short_name(row: RowInfo) -> str:
    """The path of a step, as a label."""
    return row.path


def nothing_measured(record: RunRecord | None, quantity: str, gathering: bool) -> tuple[str, str]:
    """What an empty plot of gradients says, and how there will be something."""
    if record is None:
        return "No gradients yet.", "They appear with the first step of training."
    if gathering:
        return f"Gathering {record.last_step - record.first_step:,} steps…", ""
    if not record.measures(quantity):
        name = SCALES[quantity].title if quantity in SCALES else "Gradients"
        return f"{name}: not measured in this run.", "Watch gradients, then train again."
    return to_come(record, "Nothing measured yet.", "The first step is under way.")


def to_come(record: RunRecord, words: str, hint: str) -> tuple[str, str]:
    """What an empty plot says of a run: that something is to come, or that none will, as the run failed before."""
    if record.happenings and record.happenings[-1].words == FAILED:
        return "Nothing was measured.", "The run failed before: the message over the canvas says why."
    return words, hint
