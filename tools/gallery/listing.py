"""All templates, in the order of the start page."""

from __future__ import annotations

from tools.gallery import (
    attention,
    convolutions,
    cures,
    depth,
    few,
    lines,
    paths,
    pictures,
    rates,
    residual,
    sequences,
    stages,
    start,
)

EXHIBITS = (
    *start.EXHIBITS,
    *lines.EXHIBITS,
    *convolutions.EXHIBITS,
    *residual.EXHIBITS,
    *stages.EXHIBITS,
    *pictures.EXHIBITS,
    *sequences.EXHIBITS,
    *attention.EXHIBITS,
    *depth.EXHIBITS,
    *cures.EXHIBITS,
    *rates.EXHIBITS,
    *few.EXHIBITS,
    *paths.EXHIBITS,
)
