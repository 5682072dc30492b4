"""Checkpoints listed and taken apart without torch, held against safetensors' own reading."""

from __future__ import annotations

import hashlib

import pytest
import torch
from safetensors.torch import load_file

from core.errors import FileError
from core.runs.checkpoints import checkpoints, extract, facts
from core.runs.layout import CHECKPOINT, kept
from core.training.checkpoint import read_weights
from core.training.optimizers import Optimizer
from tests.core.training.projects import small_convnet
from tests.core.training.running import assert_same, finished, weights

MADE = small_convnet(Optimizer("Adam", 0.03), epochs=2, keep_epochs=1, keep_steps=50)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run's folder and its control."""
    folder = tmp_path_factory.mktemp("run")
    _events, control = finished(MADE, folder=folder)
    return folder, control


def test_they_are_listed_with_what_they_were_judged(run):
    found = {one.name: one for one in checkpoints(run[0])}
    assert list(found) == ["last", "best", "epoch-2", "step-50", "epoch-1"]
    assert (found["epoch-1"].step, found["epoch-1"].epoch) == (45, 1)
    assert found["last"].judged["loss"] == found["epoch-2"].judged["loss"]
    assert found["best"].judged["loss"] <= found["last"].judged["loss"]
    assert {name for name, one in found.items() if not one.whole} == {"best"}
    assert all(one.size == one.path.stat().st_size for one in found.values())


@pytest.mark.parametrize("name", ["last", "best", "epoch-1"])
def test_the_weights_taken_out_are_those_inside_bit_for_bit(run, tmp_path, name):
    folder, control = run
    source = next(one.path for one in checkpoints(folder) if one.name == name)
    sha256 = extract(source, tmp_path / "weights.safetensors")
    found = load_file(tmp_path / "weights.safetensors")
    assert_same(found, read_weights(source))
    assert sha256 == hashlib.sha256((tmp_path / "weights.safetensors").read_bytes()).hexdigest()
    if name == "last":
        assert_same(found, weights(control))


def test_of_a_run_with_an_average_it_is_the_average_that_was_judged(tmp_path):
    averaged = small_convnet(Optimizer("SGD", 0.1), averaging=0.9)
    _events, control = finished(averaged, folder=tmp_path)
    extract(tmp_path / CHECKPOINT, tmp_path / "out.safetensors")
    assert_same(load_file(tmp_path / "out.safetensors"), weights(control))


@pytest.mark.parametrize("damage", [b"", b"\xff" * 40, None])
def test_what_is_damaged_is_left_out_and_refused(run, tmp_path, damage):
    whole = (run[0] / CHECKPOINT).read_bytes()
    (tmp_path / CHECKPOINT).write_bytes(whole[:-100] if damage is None else damage)
    if damage is not None:
        assert checkpoints(tmp_path) == ()
        assert facts(tmp_path / CHECKPOINT) is None
    with pytest.raises(FileError):
        extract(tmp_path / CHECKPOINT if damage is not None else tmp_path / "none", tmp_path / "out.safetensors")
    assert not (tmp_path / "out.safetensors").exists()
    assert list(tmp_path.glob("*.part")) == []


def test_a_file_of_weights_without_facts_is_no_checkpoint(tmp_path):
    from safetensors.torch import save_file

    kept(tmp_path, "best").parent.mkdir()
    save_file({"a": torch.ones(2)}, kept(tmp_path, "best"))
    assert checkpoints(tmp_path) == ()
