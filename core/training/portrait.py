"""A layer's weights, drawn: see core/engine/portraits.py for what the picture holds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import Tensor

from core.engine.portraits import Portrait
from core.errors import TrainingError
from core.training.checkpoint import read_weights
from core.training.evaluate import Weights

BINS = 40
KERNELS = 16
"""Pictures at the most."""


def portrait(weights: Weights, module: str, channel: int = 0, alone: bool = False) -> Portrait:
    """The module's weights, biases left out; raises TrainingError where it has none, and FileError.

    With `alone` those of modules within it are left out too.
    """
    known = read_weights(weights) if isinstance(weights, Path) else weights
    names = [name for name in known if name.startswith(f"{module}.")]
    own = [known[name] for name in names if not (alone and "." in name.removeprefix(f"{module}."))]
    own = [tensor for tensor in own if tensor.dim() > 1]
    own = [tensor for tensor in own if tensor.is_floating_point()]
    if not own:
        raise TrainingError(
            "a layer with trained weights was wanted", "there are none", module, "Train it, or choose another layer."
        )
    values = torch.cat([tensor.detach().reshape(-1).float() for tensor in own]).numpy()
    finite = values[np.isfinite(values)]
    edge = float(np.abs(finite).max(initial=0.0)) or 1.0
    bins, _edges = np.histogram(finite, BINS, (-edge, edge))
    wide = finite.astype(np.float64)
    told = Portrait(
        count=len(values),
        mean=float(wide.mean()) if len(wide) else 0.0,
        deviation=float(wide.std()) if len(wide) else 0.0,
        edge=edge,
        bins=bins.tolist(),
        nonfinite=len(values) - len(finite),
    )
    return _with_kernels(told, own[0], channel) if len(own) == 1 and own[0].dim() == 4 else told


def _with_kernels(told: Portrait, weight: Tensor, channel: int) -> Portrait:
    """The first kernels of (K, C, H, W), as far as they have more than one pixel."""
    count, channels, height, width = weight.shape
    if height * width < 2:
        return told
    chosen = weight[:KERNELS, min(max(channel, 0), channels - 1)].detach().float()
    scaled = torch.nan_to_num(chosen / told.edge, 0.0, 1.0, -1.0).clamp(-1.0, 1.0)
    pixels = (128 + 127 * scaled).round().to(torch.uint8).contiguous().numpy().tobytes()
    return msgspec.structs.replace(told, kernels=count, channels=channels, height=height, width=width, pixels=pixels)
