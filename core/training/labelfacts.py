"""Whether labels have to do with inputs at all: how often the nearest neighbours of a sample share its label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.diagnosis.facts import FieldFacts
from core.training.partfacts import Array, Both

NEIGHBOURS = 500
"""Samples whose nearest neighbour is looked for."""
WIDEST = 4096
"""Numbers of a sample, beyond which it is left."""


def label_facts(facts: FieldFacts, inputs: Both, labels: Both) -> FieldFacts:
    """How often the nearest other sample of training has the same label, and how often it would by chance.

    Of a number y, which share of its variance does not come from noise: neighbours that differ by noise alone differ by
    twice its variance, E (y - y')² = 2 σ².
    """
    x, y = inputs.train, labels.train[:, 0]
    if x.dtype.kind != "f" or x.shape[1] > WIDEST or len(x) < NEIGHBOURS // 10:
        return facts
    fine = np.isfinite(x).all(1)
    x, y = x[fine], y[fine]
    places = np.linspace(0, len(x) - 1, min(NEIGHBOURS, len(x))).astype(np.int64)
    nearest = _nearest(_even(x), places)
    if not facts.names:
        variance = 2 * float(y.astype(np.float64).var())
        apart = float(np.square(y[nearest].astype(np.float64) - y[places]).mean())
        agree = min(max(1 - apart / variance, 0.0), 1.0) if variance > 0 else float("nan")
        return replace(facts, neighbours_agree=agree, agree_by_chance=0.0)
    shares = np.unique(y, return_counts=True)[1] / len(y)
    return replace(
        facts,
        neighbours_agree=float((y[nearest] == y[places]).mean()),
        agree_by_chance=float(np.square(shares).sum()),
    )


def _even(x: Array) -> Array:
    """Features of one deviation, so that none outweighs the others; nearly constant ones keep theirs."""
    deviations = x.std(0)
    floor = 0.02 * max(float(x.std()), 1e-12)
    found: Array = ((x - x.mean(0)) / np.where(deviations < floor, 1.0, deviations)).astype(np.float32)
    return found


def _nearest(x: Array, places: Array) -> Array:
    """The place of the nearest other sample of each of these."""
    some = x[places]
    distances = np.square(x).sum(1)[None, :] - 2 * some @ x.T
    distances[np.arange(len(places)), places] = np.inf
    found: Array = distances.argmin(1)
    return found
