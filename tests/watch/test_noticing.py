"""What a watch notices of a script beside its numbers, and what it says nothing of."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import chainrule
from chainrule.behind import Chance, loss_name, losses_in
from core.engine.messages import Noticed
from core.runs.reading import read

STEPS = 22
X = torch.randn(64, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(64) % 3
NUMBERS = torch.linspace(-1, 3, 64)[:, None]


def watched(
    folder: Path, model: nn.Module, optimizer: torch.optim.Optimizer | None = None, clear: bool = True,
    each: Callable[[nn.Module], object] = lambda _model: None,
) -> dict[str, Noticed]:  # fmt: skip
    """By its name what was noticed in a short training."""
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.01)
    with chainrule.watch(model, optimizer, folder=folder) as watch:
        for step in range(STEPS):
            each(model)
            rows = torch.arange(step, step + 16) % 64
            loss = functional.cross_entropy(model(X[rows]), LABELS[rows])
            if clear:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            watch.step(loss)
    return {one.name: one for one in read(folder).events if isinstance(one, Noticed)}


def small() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 3))


def test_of_a_plain_training_only_facts_are_told(tmp_path: Path):
    told = watched(tmp_path / "run", small())
    assert set(told) == {"inputs", "loss", "functions", "chance"}
    assert told["loss"].words == ["NllLoss LogSoftmax Addmm AccumulateGrad"]
    first = X[:16].double()
    assert told["inputs"].numbers["rms"] == pytest.approx(float(first.square().mean().sqrt()))
    deviations = first.std(0, correction=0)
    assert told["inputs"].numbers["spread"] == pytest.approx(float(deviations.max() / np.median(deviations)))


def test_chance_is_the_entropy_of_the_labels_of_the_first_steps(tmp_path: Path):
    labels = torch.cat([LABELS[torch.arange(step, step + 16) % 64] for step in range(20)])
    shares = torch.bincount(labels) / len(labels)
    wanted = float(torch.distributions.Categorical(probs=shares).entropy())
    assert watched(tmp_path / "run", small())["chance"].numbers["loss"] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (functional.mse_loss, NUMBERS),
        (functional.binary_cross_entropy_with_logits, (NUMBERS > 2).float()),
        (functional.cross_entropy, torch.where(LABELS == 1, -100, LABELS)),
    ],
)
def test_chance_is_the_lowest_loss_of_one_answer_for_all(loss: Callable[..., Tensor], target: Tensor):
    """The oracle: that one answer, found by Newton's steps."""
    answer = torch.zeros(1, 3 if loss is functional.cross_entropy else 1, requires_grad=True)
    best = torch.optim.LBFGS([answer], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        best.zero_grad()
        found = loss(answer.expand(64, -1), target)
        found.backward()
        return found

    best.step(closure)
    chance = Chance()
    for part in (slice(0, 16), slice(16, 64)):
        chance.add(loss(answer.expand(64, -1)[part], target[part]))
    assert chance.value() == pytest.approx(float(closure().detach()), rel=1e-3)


def test_chance_is_not_told_of_sums_weighted_losses_or_what_a_script_scales(tmp_path: Path):
    scores = torch.zeros(64, 3, requires_grad=True)
    for loss in (
        functional.cross_entropy(scores, LABELS, reduction="sum"),
        functional.cross_entropy(scores, LABELS, weight=torch.tensor([1.0, 2.0, 3.0])),
        functional.cross_entropy(scores, LABELS) * 2,
    ):
        chance = Chance()
        chance.add(loss)
        assert math.isnan(chance.value())
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with chainrule.watch(model, optimizer, folder=tmp_path / "run") as watch:
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(X), LABELS)
            loss.backward()
            optimizer.step()
            watch.step(100 * loss)
    assert not any(isinstance(one, Noticed) and one.name == "chance" for one in read(tmp_path / "run").events)


def test_gradients_that_are_never_cleared_are_noticed_and_accumulated_ones_are_not(tmp_path: Path):
    assert "kept_gradients" in watched(tmp_path / "kept", small(), clear=False)
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with chainrule.watch(model, optimizer, folder=tmp_path / "run") as watch:
        for step in range(4 * STEPS):
            loss = functional.cross_entropy(model(X), LABELS) / 4
            loss.backward()
            if step % 4 == 3:
                optimizer.step()
                optimizer.zero_grad(set_to_none=False)
            watch.step(loss)
    assert not any(isinstance(one, Noticed) and one.name == "kept_gradients" for one in read(tmp_path / "run").events)


def test_a_side_that_gets_the_other_ones_gradients_clears_its_own_and_the_contest_is_noticed(tmp_path: Path):
    maker, judge = nn.Linear(3, 4), nn.Linear(4, 1)
    one, two = torch.optim.SGD(maker.parameters(), lr=0.1), torch.optim.SGD(judge.parameters(), lr=0.1)
    with chainrule.watch({"maker": maker, "judge": judge}, one, two, folder=tmp_path / "run") as w:
        for _ in range(STEPS):
            two.zero_grad()
            judge(torch.randn(5, 4)).square().mean().backward()
            two.step()
            one.zero_grad()
            loss = -judge(maker(torch.randn(5, 3))).mean()
            loss.backward()  # adds to the judge's gradients too
            one.step()
            w.step(loss)
    told = {one.name for one in read(tmp_path / "run").events if isinstance(one, Noticed)}
    assert "contest" in told
    assert "kept_gradients" not in told


def test_a_model_that_trains_as_it_is_used_is_noticed_once_it_does_so_again_and_again(tmp_path: Path):
    told = watched(tmp_path / "run", small(), each=lambda model: model.eval())
    assert (told["in_use"].paths, told["in_use"].step) == (["1", "3"], 3)
    assert "in_use" not in watched(tmp_path / "trains", small())
    assert "in_use" not in watched(tmp_path / "frozen", small(), each=lambda model: model[1].eval())


def test_whose_parameters_the_optimizer_has_is_noticed(tmp_path: Path):
    model = small()
    optimizer = torch.optim.SGD(model[4].parameters(), lr=0.01)
    model[4] = nn.Linear(8, 3)
    told = watched(tmp_path / "run", model, optimizer)
    assert told["strangers"].numbers == {"strange": 2, "ours": 0}
    assert told["left_out"].paths == ["0", "1", "4"]
    model = small()
    model[0].requires_grad_(False)
    told = watched(tmp_path / "frozen", model)
    assert told["frozen"].paths == ["0"]
    assert not told.keys() & {"strangers", "left_out"}


@pytest.mark.parametrize(
    ("loss", "name"),
    [
        (lambda x: functional.l1_loss(x, torch.zeros_like(x)), "L1"),
        (lambda x: (x - 1).square().mean(), "MSE"),
        (lambda x: ((x - 1) ** 2).sum() / 4, "MSE"),
        (lambda x: functional.cross_entropy(x, torch.zeros(4).long(), label_smoothing=0.1), "CrossEntropy"),
        (lambda x: x.exp().mean(), ""),
    ],
)
def test_losses_are_known_by_their_functions(loss: Callable[[Tensor], Tensor], name: str):
    assert loss_name(loss(torch.randn(4, 3, requires_grad=True))) == name


def test_every_loss_of_a_sum_is_told_with_what_it_was_given():
    scores = torch.randn(4, 3, requires_grad=True)
    whole = functional.cross_entropy(scores.softmax(1), torch.zeros(4).long())
    whole = whole + 0.5 * functional.mse_loss(scores.view(3, 4).tanh(), torch.zeros(3, 4))
    assert losses_in(whole) == [
        ["NllLoss", "LogSoftmax", "Softmax", "AccumulateGrad"],
        ["MseLoss", "Tanh", "AccumulateGrad"],
    ]


@pytest.mark.parametrize("batch_first", [True, False])
def test_the_gradient_along_a_sequence_is_what_autograd_says_of_the_input(tmp_path: Path, batch_first: bool):
    torch.manual_seed(0)
    embed, walk, last = nn.Embedding(9, 5), nn.RNN(5, 6, batch_first=batch_first), nn.Linear(6, 3)
    model = nn.ModuleDict({"embed": embed, "walk": walk, "last": last})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wanted = []
    with chainrule.watch(model, optimizer, folder=tmp_path / "run") as watch:
        for _ in range(3):
            tokens = torch.randint(0, 9, (8, 7))
            given = embed(tokens if batch_first else tokens.T)
            given.retain_grad()
            walked = walk(given)[0]
            loss = functional.cross_entropy(last(walked[:, -1] if batch_first else walked[-1]), tokens[:, 0] % 3)
            optimizer.zero_grad()
            loss.backward()
            sizes = given.grad.double().square().mean((0, 2) if batch_first else (1, 2)).sqrt()
            wanted.append([float(sizes[0] / sizes[-1]), *(8 * sizes).tolist()])
            optimizer.step()
            watch.step(loss)
    run = read(tmp_path / "run")
    names = ["through_time:walk", *(f"time[{place}]:walk" for place in range(8))]
    found = [run.samples.read(run.info.started.sample_columns.index(name), 0, 9) for name in names]
    np.testing.assert_allclose(np.stack(found[:-1], axis=1), wanted, rtol=2e-4)
    assert np.isnan(found[-1]).all()  # seven steps have no eighth stretch
