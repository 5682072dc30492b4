"""Series: one number after another at equal distances, gaps filled in a straight line."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.datasets.archive import Arrays
from tools.datasets.originals import Originals


def sunspots(originals: Originals) -> Arrays:
    """309 years from 1700 to 2008: values (N, 1), float64."""
    return {"values": _column(originals.wheel("statsmodels"), "statsmodels/datasets/sunspots/sunspots.csv", 1)}


def co2(originals: Originals) -> Arrays:
    """2,284 weeks from March 1958 to December 2001: values (N, 1), float64, parts per million."""
    return {"values": _column(originals.wheel("statsmodels"), "statsmodels/datasets/co2/co2.csv", 1)}


def weather(originals: Originals) -> Arrays:
    """1,461 days of 2012 to 2015 in Seattle: values (N, 1), float64, each day's highest degrees Celsius."""
    return {"values": _column(originals.wheel("vega_datasets"), "vega_datasets/_data/seattle-weather.csv", 2)}


def temperatures(originals: Originals) -> Arrays:
    """8,759 hours of 2010 in Seattle: values (N, 1), float64, degrees Celsius rounded to hundredths."""
    fahrenheit = _column(originals.wheel("vega_datasets"), "vega_datasets/_data/seattle-temps.csv", 1)
    return {"values": np.round((fahrenheit - 32) / 1.8, 2)}


def _column(wheel: zipfile.ZipFile, path: str, place: int) -> NDArray[Any]:
    """One column of a CSV file (N, 1); what is missing lies on the line between its neighbours."""
    rows = list(csv.reader(io.StringIO(wheel.read(path).decode("utf-8"))))[1:]
    values = np.array([float(row[place] or "nan") for row in rows])
    known = np.flatnonzero(~np.isnan(values))
    filled: NDArray[Any] = np.interp(np.arange(len(values)), known, values[known])
    return filled.reshape(-1, 1)
