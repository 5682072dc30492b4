"""The series that come with Chainrule, cut into windows: some values that are past, and those that come next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.data.sources import CLASSIFIED, FieldSpec, OptionSpec, SourceKind, Value

SHAPES = ("sine", "square", "sawtooth", "triangle")
"""Of the waves that are made by rule."""


def windows(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    """The series as windows of these lengths; as many as there are, each a step after the one before.

    Windows at the cut reach with their targets into both parts, so that the gap is one less than the horizon.
    """
    window, horizon = int(values["window"]), int(values["horizon"])
    assert kind.length is not None
    fields = window_fields(window, horizon, kind.unit)
    return replace(kind, fields=fields, samples=kind.length - window - horizon + 1, gap=horizon - 1)


def window_fields(window: int, horizon: int, unit: str) -> tuple[FieldSpec, ...]:
    """The fields of a series in windows."""
    past = f"So many values one after another, {unit}"
    return (
        FieldSpec("past", (window, 1), "float32", "input", scaled=True, help=past),
        FieldSpec("next", (horizon,), "float32", "target", scaled=True, help=f"What came after them, {unit}"),
    )


def _series(
    name: str,
    title: str,
    summary: str,
    unit: str,
    length: int,
    window: tuple[int, int],
    horizon: tuple[int, int],
    licence: str,
) -> SourceKind:
    """A series of so many values; of window and horizon the default and the most there may be are given."""
    (usual, longest), (next_usual, next_longest) = window, horizon
    return SourceKind(
        name=name,
        title=title,
        summary=summary,
        fields=window_fields(usual, next_usual, unit),
        options=(
            OptionSpec("window", "int", usual, 1, longest, help="How many past values a sample shows"),
            OptionSpec("horizon", "int", next_usual, 1, next_longest, help="How many values after them are the target"),
        ),
        normalise="standardise",
        natural=unit,
        licence=licence,
        file=f"{name}.npz",
        samples=length - usual - next_usual + 1,
        gap=next_usual - 1,
        group="Series",
        splits=("time",),
        fitted=windows,
        length=length,
        unit=unit,
    )


SUNSPOTS = _series(
    "sunspots",
    "Sunspots",
    "The number of sunspots of each year from 1700 to 2008",
    "spots, a yearly mean",
    309,
    (22, 120),
    (1, 24),
    "Public domain (National Geophysical Data Center); packaged by statsmodels, BSD-3-Clause",
)
CO2 = _series(
    "co2",
    "CO2 at Mauna Loa",
    "Carbon dioxide in the air of Hawaii, week by week from 1958 to 2001",
    "parts per million",
    2284,
    (52, 520),
    (1, 104),
    "Public domain (C. D. Keeling, T. P. Whorf); packaged by statsmodels, BSD-3-Clause",
)
WEATHER = _series(
    "weather",
    "Daily temperatures",
    "The highest temperature of each day in Seattle, from 2012 to 2015",
    "degrees Celsius",
    1461,
    (14, 365),
    (1, 60),
    "Public domain (NOAA); packaged by vega_datasets, MIT",
)
TEMPERATURES = _series(
    "temperatures",
    "Hourly temperatures",
    "What is usual in Seattle at each hour of the year: a course without noise, averaged over many years",
    "degrees Celsius",
    8759,
    (48, 720),
    (1, 168),
    "Public domain (NOAA); packaged by vega_datasets, MIT",
)


def _waves(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    fields = _wave_fields(int(values["window"]), int(values["horizon"]))
    return replace(kind, fields=fields, samples=int(values["samples"]))


def _wave_fields(window: int, horizon: int) -> tuple[FieldSpec, ...]:
    shape = FieldSpec("label", (), "int64", "target", classes=SHAPES, help="The shape of the wave")
    return (*window_fields(window, horizon, "from -1 to 1"), shape)


WAVES = SourceKind(
    name="waves",
    title="Waves",
    summary="Waves of four shapes and any period: to be continued, or told apart",
    fields=_wave_fields(32, 8),
    options=(
        OptionSpec("samples", "int", 2000, 10, 50_000, help="How many waves, the shapes in turn"),
        OptionSpec("window", "int", 32, 2, 500, help="How many past values a sample shows"),
        OptionSpec("horizon", "int", 8, 1, 100, help="How many values after them are the target"),
        OptionSpec("noise", "float", 0.1, 0.0, 2.0, help="Standard deviation of the noise added to the past"),
    ),
    normalise="none",
    natural="heights from -1 to 1",
    licence="Made by rule; nothing to license",
    samples=2000,
    group="Series",
    splits=CLASSIFIED,
    fitted=_waves,
)

SERIES = (SUNSPOTS, CO2, WEATHER, TEMPERATURES, WAVES)
