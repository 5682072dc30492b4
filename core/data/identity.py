"""What a run remembers of its data, so that two runs can be told to have seen the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from core.data.packaged import FOLDER, read_content
from core.data.settings import DatasetSettings, dataset_kind, normalisation_kind, option_values, split_kind

# Counts up whenever a formula of `generated` gives other points for the same settings.
GENERATED_VERSION = b"1"


def data_hash(settings: DatasetSettings, folder: Path = FOLDER) -> str:
    """The sha256 (hexadecimal) of the file's content and of the settings, defaults filled in."""
    kind = dataset_kind(settings)
    digest = hashlib.sha256(_content(settings, kind.file, folder))
    meaning = {
        "source": settings.source,
        "options": {name: _plain(value) for name, value in option_values(settings).items()},
        "validation": _plain(settings.validation),
        "seed": settings.seed,
        "normalise": normalisation_kind(settings),
    }
    if split_kind(settings) != "random":
        meaning["split"] = split_kind(settings)
    digest.update(json.dumps(meaning, sort_keys=True).encode())
    return digest.hexdigest()


def _content(settings: DatasetSettings, file: str | None, folder: Path) -> bytes:
    if settings.found is not None:
        return settings.found.mark.encode()
    return GENERATED_VERSION if file is None else read_content(folder / file)


def _plain(value: object) -> object:
    # 1 and 1.0 are equal settings, so they have to be written alike.
    return float(value) if isinstance(value, int | float) else value
