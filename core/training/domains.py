"""For which numbers functions have no answer, and what keeps these away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor


class Domain(NamedTuple):
    """The numbers that a function takes at one of its inputs."""

    port: str
    words: str
    """Which they are: Log takes numbers above 0 only."""
    lacks: Callable[[Tensor], Tensor]
    """Where a number is none of them."""
    remedy: str


_POSITIVE = "lead its input through Softplus, Exp or Clamp first"
_APART = "add a small number to its input, or Clamp it away from 0"
_WITHIN = "lead its input through Tanh or Clamp first"
_ABOVE_0 = Domain("input", "above 0", lambda x: x <= 0, _POSITIVE)
_FROM_0 = Domain("input", "from 0 on", lambda x: x < 0, _POSITIVE)
_OTHER_THAN_0 = Domain("input", "other than 0", lambda x: x == 0, _APART)
DOMAINS: Mapping[str, Domain] = MappingProxyType(
    {
        **dict.fromkeys(("Log", "Log2", "Log10", "Rsqrt"), _ABOVE_0),
        "Log1p": Domain("input", "above −1", lambda x: x <= -1, _POSITIVE),
        "Sqrt": _FROM_0,
        "Reciprocal": _OTHER_THAN_0,
        "Divide": _OTHER_THAN_0._replace(port="b", remedy="add a small number to what it divides by"),
        "Logit": Domain(
            "input", "between 0 and 1", lambda x: (x <= 0) | (x >= 1), "lead its input through Sigmoid first"
        ),
        "Asin": Domain("input", "from −1 to 1", lambda x: x.abs() > 1, _WITHIN),
        "Acos": Domain("input", "from −1 to 1", lambda x: x.abs() > 1, _WITHIN),
        "Atanh": Domain("input", "between −1 and 1", lambda x: x.abs() >= 1, _WITHIN),
        "Acosh": Domain("input", "from 1 on", lambda x: x < 1, "add 1 behind Softplus first"),
    }
)
"""By kind, of those that say NaN or infinity elsewhere."""
ONLY = "takes numbers"
"""What tells in the words of `outside` that this is what they are about."""


def outside(kind: str, inputs: Mapping[str, Tensor]) -> str:
    """What to do where a layer of this kind was given numbers that it has no answer for; empty where it was not."""
    domain = DOMAINS.get(kind)
    given = inputs.get(domain.port) if domain is not None else None
    if domain is None or given is None:
        return ""
    finite = given.detach()[torch.isfinite(given.detach())]
    count = int(domain.lacks(finite).sum())
    if not count:
        return ""
    was = "was" if count == 1 else "were"
    return f"{kind} {ONLY} {domain.words} only, and {count:,} of {given.numel():,} {was} not: {domain.remedy}."
