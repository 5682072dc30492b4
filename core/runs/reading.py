"""Reads a run back from its folder, also one that is still being written or that broke off."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from chainrule.columns import BLOCK, blocks, blocks_file, tail
from chainrule.summaries import FINE, WIDE, fine_file, mapped, wide_file
from core.engine.messages import AnyEvent, Counted, Failed, Finished
from core.errors import FileError
from core.runs.histograms import read_histograms
from core.runs.info import FORMAT, RunInfo
from core.runs.layout import EVENTS, RUN, SAMPLE_STEPS, SAMPLES, STEPS
from core.telemetry.table import Table


@dataclass(frozen=True, eq=False, slots=True)
class StoredRun:
    """A run on disk, memory-mapped but for the newest rows and the steps of its samples.

    `steps` has a column for each of `started.step_columns` and a row a step, from step `info.started.first_step` + 1
    on, NaN where a power cut has taken them; `sample_steps` (samples,) int64 tells the step of each row of `samples`,
    which has a column for each of `started.sample_columns`. `events` are all others, in order.
    """

    folder: Path
    info: RunInfo
    steps: Table
    sample_steps: NDArray[np.int64]
    samples: Table
    events: tuple[AnyEvent, ...]
    histograms: tuple[Counted, ...] = ()
    wrong: str = ""
    """What of it could not be read and is left out, in words."""

    @property
    def ended(self) -> bool:
        """Whether the run came to an end, good or bad; one that did not can be resumed."""
        return bool(self.events) and isinstance(self.events[-1], Finished | Failed)


def read(folder: Path) -> StoredRun:
    """The run in this folder; what a crash left of a last row or line is left out. Raises FileError."""
    info = read_info(folder)
    try:
        steps = _table(folder, STEPS, len(info.started.step_columns), info.format)
        sample_steps = np.fromfile(folder / SAMPLE_STEPS, "<i8")
        samples = _table(folder, SAMPLES, len(info.started.sample_columns), info.format)
        events = events_of((folder / EVENTS).read_bytes())
        histograms = read_histograms(folder)
    except (OSError, msgspec.MsgspecError) as error:
        raise _unreadable(folder, str(error)) from error
    count = min(len(sample_steps), len(samples))
    samples.truncate(count)
    return StoredRun(folder, info, steps, sample_steps[:count], samples, events, *histograms)


def read_info(folder: Path) -> RunInfo:
    """What was written once about the run; raises FileError."""
    try:
        info = msgspec.json.decode((folder / RUN).read_bytes(), type=RunInfo)
    except FileNotFoundError as error:
        came = f"it has no {RUN}" if folder.is_dir() else "there is none"
        raise _unreadable(folder, came) from error
    except (OSError, msgspec.MsgspecError) as error:
        raise _unreadable(folder, str(error)) from error
    if info.format > FORMAT:
        raise _unreadable(folder, f"it is of format {info.format}, newer than {FORMAT}")
    return info


def runs_in(root: Path) -> tuple[Path, ...]:
    """The folders of all runs, newest first; none when there is no such root."""
    if not root.is_dir():
        return ()
    return tuple(sorted((path.parent for path in root.glob(f"*/{RUN}")), reverse=True))


def samples_until(folder: Path, step: int) -> int:
    """How many rows of samples belong to this step or an earlier one; raises OSError."""
    return int(np.searchsorted(np.fromfile(folder / SAMPLE_STEPS, "<i8"), step, side="right"))


def _table(folder: Path, name: str, columns: int, version: int) -> Table:
    """The rows of a run; raises OSError."""
    if version == 1:
        return _row_after_row(blocks_file(folder, name), columns)
    fine = mapped(fine_file(folder, name), columns, BLOCK, FINE)
    wide = mapped(wide_file(folder, name), columns, BLOCK, WIDE)
    table = Table(columns, blocks(folder, name, columns), fine, wide)
    table.append(tail(folder, name, columns, len(table) // BLOCK))
    return table


def _row_after_row(path: Path, columns: int) -> Table:
    """The rows of a run of format 1, which are read into memory."""
    values, table = np.fromfile(path, "<f4"), Table(columns)
    count = len(values) // columns if columns else 0
    table.append(values[: count * columns].reshape(count, columns))
    return table


def events_of(content: bytes) -> tuple[AnyEvent, ...]:
    """The events of these lines, a torn last one left out; raises msgspec.MsgspecError."""
    return tuple(_event(line) for line in content[: content.rfind(b"\n") + 1].splitlines())


def _event(line: bytes) -> AnyEvent:
    told = msgspec.json.decode(line)
    if told.get("type") == "validated" and told.get("loss") is None:
        told["loss"] = nan  # JSON has no other word for a loss that is not finite
    return msgspec.convert(told, AnyEvent)  # type: ignore[no-any-return]  # a union is a type to msgspec


def _unreadable(folder: Path, came: str) -> FileError:
    return FileError("the folder of a run was wanted", came, str(folder), "Choose another run.")
