"""Training on augmented batches, against a loop written by hand; and that nothing else changes by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.data import augmenting
from core.data.augmentation import Augmentation
from core.data.load import LoadedData, load
from core.data.settings import DatasetSettings, dataset_kind
from core.engine.messages import Failed
from core.errors import ChainruleError, DataError
from core.project import Project
from core.training.control import Control
from core.training.loop import train
from core.training.run import Run
from core.training.settings import Phase
from tests.core.training.projects import DIGITS, SGD, chain, classifier, node, project, sigmoid_mlp, small_convnet, wire
from tests.core.training.running import assert_same, columns, finished, job, only, weights

FLIP = Augmentation("horizontal_flip")
CROP = Augmentation("crop", (("padding", 2),))
MIXUP = Augmentation("mixup", (("alpha", 1.0),))
CUTMIX = Augmentation("cutmix", (("p", 0.7),))


def augmented(made: Project, *steps: Augmentation) -> Project:
    return made.with_data("data", replace(made.data["data"], augmentation=steps))


def linear(**settings: object) -> Project:
    layers = [node("flatten", "Flatten"), node("fc", "Linear", out_features=10)]
    return classifier(layers, DIGITS, **settings)


def by_hand(loaded: LoadedData, epochs: int, seed: int, mixed: bool) -> tuple[list[float], list[float]]:
    """Flip, crop and mixup with a linear layer under plain autograd: the losses, and the accuracies of its batches."""
    image, label = loaded.fields["image"][loaded.train], loaded.fields["label"][loaded.train]
    torch.manual_seed(seed)
    net = nn.Linear(64, 10)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    order, drawn = torch.Generator().manual_seed(seed), torch.Generator().manual_seed(seed + 1)
    losses, right = [], []
    for _ in range(epochs):
        for numbers in torch.randperm(len(image), generator=order).split(32):
            x, y = image[numbers], label[numbers]
            turned = torch.rand(len(x), generator=drawn) < 0.5
            x = torch.stack([one.flip(-1) if turn else one for one, turn in zip(x, turned, strict=True)])
            torch.rand(len(x), generator=drawn)
            top, left = torch.randint(5, (2, len(x)), generator=drawn).tolist()
            padded = F.pad(x, [2] * 4)
            x = torch.stack([padded[i, :, top[i] : top[i] + 8, left[i] : left[i] + 8] for i in range(len(x))])
            lam, other = 1.0, torch.arange(len(x))
            if mixed:
                lam = augmenting.beta(drawn, 1.0)
                torch.rand(len(x), generator=drawn)
                other = torch.randperm(len(x), generator=drawn)
                x = torch.lerp(x, x[other], 1 - lam)
            optimizer.zero_grad()
            scores = net(x.flatten(1))
            loss = F.cross_entropy(scores, y)
            if mixed:
                loss = lam * loss + (1 - lam) * F.cross_entropy(scores, y[other])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            guess = scores.argmax(1)
            shared = lam * (guess == y).sum() + (1 - lam) * (guess == y[other]).sum()
            right.append(shared.item() / len(x))
    return losses, right


@pytest.mark.parametrize("mixed", [False, True])
def test_training_is_what_one_would_write_by_hand(mixed: bool) -> None:
    made = augmented(linear(epochs=2, seed=7), *([MIXUP] if mixed else []), FLIP, CROP)
    events, _control = finished(made)
    told = columns(events)
    losses, right = by_hand(load(DIGITS), 2, 7, mixed)
    assert np.array_equal(told["loss"], np.array(losses, np.float32))
    assert told["metric"] == pytest.approx(right, abs=1e-6)


def test_steps_that_are_off_change_nothing_bitwise() -> None:
    made = small_convnet(epochs=1, batch_size=64)
    plain, control = finished(made)
    resting, other = finished(augmented(made, replace(FLIP, active=False), replace(MIXUP, active=False)))
    assert np.array_equal(columns(plain)["loss"], columns(resting)["loss"])
    assert_same(weights(control), weights(other))


def test_the_order_of_the_samples_and_the_dropout_stay_the_same() -> None:
    """Noise of deviation zero draws as much as any and changes no number: all else has to stay to the last bit."""
    made = small_convnet(epochs=2, batch_size=64)
    plain, control = finished(made)
    drawn, other = finished(augmented(made, Augmentation("noise", (("deviation", 0.0),))))
    assert np.array_equal(columns(plain)["loss"], columns(drawn)["loss"])
    assert_same(weights(control), weights(other))


def test_watching_changes_nothing() -> None:
    made = augmented(small_convnet(epochs=1), MIXUP, FLIP, Augmentation("cutout"))
    _events, watched = finished(made)
    _events, alone = finished(made, watch=False)
    assert_same(weights(watched), weights(alone))


def test_validation_sees_the_samples_as_they_are() -> None:
    made = augmented(linear(epochs=1), Augmentation("noise", (("deviation", 100.0),)))
    run = Run(job(made))
    assert run.augmenter is not None
    before = run.augmenter.generator.get_state()
    from core.training.evaluate import evaluate

    first = evaluate(made, run.weights(), run.job.data)
    assert first == evaluate(augmented(made), run.weights(), run.job.data)
    assert torch.equal(run.augmenter.generator.get_state(), before)


@pytest.mark.parametrize("steps", [(FLIP, CROP), (MIXUP, CUTMIX, Augmentation("randaugment"))])
def test_a_run_that_was_interrupted_ends_in_the_same_bits(steps: tuple[Augmentation, ...], tmp_path: Path) -> None:
    made = augmented(small_convnet(epochs=2, batch_size=128), *steps)
    whole, unbroken = finished(made, folder=tmp_path / "whole")
    control = Control()
    events = []
    for event in train(job(made, folder=tmp_path / "part"), control):
        events.append(event)
        if control.weights is not None and len(events) == 4:
            control.stop()
    rest, resumed = finished(made, folder=tmp_path / "rest", resume=tmp_path / "part")
    first, then = columns(events)["loss"], columns(rest)["loss"]
    assert 0 < len(first) < len(columns(whole)["loss"])
    assert np.array_equal(np.concatenate([first, then]), columns(whole)["loss"])
    assert_same(weights(resumed), weights(unbroken))


def test_each_epoch_draws_anew_and_a_seed_repeats() -> None:
    made = augmented(sigmoid_mlp(2, epochs=1), FLIP)
    run = Run(job(made))
    assert run.augmenter is not None
    function, numbers = run.phases[0].forward, {"data": torch.arange(32)}
    batches = [run.augmenter.batch(function, run.batches.tensors, numbers) for _ in range(2)]
    again = Run(job(made))
    assert again.augmenter is not None
    repeated = again.augmenter.batch(function, again.batches.tensors, numbers)
    place = next(index for index, field in enumerate(function.fields) if field.name == "image")
    assert isinstance(batches[0][place], torch.Tensor)
    assert not torch.equal(batches[0][place], batches[1][place])  # type: ignore[arg-type]  # it is a tensor
    assert torch.equal(batches[0][place], repeated[place])  # type: ignore[arg-type]  # it is a tensor
    other = Run(job(replace(made, training=replace(made.training, seed=1))))
    assert other.augmenter is not None
    different = other.augmenter.batch(function, other.batches.tensors, numbers)
    assert not torch.equal(batches[0][place], different[place])  # type: ignore[arg-type]  # it is a tensor


def test_several_steps_that_mix_take_turns() -> None:
    made = augmented(linear(), MIXUP, Augmentation("cutmix"))
    run = Run(job(made))
    assert run.augmenter is not None
    function, numbers = run.phases[0].forward, {"data": torch.arange(64)}
    place = next(index for index, field in enumerate(function.fields) if field.name == "image")
    whole = 0
    for _ in range(60):
        batch = run.augmenter.batch(function, run.batches.tensors, numbers)
        image, partner = batch[place], batch[2]
        assert isinstance(image, torch.Tensor)
        assert isinstance(partner, torch.Tensor)
        levels = image * 16
        whole += bool(torch.equal(levels, levels.round()))  # what is pasted keeps the sixteenths, what is laid over not
    assert 15 < whole < 45


def test_accumulated_batches_are_each_augmented() -> None:
    once, control = finished(augmented(linear(epochs=1, batch_size=32, accumulate=4), FLIP))
    assert len(columns(once)["loss"]) == -(-45 // 4)
    plain, other = finished(linear(epochs=1, batch_size=32, accumulate=4))
    assert not np.array_equal(columns(once)["loss"], columns(plain)["loss"])
    assert set(weights(control)) == set(weights(other))


def test_a_loss_that_is_not_finite_is_found_where_samples_are_mixed() -> None:
    deep = [node("flatten", "Flatten"), *(node(f"fc{place}", "Linear", out_features=10) for place in range(6))]
    made = augmented(classifier(deep, DIGITS, optimizer=replace(SGD, learning_rate=1e6), epochs=3), MIXUP)
    events = list(train(job(made), Control()))
    (failed,) = only(events, Failed)
    assert "finite" in failed.problem.wanted
    assert failed.problem.where == failed.problem.node != ""


def test_labels_that_go_elsewhere_than_to_losses_cannot_be_mixed() -> None:
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=10),
        node("one_hot", "OneHot", num_classes=10),
        node("cast", "Cast"),
        node("loss", "SoftCrossEntropy"),
    ]
    edges = [
        wire("data.image", "flatten"),
        *chain(["flatten", "fc"]),
        wire("data.label", "one_hot"),
        wire("fc", "loss.logits"),
        wire("one_hot", "cast"),
        wire("cast", "loss.target"),
    ]
    made = project(nodes, edges, replace(DIGITS, augmentation=(MIXUP,)), (Phase(optimizer=SGD),))
    (failed,) = only(list(train(job(made), Control())), Failed)
    assert "losses" in failed.problem.wanted
    assert failed.problem.node == "one_hot"


def test_masks_are_moved_with_their_pictures(tmp_path: Path) -> None:
    """Pictures whose mask is where they are light: after every move a mask still is where its picture is light."""
    noise = torch.rand(40, 1, 12, 12, generator=torch.Generator().manual_seed(1)) * 0.2
    mask = torch.zeros(40, 12, 12, dtype=torch.int64)
    mask[:, 2:8, 3:10] = 1
    mask[::2, 6:11, 1:5] = 1
    path = tmp_path / "scene.npz"
    np.savez(path, image=(noise + mask[:, None]).numpy(), labels=mask.numpy().astype(np.int64))
    from core.data.own import inspected

    settings = inspected(path)
    steps = (FLIP, Augmentation("vertical_flip"), CROP, Augmentation("cutmix", (("p", 0.5),)))
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("conv", "Conv2d", out_channels=2),
        node("loss", "CrossEntropy"),
    ]
    edges = [wire("data.image", "conv"), wire("conv", "loss.logits"), wire("data.labels", "loss.label")]
    nodes[1] = node("conv", "Conv2d", out_channels=2, kernel_size=1)
    made = project(nodes, edges, replace(settings, augmentation=steps, normalise="none"), batch_size=16)
    run = Run(job(made))
    assert run.augmenter is not None
    function = run.phases[0].forward
    assert function.mixed == ()
    for _ in range(20):
        image, moved = run.augmenter.batch(function, run.batches.tensors, {"data": torch.arange(16)})
        assert isinstance(image, torch.Tensor)
        assert isinstance(moved, torch.Tensor)
        assert torch.equal((image[:, 0] > 0.5).long(), moved)
    assert not torch.equal(moved, run.batches.tensors[function.fields[1]].index_select(0, torch.arange(16)))
    finished(made)


def test_rows_are_augmented_too() -> None:
    iris = DatasetSettings(
        "iris", augmentation=(Augmentation("noise"), Augmentation("feature_dropout", (("rate", 0.5),)), MIXUP)
    )
    made = classifier([node("fc", "Linear", out_features=3)], iris, "features", epochs=1)
    run = Run(job(made))
    assert run.augmenter is not None
    function = run.phases[0].forward
    features, _label, other, share = run.augmenter.batch(
        function, run.batches.tensors, {"data": torch.arange(len(run.batches.tensors[function.fields[0]]))}
    )
    assert isinstance(features, torch.Tensor)
    assert isinstance(other, torch.Tensor)
    assert isinstance(share, float)
    assert features.shape == (120, 4)
    assert 0.0 < share < 1.0
    finished(made)


def scenes(*steps: Augmentation) -> Project:
    """A network that says where two things are, and what."""
    data = DatasetSettings("scenes", (("samples", 60),), augmentation=steps)
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("pool", "AvgPool2d", kernel_size=8),
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=8),
        node("where", "Reshape", shape=(2, 4)),
        node("loss", "MSE"),
        node("what", "Linear", out_features=18),
        node("kinds", "Reshape", shape=(9, 2)),
        node("kind_loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "pool"),
        *chain(["pool", "flatten", "fc", "where"]),
        wire("where", "loss.prediction"),
        wire("data.boxes", "loss.target"),
        *chain(["flatten", "what", "kinds"]),
        wire("kinds", "kind_loss.logits"),
        wire("data.kinds", "kind_loss.label"),
    ]
    return project(nodes, edges, data, batch_size=16)


def test_boxes_go_with_their_pictures_and_what_is_gone_is_ground() -> None:
    far = Augmentation("affine", (("shear", 0.0), ("shift", 0.8)))
    made = scenes(FLIP, far)
    run = Run(job(made))
    assert run.augmenter is not None
    function = run.phases[0].forward
    names = [field.name for field in function.fields]
    plain = {field.name: run.batches.tensors[field].index_select(0, torch.arange(16)) for field in function.fields}
    gone = 0
    for _ in range(5):
        batch = run.augmenter.batch(function, run.batches.tensors, {"data": torch.arange(16)})
        seen = dict(zip(names, batch, strict=True))
        boxes, kinds = seen["boxes"], seen["kinds"]
        assert isinstance(boxes, torch.Tensor)
        assert isinstance(kinds, torch.Tensor)
        there = (boxes != 0).any(-1)
        assert torch.equal(kinds, torch.where(there, plain["kinds"], 0))
        assert not (there & (plain["kinds"] == 0)).any()
        gone += int(((plain["kinds"] != 0) & ~there).sum())
    assert gone > 5
    finished(made)


@pytest.mark.parametrize(("step", "word"), [(MIXUP, "mixes labels"), (CUTMIX, "shared out")])
def test_boxes_are_not_mixed(step: Augmentation, word: str) -> None:
    with pytest.raises(ChainruleError, match=word):
        Run(job(scenes(step)))


def test_a_target_with_places_of_its_own_keeps_the_picture_still() -> None:
    made = scenes(FLIP)
    nodes = [*made.graph.nodes.values(), node("grid_loss", "MSE"), node("grid", "Conv2d", out_channels=13)]
    assert made.data["data"].source == "scenes"
    kind = dataset_kind(made.data["data"])
    field = kind.field("grid")
    assert field is not None
    cells = field.shape[-1]
    size = kind.fields[0].shape[-1] // cells
    nodes[-1] = node("grid", "Conv2d", out_channels=field.shape[0], kernel_size=size, stride=size)
    edges = [
        *made.graph.edges.values(),
        wire("data.image", "grid"),
        wire("grid", "grid_loss.prediction"),
        wire("data.grid", "grid_loss.target"),
    ]
    with_grid = project(nodes, edges, made.data["data"], batch_size=16)
    with pytest.raises(DataError, match="grid has places of its own"):
        Run(job(with_grid))
    noisy = with_grid.with_data("data", replace(made.data["data"], augmentation=(Augmentation("noise"),)))
    Run(job(noisy))
