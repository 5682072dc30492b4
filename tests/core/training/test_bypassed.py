"""Training around a bypassed layer: as if it were not there, its weights kept until it runs again."""

from __future__ import annotations

from core.data.settings import DatasetSettings
from core.engine.messages import Started
from core.planning import dissolve, with_bypass
from core.project import Project
from core.training.checkpoint import WEIGHTS, read_weights
from core.training.loop import start
from tests.core.training.projects import classifier, node
from tests.core.training.running import assert_same, columns, finished, job, only, weights


def layers() -> Project:
    """A classifier of iris whose second layer keeps its width."""
    return classifier(
        [
            node("fc1", "Linear", out_features=8),
            node("fc2", "Linear", out_features=8),
            node("relu", "ReLU"),
            node("fc3", "Linear", out_features=3),
        ],
        DatasetSettings("iris"),
        field="features",
        epochs=2,
    )


def around() -> Project:
    return with_bypass(layers(), ("fc2",), True)


def test_it_trains_bit_for_bit_as_the_network_without_the_layer() -> None:
    events, control = finished(around())
    others, reference = finished(dissolve(layers(), ("fc2",)))
    assert columns(events)["loss"].tolist() == columns(others)["loss"].tolist()
    assert_same(weights(control), weights(reference))


def test_a_bypassed_layer_has_no_column_of_gradients() -> None:
    (started,) = only(finished(around())[0], Started)
    assert not any("fc2" in name for name in (*started.step_columns, *started.sample_columns))
    assert any("fc1" in name for name in started.step_columns)


def test_the_weights_it_had_go_through_runs_around_it_and_are_there_when_it_runs_again(tmp_path) -> None:
    whole, passed = tmp_path / "whole", tmp_path / "passed"
    finished(layers(), folder=whole)
    before = read_weights(whole / WEIGHTS)
    finished(around(), folder=passed, weights=whole / WEIGHTS)
    after = read_weights(passed / WEIGHTS)
    assert after.keys() == before.keys()
    mine = {name: tensor for name, tensor in before.items() if name.startswith("fc2.")}
    assert_same({name: after[name] for name in mine}, mine)
    assert not before["fc1.weight"].equal(after["fc1.weight"])
    assert_same(start(job(layers(), weights=passed / WEIGHTS)).weights(), after)


def test_a_checkpoint_keeps_them_too(tmp_path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    finished(layers(), folder=first)
    finished(around(), folder=second, weights=first / WEIGHTS)
    resumed = start(job(around(), resume=second))
    assert_same(resumed.weights(), read_weights(second / WEIGHTS))


def test_shared_weights_go_by_the_first_that_runs_and_are_found_by_either_name(tmp_path) -> None:
    two = [node(name, "Linear", link="shared", out_features=8) for name in ("fc2", "fc4")]
    ends = node("fc1", "Linear", out_features=8), node("fc3", "Linear", out_features=3)
    both = classifier([ends[0], *two, ends[1]], DatasetSettings("iris"), field="features", epochs=1)
    first, second = tmp_path / "first", tmp_path / "second"
    finished(both, folder=first)
    around_first = with_bypass(both, ("fc2",), True)
    finished(around_first, folder=second, weights=first / WEIGHTS)
    names = {name.partition(".")[0] for name in read_weights(second / WEIGHTS)}
    assert names == {"fc1", "fc3", "fc4"}
    again = start(job(both, weights=second / WEIGHTS)).weights()
    assert again["fc2.weight"].equal(read_weights(second / WEIGHTS)["fc4.weight"])
