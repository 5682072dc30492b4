"""Losses that torch.nn does not have; each class needs torch only, and exported code holds its text."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # as everyone writes it, and as exported code has it


class FocalLoss(nn.Module):
    """Cross-entropy times (1 - p)^gamma, p being the right class's share (Lin et al. 2017, arXiv:1708.02002)."""

    def __init__(
        self, gamma: float = 2.0, class_weights: Sequence[float] | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        self.gamma = gamma
        self.class_weights = class_weights
        self.reduction = reduction

    def forward(self, logits: Tensor, label: Tensor) -> Tensor:
        """Scores (N, C, ...) against class numbers (N, ...); the mean is over all labels."""
        surprise = F.cross_entropy(logits, label, reduction="none")
        loss = (1 - torch.exp(-surprise)) ** self.gamma * surprise
        if self.class_weights is not None:
            loss = loss * logits.new_tensor(self.class_weights)[label]
        if self.reduction == "none":
            return loss
        return loss.sum() if self.reduction == "sum" else loss.mean()


class BinaryFocalLoss(nn.Module):
    """Binary cross-entropy times alpha (1 - p)^gamma (Lin et al. 2017, arXiv:1708.02002, equation 5)."""

    def __init__(self, gamma: float = 2.0, alpha: float = 0.25, reduction: str = "mean") -> None:
        super().__init__()
        self.gamma = gamma
        self.alpha = alpha
        self.reduction = reduction

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Scores against zeros and ones of the same shape."""
        surprise = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        wrong = torch.sigmoid(logits) * (1 - target) + torch.sigmoid(-logits) * target
        share = self.alpha * target + (1 - self.alpha) * (1 - target)
        loss = share * wrong**self.gamma * surprise
        if self.reduction == "none":
            return loss
        return loss.sum() if self.reduction == "sum" else loss.mean()


class MultiClassHingeLoss(nn.Module):
    """The hinge loss of the strongest wrong class (Crammer and Singer 2001, JMLR 2:265-292)."""

    def __init__(self, margin: float = 1.0, squared: bool = False, reduction: str = "mean") -> None:
        super().__init__()
        self.margin = margin
        self.squared = squared
        self.reduction = reduction

    def forward(self, scores: Tensor, label: Tensor) -> Tensor:
        """Scores (N, C) against class numbers (N)."""
        right = scores.gather(1, label[:, None])
        others = scores.scatter(1, label[:, None], -torch.inf)
        loss = F.relu(self.margin + others.amax(1) - right[:, 0])
        if self.squared:
            loss = loss.square()
        if self.reduction == "none":
            return loss
        return loss.sum() if self.reduction == "sum" else loss.mean()


class DiceLoss(nn.Module):
    """One minus the Dice coefficient of a mask (Milletari et al. 2016, arXiv:1606.04797)."""

    def __init__(
        self,
        activation: str = "sigmoid",
        per_channel: bool = False,
        squared: bool = False,
        smooth: float = 1.0,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        self.activation = activation
        self.per_channel = per_channel
        self.squared = squared
        self.smooth = smooth
        self.reduction = reduction

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Scores (N, C, ...) against a mask of the same shape; one loss per sample, or per sample and channel."""
        shares = logits
        if self.activation == "sigmoid":
            shares = torch.sigmoid(logits)
        elif self.activation == "softmax":
            shares = torch.softmax(logits, 1)
        begin = 2 if self.per_channel else 1
        shares, target = shares[..., None].flatten(begin), target[..., None].flatten(begin)
        both = (shares * target).sum(-1)
        each = (shares.square() + target.square() if self.squared else shares + target).sum(-1)
        loss = 1 - (2 * both + self.smooth) / (each + self.smooth)
        if self.reduction == "none":
            return loss
        return loss.sum() if self.reduction == "sum" else loss.mean()


class CTCLoss(nn.Module):
    """Connectionist temporal classification, batch first (Graves et al. 2006); loose lengths are counted."""

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__()
        self.blank = blank
        self.reduction = reduction
        self.zero_infinity = zero_infinity

    def forward(
        self,
        log_probabilities: Tensor,
        label: Tensor,
        input_lengths: Tensor | None = None,
        target_lengths: Tensor | None = None,
    ) -> Tensor:
        """Log-probabilities (N, T, C) against class numbers (N, S), filled up with the blank."""
        if input_lengths is None:
            input_lengths = label.new_full(label.shape[:1], log_probabilities.shape[1])
        if target_lengths is None:
            target_lengths = (label != self.blank).sum(1)
        return F.ctc_loss(
            log_probabilities.transpose(0, 1),
            label,
            input_lengths,
            target_lengths,
            blank=self.blank,
            reduction=self.reduction,
            zero_infinity=self.zero_infinity,
        )
