"""A run that is read from its folder, and what has come to it since: of one that goes on too, without a sound to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from chainrule.columns import BLOCK, block_count, rows_behind, tail
from core.engine.messages import AnyEvent, Noticed, SampleRows, Started, StepRows
from core.errors import FileError
from core.files import load
from core.project import Project
from core.runs.histograms import HISTOGRAMS, read_histograms
from core.runs.info import FORMAT
from core.runs.layout import EVENTS, PROJECT, RUN, SAMPLE_STEPS, SAMPLES, STEPS
from core.runs.reading import StoredRun, events_of, read, samples_until
from core.runs.replaying import record_of
from core.runs.scripts import Sketch, sketched
from core.telemetry.record import RunRecord


class FollowedRun:
    """A run as it stood when it was opened, memory-mapped, and by `news` what is new."""

    def __init__(self, folder: Path) -> None:
        """Open it; raises FileError."""
        self.folder = folder = folder.absolute()  # the engine, which reads files of it, stands in another folder
        self._mark = _mark(folder / RUN)  # before it is read: what is written meanwhile is seen as another run
        self.run: StoredRun = read(folder)
        self.sketch: Sketch | None = sketched(self.run.info) if self.run.info.script is not None else None
        self.started: Started = self.sketch.started if self.sketch is not None else self.run.info.started
        self._first = self.started.first_step
        self._steps, self._samples = len(self.run.steps), len(self.run.samples)
        self._read = self._event_bytes()
        self._counted = self.run.histograms[-1].step if self.run.histograms else -1
        self._histograms = _mark(self.folder / HISTOGRAMS)

    @property
    def is_renewed(self) -> bool:
        """Whether another run has begun in the folder since."""
        return _mark(self.folder / RUN) not in (self._mark, (0, 0, 0))

    @property
    def is_cut(self) -> bool:
        """Whether rows that were there are gone. A run that goes on from a checkpoint, or anew, soon says so."""
        return self._lacks(STEPS, len(self.started.step_columns), self._steps) or self._lacks(
            SAMPLES, len(self.started.sample_columns), self._samples
        )

    @property
    def is_script(self) -> bool:
        """Whether it is the run of a script, of which only a drawing can be shown."""
        return self.sketch is not None

    @property
    def paged(self) -> Path | None:
        """Where the rows lie as the record has them, so that they need not stay in memory; None of an old format."""
        return self.folder if self.run.info.format >= FORMAT else None

    def project(self) -> Project:
        """What was trained; of a script a drawing of its layers. Raises FileError."""
        return self.sketch.project if self.sketch is not None else load(self.folder / PROJECT)

    def record(self) -> RunRecord:
        """The record of what was there when it was opened."""
        if self.sketch is None:
            return record_of(self.run)
        info = msgspec.structs.replace(self.run.info, started=self.started)
        events = tuple(event for event in self._drawn(self.run.events) if not isinstance(event, Started))
        return record_of(replace(self.run, info=info, events=events))

    def news(self) -> list[AnyEvent]:
        """What has come since the last time, as the engine would tell it; raises FileError.

        None of it where another run has begun: that is to be opened anew.
        """
        try:
            told = self._new_events()
            resumed = [place for place, event in enumerate(told) if isinstance(event, Started)]
            behind = resumed[-1] + 1 if resumed else 0
            for event in told[:behind]:
                self._go_back(event)
            found = [*told[:behind], *self._new_steps(), *self._new_samples(), *self._new_histograms(), *told[behind:]]
        except (OSError, msgspec.MsgspecError) as error:
            if self.is_renewed:
                return []
            raise FileError("the folder of a run was wanted", str(error), str(self.folder)) from error
        return found if not self.is_renewed else []

    def _go_back(self, event: AnyEvent) -> None:
        """The run goes on from a step of its own: the rows behind it come once more."""
        if isinstance(event, Started):
            self.started = event
            self._steps = min(self._steps, max(event.first_step - self._first, 0))
            self._samples = min(self._samples, samples_until(self.folder, event.first_step))
            self._counted = min(self._counted, event.first_step)

    def _lacks(self, name: str, columns: int, known: int) -> bool:
        try:
            count = block_count(self.folder, name, columns) if columns else 0
            there = count * BLOCK
            return bool(columns) and there < known and there + len(tail(self.folder, name, columns, count)) < known
        except OSError:
            return True

    def _new_steps(self) -> list[AnyEvent]:
        rows = rows_behind(self.folder, STEPS, len(self.started.step_columns), self._steps)
        if not len(rows):
            return []
        first = self._first + self._steps + 1
        self._steps += len(rows)
        return [StepRows(first=first, count=len(rows), data=rows.astype("<f4").tobytes())]

    def _new_samples(self) -> list[AnyEvent]:
        rows = rows_behind(self.folder, SAMPLES, len(self.started.sample_columns), self._samples)
        with (self.folder / SAMPLE_STEPS).open("rb") as file:
            file.seek(8 * self._samples)
            data = file.read()
        steps = np.frombuffer(data[: len(data) // 8 * 8], "<i8")
        count = min(len(rows), len(steps))
        if not count:
            return []
        self._samples += count
        return [SampleRows(steps=steps[:count].tobytes(), data=rows[:count].astype("<f4").tobytes())]

    def _new_histograms(self) -> list[AnyEvent]:
        """The moments behind the last one that is known: the file is written anew where it is thinned."""
        before, self._histograms = self._histograms, _mark(self.folder / HISTOGRAMS)
        if before == self._histograms:
            return []
        found = [one for one in read_histograms(self.folder).moments if one.step > self._counted]
        self._counted = found[-1].step if found else self._counted
        return list(found)

    def _new_events(self) -> list[AnyEvent]:
        with (self.folder / EVENTS).open("rb") as file:
            file.seek(self._read)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._read += len(whole)
        return list(self._drawn(events_of(whole)))

    def _drawn(self, events: Iterable[AnyEvent]) -> Iterator[AnyEvent]:
        """The events, layers called by the names of their cards."""
        names = {path: name for name, path in self.sketch.paths.items()} if self.sketch is not None else {}
        for event in events:
            if names and isinstance(event, Noticed):
                yield msgspec.structs.replace(event, paths=[names[path] for path in event.paths if path in names])
            else:
                yield event

    def _event_bytes(self) -> int:
        return (self.folder / EVENTS).read_bytes().rfind(b"\n") + 1


def _mark(path: Path) -> tuple[int, int, int]:
    """What tells whether a file that is only ever put in place whole has changed; nothing of one that is not there."""
    try:
        told = path.stat()
    except OSError:
        return (0, 0, 0)
    return (told.st_ino, told.st_mtime_ns, told.st_size)
