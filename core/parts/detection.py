"""The loss of a detector that sees the whole picture once; needs torch only, and exported code holds its text."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class YoloLoss(nn.Module):
    """The sum of squares of YOLO (Redmon et al. 2016, arXiv:1506.02640, equation 3).

    The prediction is (N, 5 boxes + C, S, S): for each box of a cell x, y, w, h and confidence, then the C classes. The
    target is (N, 5 + C, S, S): x, y, w, h, whether an object's centre lies in the cell, and the classes. x and y are
    from 0 to 1 within the cell, w and h of the whole picture.
    """

    def __init__(self, boxes: int = 2, coord: float = 5.0, noobj: float = 0.5, reduction: str = "mean") -> None:
        super().__init__()
        self.boxes = boxes
        self.coord = coord
        self.noobj = noobj
        self.reduction = reduction

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of each picture, averaged or summed over the pictures."""
        rows, columns = prediction.shape[2:]
        guesses = prediction[:, : 5 * self.boxes].reshape(-1, self.boxes, 5, rows, columns)
        truth, there = target[:, None, :5], target[:, 4]
        overlap = self.overlap(guesses, truth).detach()
        best = overlap.argmax(1, keepdim=True)
        mine = torch.zeros_like(overlap).scatter(1, best, 1.0) * there[:, None]
        place = (guesses[:, :, :2] - truth[:, :, :2]).square().sum(2)
        size = (self.root(guesses[:, :, 2:4]) - self.root(truth[:, :, 2:4])).square().sum(2)
        sure = (guesses[:, :, 4] - mine * overlap).square()
        kind = (prediction[:, 5 * self.boxes :] - target[:, 5:]).square().sum(1)
        cells = (mine * (self.coord * (place + size) + sure) + self.noobj * (1 - mine) * sure).sum(1) + there * kind
        loss = cells.sum((1, 2))
        if self.reduction == "none":
            return loss
        return loss.sum() if self.reduction == "sum" else loss.mean()

    def root(self, sizes: Tensor) -> Tensor:
        """Square roots that have a gradient at and below zero too."""
        return sizes.sign() * (sizes.abs() + 1e-6).sqrt()

    def overlap(self, guesses: Tensor, truth: Tensor) -> Tensor:
        """Intersection over union of boxes (N, boxes, 5, S, S) of the same cells."""
        grid = guesses.new_tensor([guesses.shape[-1], guesses.shape[-2]])[:, None, None]
        edges = []
        for box in (guesses, truth):
            middle, half = box[:, :, :2] / grid, box[:, :, 2:4].abs() / 2
            edges.append((middle - half, middle + half))
        (low, high), (true_low, true_high) = edges
        inside = (torch.minimum(high, true_high) - torch.maximum(low, true_low)).clamp(min=0).prod(2)
        area = (high - low).prod(2) + (true_high - true_low).prod(2)
        return inside / (area - inside + 1e-9)
