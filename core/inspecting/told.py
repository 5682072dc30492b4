"""What is asked about files of the user's own and what is answered, as messages between two processes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from core.data.settings import DatasetSettings
from core.data.survey import Survey, SurveyColumn
from core.engine.failure import problem
from core.engine.messages import Problem
from core.errors import EngineError
from core.filedata import data_line, dataset_of
from core.fileformat import FileDataset

PROGRAM = Path(__file__).with_name("__main__.py")
"""What answers; it is started by its path."""


class Ask(msgspec.Struct):
    """One question; `body` is that of its kind."""

    id: int
    kind: Literal["survey", "look", "mark", "bring"]
    body: msgspec.Raw


class AskSurvey(msgspec.Struct):
    """What stands in this file, read with these options; `source` is the format where its name does not tell it."""

    path: str
    source: str = ""
    options: dict[str, int | float | str | bool] = {}


class AskLook(msgspec.Struct):
    """What there is to see of a field of this data set, which is as a project file has it."""

    dataset: str
    field: str
    count: int = 20


class AskMark(msgspec.Struct):
    """The mark of this data set's file as it is now."""

    dataset: str


class AskBring(msgspec.Struct):
    """That these fields of the data set be written into this file, as a script reads them; answered by its path."""

    dataset: str
    fields: list[str]
    path: str


class Tell(msgspec.Struct, omit_defaults=True):
    """What has become of a question: what is being done, the answer, or why there is none."""

    id: int
    doing: str = ""
    share: float = 0.0
    answer: msgspec.Raw = msgspec.Raw(b"")
    problem: Problem | None = None


class Surveyed(msgspec.Struct):
    """A Survey, by the format `source`; `dataset` is the data set that it comes to, or there is a problem."""

    source: str
    columns: tuple[SurveyColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    settled: dict[str, str]
    dataset: str = ""
    problem: Problem | None = None

    @classmethod
    def of(cls, source: str, survey: Survey, settings: DatasetSettings | None) -> Surveyed:
        """What is told of it."""
        line = data_line("", settings) if settings is not None else ""
        told = problem(survey.problem) if survey.problem is not None else None
        return cls(source, survey.columns, survey.rows, survey.total, dict(survey.settled), line, told)

    @property
    def settings(self) -> DatasetSettings | None:
        """The data set, where there is one."""
        return settings_of(self.dataset) if self.dataset else None


def settings_of(line: str) -> DatasetSettings:
    """The data set that stands in a line of a project file; raises DataError, ParameterError and EngineError."""
    try:
        return dataset_of(msgspec.json.decode(line, type=FileDataset))
    except msgspec.MsgspecError as error:
        raise EngineError("a data set was wanted", str(error), "Reader of data") from error
