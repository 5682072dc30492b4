"""What the watch sees of loops of every kind, and what it says where it cannot see."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

import chainrule
from core.engine.messages import Failed, Finished, Said, Validated
from core.runs.reading import StoredRun, read


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)


def small() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 2))


def loss_of(model: nn.Module) -> torch.Tensor:
    return model(torch.randn(8, 4)).square().mean()


def column(watch: chainrule.Watch, name: str) -> np.ndarray:
    run = stored(watch)
    started = run.info.started
    if name in started.step_columns:
        return run.steps.read(started.step_columns.index(name), 0, 10**6).astype(float)
    return run.samples.read(started.sample_columns.index(name), 0, 10**6).astype(float)


def stored(watch: chainrule.Watch) -> StoredRun:
    assert watch.folder is not None
    return read(watch.folder)


def said(watch: chainrule.Watch) -> list[str]:
    return [event.text for event in stored(watch).events if isinstance(event, Said)]


def norm(tensors: list[torch.Tensor]) -> float:
    return math.sqrt(sum(float(one.detach().double().square().sum()) for one in tensors))


def gradients(model: nn.Module) -> list[torch.Tensor]:
    return [parameter.grad for parameter in model.parameters() if parameter.grad is not None]


def by_hand(limit: float) -> Callable[[nn.Module], None]:
    def clip(model: nn.Module) -> None:
        for gradient in gradients(model):
            gradient.clamp_(-limit, limit)

    return clip


CLIPS: dict[str, Callable[[nn.Module], object]] = {
    "norm": lambda model: clip_grad_norm_(model.parameters(), 1e-3),
    "norm of torch": lambda model: torch.nn.utils.clip_grad_norm_(list(model.parameters()), 1e-3, foreach=False),
    "value": lambda model: clip_grad_value_(model.parameters(), 1e-4),
    "by hand": by_hand(1e-4),
}


@pytest.mark.parametrize("how", CLIPS)
def test_gradients_are_those_before_clipping_however_it_is_done(how: str):
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wanted, clipped = [], []
    with chainrule.watch(model, optimizer) as w:
        for _ in range(25):
            optimizer.zero_grad()
            loss = loss_of(model)
            loss.backward()
            wanted.append(norm(gradients(model)))
            CLIPS[how](model)
            clipped.append(norm(gradients(model)))
            optimizer.step()
            w.step(loss)
    np.testing.assert_allclose(column(w, "gradient_norm"), wanted, rtol=1e-5)
    assert max(clipped) < 0.1 * min(wanted)
    assert any("other than torch's own clipping" in text for text in said(w)) is (how == "by hand")
    if how == "by hand":
        assert np.isnan(column(w, "clip")).all()
    else:
        left = [after / before for before, after in zip(wanted, clipped, strict=True)]
        np.testing.assert_allclose(column(w, "clip"), left, rtol=1e-4)


@pytest.mark.parametrize("count", [1, 2])
def test_values_that_are_clipped_now_and_then_leave_all_of_the_gradient_else(count: int):
    models = [small() for _ in range(count)]
    optimizers = [torch.optim.SGD(model.parameters(), lr=1e-3) for model in models]
    wanted = []
    with chainrule.watch(models, optimizers) as w:
        for limit in (1e9, 1e-3, 1e9, 1e-4):
            left = []
            for model, optimizer in zip(models, optimizers, strict=True):
                optimizer.zero_grad()
                loss_of(model).backward()
                before = norm(gradients(model))
                clip_grad_value_(model.parameters(), limit)
                left.append(norm(gradients(model)) / before)
                optimizer.step()
            w.step()
            wanted.append(min(left))
    assert np.isnan(column(w, "clip")[0]), "until then nobody knows that values are clipped"
    np.testing.assert_allclose(column(w, "clip")[1:], wanted[1:], rtol=1e-4)
    assert wanted[2] == 1.0


def test_a_norm_that_is_but_looked_at_clips_nothing():
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with chainrule.watch(model, optimizer) as w:
        for _ in range(3):
            optimizer.zero_grad()
            loss = loss_of(model)
            loss.backward()
            torch.nn.utils.get_total_norm(gradients(model))
            optimizer.step()
            w.step(loss)
    assert np.isnan(column(w, "clip")).all()


def test_everything_of_torch_is_as_it_was_when_the_watch_is_over():
    before = (torch.autograd.backward, torch.amp.GradScaler.step, torch.nn.utils.clip_grad._clip_grads_with_norm_)
    model, other = small(), small()
    one, two = chainrule.watch(model), chainrule.watch(other)
    one.start()
    two.start()
    assert torch.autograd.backward is not before[0]
    one.close()  # in the order in which they came
    loss_of(other).backward()
    two.step(1.0)
    two.close()
    assert (
        torch.autograd.backward, torch.amp.GradScaler.step, torch.nn.utils.clip_grad._clip_grads_with_norm_
    ) == before  # fmt: skip
    assert not any(
        module._forward_hooks or module._forward_pre_hooks for module in (*model.modules(), *other.modules())
    )
    assert len(stored(two).steps) == 1


def test_an_optimizer_that_calls_a_closure_often_has_the_gradient_at_the_weights_before_its_step():
    model = small()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=5)
    x = torch.randn(8, 4)
    first: list[float] = []

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        calls.append(norm(gradients(model)))
        return loss

    with chainrule.watch(model, optimizer) as w:
        for _ in range(3):
            calls: list[float] = []
            before = [parameter.detach().clone() for parameter in (model[0].weight, model[2].weight)]
            w.step(optimizer.step(closure))
            first.append(calls[0])
            updates = [norm([model[0].weight - before[0]]), norm([model[2].weight - before[1]])]
            assert len(calls) > 1
    np.testing.assert_allclose(column(w, "gradient_norm"), first, rtol=1e-5)
    np.testing.assert_allclose([column(w, "update:0")[-1], column(w, "update:2")[-1]], updates, rtol=1e-4)


def test_a_loop_without_an_optimizer_is_watched_from_step_to_step():
    model = small()
    wanted = []
    with chainrule.watch(model) as w:
        for _ in range(4):
            loss = loss_of(model)
            loss.backward()
            wanted.append((norm(gradients(model)), norm([model[2].weight]), norm([model[2].weight.grad]) * 0.1))
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.sub_(0.1 * parameter.grad)
                    parameter.grad = None
            w.step(loss)
    found = np.stack([column(w, "gradient_norm"), column(w, "weight:2"), column(w, "update:2")], axis=1)
    np.testing.assert_allclose(found, wanted, rtol=2e-5)


def test_weights_changed_between_steps_by_whatever_way_are_no_update():
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wanted = []
    with chainrule.watch(model, optimizer) as w:
        for step in range(25):
            optimizer.zero_grad()
            loss = loss_of(model)
            loss.backward()
            optimizer.step()
            wanted.append(0.1 * norm([model[2].weight.grad]))
            w.step(loss)
            if step % 2:
                model[2].weight.data.clamp_(-0.2, 0.2)  # of which torch counts nothing
            else:
                with torch.no_grad():
                    model[2].weight.mul_(1.5)
    np.testing.assert_allclose(column(w, "update:2"), wanted, rtol=1e-4)


def test_frozen_and_unreached_weights_have_no_gradient_and_thawed_ones_get_theirs():
    model = small()
    model[0].requires_grad_(False)
    optimizer = torch.optim.SGD([parameter for parameter in model.parameters() if parameter.requires_grad], lr=0.1)
    with chainrule.watch(model, optimizer) as w:
        for step in range(4):
            if step == 2:
                model[0].requires_grad_(True)
                optimizer.add_param_group({"params": list(model[0].parameters())})
            optimizer.zero_grad()
            loss = loss_of(model[0:2] if step == 3 else model)
            loss.backward()
            optimizer.step()
            w.step(loss)
    assert np.isnan(column(w, "gradient:0")).tolist() == [True, True, False, False]
    assert np.isnan(column(w, "gradient:2")).tolist() == [False, False, False, True]
    assert column(w, "update:2")[3] == 0
    np.testing.assert_allclose(column(w, "weight:0")[:2], norm([small_again().state_dict()["0.weight"]]), rtol=1e-5)


def small_again() -> nn.Sequential:
    torch.manual_seed(0)
    return small()


def test_sparse_gradients_are_measured_as_whole_ones():
    model = nn.Sequential(nn.Embedding(30, 5, sparse=True), nn.Flatten(), nn.Linear(15, 2))
    optimizers = [torch.optim.SparseAdam(model[0].parameters()), torch.optim.Adam(model[2].parameters())]
    wanted = []
    with chainrule.watch(model, optimizers) as w:
        for _ in range(3):
            model.zero_grad()
            loss = model(torch.randint(0, 4, (6, 3))).square().mean()  # the same words several times
            loss.backward()
            wanted.append(norm([model[0].weight.grad.to_dense()]))
            for optimizer in optimizers:
                optimizer.step()
            w.step(loss)
    np.testing.assert_allclose(column(w, "gradient:0"), wanted, rtol=1e-5)


def test_double_weights_keep_updates_that_float32_would_lose():
    model = small().double()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-9)
    with chainrule.watch(model, optimizer) as w:
        for _ in range(2):
            optimizer.zero_grad()
            loss = model(torch.randn(8, 4).double()).square().mean()
            loss.backward()
            optimizer.step()
            w.step(loss)
    wanted = 1e-9 * norm([model[2].weight.grad])
    np.testing.assert_allclose(column(w, "update:2")[1], wanted, rtol=1e-4)


def test_a_step_that_the_scaler_leaves_out_is_a_row_without_an_update():
    model = small()
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.amp.GradScaler("cpu", init_scale=8.0)
    wanted = []
    with chainrule.watch(model, optimizer) as w:
        for step in range(3):
            optimizer.zero_grad()
            loss = loss_of(model) * (math.inf if step == 1 else 1.0)
            scaler.scale(loss).backward()
            wanted.append(norm(gradients(model)) / scaler.get_scale())
            scaler.step(optimizer)
            scaler.update()
            w.step(loss)
    found = column(w, "gradient_norm")
    np.testing.assert_allclose(found[[0, 2]], [wanted[0], wanted[2]], rtol=1e-5)
    assert not math.isfinite(found[1])
    assert column(w, "update:0")[1] == 0
    assert len(found) == 3


def test_clipping_before_unscaling_is_said_and_the_norm_is_that_of_the_loss():
    model = small()
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.amp.GradScaler("cpu", init_scale=1024.0)
    with chainrule.watch(model, optimizer) as w:
        for _ in range(22):
            optimizer.zero_grad()
            loss = loss_of(model)
            scaler.scale(loss).backward()
            wanted = norm(gradients(model)) / 1024
            clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
            w.step(loss)
    assert column(w, "gradient_norm")[-1] == pytest.approx(wanted, rel=1e-5)
    assert len([text for text in said(w) if "unscale_" in text]) == 1


def test_two_models_with_an_optimizer_each_are_rows_of_one_run():
    maker, judge = small(), small()
    one, two = torch.optim.Adam(maker.parameters()), torch.optim.Adam(judge.parameters())
    wanted = []
    with chainrule.watch({"maker": maker, "judge": judge}, one, two) as w:
        for _ in range(3):
            two.zero_grad()
            loss_of(judge).backward()
            judged = norm([judge[2].weight.grad])
            two.step()
            one.zero_grad()
            loss = loss_of(maker)
            loss.backward()
            wanted.append((judged, norm([maker[2].weight.grad])))
            one.step()
            w.step(loss)
    np.testing.assert_allclose(
        np.stack([column(w, "gradient:judge.2"), column(w, "gradient:maker.2")], 1), wanted, rtol=1e-5
    )


def test_of_several_steps_between_two_rows_the_last_counts_and_what_other_losses_add_later_does_not():
    maker, judge = nn.Linear(3, 4), nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    one, two = torch.optim.SGD(maker.parameters(), lr=0.1), torch.optim.SGD(judge.parameters(), lr=0.1)
    wanted = []
    with chainrule.watch({"maker": maker, "judge": judge}, one, two) as w:
        for _ in range(25):
            for _ in range(3):
                two.zero_grad()
                judge(torch.randn(5, 4)).square().mean().backward()
                row = [norm([judge[0].weight.grad]), norm([judge[0].weight])]
                before = judge[0].weight.detach().clone()
                two.step()
            row.append(norm([judge[0].weight - before]))
            one.zero_grad()
            loss = -judge(maker(torch.randn(5, 3))).mean()
            loss.backward()  # adds to the judge's gradients too
            wanted.append([*row, norm([maker.weight.grad])])
            one.step()
            w.step(loss)
    names = ("gradient:judge.0", "weight:judge.0", "update:judge.0", "gradient:maker")
    np.testing.assert_allclose(np.stack([column(w, name) for name in names], 1), wanted, rtol=2e-5)


def test_an_error_in_the_loop_comes_through_and_ends_the_run_as_failed():
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    w = chainrule.watch(model, optimizer)

    def broken() -> None:
        with w:
            for step in range(5):
                if step == 3:
                    raise ValueError("their own")
                loss = loss_of(model)
                loss.backward()
                optimizer.step()
                w.step(loss)
            w.validated(0.5, 0.9)

    with pytest.raises(ValueError, match="their own"):
        broken()
    run = stored(w)
    assert len(run.steps) == 3
    assert isinstance(run.events[-1], Failed)
    assert "their own" in run.events[-1].problem.came


def test_validations_are_told_and_a_run_that_ends_is_finished():
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with chainrule.watch(model, optimizer, steps=1) as w:
        loss_of(model).backward()
        optimizer.step()
        w.step(0.25, metric=0.5)
        w.validated(torch.tensor(0.5), 0.75)
    run = stored(w)
    assert [event for event in run.events if isinstance(event, Validated)] == [
        Validated(step=1, epoch=0, loss=0.5, metric=0.75)
    ]
    assert isinstance(run.events[-1], Finished)
    assert (column(w, "loss")[0], column(w, "metric")[0]) == (0.25, 0.5)
    assert run.info.started.total_steps == 1


def test_a_disk_that_refuses_costs_the_record_and_not_the_training(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "file").touch()
    model = small()
    with chainrule.watch(model, folder=tmp_path / "file" / "run") as w, caplog.at_level(logging.WARNING, "chainrule"):
        loss_of(model).backward()
        w.step(1.0)
        w.step(1.0)
    assert ["no longer recorded" in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no processes")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_process_writes_nothing():
    model = small()
    with chainrule.watch(model) as w:
        loss_of(model).backward()
        w.step(1.0)
        child = os.fork()
        if not child:
            w.step(2.0)
            w.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        w.step(3.0)
    assert column(w, "loss").tolist() == [1, 3]
    assert isinstance(stored(w).events[-1], Finished)


def test_what_is_no_optimizer_is_refused():
    with pytest.raises(TypeError, match="an optimizer of torch was wanted, dict came"):
        chainrule.watch(small(), {})


def test_a_loop_whose_optimizer_never_steps_is_told_so(caplog: pytest.LogCaptureFixture):
    model = small()
    with (
        caplog.at_level(logging.WARNING, "chainrule"),
        chainrule.watch(model, torch.optim.SGD(model.parameters(), lr=0.1)) as w,
    ):
        for _ in range(3):
            w.step(1.0)
    assert "no step of the optimizer was seen" in caplog.text


def test_between_samples_no_hook_is_left_on_any_module():
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with chainrule.watch(model, optimizer, budget=1e-6) as w:
        for _ in range(30):
            loss = loss_of(model)
            loss.backward()
            optimizer.step()
            w.step(loss)
        assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert stored(w).sample_steps.tolist() == list(range(1, 21))


def test_saturated_and_dead_units_are_counted():
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 10), nn.ReLU(), nn.Linear(10, 1))
    with torch.no_grad():
        model[0].weight.mul_(1000)
        model[2].bias[:4] = -1e4
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with chainrule.watch(model, optimizer) as w:
        model(torch.randn(64, 4)).sum().backward()
        optimizer.step()
        w.step()
    assert column(w, "saturated:1")[0] > 0.9
    assert column(w, "dead:3")[0] == pytest.approx(0.4, abs=0.11)
    assert np.isnan(column(w, "saturated:3")[0])


@pytest.mark.slow
@pytest.mark.parametrize("given", ["compiled", "as it was written"])
def test_a_compiled_model_trains_as_it_would_and_what_is_not_seen_is_said(given: str):
    def trained(watched: str) -> tuple[nn.Module, chainrule.Watch | None]:
        torch.manual_seed(1)
        torch.compiler.reset()
        model = small()
        fast = torch.compile(model, backend="aot_eager")
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        w = chainrule.watch(fast if watched == "compiled" else model, optimizer) if watched else None
        if w:
            w.start()
        for _ in range(4):
            optimizer.zero_grad()
            loss = loss_of(fast)
            loss.backward()
            optimizer.step()
            if w:
                w.step(loss)
        if w:
            w.close()
        return model, w

    plain, _none = trained("")
    model, w = trained(given)
    assert all(torch.equal(one, two) for one, two in zip(plain.parameters(), model.parameters(), strict=True))
    assert w is not None
    assert len([text for text in said(w) if "compiled" in text]) == 1
    assert column(w, "gradient:0").shape == (4,)
    assert stored(w).info.started.outputs == []


def test_a_loop_that_differentiates_functions_goes_on_and_no_gradient_is_made_up():
    model = small()
    parameters = dict(model.named_parameters())

    def objective(found: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(model, found, (x,)).square().mean()

    with chainrule.watch(model) as w:
        for _ in range(3):
            gradient, loss = torch.func.grad_and_value(objective)(
                {name: one.detach() for name, one in parameters.items()}, torch.randn(8, 4)
            )
            before = model[2].weight.detach().clone()
            with torch.no_grad():
                for name, one in parameters.items():
                    one.sub_(0.1 * gradient[name])
            w.step(loss)
    assert column(w, "update:2")[-1] == pytest.approx(norm([model[2].weight - before]), rel=1e-4)
    assert np.isnan(column(w, "gradient_norm")).all()
    assert np.isnan(column(w, "gradient:2")).all()
    assert any("as a function of its parameters" in text for text in said(w))


def test_two_sides_whose_losses_add_to_each_others_gradients_are_not_said_to_change_them():
    maker, judge = nn.Linear(3, 4), nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    one, two = torch.optim.SGD(maker.parameters(), lr=0.1), torch.optim.SGD(judge.parameters(), lr=0.1)
    with chainrule.watch({"maker": maker, "judge": judge}, one, two) as w:
        for _ in range(25):  # more than the first steps, in which gradients are read twice
            two.zero_grad()
            judge(torch.randn(5, 4)).square().mean().backward()
            two.step()
            one.zero_grad()
            loss = -judge(maker(torch.randn(5, 3))).mean()
            loss.backward()
            one.step()
            w.step(loss)
    assert said(w) == []
