"""What is missing in data of the user's own, filled with means of the training part alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def filled(values: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """The values (N, columns) with the mean of these training rows where one is missing; 0 where none has any."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    known = ~missing[rows]
    counts = known.sum(axis=0)
    sums = np.where(known, values[rows], 0.0).sum(axis=0, dtype=np.float64)
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    return np.where(missing, means, values).astype(np.float32)
