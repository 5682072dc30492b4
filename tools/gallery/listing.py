"""All templates, in the order of the start page."""

from __future__ import annotations

from tools.gallery import convolutions, depth, lines, rates, residual, start

EXHIBITS = (
    *start.EXHIBITS,
    *lines.EXHIBITS,
    *convolutions.EXHIBITS,
    *residual.EXHIBITS,
    *depth.EXHIBITS,
    *rates.EXHIBITS,
)
