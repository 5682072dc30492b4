"""Arrays that stay in their file: rows by number, normalisation in portions, and files that are not what they were."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.lazy import LazyField
from core.data.load import LoadedData, glance, load
from core.data.ondisk import stored_arrays
from core.data.own import inspected, own_samples
from core.data.rows import RowFile, runs
from core.data.settings import DatasetSettings
from core.errors import DataError
from tests.core.data.large import keep_on_disk

NUMBERS = np.array([7, 3, 4, 5, 5, 399, 0])


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {"x": random.normal(30, 2, (400, 5)), "picture": random.random((400, 1, 4, 4)), "y": np.arange(400) % 3}


@pytest.fixture
def file(tmp_path: Path, arrays: dict[str, np.ndarray]) -> Path:
    path = tmp_path / "large.npz"
    np.savez(path, **arrays)
    return path


@pytest.fixture
def _on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_on_disk(monkeypatch)


def lazy(data: LoadedData, name: str) -> LazyField:
    field = data.fields[name]
    assert isinstance(field, LazyField)
    return field


@pytest.mark.usefixtures("_on_disk")
@pytest.mark.parametrize("dtype", ["u1", "<f2", ">f4", "<f8", ">i8", "?"])
@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_rows_are_those_that_numpy_takes(dtype: str, name: str, tmp_path: Path) -> None:
    values = (np.random.default_rng(0).random((400, 3, 2)) * 100).astype(dtype)
    np.savez(tmp_path / name, a=values) if name.endswith("z") else np.save(tmp_path / name, values)
    stored = stored_arrays(tmp_path / name)
    assert stored is not None
    assert np.array_equal(stored["a"].read(NUMBERS), values[NUMBERS])
    assert stored["a"].read(NUMBERS).dtype == values.dtype


def test_neighbours_are_read_at_once() -> None:
    assert runs(NUMBERS) == [(0, 1), (1, 4), (4, 5), (5, 6), (6, 7)]
    assert runs(np.arange(9)) == [(0, 9)]
    assert runs(np.array([], np.int64)) == []


@pytest.mark.parametrize("normalise", ["none", "standardise"])
def test_what_stays_in_the_file_is_what_would_be_in_memory(
    file: Path, normalise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = DatasetSettings(**{**_asdict(inspected(file)), "normalise": normalise})
    whole = load(settings)
    keep_on_disk(monkeypatch)
    data = load(settings)
    assert inspected(file).found == settings.found
    assert isinstance(data.fields["y"], torch.Tensor)
    assert torch.equal(data.train, whole.train)
    for name in ("x", "picture"):
        field, known = lazy(data, name), whole.fields[name]
        assert isinstance(known, torch.Tensor)
        assert (field.shape, field.dtype) == (known.shape, known.dtype)
        for mine, other in zip(
            (*data.normalisation[name].offset, *data.normalisation[name].scale),
            (*whole.normalisation[name].offset, *whole.normalisation[name].scale),
            strict=True,
        ):
            assert mine == pytest.approx(other, rel=1e-12)
        for places in (torch.from_numpy(NUMBERS), slice(10, 13), 5, [2, 1]):
            torch.testing.assert_close(field[places], known[places], rtol=1e-6, atol=1e-6)
        part = field.part(whole.validation)
        torch.testing.assert_close(part[:], known[whole.validation], rtol=1e-6, atol=1e-6)
    if normalise == "none":
        assert torch.equal(lazy(data, "x")[:], whole.fields["x"])


@pytest.mark.usefixtures("_on_disk")
def test_the_normalisation_is_of_the_training_part_alone(file: Path, arrays: dict[str, np.ndarray]) -> None:
    settings = DatasetSettings(**{**_asdict(inspected(file)), "normalise": "standardise"})
    data = load(settings)
    train = arrays["x"].astype(np.float32)[data.train.numpy()].astype(np.float64)
    assert data.normalisation["x"].offset == pytest.approx(train.mean(axis=0).tolist(), rel=1e-12)
    assert data.normalisation["x"].scale == pytest.approx(train.std(axis=0).tolist(), rel=1e-12)


@pytest.mark.usefixtures("_on_disk")
def test_a_few_samples_are_taken_without_the_rest(file: Path, arrays: dict[str, np.ndarray]) -> None:
    settings = inspected(file)
    found = own_samples(settings, ("y", "picture"), NUMBERS)
    assert np.array_equal(found["picture"], arrays["picture"].astype(np.float32)[NUMBERS])
    assert np.array_equal(found["y"], arrays["y"][NUMBERS])
    data = load(settings)
    values, train = glance(data, "x", 10)
    assert torch.equal(values, lazy(data, "x")[data.train[:10]])
    assert train.tolist() == list(range(10))


@pytest.mark.usefixtures("_on_disk")
def test_a_number_that_is_none_is_told_with_its_sample(tmp_path: Path) -> None:
    values = np.zeros((400, 5))
    values[31, 2] = np.nan
    np.save(tmp_path / "x.npy", values)
    field = lazy(load(inspected(tmp_path / "x.npy")), "x")
    assert field[30].tolist() == [0.0] * 5
    with pytest.raises(DataError, match="sample 31 holds nan"):
        field[torch.tensor([2, 31])]


@pytest.mark.usefixtures("_on_disk")
def test_a_file_that_changes_or_goes_stops_the_reading(file: Path) -> None:
    field = lazy(load(inspected(file)), "x")
    os.utime(file, ns=(1, 1))
    with pytest.raises(DataError, match="it has changed"):
        field[0]
    file.unlink()
    with pytest.raises(DataError, match="no such file"):
        field[0]


@pytest.mark.usefixtures("_on_disk")
def test_another_array_than_the_one_that_was_read_is_refused(file: Path, arrays: dict[str, np.ndarray]) -> None:
    settings = inspected(file)
    np.savez(file, **{**arrays, "x": arrays["x"][:, :4]})
    with pytest.raises(DataError, match=r"\(400, 5\) was wanted, but one of shape \(400, 4\)"):
        load(settings)


@pytest.mark.usefixtures("_on_disk")
def test_large_arrays_that_cannot_be_read_in_parts_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez_compressed(tmp_path / "packed.npz", **arrays)
    with pytest.raises(DataError, match="compressed"):
        inspected(tmp_path / "packed.npz")
    np.save(tmp_path / "columns.npy", np.asfortranarray(arrays["x"]))
    with pytest.raises(DataError, match="columns first"):
        inspected(tmp_path / "columns.npy")
    np.save(tmp_path / "cut.npy", arrays["x"])
    os.truncate(tmp_path / "cut.npy", 5_000)
    with pytest.raises(DataError, match="longer than its file"):
        inspected(tmp_path / "cut.npy")
    with pytest.raises(DataError, match="ends too early"):
        RowFile(tmp_path / "cut.npy", 128, 400, (5,), np.dtype(np.float64)).read(np.array([300]))


def _asdict(settings: DatasetSettings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in ("source", "options", "path", "found")}
