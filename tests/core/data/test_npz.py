"""Arrays of the user's own: what is found in them, reading, changes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.identity import data_hash
from core.data.load import load
from core.data.own import inspected
from core.data.settings import DatasetSettings, dataset_kind, split_sizes
from core.errors import DataError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my set.npz"
    random = np.random.default_rng(0)
    np.savez(path, x=random.normal(3, 2, (40, 5)), picture=random.random((40, 1, 4, 4)), y=np.arange(40) % 3)
    return path


def test_float_arrays_are_inputs_and_small_whole_numbers_are_labels(file: Path) -> None:
    kind = dataset_kind(inspected(file))
    assert [(field.name, field.shape, field.dtype, field.role, len(field.classes)) for field in kind.fields] == [
        ("x", (5,), "float32", "input", 0),
        ("picture", (1, 4, 4), "float32", "input", 0),
        ("y", (), "int64", "target", 3),
    ]
    assert kind.samples == 40
    assert kind.title == "my set.npz"


def test_what_is_loaded_is_what_was_saved(file: Path) -> None:
    settings = inspected(file)
    data = load(settings)
    with np.load(file) as saved:
        assert torch.equal(data.fields["x"], torch.from_numpy(saved["x"].astype(np.float32)))
        assert torch.equal(data.fields["y"], torch.from_numpy(saved["y"]))
    assert (len(data.train), len(data.validation)) == split_sizes(settings) == (32, 8)


def test_missing_inputs_are_refused_or_filled_with_the_mean_of_the_training_part(tmp_path: Path) -> None:
    x = np.arange(20.0).reshape(10, 2)
    x[3, 1] = np.nan
    np.savez(tmp_path / "holes.npz", x=x, y=np.arange(10) % 2)
    with pytest.raises(DataError, match="finite"):
        load(inspected(tmp_path / "holes.npz"))
    data = load(inspected(tmp_path / "holes.npz", {"missing": "fill"}))
    known = data.train[data.train != 3]
    wanted = data.fields["x"][known, 1].mean()
    assert data.fields["x"][3].tolist() == [6.0, pytest.approx(float(wanted))]


def test_a_changed_file_has_another_mark(file: Path) -> None:
    before = inspected(file)
    with np.load(file) as saved:
        np.savez(file, **{**saved, "x": saved["x"] + 1})
    after = inspected(file)
    assert data_hash(before) != data_hash(after)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"x": np.zeros((3, 2)), "y": np.zeros(4)}, "as many samples"),
        ({"x": np.array(1.0)}, "as many samples"),
        ({"x": np.array(["a", "b"])}, "arrays of numbers"),
        ({"x": np.zeros((0, 2))}, "at least one sample"),
        ({"x": np.array([1.0, np.nan, 2.0])}, "finite"),
        ({}, "as many samples"),
    ],
)
def test_what_cannot_be_samples_is_refused(arrays: dict[str, np.ndarray], told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=told):
        load(inspected(path))


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "objects.npz"
    np.savez(path, x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DataError, match=r"\.npz"):
        inspected(path)


def test_a_file_that_is_gone_or_cut_is_told(file: Path) -> None:
    settings = inspected(file)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="whole"):
        load(settings)
    file.unlink()
    with pytest.raises(DataError, match="not there"):
        load(settings)
    with pytest.raises(DataError):
        inspected(file)


def test_settings_without_what_was_found_are_refused() -> None:
    with pytest.raises(DataError, match="was read"):
        DatasetSettings("arrays", path="somewhere.npz")
