import numpy as np

from core.engine.messages import RowInfo
from core.telemetry.health import HISTORY, health
from core.telemetry.record import RunRecord
from tests.core.telemetry.runs import random_rows, sample_rows, started


def test_a_node_shows_its_newest_value_and_the_last_160():
    begun = started()
    rows = random_rows(500, len(begun.sample_columns))
    record = RunRecord(begun)
    record.add_samples(sample_rows(np.arange(1, 501), rows))
    shown = health(record)
    assert set(shown) == {info.node for info in begun.outputs}
    for index, info in enumerate(begun.outputs):
        assert shown[info.node].state == "ok"
        assert shown[info.node].value == rows[-1, index]
        np.testing.assert_allclose(shown[info.node].history, np.log10(rows[-HISTORY:, index]), rtol=1e-6)
        assert shown[info.node].log10 == shown[info.node].history[-1]


def test_zero_and_non_finite_gradients_are_said_to_be_so():
    begun = started(layers=2, activations=False)
    record = RunRecord(begun)
    assert {one.state for one in health(record).values()} == {"none"}
    record.add_samples(sample_rows([1, 2], np.array([[1.0, 1.0], [0.0, np.nan]])))
    shown = health(record)
    assert [shown["node-fc1"].state, shown["node-fc2"].state] == ["zero", "nonfinite"]
    assert np.isnan(shown["node-fc1"].history[-1])


def test_a_node_of_several_steps_shows_the_one_nearest_to_the_input():
    begun = started(layers=2, activations=False)
    inside = [RowInfo(info.path, "block", info.kind, info.category, info.numel) for info in begun.outputs]
    begun.outputs = inside
    record = RunRecord(begun)
    record.add_samples(sample_rows([1], np.array([[0.25, 0.5]])))
    assert health(record)["block"].value == 0.25
