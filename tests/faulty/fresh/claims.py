"""Whether the app's own run of a fresh case is what the plain loop found it to be: luck differs between the two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.telemetry.record import RunRecord
from tests.faulty.case import HEALTHY, Case
from tests.faulty.fresh.variants import RISE
from tests.faulty.training import CLOSE, LOOKS

WELL, FALL = 0.9, 0.1
"""A healthy run below this score may not have cut its held-out loss by more than this share in its last quarter."""


def holds(case: Case, record: RunRecord, failed: bool) -> bool:
    """A healthy run has to come as far as it did, and a faulty one to stay below what a cure would bring."""
    score = reached(case, record)
    if case.label == HEALTHY:
        is_done = score is None or score >= WELL or _fall(record) <= FALL
        return not failed and (score is None or score >= case.good) and _rise(record) <= RISE and is_done
    return failed or score is None or score < case.good


def reached(case: Case, record: RunRecord) -> float | None:
    """The held-out score of the last validation; None where it was not measured."""
    if not record.validations:
        return None
    last = record.validations[-1]
    metric = case.spec.get("metric")
    if metric == "neg_val_loss":
        return -last.loss
    if metric == "bacc" and last.table:
        table = np.array(last.table, float)
        present = table.sum(1) > 0
        return float((np.diag(table)[present] / table.sum(1)[present]).mean())
    return last.metrics.get("accuracy", last.metrics.get("r2"))


def _rise(record: RunRecord) -> float:
    """How far above its best the held-out loss ends, looked at as seldom as in the plain loop."""
    losses = _looked(record)
    return float(losses[-1] / max(losses.min(), CLOSE)) if len(losses) else 1.0


def _fall(record: RunRecord) -> float:
    """The share by which the held-out loss fell in the last quarter of the run."""
    losses = _looked(record)
    return float(1 - losses[-1] / losses[-len(losses) // 4 - 1]) if len(losses) > 4 else 0.0


def _looked(record: RunRecord) -> NDArray[np.float64]:
    losses = np.array([point.loss for point in record.validations])
    return losses[np.linspace(0, len(losses) - 1, min(LOOKS, len(losses))).astype(int)] if len(losses) else losses
