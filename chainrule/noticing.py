"""What a watch notices of a script beside its numbers; what that means is for the Doctor to say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from chainrule import behind, intercepting
from chainrule.schedule import ALWAYS

Tell = Callable[..., None]
"""Takes down what was noticed: its name, with paths, words or numbers."""
IN_A_ROW = 3
"""Sampled steps in a row in which a model trained as it does when it is used."""
LEAST = 8
"""Samples of which features can be compared."""
CHANGED_IN_USE = (
    nn.modules.dropout._DropoutNd,
    nn.modules.batchnorm._BatchNorm,
)
"""Layers that do something else when a model is used than when it trains."""


class Noticing:
    """Looks at the first steps of a training, and at sampled ones later: each thing is told once."""

    def __init__(self, layers: Mapping[str, nn.Module], optimizers: Sequence[Optimizer], tell: Tell) -> None:
        self._layers, self._optimizers, self._tell = layers, tuple(optimizers), tell
        self._witness: dict[int, Tensor] = {}
        """By optimizer a parameter whose gradient it has stepped by."""
        self._kept: dict[int, int] = {}
        """By optimizer how many of its steps went by a gradient to which that of the last step belonged."""
        self._steps: dict[int, int] = {}
        self._in_use = 0
        self._chance: behind.Chance | None = behind.Chance()
        """None where the losses that a script tells are others than those it goes back from."""
        self._passed: list[float] = []
        """The losses of the backward passes since the last row."""
        self._stepped_at: dict[int, int] = {}
        """By optimizer after how many backward passes since the last row it has stepped."""
        self._told: set[str] = set()
        self._endings: list[Callable[[], object]] = []

    def open(self) -> None:
        """Listen from now on."""
        self._endings = [one.register_step_post_hook(self._after_step).remove for one in self._optimizers]
        self._endings.append(intercepting.before_backward(self._before_backward))

    def close(self) -> None:
        """Listen no more: the first steps are done."""
        for end in self._endings:
            end()
        self._endings = []
        found = self._chance.value() if self._chance is not None else math.nan
        if math.isfinite(found):
            self._once("chance", numbers={"loss": found})
        self._chance = None

    def parameters(self, ours: Iterable[nn.Parameter]) -> None:
        """Look at whose parameters the optimizers have."""
        if not self._optimizers:
            return
        known = {id(one) for one in ours}
        trained = [id(one) for each in self._optimizers for group in each.param_groups for one in group["params"]]
        strangers = sum(one not in known for one in trained)
        if strangers:
            self._once("strangers", numbers={"strange": strangers, "ours": len(set(trained) & known)})
        held = set(trained)
        own = {path: list(module.parameters(recurse=False)) for path, module in self._layers.items()}
        frozen = [path for path, found in own.items() if found and not any(one.requires_grad for one in found)]
        left = [
            path for path, found in own.items()
            if path not in frozen and found and not any(id(one) in held for one in found)
        ]  # fmt: skip
        for name, paths in (("frozen", frozen), ("left_out", left)):
            if paths:
                self._once(name, paths=paths)

    def _before_backward(self, args: Sequence[Any], _kwargs: Mapping[str, Any]) -> None:
        """A backward pass begins: are gradients of the last step still there, and what is the loss?"""
        for key, witness in list(self._witness.items()):
            if witness.grad is None or not bool(witness.grad.any()):
                del self._witness[key]
        roots = [one for one in (args[0] if isinstance(args[0], tuple | list) else (args[0],)) if _has_graph(one)]
        if "loss" not in self._told:
            found = [words for one in roots for words in behind.losses_in(one)]
            self._once("loss", words=[" ".join(words) for words in found])
            self._once("functions", words=sorted(set().union(*map(behind.functions_in, roots))))
        for root in roots:
            self._passed.append(float(root.detach().sum()))
            if self._chance is not None:
                self._chance.add(root)

    def _after_step(self, optimizer: Optimizer, _args: Any, _kwargs: Any) -> None:
        """A step is done: was its gradient that of its own backward passes alone?"""
        key = id(optimizer)
        self._stepped_at[key] = len(self._passed)
        if self._steps.get(key, 0) and key in self._witness:
            self._kept[key] = self._kept.get(key, 0) + 1
        self._steps[key] = self._steps.get(key, 0) + 1
        there = [one for group in optimizer.param_groups for one in group["params"] if _is_plain(one.grad)]
        moved = next((one for one in sorted(there, key=Tensor.numel)[:8] if bool(one.grad.any())), None)
        self._witness.pop(key, None)
        if moved is not None:
            self._witness[key] = moved
        if self._steps[key] == ALWAYS and self._kept.get(key, 0) == ALWAYS - 1:
            self._once("kept_gradients", numbers={"steps": ALWAYS})

    def sampled(self, step: int, modes: set[bool]) -> None:
        """A sampled step is done, in which models were called as in training (True) or as in use."""
        self._in_use = self._in_use + 1 if modes == {False} else 0
        if self._in_use == IN_A_ROW:
            paths = [path for path, module in self._layers.items() if isinstance(module, CHANGED_IN_USE)]
            if paths:
                self._once("in_use", step=step, paths=paths)

    def recorded(self, losses: Sequence[float]) -> None:
        """A row is recorded, with the losses that the script has told of its step."""
        if len(losses) != len(self._passed) or not np.allclose(losses, self._passed):
            self._chance = None
        if len(set(self._stepped_at.values())) > 1:
            self._once("contest")
        self._passed, self._stepped_at = [], {}

    def inputs(self, given: Tensor) -> None:
        """Look at the first batch that a model was given."""
        if "inputs" in self._told or given.dim() < 2 or not given.is_floating_point() or given.requires_grad:
            return
        values = given.detach().double().cpu().numpy()
        told = {
            "rms": math.sqrt(float(np.square(values).mean())),
            "low": float(values.min()),
            "high": float(values.max()),
        }
        told |= {"mean": float(values.mean()), "std": float(values.std())}
        if values.ndim == 2 and len(values) >= LEAST:
            deviations = values.std(axis=0)
            typical = float(np.median(deviations))
            told["spread"] = float(deviations.max()) / typical if typical > 0 else math.nan
        if all(map(math.isfinite, (told["rms"], told["low"], told["high"]))):
            self._once("inputs", numbers={name: value for name, value in told.items() if math.isfinite(value)})

    def _once(self, name: str, **told: Any) -> None:
        if name not in self._told:
            self._told.add(name)
            self._tell(name, **told)


def _has_graph(value: object) -> bool:
    return isinstance(value, Tensor) and value.grad_fn is not None


def _is_plain(gradient: Tensor | None) -> bool:
    return gradient is not None and gradient.layout == torch.strided
