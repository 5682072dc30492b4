"""What is made small beside the losses: L1 and L2 penalties of the weights, through their gradient.

The penalty is `l1 * sum |w| + l2 / 2 * sum w²` over all weights that are no vectors: a layer's bias and what a
normalisation scales with are left alone. Its gradient `l1 * sign(w) + l2 * w` is added to the loss's before the step,
so an optimizer that divides by the gradient's size (Adam) divides the penalty's too: it is coupled, unlike AdamW's
weight decay.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


@torch.no_grad()
def penalise(parameters: Iterable[Tensor], l1: float, l2: float) -> None:
    """Add the penalties' gradient to that of every weight that is no vector."""
    for weight in parameters:
        if weight.dim() > 1 and weight.grad is not None:
            if l1:
                weight.grad += l1 * weight.sign()
            if l2:
                weight.grad += l2 * weight
