"""Judging and using a trained network: plain functions that leave the training alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.engine.messages import Finished, Said, Started, Validated
from core.errors import DataError, FileError
from core.training import library
from core.training.checkpoint import WEIGHTS
from core.training.evaluate import evaluate, predict
from tests.core.training.projects import gan, loaded, small_convnet
from tests.core.training.running import columns, finished, only, weights
from tests.core.training.test_truth import ConvNet


def test_the_last_validation_is_what_evaluate_says_of_the_saved_weights(tmp_path):
    made = small_convnet()
    events, _control = finished(made, folder=tmp_path)
    told, judged = only(events, Finished)[0], evaluate(made, tmp_path / WEIGHTS, loaded(made))
    assert (told.validation_loss, told.validation_metric) == (judged.loss, judged.metric)
    assert judged.samples == only(events, Started)[0].validation_samples
    assert judged.metric_name == "accuracy"


def test_evaluation_is_that_of_a_plain_module_in_evaluation_mode():
    made = small_convnet()
    _events, control = finished(made)
    model, data = ConvNet().eval(), loaded(made)["data"]
    model.load_state_dict(weights(control))
    for part, numbers in (("train", data.train), ("validation", data.validation)):
        with torch.no_grad():
            scores = model(data.fields["image"][numbers])
        labels = data.fields["label"][numbers]
        judged = evaluate(made, weights(control), loaded(made), part)
        assert judged.loss == pytest.approx(functional.cross_entropy(scores, labels).item(), rel=1e-5)
        assert judged.metric == float((scores.argmax(1) == labels).double().mean())


def test_predictions_are_a_plain_modules_and_are_named_by_node():
    made = small_convnet()
    _events, control = finished(made)
    model = ConvNet().eval()
    model.load_state_dict(weights(control))
    images = np.random.default_rng(0).random((4, 1, 8, 8), np.float32)
    outputs = predict(made, weights(control), {"image": images})
    with torch.no_grad():
        assert outputs.keys() == {"fc"}
        assert torch.equal(outputs["fc"], model(torch.from_numpy(images)))


def test_judging_draws_nothing_from_the_trainings_generator():
    made = gan(batch_size=10)
    _events, control = finished(made)
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    first = evaluate(made, weights(control), loaded(made))
    assert torch.equal(torch.rand(3), wanted)
    assert evaluate(made, weights(control), loaded(made)) == first


def test_the_metric_of_the_training_part_is_that_of_its_batches():
    made = small_convnet()
    events, _control = finished(made)
    shown, sizes = columns(events)["metric"], [32] * 44 + [1438 - 44 * 32]
    told = only(events, Validated)[0].train_metric
    assert told == pytest.approx(np.average(shown, weights=sizes), rel=1e-6)


def test_a_run_tells_every_epochs_metrics_with_the_table_and_the_class_names():
    made = small_convnet(epochs=2)
    events, control = finished(made)
    first, last = only(events, Validated)
    judged = evaluate(made, weights(control), loaded(made)).judged
    assert (last.task, last.metrics) == ("classes", judged.values)
    assert [tuple(row) for row in last.table] == list(judged.table)
    assert np.trace(last.table) / np.sum(last.table) == last.metric == last.metrics["accuracy"]
    assert first.metrics != last.metrics
    assert only(events, Finished)[0].validation_metrics == last.metrics
    assert only(events, Started)[0].classes == [str(digit) for digit in range(10)]


def test_metrics_that_cannot_be_measured_here_are_told_once(monkeypatch):
    monkeypatch.setattr(library, "is_installed", lambda: False)
    events, _control = finished(small_convnet(epochs=2, metrics="auroc, f1"))
    assert [said.text for said in only(events, Said)] == ["auroc wants torchmetrics: pip install “chainrule[metrics]”."]
    assert [list(event.metrics) for event in only(events, Validated)] == [["f1"], ["f1"]]


def test_inputs_that_are_missing_or_weights_that_are_not_there_are_told(tmp_path):
    made = small_convnet()
    _events, control = finished(made)
    with pytest.raises(DataError, match="image"):
        predict(made, weights(control), {"picture": np.zeros((1, 1, 8, 8))})
    with pytest.raises(FileError):
        evaluate(made, tmp_path / "none.safetensors", loaded(made))
