"""Runs made up for tests: what an engine would have sent."""

from __future__ import annotations

import numpy as np

from core.engine.messages import RowInfo, SampleRows, Started, StepRows, Validated
from core.telemetry.record import RunRecord

KINDS = (("Conv2d", "Convolution"), ("Tanh", "Activation"), ("Linear", "Linear"))


def row(number: int, weight: bool = True, path: str = "") -> RowInfo:
    kind, category = ("Linear", "Linear") if weight else ("Tanh", "Activation")
    name = path or f"{'fc' if weight else 'act'}{number}"
    return RowInfo(name, f"node-{name}", kind, category, numel=100 * number if weight else 0)


def started(layers: int = 3, first_step: int = 0, activations: bool = True, chance: float | None = None) -> Started:
    weights = [row(number + 1) for number in range(layers)]
    outputs = [
        info for number, weight in enumerate(weights) for info in ((weight, row(number + 1, False))[: 1 + activations])
    ]
    return Started(
        run="run",
        weights=weights,
        outputs=outputs,
        step_columns=[
            "loss", "metric", "learning_rate", "gradient_norm",
            *(f"{quantity}:{info.path}" for info in weights for quantity in ("gradient", "weight", "update")),
        ],
        sample_columns=[f"output:{info.path}" for info in outputs],
        epochs=10,
        steps_per_epoch=100,
        total_steps=1000,
        first_step=first_step,
        metric="accuracy",
        loss_at_chance=chance,
    )  # fmt: skip


def step_rows(first: int, rows: np.ndarray) -> StepRows:
    return StepRows(first=first, count=len(rows), data=np.asarray(rows, "<f4").tobytes())


def sample_rows(steps: np.ndarray, rows: np.ndarray) -> SampleRows:
    return SampleRows(steps=np.asarray(steps, "<i8").tobytes(), data=np.asarray(rows, "<f4").tobytes())


def validated(step: int, loss: float) -> Validated:
    return Validated(step=step, epoch=step // 100, loss=loss)


def random_rows(count: int, columns: int, seed: int = 0) -> np.ndarray:
    """Positive numbers over many decades, as norms are."""
    generator = np.random.default_rng(seed)
    return (10 ** generator.uniform(-9, 2, (count, columns))).astype(np.float32)


def recorded(steps: np.ndarray, begun: Started | None = None, parts: int = 7) -> RunRecord:
    """A record of these step rows, handed over in several messages."""
    record = RunRecord(begun or started())
    first = record.started.first_step + 1
    for part in np.array_split(steps, parts):
        record.add_steps(step_rows(first, part))
        first += len(part)
    return record
