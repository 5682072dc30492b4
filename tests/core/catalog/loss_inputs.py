"""Numbers that a loss is meant for: log-probabilities that are some, targets of 0 and 1 or −1 and 1, lengths."""

from __future__ import annotations

import torch
from torch import Tensor

from core.catalog.kind import LayerKind

CLASSES = {"AdaptiveLogSoftmax": "n_classes", "LinearCrossEntropy": "num_classes"}


def inputs_for(kind: LayerKind, shapes: list[tuple[int, ...]], seed: int, classes: int = 5) -> list[Tensor]:
    """A tensor for each of these ports' shapes; predictions require gradients, targets do not."""
    generator = torch.Generator().manual_seed(seed)
    tensors = []
    for port, shape in zip(kind.inputs, shapes, strict=False):
        raw = torch.randn(shape, generator=generator)
        tensor = _meant(kind, port.name, raw, generator, classes)
        is_guess = tensor.is_floating_point() and port is not kind.target_port
        tensors.append(tensor.detach().requires_grad_(is_guess))
    return tensors


def _meant(kind: LayerKind, port: str, raw: Tensor, generator: torch.Generator, classes: int) -> Tensor:
    if port == "label":
        low = {"CTC": 1, "MultiLabelMargin": -1}.get(kind.name, 0)
        return torch.randint(low, classes, raw.shape, generator=generator)
    if port.endswith("_lengths"):
        return torch.full(raw.shape, 10 if port == "input_lengths" else 2, dtype=torch.int64)
    if port == "target":
        return _target(kind, raw)
    if port == "log_probabilities":
        return raw.log_softmax(-1 if kind.name == "CTC" else min(1, raw.dim() - 1))
    if port == "probabilities":
        return raw.sigmoid() * 0.98 + 0.01
    return raw.square() + 0.1 if port == "variance" else raw


def _target(kind: LayerKind, raw: Tensor) -> Tensor:
    if kind.target == "probabilities":
        return (raw > 0).float()
    if kind.target == "shares" or kind.name == "KLDiv":
        return raw.softmax(min(1, raw.dim() - 1))
    if kind.name == "PoissonNLL":
        return (3 * raw).abs().round()
    if kind.target == "values":
        return raw
    if kind.name == "Yolo":
        boxes = raw[:, :4].sigmoid()
        return torch.cat([boxes, (raw[:, 4:] > 0).float()], 1)
    return raw.sign() + (raw == 0)
