"""Samples judged one by one: what each costs is what plain torch gives for a batch of it alone."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.data.arrays import natural_fields
from core.data.settings import DatasetSettings
from core.engine.predictions import unpacked
from core.engine.reviews import Review, Reviewed
from core.engine.worker import Worker
from core.errors import EngineError
from core.files import load, to_text
from core.plan import Value
from core.project import Project
from core.training.checkpoint import save_weights
from core.training.evaluate import held_out, undisturbed
from core.training.forward import loss_function
from core.training.reviewing import review
from core.training.run import Job, Run
from core.training.tracing import Tracer
from tests.core.prediction.writers import speaker
from tests.core.training.projects import gan, loaded, node, project, small_convnet, wire
from tests.core.training.running import assert_same, finished, weights
from tests.core.training.test_truth import ConvNet
from tests.gui.conftest import TEMPLATES


def asked(made: Project) -> Tracer:
    run = Run(Job(made, loaded(made)))
    return Tracer(run.network, run.job.data, run.settings)


def columns(told: Reviewed) -> dict[str, np.ndarray]:
    kinds = {"places": "<i4", "numbers": "<i4", "said": "<i4", "right": "<i4", "wrong": "u1"}
    names = (*kinds, "losses", "sure", "lead", "apart")
    return {name: np.frombuffer(getattr(told, name), kinds.get(name, "<f4")) for name in names}


def test_every_sample_has_torchs_own_loss_class_and_probability():
    made = small_convnet(seed=5)
    _events, control = finished(made)
    told = review(control.tracer, Review(project="", rows=5))
    data = loaded(made)["data"]
    images, labels = data.fields["image"][data.validation], data.fields["label"][data.validation]
    model = ConvNet().eval()
    model.load_state_dict(weights(control))
    with torch.no_grad():
        logits = model(images)
    losses = functional.cross_entropy(logits, labels, reduction="none").numpy()
    shares = torch.softmax(logits, 1)
    found = columns(told)
    np.testing.assert_allclose(found["losses"], losses, rtol=1e-4, atol=1e-6)
    assert found["said"].tolist() == logits.argmax(1).tolist()
    assert found["right"].tolist() == labels.tolist()
    assert found["numbers"].tolist() == data.validation.tolist()
    np.testing.assert_allclose(found["sure"], shares.max(1).values, rtol=1e-5)
    best = shares.topk(2, 1).values
    np.testing.assert_allclose(found["lead"], best[:, 0] - best[:, 1], rtol=1e-4, atol=1e-6)
    assert found["wrong"].astype(bool).tolist() == (logits.argmax(1) != labels).tolist()
    assert (told.part, told.size, told.form, told.step) == ("validation", len(labels), "classes", control.tracer.step)
    # the most wrong ones whole, the dearest first
    dearest = np.argsort(-losses, kind="stable")[:5]
    assert [row.place for row in told.rows] == dearest.tolist()
    natural = natural_fields(made.data["data"])["image"]
    for row in told.rows:
        np.testing.assert_allclose(unpacked(row.inputs["image"]), natural[data.validation[row.place]], rtol=1e-5)
        np.testing.assert_allclose(unpacked(row.answer), shares[row.place], rtol=1e-4, atol=1e-6)
        assert unpacked(row.truth).tolist() == [labels[row.place]]


def one_by_one(tracer: Tracer, part: str, count: int) -> list[float]:
    """The total loss of the whole network on each sample alone."""
    network, losses = tracer.network, tracer.losses(0)
    plan = network.plan.reaching(Value(step.path, "loss") for step in losses)
    function = loss_function(network, plan, losses, training=False)
    fields = [held_out(tracer.data, field, part) for field in function.fields]
    found = []
    for at in range(count):
        with undisturbed(network):
            found.append(float(function.call(1, *(field[at : at + 1] for field in fields))[0]))
    return found


def changed(made: Project, kind: str, **params: object) -> Project:
    """The same with these parameters of its loss."""
    loss = next(one for one in made.graph.nodes.values() if one.kind == kind)
    return replace(made, graph=made.graph.replace_node(loss.with_params(**params)))


WEIGHTED = tuple(0.5 + 0.1 * at for at in range(10))
LOSSES = {
    "weights and smoothing": lambda: changed(
        small_convnet(), "CrossEntropy", class_weights=WEIGHTED, label_smoothing=0.1
    ),
    "sum": lambda: changed(small_convnet(), "CrossEntropy", reduction="sum"),
    "each": lambda: changed(small_convnet(), "CrossEntropy", reduction="none"),
    "half": lambda: changed(small_convnet(), "CrossEntropy", weight=0.5),
    "focal": lambda: small_to("Focal", "logits"),
    "hinge of classes": lambda: small_to("MultiClassHinge", "scores"),
    "with weights of its own": lambda: small_to("LinearCrossEntropy", "input", num_classes=10),
    **{
        name: lambda name=name: load(TEMPLATES / f"{name}.chain")
        for name in (
            "autoencoder",
            "unet",
            "char-rnn",
            "seq2seq",
            "svm",
            "linear-regression",
            "learning-rate",
            "spiral",
        )
    },
}


def small_to(kind: str, port: str, **params: object) -> Project:
    """A linear classifier of the digits with this loss."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flat", "Flatten"),
        node("fc", "Linear", out_features=10),
        node("loss", kind, **params),
    ]
    edges = [
        wire("data.image", "flat"),
        wire("flat", "fc"),
        wire("fc", f"loss.{port}"),
        wire("data.label", "loss.label"),
    ]
    return project(nodes, edges, DatasetSettings("digits"))


@pytest.mark.parametrize("name", LOSSES)
def test_a_sample_costs_what_the_whole_network_costs_on_it_alone(name: str):
    tracer = asked(LOSSES[name]())
    told = review(tracer, Review(project="", samples=5, rows=2))
    assert len(columns(told)["losses"]) == 5
    np.testing.assert_allclose(columns(told)["losses"], one_by_one(tracer, told.part, 5), rtol=2e-4, atol=1e-6)


def test_values_are_told_in_natural_units_with_their_errors():
    made = changed(load(TEMPLATES / "linear-regression.chain"), "MSE")
    _events, control = finished(made)
    told = review(control.tracer, Review(project="", rows=3))
    (settings,) = made.data.values()
    natural, data = natural_fields(settings), next(iter(loaded(made).values()))
    state, scale = weights(control), data.normalisation["target"]
    scaled = data.fields["features"][data.validation] @ state["fc.weight"].T + state["fc.bias"]
    said = scaled.numpy()[:, 0] * scale.scale[0] + scale.offset[0]
    right = natural["target"][data.validation.numpy()][:, 0]
    found = columns(told)
    np.testing.assert_allclose(found["apart"], said - right, rtol=1e-3, atol=0.01)
    losses = (scaled - data.fields["target"][data.validation]).square().numpy()[:, 0]
    np.testing.assert_allclose(found["losses"], losses, rtol=1e-3, atol=1e-6)
    assert [row.place for row in told.rows] == np.argsort(-losses, kind="stable")[:3].tolist()
    for row in told.rows:
        assert float(unpacked(row.answer)[0]) == pytest.approx(float(said[row.place]), rel=1e-4)
        assert float(unpacked(row.truth)[0]) == pytest.approx(float(right[row.place]), rel=1e-4)
    assert found["said"].tolist() == [-1] * len(said)
    assert not found["wrong"].any()


def test_masks_and_tokens_are_told_place_by_place():
    tracer = asked(load(TEMPLATES / "unet.chain"))
    told = review(tracer, Review(project="", samples=4, rows=4))
    data = next(iter(tracer.data.values()))
    assert told.form == "mask"
    for row in told.rows:
        said, right = unpacked(row.answer), unpacked(row.truth)
        mask = data.fields["mask"][data.validation[row.place]].numpy()
        stride = -(-max(mask.shape) // 48)
        np.testing.assert_array_equal(right, mask[::stride, ::stride])
        assert said.shape == right.shape
    large = review(tracer, Review(project="", places=(2,), side=512))
    (row,) = large.rows
    said, right = unpacked(row.answer), unpacked(row.truth)
    assert right.shape == tuple(data.fields["mask"].shape[1:])
    assert columns(large)["apart"][0] == pytest.approx(float((said != right).mean()))
    tokens = asked(speaker())
    (row,) = review(tokens, Review(project="", places=(1,))).rows
    data = next(iter(tokens.data.values()))
    assert unpacked(row.truth).tolist() == data.fields["next"][data.validation[1]].tolist()


def test_orders_and_filters_choose_the_rows():
    tracer = asked(small_convnet(seed=2))
    whole = columns(review(tracer, Review(project="")))
    of_three = review(tracer, Review(project="", rows=4, of_class=3, only_wrong=True))
    losses = np.where((whole["right"] == 3) & (whole["wrong"] == 1), whole["losses"], -1.0)
    assert [row.place for row in of_three.rows] == np.argsort(-losses, kind="stable")[:4].tolist()
    unsure = review(tracer, Review(project="", rows=4, order="unsure"))
    assert [row.place for row in unsure.rows] == np.argsort(whole["lead"], kind="stable")[:4].tolist()
    train = review(tracer, Review(project="", part="train", rows=2, order="number", samples=10))
    assert (train.part, [row.place for row in train.rows], len(columns(train)["losses"])) == ("train", [0, 1], 10)


def test_what_takes_too_long_is_judged_in_part_and_says_of_how_many():
    tracer = asked(small_convnet())
    told = review(tracer, Review(project="", limit=1e-9))
    assert len(columns(told)["losses"]) == 8 < told.size
    assert len(columns(review(tracer, Review(project="", limit=60.0)))["losses"]) == told.size


def test_looking_changes_no_bit_of_the_training_and_no_random_number():
    made = small_convnet(seed=3)
    tracer = asked(made)
    state = {name: tensor.clone() for name, tensor in tracer.network.root.state_dict().items()}
    random = torch.get_rng_state()
    one, other = (review(tracer, Review(project="", rows=3)) for _time in range(2))
    assert (one.losses, one.rows) == (other.losses, other.rows)
    assert_same(state, tracer.network.root.state_dict())
    assert torch.equal(random, torch.get_rng_state())


def test_the_average_of_the_weights_is_judged_where_a_run_keeps_one():
    made = small_convnet(seed=4, averaging=0.9)
    _events, control = finished(made)
    told = review(control.tracer, Review(project=""))
    model = ConvNet().eval()
    model.load_state_dict(weights(control))
    data = loaded(made)["data"]
    with torch.no_grad():
        logits = model(data.fields["image"][data.validation])
    wanted = functional.cross_entropy(logits, data.fields["label"][data.validation], reduction="none")
    np.testing.assert_allclose(columns(told)["losses"], wanted, rtol=1e-4, atol=1e-6)


def test_what_cannot_be_judged_sample_by_sample_is_refused_in_words():
    tracer = asked(gan())
    with pytest.raises(EngineError, match="phase 7 has none"):
        review(tracer, Review(project="", phase=6))
    assert review(tracer, Review(project="", rows=1)).form == "yes or no"


def test_a_network_of_a_file_is_judged_as_that_of_the_run_and_built_once(tmp_path):
    made = small_convnet(seed=6)
    _events, control = finished(made)
    save_weights(weights(control), tmp_path / "w.safetensors")
    worker = Worker()
    question = Review(project=to_text(made), weights=str(tmp_path / "w.safetensors"), rows=2)
    told = review(worker._tracer(question), question)
    same = review(control.tracer, Review(project="", rows=2))
    assert (told.losses, told.said, told.rows, told.step) == (same.losses, same.said, same.rows, 0)
    assert worker._tracer(question) is worker._tracer(question)
    save_weights({name: 0 * tensor for name, tensor in weights(control).items()}, tmp_path / "w.safetensors")
    os.utime(tmp_path / "w.safetensors", ns=(1, 1))
    assert review(worker._tracer(question), question).losses != told.losses


def test_a_part_is_judged_in_pieces():
    tracer = asked(small_convnet())
    whole = columns(review(tracer, Review(project="")))
    piece = columns(review(tracer, Review(project="", first=300, samples=20)))
    assert piece["places"].tolist() == list(range(300, 320))
    np.testing.assert_allclose(piece["losses"], whole["losses"][300:320], rtol=1e-5)


def joined() -> Project:
    """The rows of a digit, each as if it were a sample: what is compared is no sample any more."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("rows", "Reshape", shape=(8, 8)),
        node("apart", "Flatten", start_dim=0, end_dim=1),
        node("fc", "Linear", out_features=8),
        node("loss", "MSE"),
    ]
    edges = [
        wire("data.image", "rows"),
        wire("rows", "apart"),
        wire("apart", "fc"),
        wire("fc", "loss.prediction"),
        wire("apart", "loss.target"),
    ]
    return project(nodes, edges, DatasetSettings("digits"))


def test_answers_that_are_not_one_a_sample_are_refused_in_words():
    with pytest.raises(EngineError, match="an answer for each sample was wanted"):
        review(asked(joined()), Review(project=""))
