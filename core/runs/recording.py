"""Writes a run into its folder while it happens; a disk that refuses costs the folder, never the run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import msgspec

from chainrule.columns import ColumnWriter, blocks_file
from chainrule.summaries import fine_file, wide_file
from core.engine.messages import Counted, Event, Progress, Said, SampleRows, Started, StepRows, Train
from core.errors import ChainruleError, FileError
from core.files import from_text
from core.runs.histograms import HistogramWriter
from core.runs.info import FORMAT, RunInfo, describe
from core.runs.layout import EVENTS, PROJECT, RUN, SAMPLE_STEPS, SAMPLES, STEPS
from core.runs.reading import read, read_info, samples_until


def recorded(request: Train, events: Iterable[Event]) -> Iterator[Event]:
    """The same events, written to the request's folder, and a warning where that cannot be or go on."""
    if not request.folder:
        yield from events
        return
    with ExitStack() as files:
        folder: RunFolder | None = None
        refused = False
        for event in events:  # on disk before it is told: who hears Finished may read the folder
            try:
                if isinstance(event, Started) and not refused:
                    folder = RunFolder(request, event, files)
                elif folder is not None:
                    folder.record(event)
            except (OSError, ChainruleError) as error:
                folder, refused = None, True
                yield Said(level="warning", text=f"The run goes on, but is no longer kept in {request.folder}: {error}")
            yield event


class RunFolder:
    """The files of one run, open for appending; what the disk refuses is raised as OSError."""

    def __init__(self, request: Train, started: Started, files: ExitStack) -> None:
        """Create the folder, or go on in it: rows behind the step that is resumed from are dropped and made again."""
        self._folder = Path(request.folder)
        self._files = files
        self._folder.mkdir(parents=True, exist_ok=True)
        before = self._before(started) if request.resume and (self._folder / RUN).is_file() else None
        kept = started.first_step - before.first_step if before is not None else 0
        kept_samples = samples_until(self._folder, started.first_step) if before is not None else 0
        self._steps = self._columns(STEPS, len(started.step_columns), kept)
        self._sample_steps = self._open(SAMPLE_STEPS, kept_samples * 8)
        self._samples = self._columns(SAMPLES, len(started.sample_columns), kept_samples)
        self._histograms = HistogramWriter(self._folder, started.first_step if before is not None else None)
        self._files.callback(self._histograms.close)
        if (lines := self._folder / EVENTS).is_file():
            os.truncate(lines, _whole_lines(lines) if before is not None else 0)
        self._events = self._open(EVENTS, None)
        if before is None:
            self._write(PROJECT, request.project.encode())
            info = describe(from_text(request.project), started)
            self._write(RUN, msgspec.json.format(msgspec.json.encode(info)))
        self.record(started)

    def record(self, event: Event) -> None:
        """Append one event: rows to their columns, all else but the progress as a line of JSON."""
        match event:
            case StepRows(data=data):
                self._steps.append(data)
            case SampleRows(steps=steps, data=data):
                _append(self._sample_steps, steps)
                self._samples.append(data)
            case Counted():
                self._histograms.append(event)
            case Progress():
                pass  # a moment's news: the rows tell the same and more
            case _:
                _append(self._events, msgspec.json.encode(event) + b"\n")

    def _before(self, started: Started) -> Started:
        """How the run that goes on here once began; raises FileError where it measured something else."""
        info = read_info(self._folder)
        before = info.started
        same = before.step_columns == started.step_columns and before.sample_columns == started.sample_columns
        if not same or before.first_step > started.first_step:
            raise FileError("the folder of this run was wanted", "it is that of another", str(self._folder))
        if info.format < FORMAT:
            self._renew(info)
        return before

    def _renew(self, info: RunInfo) -> None:
        """Keep the rows of an earlier format as those of this one are kept."""
        run = read(self._folder)
        for name, table in ((STEPS, run.steps), (SAMPLES, run.samples)):
            for old in (blocks_file(self._folder, name), fine_file(self._folder, name), wide_file(self._folder, name)):
                old.unlink(missing_ok=True)
            writer = ColumnWriter(self._folder, name, table.columns)
            writer.append(table.rows().astype("<f4").tobytes())
            writer.close()
        info.format = FORMAT
        self._write(RUN, msgspec.json.format(msgspec.json.encode(info)))

    def _write(self, name: str, content: bytes) -> None:
        # Not synced to the disk: a run's first step shall not wait for that, and there is no old file to protect. It is
        # renamed, so that a process that is killed leaves a whole file or none.
        aside = self._folder / f"{name}.part"
        aside.write_bytes(content)
        aside.replace(self._folder / name)

    def _columns(self, name: str, columns: int, kept: int) -> ColumnWriter:
        writer = ColumnWriter(self._folder, name, columns, kept)
        self._files.callback(writer.close)
        return writer

    def _open(self, name: str, kept: int | None) -> IO[bytes]:
        """The file, open for appending behind its first `kept` bytes, or behind all of them."""
        file = self._files.enter_context((self._folder / name).open("ab", buffering=0))
        if kept is not None and file.tell() != kept:
            file.truncate(kept)
        return file


def _whole_lines(path: Path) -> int:
    """The bytes of a file up to the end of its last whole line: what a killed process leaves behind that is torn."""
    return path.read_bytes().rfind(b"\n") + 1


def _append(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
