"""How a view is trained, as the app's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.training.optimizers import Optimizer, torchs
from core.training.schedules import Schedule
from core.training.settings import Phase, TrainingSettings

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop"}


def training(train: Mapping[str, Any], samples: int, seed: int) -> TrainingSettings:
    """The settings; the steps of a view become the whole epochs that hold them."""
    batch = min(int(train.get("batch", 32)), samples)
    per_epoch = samples // batch
    return TrainingSettings(
        epochs=-(-int(train["steps"]) // per_epoch),
        batch_size=batch,
        seed=seed,
        drop_last=True,
        shuffle=bool(train.get("shuffle", True)),
        clip_norm=float(train.get("clip") or 0.0),
        schedule=schedule(train.get("sched"), per_epoch),
        phases=(Phase(optimizer=optimizer(train)),),
    )


def optimizer(train: Mapping[str, Any]) -> Optimizer:
    """The optimizer with what the view says of it; without a word of the decay, AdamW has torch's."""
    word = train.get("opt", "adam")
    momentum = float(train.get("momentum") or 0.0)
    name = OPTIMIZERS.get(word, "Momentum" if momentum else "SGD")
    given = {
        "learning_rate": float(train["lr"]),
        "weight_decay": float(train.get("wd", 0.01 if word == "adamw" else 0)),
    }
    if name == "Momentum":
        given["momentum"] = momentum
    if word == "adam":
        given["eps"] = float(train.get("eps", 1e-8))
        given["beta1"], given["beta2"] = (float(beta) for beta in train.get("betas", (0.9, 0.999)))
    usual = torchs(name)
    return Optimizer(**{**{field: getattr(usual, field) for field in usual.__slots__}, **given})


def schedule(said: list[Any] | None, per_epoch: int) -> Schedule:
    """The schedule; steps become shares of epochs."""
    if not said:
        return Schedule()
    match said[0]:
        case "step":
            return Schedule("Step", every=max(said[1] / per_epoch, 1e-3), factor=max(float(said[2]), 1e-6))
        case "exp":
            return Schedule("Exponential", every=max(1 / per_epoch, 1e-3), factor=max(float(said[1]), 1e-6))
        case "cosine":
            return Schedule("Cosine", warmup=said[1] / per_epoch)
        case "warmup":
            return Schedule("Constant", warmup=said[1] / per_epoch)
    raise KeyError(said[0])
