"""What a card shows of a layer is what torch's own forward gives, and looking leaves the training bit for bit alone."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.engine.activations import Activation, Peek, Peeked
from core.engine.answers import answer
from core.engine.means import Means
from core.engine.messages import Event, StepRows
from core.plan import Value
from core.project import Project
from core.training.activations import BINS, LINES, MAPS, POINTS, SAMPLES, described, thinned
from core.training.control import Control
from core.training.loop import train
from core.training.settings import Optimizer
from tests.core.python.projects import block, python, trusted, with_block
from tests.core.training import projects
from tests.core.training.running import assert_same, finished, job, weights
from tests.core.training.test_truth import ConvNet, Recurrent

OUT = Value("layer", "output")


def peeked(made: Project, *wanted: str) -> tuple[dict[str, Activation], dict[str, Tensor]]:
    """What was told after training, and the weights there."""
    _events, control = finished(made)
    assert control.peek is not None
    found = control.peek([Value(path, "output") for path in wanted]).found
    return {one.path: one for one in found}, weights(control)


def forward(model: nn.Module, state: dict[str, Tensor], made: Project) -> dict[str, Tensor]:
    """Every layer's output for the first held-out samples, by torch's own modules and hooks."""
    model.load_state_dict(state)
    model.eval()
    outputs: dict[str, Tensor] = {}

    def keep(name: str) -> None:
        def hook(_module: nn.Module, _given: object, output: Tensor | tuple[Tensor, ...]) -> None:
            outputs[name] = output[0] if isinstance(output, tuple) else output

        model.get_submodule(name).register_forward_hook(hook)

    for name, _module in model.named_children():
        keep(name)
    data = projects.loaded(made)["data"]
    with torch.no_grad():
        model(data.fields["image"][data.validation[:SAMPLES]])
    return outputs


def test_the_maps_of_a_convolution_are_those_of_torchs_forward():
    made = projects.small_convnet(seed=4)
    found, state = peeked(made, "conv", "bn", "relu", "pool")
    real = forward(ConvNet(), state, made)
    for path, told in found.items():
        maps = real[path][0]
        assert (told.form, told.shape, told.total) == ("image", list(maps.shape), 6)
        assert (told.low, told.high) == pytest.approx((float(maps.min()), float(maps.max())), rel=1e-6, abs=1e-9)
        shown = np.frombuffer(told.pixels, np.uint8).reshape(6, told.height, told.width)
        np.testing.assert_allclose((shown.astype(float) - 128) / 127 * told.edge, maps, atol=told.edge / 250)
    assert found["conv"].low < 0
    assert found["relu"].low == 0


def test_a_dense_layers_histogram_counts_every_sample_as_numpy_does():
    made = projects.small_convnet(seed=4)
    found, state = peeked(made, "fc", "drop")
    scores = forward(ConvNet(), state, made)["fc"].numpy().ravel()
    told = found["fc"]
    assert (told.form, told.shape, told.count) == ("histogram", [10], SAMPLES * 10)
    assert told.bins == np.histogram(scores, BINS, (scores.min(), scores.max()))[0].tolist()
    assert found["drop"].count == SAMPLES * 96


def test_a_recurrent_layers_curves_are_its_states_over_the_steps():
    made = projects.lstm_classifier()
    found, state = peeked(made, "lstm")
    states = forward(Recurrent(), state, made)["lstm"][0]
    told = found["lstm"]
    assert (told.form, told.shape, told.total, told.length, told.shown) == ("curve", [8, 12], 12, 8, LINES)
    np.testing.assert_allclose(np.array(told.lines), states.T[:LINES], rtol=1e-6, atol=1e-9)


def test_behind_a_convolution_the_steps_of_a_sequence_are_its_last_axis():
    layers = [
        projects.node("rows", "Reshape", shape=(8, 8)),
        projects.node("conv", "Conv1d", out_channels=5, padding=1),
        projects.node("relu", "ReLU"),
        projects.node("turned", "Permute", dims=(0, 2, 1)),
        projects.node("flatten", "Flatten"),
        projects.node("fc", "Linear", out_features=10),
    ]
    found, _state = peeked(projects.classifier(layers, projects.DIGITS), "conv", "relu", "turned")
    assert [(one.form, one.shape, one.total) for one in found.values()] == [
        ("curve", [5, 8], 5),
        ("curve", [5, 8], 5),
        ("curve", [8, 5], 5),
    ]
    assert found["relu"].lines == found["turned"].lines


@pytest.mark.parametrize("shape", [(4, 3, 5, 2, 6), (4, 3, 2, 6)])
def test_volumes_show_the_map_in_their_middle(shape: tuple[int, ...]):
    output = torch.randn(shape)
    told = described(OUT, output, 4)
    middle = output[0, :, 2] if len(shape) == 5 else output[0]
    assert (told.height, told.width, told.total) == (2, 6, 3)
    shown = (np.frombuffer(told.pixels, np.uint8).reshape(3, 2, 6).astype(float) - 128) / 127 * told.edge
    np.testing.assert_allclose(shown, middle, atol=told.edge / 250)


def test_large_maps_are_averaged_and_many_are_told_by_the_first():
    output = torch.randn(2, 40, 64, 64)
    told = described(OUT, output, 2)
    assert (told.shown, told.total, told.height, told.width) == (MAPS, 40, 32, 32)
    means = output[0, :MAPS].reshape(MAPS, 32, 2, 32, 2).mean((2, 4))
    shown = (np.frombuffer(told.pixels, np.uint8).reshape(means.shape).astype(float) - 128) / 127 * told.edge
    np.testing.assert_allclose(shown, means, atol=told.edge / 250)


def test_a_long_curve_keeps_its_least_and_its_most():
    line = np.sin(np.arange(5000, dtype=np.float32))
    line[1234], line[4321] = 9.0, -9.0
    thin = thinned(line)
    assert len(thin) == POINTS
    assert (thin.max(), thin.min()) == (9.0, -9.0)
    assert np.argmax(thin) / POINTS == pytest.approx(1234 / 5000, abs=0.01)


def test_what_is_not_finite_is_counted_apart():
    output = torch.tensor([[1.0, float("nan"), -2.0], [float("inf"), 3.0, 0.0]])
    told = described(OUT, output, 2)
    assert (told.nonfinite, told.count, sum(told.bins), told.low, told.high) == (2, 4, 4, -2.0, 3.0)
    curve = described(OUT, output[None].repeat(1, 1, 1), 1, axis=2)
    assert (curve.lines[0][1], curve.nonfinite) == (None, 2)
    maps = described(OUT, output[None, None], 1)
    assert (maps.nonfinite, maps.edge, list(maps.pixels[:3])) == (2, 3.0, [170, 128, 43])
    nothing = described(OUT, torch.full((2, 3), float("nan")), 2)
    assert (nothing.low, nothing.high, sum(nothing.bins)) == (0.0, 0.0, 0)


def test_what_has_no_batch_is_a_histogram_of_all_its_numbers():
    told = described(OUT, torch.arange(12.0).reshape(3, 2, 2), 32)
    assert (told.form, told.shape, told.count) == ("histogram", [3, 2, 2], 12)
    assert described(OUT, torch.tensor(2.5), 32).count == 1


def test_values_that_the_run_does_not_compute_are_left_out_and_each_is_told_once():
    _events, control = finished(projects.small_convnet())
    assert control.peek is not None
    wanted = [Value("gone", "output"), Value("fc", "nothing"), Value("loss", "loss"), Value("fc", "output")] * 2
    assert [(one.path, one.port) for one in control.peek(wanted).found] == [("fc", "output")]
    assert control.peek(wanted[:1]).found == []


def test_noise_needs_no_data_and_is_the_same_each_time():
    _events, control = finished(projects.gan())
    assert control.peek is not None
    once, again = (control.peek([Value("gen2", "output"), Value("real.hidden", "output")]) for _ in range(2))
    held_out = 20
    assert [one.count for one in once.found] == [held_out * 2, held_out * 8]
    assert control.peek([Value("gen2", "output")]).found[0].count == SAMPLES * 2
    assert once.found == again.found
    assert once.seconds > 0


def test_an_answer_travels_as_json():
    _events, control = finished(projects.lstm_classifier())
    assert control.peek is not None
    means = Means(
        lambda _project: {},
        lambda _path: {},
        control.peek,
        lambda _asked: control.predictor,
        lambda _text, _share: None,
    )
    question = Peek(values=[("lstm", "output"), ("fc", "output")])
    told = msgspec.json.decode(answer("peek", msgspec.json.encode(question).decode(), means), type=Peeked)
    assert told.found == control.peek([Value("lstm", "output"), Value("fc", "output")]).found


def looked_at(made: Project, wanted: Sequence[str]) -> tuple[list[Event], Control, int]:
    """A whole run, looked at after every message."""
    control, events, looks = Control(), [], 0
    for event in train(job(made), control):
        events.append(event)
        if control.peek is not None and control.peek([Value(path, "output") for path in wanted]).found:
            looks += 1
    return events, control, looks


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (projects.small_convnet(Optimizer("Adam", 0.01), epochs=2), ("conv", "bn", "drop", "fc")),
        (projects.lstm_classifier(), ("lstm", "fc")),
        (projects.gan(), ("gen2", "fake.score")),
    ],
)
def test_a_run_that_is_looked_at_ends_bit_for_bit_as_one_that_is_not(made: Project, wanted: tuple[str, ...]):
    plain, alone = finished(made)
    events, watched, looks = looked_at(made, wanted)
    assert looks >= 5
    assert_same(weights(watched), weights(alone))
    rows = [b"".join(event.data for event in told if isinstance(event, StepRows)) for told in (plain, events)]
    assert rows[0] == rows[1]


def test_what_a_block_of_ones_own_counts_is_not_counted_on_by_looking():
    begin = "self.register_buffer('seen', torch.zeros(()))\nself.scale = nn.Parameter(torch.ones(()))"
    source = block("self.seen += 1\nreturn x * self.scale + self.seen * 1e-3", begin=begin)
    made = trusted(with_block(python("own", source)))
    _plain, alone = finished(made)
    _events, watched, looks = looked_at(made, ("own", "fc"))
    assert looks >= 5
    assert_same(weights(watched), weights(alone))
