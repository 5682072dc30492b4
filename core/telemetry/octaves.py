"""Logarithmic time: rows in bins that grow with the rows before them."""

from __future__ import annotations

import numpy as np


def octaves(low: int, high: int, columns: int) -> list[tuple[int, int, int]]:
    """Rows `low` to `high`, counted from zero, parted at powers of two, with about `columns` bins over all.

    Of each part where it begins, where it ends, and how wide its bins are.
    """
    count = max(np.log2((high + 1) / (low + 1)), 1.0)
    finest = max(int(np.ceil(np.log2(max(columns / count, 1)))), 0)
    found: list[tuple[int, int, int]] = []
    begin = low
    while begin < high:
        octave = begin.bit_length()
        width = 1 << max(octave - 1 - finest, 0)
        stop = min(1 << octave if begin else 1, high)
        if found and found[-1][2] == width:
            found[-1] = (found[-1][0], stop, width)
        else:
            found.append((begin // width * width, stop, width))
        begin = stop
    return found
