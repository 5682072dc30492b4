"""What is answered about files of the user's own, as a table: JSON in, JSON out. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import msgspec

from core.data.formats import FORMATS, format_of
from core.data.marks import file_mark
from core.data.own import as_found, inspected, surveyed
from core.data.own_preview import own_preview
from core.errors import DataError
from core.inspecting.looked import Looked
from core.inspecting.told import Ask, AskBring, AskLook, AskMark, AskSurvey, Surveyed, settings_of


def answer(asked: Ask) -> bytes:
    """The answer's JSON; raises a ChainruleError."""
    return msgspec.json.encode(ANSWERS[asked.kind](asked.body))


def _survey(body: msgspec.Raw) -> Surveyed:
    asked = msgspec.json.decode(body, type=AskSurvey)
    path = Path(asked.path)
    source = asked.source or format_of(path, path.is_dir()).name
    survey = surveyed(path, asked.options, source)
    settings = as_found(path, source, asked.options, survey.found) if survey.found is not None else None
    return Surveyed.of(source, survey, settings)


def _look(body: msgspec.Raw) -> Looked:
    asked = msgspec.json.decode(body, type=AskLook)
    return Looked.of(own_preview(settings_of(asked.dataset), asked.field, asked.count))


def _mark(body: msgspec.Raw) -> str:
    settings = settings_of(msgspec.json.decode(body, type=AskMark).dataset)
    path = Path(settings.path)
    try:
        if not FORMATS[settings.source].folder:
            return file_mark(path)
    except OSError as error:
        reason = "it is not there" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
        raise DataError("the file of a data set was wanted", reason, str(path), "Locate it.") from error
    if not path.exists():
        raise DataError("the data of a data set were wanted", "they are not there", str(path), "Locate them.")
    found = inspected(path, dict(settings.options), settings.source).found
    return found.mark if found is not None else ""


def _bring(body: msgspec.Raw) -> str:
    from core.code.reading import written_data
    from core.exchange.script import write_data

    asked = msgspec.json.decode(body, type=AskBring)
    path = Path(asked.path)
    item = written_data("", settings_of(asked.dataset), [(name, name) for name in asked.fields], path.stem, alone=True)
    write_data(replace(item, file=path.name), path)
    return str(path)


ANSWERS: Mapping[str, Callable[[msgspec.Raw], object]] = MappingProxyType(
    {"survey": _survey, "look": _look, "mark": _mark, "bring": _bring}
)
