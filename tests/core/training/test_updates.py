"""What goes on around a step, against plain PyTorch: accumulation, penalties, averages, precision, shares of a rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import swa_utils

from core.data.arrays import natural_fields
from core.engine.messages import Failed, Finished, Said, Validated
from core.engine.predictions import unpacked
from core.errors import FileError, ParameterError, TrainingError
from core.filelimits import MAX_PARTS
from core.files import from_text, to_text
from core.project import Project
from core.training.checkpoint import WEIGHTS, read_weights
from core.training.control import Control
from core.training.loop import start, train
from core.training.optimizers import Optimizer
from core.training.settings import validated
from tests.core.training import projects
from tests.core.training.projects import gan, node, sigmoid_mlp, small_convnet, wire
from tests.core.training.running import assert_same, columns, finished, job, only, samples, weights
from tests.core.training.test_truth import ConvNet

Loss = Callable[[nn.Module, Tensor, Tensor], Tensor]


def cross_entropy(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(model(x), y)


class Plain:
    """A classifier of digits trained by hand; what a test is about is handed in."""

    def __init__(self, made: Project, model: Callable[[], nn.Module] = ConvNet) -> None:
        torch.manual_seed(made.training.seed)
        self.model = model()
        self.made = made
        fields = projects.loaded(made)["data"].fields
        self.image, self.label = fields["image"], fields["label"]
        self.losses: list[float] = []

    def chunks(self) -> Iterable[list[Tensor]]:
        """The batches of every update; none goes over an epoch's end."""
        settings = self.made.training
        every = projects.batches(self.made, settings.epochs)
        per_epoch = len(every) // settings.epochs
        for begin in range(0, len(every), per_epoch):
            epoch = every[begin : begin + per_epoch]
            yield from (epoch[i : i + settings.accumulate] for i in range(0, per_epoch, settings.accumulate))

    def train(
        self,
        optimizer: torch.optim.Optimizer,
        loss: Loss = cross_entropy,
        before: Callable[[], object] = lambda: None,
        after: Callable[[], object] = lambda: None,
    ) -> None:
        for chunk in self.chunks():
            optimizer.zero_grad()
            total, value = sum(map(len, chunk)), 0.0
            for numbers in chunk:
                part = loss(self.model, self.image[numbers], self.label[numbers]) * (len(numbers) / total)
                part.backward()
                value += part.item()
            before()
            optimizer.step()
            after()
            self.losses.append(value)

    def sgd(self, rate: float = 0.1) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.model.parameters(), lr=rate)


def test_accumulated_batches_make_one_step_of_a_plain_script_bit_for_bit():
    made = small_convnet(epochs=2, batch_size=50, accumulate=4, seed=3)
    events, control = finished(made)
    plain = Plain(made)
    plain.train(plain.sgd())
    assert_same(weights(control), plain.model.state_dict())
    assert columns(events)["loss"] == pytest.approx(plain.losses, rel=1e-6)
    assert len(columns(events)["loss"]) == len(plain.losses) == only(events, Finished)[0].step


def test_without_shuffling_the_samples_come_as_they_stand_bit_for_bit():
    made = small_convnet(epochs=2, shuffle=False)
    events, control = finished(made)
    plain = Plain(made)
    plain.train(plain.sgd())
    assert_same(weights(control), plain.model.state_dict())
    assert columns(events)["loss"] == pytest.approx(plain.losses, rel=1e-6)
    assert torch.equal(projects.batches(made)[0], projects.loaded(made)["data"].train[:32])


def test_small_batches_that_are_accumulated_are_one_large_batch():
    small, large = (sigmoid_mlp(2, epochs=1, batch_size=size, accumulate=n) for size, n in ((30, 4), (120, 1)))
    mine, other = finished(small), finished(large)
    for name, tensor in weights(mine[1]).items():
        assert torch.allclose(tensor, weights(other[1])[name], atol=1e-6)
    few, many = columns(mine[0]), columns(other[0])
    for name in ("loss", "metric", "gradient_norm", "gradient:fc1", "update:fc2"):
        assert few[name] == pytest.approx(many[name], rel=1e-4)
    # An output's gradient is one sample's own, however many batches there are; the last batch is as good as all.
    assert samples(mine[0])[1]["output:fc2"] == pytest.approx(samples(other[0])[1]["output:fc2"], rel=0.2)


@pytest.mark.parametrize(("l1", "l2"), [(1e-3, 0.0), (0.0, 1e-2), (1e-3, 1e-2)])
def test_penalties_are_those_that_stand_in_the_loss(l1, l2):
    made = small_convnet(epochs=1, l1=l1, l2=l2)
    events, control = finished(made)
    plain = Plain(made)

    def penalised(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        matrices = [weight for weight in model.parameters() if weight.dim() > 1]
        sums = sum(l1 * w.abs().sum() + l2 / 2 * w.square().sum() for w in matrices)
        return cross_entropy(model, x, y) + sums

    plain.train(plain.sgd(), penalised)
    for name, tensor in weights(control).items():
        assert torch.allclose(tensor, plain.model.state_dict()[name], rtol=1e-4, atol=1e-6), name
    free = columns(finished(replace(made, training=replace(made.training, l1=0.0, l2=0.0)))[0])
    shown = columns(events)
    assert shown["loss"][0] == free["loss"][0]  # the loss and its gradient are shown without the penalty
    assert shown["gradient:fc"][0] == free["gradient:fc"][0]
    assert shown["update:fc"][0] != free["update:fc"][0]


def test_an_l2_penalty_is_torchs_weight_decay_of_the_matrices():
    made = small_convnet(Optimizer("Momentum", 0.05), epochs=1, l2=0.01)
    plain = Plain(made)
    decayed = [weight for weight in plain.model.parameters() if weight.dim() > 1]
    rest = [weight for weight in plain.model.parameters() if weight.dim() == 1]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": rest}]
    plain.train(torch.optim.SGD(groups, lr=0.05, momentum=0.9))
    _events, control = finished(made)
    for name, tensor in weights(control).items():
        assert torch.allclose(tensor, plain.model.state_dict()[name], rtol=1e-5, atol=1e-7), name


def test_an_l1_penalty_brings_weights_to_nothing():
    kept, small = (weights(finished(sigmoid_mlp(1, epochs=20, l1=l1))[1])["fc1.weight"] for l1 in (0.0, 0.02))
    assert (small.abs() < 0.01).float().mean() > (kept.abs() < 0.01).float().mean() + 0.3


def test_the_average_is_torchs_and_is_what_is_judged_and_saved(tmp_path):
    made = small_convnet(epochs=2, averaging=0.9)
    events, control = finished(made, folder=tmp_path)
    plain = Plain(made)
    averaged = swa_utils.AveragedModel(plain.model, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(0.9))
    plain.train(plain.sgd(), after=lambda: averaged.update_parameters(plain.model))
    assert_same(weights(control), averaged.module.state_dict())
    assert_same(read_weights(tmp_path / WEIGHTS), averaged.module.state_dict())
    run = start(job(made, resume=tmp_path))
    assert_same(run.own_weights(), plain.model.state_dict())
    data, model = projects.loaded(made)["data"], averaged.module.eval()
    with torch.no_grad():
        scores = model(data.fields["image"][data.validation])
    judged = functional.cross_entropy(scores, data.fields["label"][data.validation]).item()
    assert only(events, Validated)[-1].loss == pytest.approx(judged, rel=1e-5)
    assert "average" in only(events, Said)[0].text
    assert columns(events)["loss"] == pytest.approx(plain.losses, rel=1e-6)  # which train themselves
    images = natural_fields(made.data["data"])["image"][:20]
    guessed = unpacked(control.predictor.guess({"image": images}).outputs["fc"])
    with torch.no_grad():
        np.testing.assert_allclose(guessed, torch.softmax(model(torch.from_numpy(images)), 1), rtol=1e-5)
    assert_same(weights(control), averaged.module.state_dict())  # asking leaves all as it was


def test_with_an_average_the_best_epoch_is_that_of_the_average(tmp_path):
    made = small_convnet(Optimizer("SGD", 3.0), epochs=9, early_stop=1, averaging=0.5)
    events, control = finished(made, folder=tmp_path)
    best = min(event.loss for event in only(events, Validated))
    assert only(events, Finished)[0].validation_loss == pytest.approx(best, rel=1e-6)
    assert_same(read_weights(tmp_path / WEIGHTS), weights(control))


def test_a_share_of_the_rate_is_a_parameter_group_and_none_freezes_bit_for_bit():
    made = small_convnet(Optimizer("Adam", 0.01), epochs=1, rates=(("conv", 0.1), ("bn", 0.0)))
    events, control = finished(made)
    plain = Plain(made)
    model = plain.model
    model.bn.requires_grad_(False)
    groups = [{"params": model.conv.parameters(), "lr": 0.01 * 0.1}, {"params": model.fc.parameters()}]
    plain.train(torch.optim.Adam(groups, lr=0.01))
    assert_same(weights(control), model.state_dict())
    assert columns(events)["learning_rate"].tolist() == [np.float32(0.01)] * len(plain.losses)


def test_a_rate_that_is_set_on_the_way_is_shared_and_all_frozen_is_told():
    with pytest.raises(TrainingError, match="trains something"):
        start(job(small_convnet(rates=(("conv", 0.0), ("bn", 0.0), ("fc", 0.0)))))
    run = start(job(small_convnet(rates=(("conv", 0.5),))))
    assert sorted(group.share for group in run.groups) == [0.5, 1.0]
    run.set_learning_rate(0, 0.3)
    assert [made["lr"] for made in run.phases[0].optimizer.param_groups] == [0.15, 0.3]
    assert run.phases[0].learning_rate == 0.3


def test_bfloat16_is_torchs_autocast_bit_for_bit():
    made = small_convnet(epochs=1, precision="bfloat16")
    events, control = finished(made)
    plain = Plain(made)

    def mixed(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return cross_entropy(model, x, y)

    plain.train(plain.sgd(), mixed)
    assert_same(weights(control), plain.model.state_dict())
    assert columns(events)["loss"].tolist() == np.float32(plain.losses).tolist()
    assert columns(events)["loss"].tolist() != columns(finished(small_convnet(epochs=1))[0])["loss"].tolist()
    assert all(tensor.dtype != torch.bfloat16 for tensor in weights(control).values())


def test_float16_goes_back_scaled_as_torchs_scaler_has_it_bit_for_bit():
    made = small_convnet(epochs=1, precision="float16", clip_norm=0.1)
    events, control = finished(made)
    plain = Plain(made)
    scaler, optimizer = torch.amp.GradScaler("cpu"), plain.sgd()
    for (numbers,) in plain.chunks():
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.float16):
            loss = cross_entropy(plain.model, plain.image[numbers], plain.label[numbers])
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(plain.model.parameters(), 0.1)
        scaler.step(optimizer)
        scaler.update()
    assert_same(weights(control), plain.model.state_dict())
    whole = columns(finished(small_convnet(epochs=1))[0])
    assert columns(events)["gradient_norm"][0] == pytest.approx(whole["gradient_norm"][0], rel=0.02)  # unscaled
    shown, true = samples(events)[1]["output:fc"], samples(finished(small_convnet(epochs=1))[0])[1]["output:fc"]
    assert shown[0] == pytest.approx(true[0], rel=0.02)


def test_a_step_whose_scaled_gradient_is_infinite_is_left_out_and_halves_the_scale():
    run = start(job(small_convnet(precision="float16")))
    run.scaling.scalers[0].load_state_dict(run.scaling.scalers[0].state_dict() | {"scale": 2.0**120})
    run.batches.begin_epoch()
    before = run.own_weights()
    run.step()
    after = run.own_weights()
    assert torch.equal(after["fc.weight"], before["fc.weight"])
    assert run.scaling.scale(0) == 2.0**119
    row = run.table.packed()
    assert np.isnan(np.frombuffer(row.data, np.float32)[3])


def test_two_deterministic_runs_are_bitwise_equal_and_what_cannot_be_is_told_at_its_node():
    made = small_convnet(epochs=1, deterministic=True, threads=1)
    first, second = finished(made), finished(made)
    assert_same(weights(first[1]), weights(second[1]))
    assert columns(first[0])["loss"].tolist() == columns(second[0])["loss"].tolist()
    assert not torch.are_deterministic_algorithms_enabled()
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("pool", "MaxPool2d", return_indices=True),
        node("unpool", "MaxUnpool2d"),
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "pool"),
        wire("pool", "unpool"),
        wire("pool.indices", "unpool.indices"),
        *projects.chain(["unpool", "flatten", "fc"]),
        wire("fc", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    settings = {"epochs": 1, "deterministic": True}
    events = list(train(job(projects.project(nodes, edges, projects.DIGITS, **settings)), Control()))
    (failed,) = only(events, Failed)
    assert (failed.problem.node, failed.problem.fix[:24]) == ("unpool", "Turn “Deterministic” off")
    assert not torch.are_deterministic_algorithms_enabled()


RUNS = {
    "accumulated": lambda: small_convnet(Optimizer("Adam", 0.01), epochs=3, batch_size=32, accumulate=3),
    "averaged and penalised": lambda: small_convnet(Optimizer("Momentum", 0.1), averaging=0.9, l1=1e-3, l2=1e-3),
    "shares of the rate": lambda: small_convnet(Optimizer("Adam", 0.01), epochs=2, rates=(("conv", 0.1), ("bn", 0.0))),
    "float16": lambda: small_convnet(Optimizer("Adam", 0.01), epochs=2, precision="float16"),
    "bfloat16": lambda: small_convnet(Optimizer("Adam", 0.01), epochs=2, precision="bfloat16"),
    "phases": lambda: settled(gan(3, batch_size=10, epochs=40), accumulate=2, averaging=0.9, rates=(("gen1", 0.5),)),
}


def settled(made: Project, **settings: object) -> Project:
    return replace(made, training=replace(made.training, **settings))


@pytest.mark.parametrize("name", RUNS)
def test_an_interrupted_run_ends_bit_for_bit_as_one_that_was_not(name, tmp_path):
    made = RUNS[name]()
    whole, reference = finished(made)
    control = Control(paused=True)
    control.resume(steps=25)
    for event in train(job(made, folder=tmp_path), control):
        assert not isinstance(event, Failed), event
        if getattr(event, "state", "") == "paused":
            control.stop()
    torch.manual_seed(99)
    rest, resumed = finished(made, resume=tmp_path)
    assert_same(weights(resumed), weights(reference))
    assert columns(rest)["loss"].tolist() == columns(whole)["loss"][25:].tolist()
    assert only(rest, Finished)[0].validation_loss == only(whole, Finished)[0].validation_loss


def test_settings_stand_in_the_file_where_they_are_others_than_usual():
    told = {"accumulate": 4, "l1": 0.1, "l2": 0.2, "averaging": 0.99, "precision": "bfloat16", "deterministic": True}
    made = small_convnet(rates=(("conv", 0.1), ("fc", 0.0)), **told)
    assert from_text(to_text(made)) == made
    assert not {*told, "rates"} & {word.strip('"') for word in to_text(small_convnet()).replace(":", " ").split()}
    for name, value in (("accumulate", 0), ("averaging", 1.0), ("l1", -1.0), ("precision", "float8")):
        with pytest.raises(ParameterError):
            validated(replace(made.training, **{name: value}))
    with pytest.raises(ParameterError, match="share"):
        validated(replace(made.training, rates=(("conv", -1.0),)))
    assert validated(replace(made.training, rates=(("conv", 1), ("conv", 2)))).rates == (("conv", 2.0),)
    with pytest.raises(FileError, match="shares of the learning rate"):
        from_text(to_text(settled(made, rates=tuple((f"layer{place}", 0.5) for place in range(MAX_PARTS + 1)))))


def test_a_share_of_a_linked_block_is_that_of_its_weights():
    run = start(job(settled(gan(), rates=(("fooled", 0.25), ("fooled.score", 0.5)))))
    shares = {path: group.share for group in run.groups for path in group.rows}
    assert shares == {"gen1": 1.0, "gen2": 1.0, "real.hidden": 0.25, "real.score": 0.5}
