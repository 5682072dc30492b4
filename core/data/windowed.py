"""Series cut into windows, out of the archives that come with Chainrule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from core.data.packaged import read_arrays
from core.data.sources import SourceKind

Floats = NDArray[np.float32]


def series(kind: SourceKind, folder: Path) -> Floats:
    """The values of a series (length,), in natural units."""
    assert kind.file is not None
    return read_arrays(folder / kind.file, ("values",))["values"].astype(np.float32).reshape(-1)


def windows(kind: SourceKind, folder: Path) -> dict[str, Floats]:
    """The past (N, window, 1) and what came next (N, horizon) of every window."""
    past, following = kind.fields
    return cut(series(kind, folder), past.shape[0], following.shape[0])


def cut(values: Floats, window: int, horizon: int) -> dict[str, Floats]:
    """Every window of a series (length,), each a step after the one before."""
    found = sliding_window_view(values, window + horizon)
    return {
        "past": np.array(found[:, :window, np.newaxis]),
        "next": np.array(found[:, window:]),
    }
