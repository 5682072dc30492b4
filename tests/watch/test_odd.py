"""What the watch records of models and batches that few have, beside hooks of plain torch and float64."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import chainrule
from core.runs.reading import read

STEPS = 3


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)


class Twice(nn.Module):
    """One layer called three times, and its tanh in place."""

    def __init__(self) -> None:
        super().__init__()
        self.same, self.bend, self.head = nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = self.bend(self.same(x))
        return self.head(x)


class Parts(nn.Module):
    """Layers that give several tensors, a number alone, whole numbers and nothing; and some that lead nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.scale, self.pick = nn.LSTM(4, 3, 2, batch_first=True, bidirectional=True), Mean(), Pick()
        self.named, self.lost, self.idle, self.head = Named(), nn.Linear(6, 2), nn.Linear(6, 2), nn.Linear(6, 2)
        self.own = nn.Parameter(torch.randn(2, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.named(self.lstm(x)[0])["first"]
        self.lost(x), self.pick(x)
        return self.head(x) @ self.own * self.scale(x)


class Mean(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.square().mean()


class Pick(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.argmax(-1)


class Named(nn.Module):
    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"first": x * 2, "other": x * 3}


class Turning(nn.Module):
    """Weights of complex numbers, in front of one of real numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.turn, self.head = nn.Linear(4, 3, dtype=torch.complex64), nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.turn(x.to(torch.complex64)).abs())


class Tied(nn.Module):
    """A weight that two layers have."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.scores = nn.Embedding(9, 4, padding_idx=0), nn.Linear(4, 9, bias=False)
        self.scores.weight = self.words.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.scores(self.words(x).mean(1))


def images(model: nn.Module) -> nn.Module:
    return model.to(memory_format=torch.channels_last)


def conv() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Conv2d(4, 6, 2, groups=2), nn.Flatten()
    )


def mlp(*kind: Any) -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1, bias=False), nn.Sigmoid()).to(*kind)


Case = tuple[Callable[[], nn.Module], Callable[[int], Tensor]]
CASES: dict[str, Case] = {
    "bfloat16": (lambda: mlp(torch.bfloat16), lambda _step: torch.randn(8, 4, dtype=torch.bfloat16)),
    "half": (lambda: mlp(torch.half), lambda _step: torch.randn(8, 4, dtype=torch.half)),
    "double": (lambda: mlp(torch.double), lambda _step: torch.randn(8, 4, dtype=torch.double)),
    "one sample": (mlp, lambda _step: torch.randn(1, 4)),
    "batches of many sizes": (mlp, lambda step: torch.randn(9 - 4 * step, 4)),
    "a layer three times": (Twice, lambda step: torch.randn(6 - step, 5)),
    "outputs of all kinds": (Parts, lambda _step: torch.randn(4, 7, 4)),
    "complex": (Turning, lambda _step: torch.randn(5, 4)),
    "tied": (Tied, lambda _step: torch.randint(0, 9, (5, 3))),
    "maps, channels last": (lambda: images(conv()), lambda _step: images(torch.randn(4, 3, 6, 6))),
    "maps": (conv, lambda _step: torch.randn(4, 3, 6, 6)),
}


class ByHand:
    """Hooks of plain torch on every layer, kept for one step."""

    def __init__(self, model: nn.Module) -> None:
        self.model, self.calls = model, {}
        for path, module in model.named_modules():
            name = path or type(model).__name__
            if path or any(True for _own in model.parameters(recurse=False)):
                module.register_forward_hook(lambda _module, _inputs, output, name=name: self.keep(name, output))

    def keep(self, name: str, output: Any) -> None:
        output = next(iter(output.values())) if isinstance(output, dict) else output
        output = output[0] if isinstance(output, tuple) else output
        if output.is_floating_point():
            gradients: list[Tensor] = []
            output.register_hook(lambda gradient: gradients.append(gradient.double().clone()))
            self.calls.setdefault(name, []).append((output.detach().double().clone(), gradients))

    def take(self, samples: int) -> dict[str, float]:
        found = {}
        for name, calls in self.calls.items():
            values = torch.cat([value.flatten() for value, _gradients in calls])
            gradients = [one.flatten() for _value, given in calls for one in given]
            squares = float(torch.cat(gradients).square().mean()) if gradients else math.nan
            found[f"output:{name}"] = math.sqrt(squares) * samples
            found[f"mean:{name}"], found[f"std:{name}"] = float(values.mean()), float(values.std(correction=0))
            found[f"zero:{name}"] = float((values == 0).double().mean())
        self.calls = {}
        return found


def norm(tensor: Tensor) -> float:
    return float((torch.view_as_real(tensor) if tensor.is_complex() else tensor).detach().double().norm())


def of_weights(model: nn.Module, old: dict[str, Tensor]) -> dict[str, float]:
    """Norms of the weights before a step, of their gradients and of what has become of them."""
    found: dict[str, dict[str, float]] = {"gradient": {}, "weight": {}, "update": {}}
    for name, weight in model.named_parameters():
        path = name.rpartition(".")[0] or type(model).__name__
        if weight.dim() > 1:
            given = math.nan if weight.grad is None else norm(weight.grad) ** 2
            wider = old[name].to(torch.complex128 if weight.is_complex() else torch.float64)
            squares = {"gradient": given, "weight": norm(wider) ** 2, "update": norm(weight.detach() - wider) ** 2}
            for quantity, value in squares.items():
                found[quantity][path] = found[quantity].get(path, 0.0) + value
    return {f"{quantity}:{path}": math.sqrt(value) for quantity, all_ in found.items() for path, value in all_.items()}


@pytest.mark.parametrize("case", CASES)
def test_every_quantity_is_what_plain_torch_has(case: str):
    make, batch = CASES[case]
    model = make()
    wanted, by_hand = [], ByHand(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.125)
    with chainrule.watch(model, optimizer) as w:
        for step in range(STEPS):
            optimizer.zero_grad()
            x = batch(step)
            loss = model(x).square().mean()
            loss.backward()
            old = {name: weight.detach().clone() for name, weight in model.named_parameters()}
            optimizer.step()
            w.step(loss)
            wanted.append(by_hand.take(len(x)) | of_weights(model, old) | {"loss": loss.item()})
    run = read(w.folder)
    started = run.info.started
    rows = zip(started.step_columns, run.steps.rows().T, strict=True)
    found = dict(rows) | dict(zip(started.sample_columns, run.samples.rows().T, strict=True))
    assert {name for name in found if name.startswith(("output:", "gradient:"))} == {
        name for name in wanted[0] if name.startswith(("output:", "gradient:"))
    }
    for name in wanted[0]:
        expected = [row[name] for row in wanted]
        np.testing.assert_allclose(found[name].astype(float), expected, rtol=2e-5, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("case", CASES)
def test_weights_end_bitwise_as_they_do_unwatched(case: str):
    make, batch = CASES[case]
    ends = []
    for is_watched in (True, False):
        torch.manual_seed(1)
        model = make()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-4)
        with chainrule.watch(model, optimizer) if is_watched else contextlib.nullcontext() as w:
            for step in range(STEPS):
                optimizer.zero_grad()
                loss = model(batch(step)).square().mean()
                loss.backward()
                optimizer.step()
                if w is not None:
                    w.step(loss)
        ends.append(model.state_dict())
    assert [name for name, tensor in ends[0].items() if not torch.equal(tensor, ends[1][name])] == []
