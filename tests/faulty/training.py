"""The plain loop that a case is trained by, and the score it reaches on held-out samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.faulty.data import Data, make_data
from tests.faulty.network import Spec, build_model

Loss = Callable[[Tensor, Tensor], Tensor]
GIVE_UP = 5
"""Steps that are still made after the loss became NaN or infinite."""
LOOKS = 12
"""How many times a course looks at the held-out loss."""
CLOSE = 0.02
"""A held-out loss below which it does not matter how far above its best it is."""


def loss_of(spec: Spec, data: Data) -> Loss:
    """The loss of a case."""
    train = spec["train"]
    kind, weights = train.get("loss", "ce" if data.task == "clf" else "mse"), train.get("class_weight")
    if weights == "balanced":
        counts = torch.bincount(data.y, minlength=data.outputs).float()
        weights = counts.sum() / (len(counts) * counts.clamp(min=1))
    elif weights is not None:
        weights = torch.tensor(weights)
    losses: dict[str, Loss] = {
        "ce": lambda o, y: functional.cross_entropy(o, y, weight=weights, label_smoothing=train.get("smooth", 0.0)),
        "bce": lambda o, y: functional.binary_cross_entropy_with_logits(o.squeeze(-1), y.float()),
        "bce_prob": lambda o, y: functional.binary_cross_entropy(o.squeeze(-1), y.float()),
        "mse": lambda o, y: functional.mse_loss(o.squeeze(-1), y.float()),
        "mse_onehot": lambda o, y: functional.mse_loss(o, functional.one_hot(y, o.shape[-1]).float()),
        "huber": lambda o, y: functional.smooth_l1_loss(o.squeeze(-1), y.float()),
    }
    return losses[kind]


def score_of(spec: Spec, data: Data, model: nn.Module) -> float:
    """Accuracy (of each class alike where asked), R² of a number, or minus the loss; of the held-out samples."""
    model.eval()
    with torch.no_grad():
        outputs, y = model(data.held_x), data.held_y
        if not torch.isfinite(outputs).all():
            return float("-inf") if data.task == "reg" else 0.0
        if spec.get("metric") == "neg_val_loss":
            return -float(loss_of(spec, data)(outputs, y))
        if data.task == "reg":
            return float(1 - ((outputs.squeeze(-1) - y) ** 2).mean() / y.var(unbiased=False))
        right = _called(outputs, spec["train"].get("loss")) == y
    if spec.get("metric") == "bacc":
        return float(np.mean([right[y == name].float().mean().item() for name in y.unique().tolist()]))
    return float(right.float().mean())


def _called(outputs: Tensor, loss: str | None) -> Tensor:
    """The class that is called."""
    if loss == "mse":  # the class as a number
        return outputs.squeeze(-1).round().long()
    if outputs.shape[-1] == 1:
        return (outputs.squeeze(-1) > (0.5 if loss == "bce_prob" else 0)).long()
    return outputs.argmax(-1)


def optimizer_of(train: Spec, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """The optimizer of a case."""
    rate, decay = train["lr"], train.get("wd", 0.0)
    match train.get("opt", "adam"):
        case "sgd":
            return torch.optim.SGD(parameters, lr=rate, momentum=train.get("momentum", 0.0), weight_decay=decay)
        case "adam":
            betas, eps = tuple(train.get("betas", (0.9, 0.999))), train.get("eps", 1e-8)
            return torch.optim.Adam(parameters, lr=rate, weight_decay=decay, eps=eps, betas=betas)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=rate, weight_decay=train.get("wd", 0.01))
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=rate)
    raise KeyError(train["opt"])


def share_of(schedule: list[Any] | None, step: int, steps: int) -> float:
    """The share of the learning rate at a step, counted from 0."""
    if not schedule:
        return 1.0
    match schedule[0]:
        case "exp":
            return float(schedule[1] ** step)
        case "step":
            return float(schedule[2] ** (step // schedule[1]))
        case "cosine":
            warm = schedule[1]
            if step < warm:
                return float((step + 1) / warm)
            return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
        case "warmup":
            return min(1.0, (step + 1) / float(schedule[1]))
    raise KeyError(schedule[0])


def batches(count: int, size: int, order: torch.Generator, shuffle: bool) -> Iterator[Tensor]:
    """Places of samples, batch after batch, without end; an epoch's rest is left out."""
    while True:
        places = torch.randperm(count, generator=order) if shuffle else torch.arange(count)
        for begin in range(0, count - size + 1, size):
            yield places[begin : begin + size]


@dataclass(frozen=True)
class Course:
    """The score at the end, and how far above its best the held-out loss ended."""

    score: float
    rise: float


def evaluate(spec: Spec, seed: int = 0) -> float:
    """The score of a case after its training."""
    return course(spec, seed, looks=0).score


def course(spec: Spec, seed: int = 0, looks: int = LOOKS) -> Course:
    """How a case's training went; the held-out loss is looked at so many times."""
    torch.set_num_threads(1)
    data = make_data(spec["data"], seed)
    model = build_model(spec, data.x[:4], seed).train()
    every = max(spec["train"]["steps"] // looks, 1) if looks else math.inf
    losses = []
    for step in _stepped(spec, data, model, seed):
        if looks and (step + 1) % every == 0:
            losses.append(held_out_loss(spec, data, model))
    return Course(score_of(spec, data, model), losses[-1] / max(min(losses), CLOSE) if losses else 1.0)


def held_out_loss(spec: Spec, data: Data, model: nn.Module) -> float:
    """The loss of the held-out samples."""
    model.eval()
    with torch.no_grad():
        loss = float(loss_of(spec, data)(model(data.held_x), data.held_y))
    model.train()
    return loss


def _stepped(spec: Spec, data: Data, model: nn.Module, seed: int) -> Iterator[int]:
    """Train, and tell the number of each step after it."""
    train, loss = spec["train"], loss_of(spec, data)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = optimizer_of(train, parameters)
    order = torch.Generator().manual_seed(seed)
    torch.randperm(len(data.y), generator=order)  # which samples would be looked at; the order follows on it
    taken = batches(len(data.y), train.get("batch", 32), order, train.get("shuffle", True))
    bad = 0
    for step in range(train["steps"]):
        places = next(taken)
        optimizer.param_groups[0]["lr"] = train["lr"] * share_of(train.get("sched"), step, train["steps"])
        optimizer.zero_grad()
        value = loss(model(data.x[places]), data.y[places])
        if value.requires_grad:
            value.backward()
        if train.get("clip"):
            nn.utils.clip_grad_norm_(parameters, train["clip"])
        optimizer.step()
        bad += bad > 0 or not math.isfinite(value.item())
        if bad > GIVE_UP:
            break
        yield step
