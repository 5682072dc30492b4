"""How the next token is drawn from a network's scores: temperature, the k likeliest, and a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def shares(scores: NDArray[np.floating], temperature: float = 1.0, top_k: int = 0) -> Doubles:
    """The probabilities of tokens (C,) by their scores: the softmax of scores / temperature among the k likeliest.

    A temperature of 0 leaves the likeliest alone, a `top_k` of 0 all.
    """
    exact = scores.astype(np.float64)
    if temperature <= 0:
        found = np.zeros(len(exact))
        found[int(exact.argmax())] = 1.0
        return found
    exact = exact / temperature
    if 0 < top_k < len(exact):
        # as many as asked for, of equal ones those with smaller numbers
        left_out = np.argsort(-exact, kind="stable")[top_k:]
        exact[left_out] = -np.inf
    powers = np.exp(exact - exact.max())
    chances: Doubles = powers / powers.sum()
    return chances


def drawn(chances: Doubles, seed: int, place: int) -> int:
    """The token that this seed draws at this place: the same however many are drawn at a time.

    One uniform number of the counter-based generator Philox (Salmon et al. 2011), on the cumulated probabilities.
    """
    number = np.random.Generator(np.random.Philox(key=seed, counter=place)).random()
    edges = np.cumsum(chances)
    found = int(np.searchsorted(edges, number * edges[-1], side="right"))
    return min(found, int(np.flatnonzero(chances)[-1]))
