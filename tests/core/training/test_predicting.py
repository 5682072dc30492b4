"""A network is asked as it trains: its answers are plain torch's in natural units, and asking leaves it bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.arrays import natural_fields
from core.data.settings import DatasetSettings
from core.engine.messages import StepRows
from core.engine.predictions import Coefficients, Guess, Sweep, packed, unpacked
from core.engine.worker import Worker
from core.errors import DataError
from core.files import to_text
from core.training.checkpoint import save_weights
from core.training.control import Control
from core.training.evaluate import predict
from core.training.loop import train
from core.training.predicting import PLOTTED, Predictor
from tests.core.training.projects import classifier, gan, loaded, node, project, sigmoid_mlp, small_convnet, wire
from tests.core.training.running import assert_same, finished, job, weights
from tests.core.training.test_truth import ConvNet

MOONS = DatasetSettings("moons", (("samples", 200),))
DIABETES = DatasetSettings("diabetes")


def line(field: str, data: DatasetSettings, loss: str = "MSE", into: str = "prediction"):
    """One linear layer from a field of the data to the loss."""
    nodes = [node("data", "Dataset", dataset="data"), node("fc", "Linear", out_features=1), node("loss", loss)]
    edges = [wire(f"data.{field}", "fc"), wire("fc", f"loss.{into}"), wire("data.target", "loss.target")]
    return project(nodes, edges, data, epochs=2)


def asked(made) -> tuple[Predictor, dict[str, torch.Tensor]]:
    _events, control = finished(made)
    assert control.predictor is not None
    return control.predictor, weights(control)


def test_classes_get_the_probabilities_of_a_plain_module_in_evaluation_mode():
    made = small_convnet(seed=5)
    predictor, state = asked(made)
    images = natural_fields(made.data["data"])["image"][:40]
    told = predictor.guess({"image": images})
    model = ConvNet().eval()
    model.load_state_dict(state)
    with torch.no_grad():
        wanted = torch.softmax(model(torch.from_numpy(images)), 1)
    np.testing.assert_allclose(unpacked(told.outputs["fc"]), wanted, rtol=1e-5, atol=1e-7)
    assert told.step == -(-len(loaded(made)["data"].train) // made.training.batch_size)
    assert told.seconds > 0


def test_values_go_in_and_come_out_in_their_natural_units():
    predictor, state = asked(line("features", DIABETES))
    natural = natural_fields(DIABETES)
    train = loaded(line("features", DIABETES))["data"].train.numpy()
    x, y = natural["features"].astype(np.float64), natural["target"].astype(np.float64)
    scaled = (x - x[train].mean(0)) / x[train].std(0)
    wanted = (scaled @ state["fc.weight"].double().numpy().T + state["fc.bias"].double().numpy()) * y[train].std()
    (told,) = predictor.outputs({"features": natural["features"]}).values()
    np.testing.assert_allclose(told, wanted + y[train].mean(), rtol=1e-4)


def test_the_survey_tells_real_ranges_and_draws_are_samples_of_the_data():
    made = line("features", DIABETES)
    predictor, _state = asked(made)
    natural, data = natural_fields(DIABETES), loaded(made)["data"]
    told = predictor.survey()
    assert (told.train, told.held_out, told.places) == (len(data.train), len(data.validation), None)
    columns = told.columns["features"]
    x = natural["features"]
    assert [one.low for one in columns] == pytest.approx(x.min(0), rel=1e-5)
    assert [one.high for one in columns] == pytest.approx(x.max(0), rel=1e-5)
    assert [one.middle for one in columns] == pytest.approx(np.median(x[data.train], axis=0), rel=1e-4)
    assert [one.scale for one in columns] == pytest.approx(x[data.train].astype(float).std(0), rel=1e-6)
    assert (columns[1].levels, columns[1].whole, columns[2].levels) == ([1.0, 2.0], True, [])
    for place in (0, 3, len(data.validation) + 3):
        drawn = predictor.draw("validation", place)
        assert drawn.number == int(data.validation[place % len(data.validation)])
        np.testing.assert_allclose(unpacked(drawn.inputs["features"])[0], x[drawn.number], rtol=1e-5)
        np.testing.assert_allclose(unpacked(drawn.truths["fc"])[0], natural["target"][drawn.number], rtol=1e-5)


def test_a_sweep_over_the_plane_is_the_network_at_every_place_of_the_grid():
    made = line("point", MOONS, "BCEWithLogits", "logits")
    predictor, state = asked(made)
    told = predictor.sweep(Sweep(project="", low=[-2, -1], high=[3, 2], count=7))
    values = unpacked(told.values)
    assert values.shape == (7, 7, 1)
    data = loaded(made)["data"]
    scale = data.normalisation["point"]
    for row, y in enumerate(np.linspace(-1, 2, 7)):
        for column, x in enumerate(np.linspace(-2, 3, 7)):
            seen = (torch.tensor([x, y]) - torch.tensor(scale.offset)) / torch.tensor(scale.scale)
            score = state["fc.weight"].double() @ seen + state["fc.bias"].double()
            assert values[row, column, 0] == pytest.approx(torch.sigmoid(score).item(), rel=1e-5)
    surveyed = predictor.survey()
    assert surveyed.places is not None
    places, held = unpacked(surveyed.places), unpacked(surveyed.held)
    numbers = torch.cat([data.train[:PLOTTED], data.validation[:PLOTTED]])
    np.testing.assert_allclose(places, natural_fields(MOONS)["point"][numbers], rtol=1e-4, atol=1e-6)
    assert held.tolist() == [0] * len(data.train) + [1] * len(data.validation)
    np.testing.assert_allclose(unpacked(surveyed.truths["fc"]), data.fields["target"][numbers])
    np.testing.assert_allclose(unpacked(told.samples), predictor.outputs({"point": places})["fc"], rtol=1e-6)


def test_a_sweep_along_one_number_is_a_straight_line_for_a_linear_network():
    predictor, _state = asked(line("bmi", DIABETES))
    values = unpacked(predictor.sweep(Sweep(project="", low=[18], high=[42], count=25)).values)
    assert values.shape == (25, 1)
    np.testing.assert_allclose(np.diff(values[:, 0]), np.diff(values[:, 0]).mean(), rtol=1e-3)
    (told,) = predictor.outputs({"bmi": np.array([[42.0]], np.float32)}).values()
    assert values[-1, 0] == pytest.approx(told[0, 0], rel=1e-6)


def test_coefficients_are_the_layers_own_weights():
    predictor, state = asked(line("features", DIABETES))
    told = predictor.weigh(Coefficients(project="", module="fc"))
    np.testing.assert_array_equal(unpacked(told.weight), state["fc.weight"])
    assert told.bias is not None
    np.testing.assert_array_equal(unpacked(told.bias), state["fc.bias"])


def test_a_network_that_reads_nothing_else_than_noise_and_one_with_phases_answer_too():
    predictor, _state = asked(gan())
    told = predictor.outputs({"point": np.zeros((3, 2), np.float32)})
    assert {name: values.shape for name, values in told.items()} == dict.fromkeys(
        ("real.score", "fake.score", "fooled.score"), (3, 1)
    )


@pytest.mark.parametrize(
    ("given", "words"), [({}, "none came"), ({"image": np.zeros((1, 1, 9, 9), np.float32)}, r"\[1, 9, 9\] came")]
)
def test_inputs_that_are_missing_or_of_another_size_are_refused_in_words(given, words):
    predictor, _state = asked(small_convnet())
    with pytest.raises(DataError, match=words):
        predictor.guess(given)


def test_what_cannot_be_swept_weighed_or_drawn_is_refused_in_words():
    made = classifier(
        [node("flat", "Flatten"), node("fc", "Linear", out_features=10)], DatasetSettings("digits", validation=0)
    )
    predictor, _state = asked(made)
    with pytest.raises(DataError, match="one number or two"):
        predictor.sweep(Sweep(project="", low=[0], high=[1], count=3))
    with pytest.raises(DataError, match="a layer with a weight"):
        predictor.weigh(Coefficients(project="", module="flat"))
    with pytest.raises(DataError, match="there is none"):
        predictor.draw("validation", 0)
    assert predictor.draw("train", 0).inputs.keys() == {"image"}


def test_asking_during_training_changes_no_bit_of_the_weights():
    made = small_convnet(seed=2)
    _events, plain = finished(made)
    control = Control()
    image = natural_fields(made.data["data"])["image"][:1]
    steps = []
    for event in train(job(made), control):
        if isinstance(event, StepRows):
            assert control.predictor is not None
            steps.append(control.predictor.guess({"image": image}).step)
    assert_same(weights(plain), weights(control))
    assert steps == sorted(steps)


def test_arrays_come_out_as_they_went_in():
    for array in (np.arange(6, dtype=np.int64).reshape(2, 3), np.float32([[1.5, np.nan]]), np.array([True, False])):
        np.testing.assert_array_equal(unpacked(packed(array)), array)


def test_the_network_of_a_file_answers_as_that_of_the_run(tmp_path):
    made = sigmoid_mlp(2)
    predictor, state = asked(made)
    save_weights(state, tmp_path / "w.safetensors")
    image = natural_fields(made.data["data"])["image"][:3]
    guess = Guess(project=to_text(made), weights=str(tmp_path / "w.safetensors"), inputs={"image": packed(image)})
    kept = Worker()._predictor(guess)
    (told,) = kept.outputs({"image": image}).values()
    (wanted,) = predict(made, state, {"image": image}).values()
    np.testing.assert_allclose(told, torch.softmax(wanted, 1), rtol=1e-6)
    (same,) = predictor.outputs({"image": image}).values()
    np.testing.assert_array_equal(told, same)


def test_a_sweep_over_two_of_many_numbers_has_the_others_at_the_means_of_the_training_part():
    predictor, state = asked(line("features", DIABETES))
    natural, train = natural_fields(DIABETES), loaded(line("features", DIABETES))["data"].train.numpy()
    wish = Sweep(project="", low=[20, 0], high=[40, 3], count=5, across=[2, 1])
    told, surveyed = predictor.sweep(wish), predictor.survey((2, 1))
    x, y = natural["features"].astype(np.float64), natural["target"].astype(np.float64)
    np.testing.assert_allclose(told.means, x[train].mean(0), rtol=1e-4)
    rows = np.repeat(x[train].mean(0)[None], 25, axis=0)
    rows[:, 2], rows[:, 1] = np.tile(np.linspace(20, 40, 5), 5), np.repeat(np.linspace(0, 3, 5), 5)

    def plain(given: np.ndarray) -> np.ndarray:
        scaled = torch.from_numpy((given - x[train].mean(0)) / x[train].std(0))
        out = scaled @ state["fc.weight"].double().T + state["fc.bias"].double()
        return (out.numpy() * y[train].std() + y[train].mean())[:, 0]

    np.testing.assert_allclose(unpacked(told.values).reshape(-1), plain(rows), rtol=1e-4)
    np.testing.assert_allclose(unpacked(told.samples)[: len(train), 0], plain(x[train]), rtol=1e-4)
    np.testing.assert_allclose(unpacked(surveyed.places)[: len(train)], x[train][:, [2, 1]], rtol=1e-5)
    for wrong in ([0, 0], [0, 99], [0, 1, 2]):
        with pytest.raises(DataError):
            predictor.sweep(Sweep(project="", low=[0, 0], high=[1, 1], count=3, across=wrong))
