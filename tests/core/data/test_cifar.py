"""CIFAR in its binary version; the Python version is refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.load import load
from core.data.own import inspected
from core.data.settings import dataset_kind, split_sizes
from core.errors import DataError


def records(seed: int, count: int, classes: tuple[int, ...]) -> np.ndarray:
    random = np.random.default_rng(seed)
    labels = np.stack([np.arange(count) % number for number in classes], axis=1).astype(np.uint8)
    return np.concatenate([labels, random.integers(0, 256, (count, 3072), np.uint8)], axis=1)


def ten(root: Path) -> Path:
    for number in range(1, 6):
        (root / f"data_batch_{number}.bin").write_bytes(records(number, 8, (10,)).tobytes())
    (root / "test_batch.bin").write_bytes(records(0, 10, (10,)).tobytes())
    (root / "batches.meta.txt").write_text("\n".join(f"kind {n}".replace(" ", "") for n in range(10)) + "\n\n")
    (root / "readme.html").write_text("<html>")
    return root


def test_ten_classes_are_read_in_their_files_order(tmp_path: Path) -> None:
    settings = inspected(ten(tmp_path))
    data = load(settings)
    assert settings.source == "cifar"
    assert split_sizes(settings) == (40, 10)
    whole = np.concatenate([records(number, 8, (10,)) for number in range(1, 6)] + [records(0, 10, (10,))])
    wanted = torch.from_numpy(whole[:, 1:].reshape(-1, 3, 32, 32)).float() / 255
    assert torch.equal(data.fields["image"][:], wanted)
    places = torch.tensor([41, 7, 8, 0, 49])
    assert torch.equal(data.fields["image"].index_select(0, places), wanted[places])
    assert data.fields["label"].tolist() == whole[:, 0].tolist()
    assert data.classes["label"] == tuple(f"kind{number}" for number in range(10))


def test_a_hundred_classes_have_groups_too(tmp_path: Path) -> None:
    (tmp_path / "train.bin").write_bytes(records(1, 20, (20, 100)).tobytes())
    (tmp_path / "test.bin").write_bytes(records(2, 10, (20, 100)).tobytes())
    settings = inspected(tmp_path)
    data = load(settings)
    assert [field.name for field in dataset_kind(settings).fields] == ["image", "coarse", "label"]
    assert [len(data.classes[name]) for name in ("coarse", "label")] == [20, 100]
    assert data.fields["label"][:3].tolist() == [0, 1, 2]
    assert split_sizes(settings) == (20, 10)


def test_the_python_version_is_refused_without_being_opened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.write_text, (tmp_path / "ran", "code")  # type: ignore[return-value]  # what a pickle may hold

    for name in ("data_batch_1", "test_batch", "batches.meta"):
        (tmp_path / name).write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DataError, match=r"a pickle, which can run any code.*binary version \(suitable for C"):
        inspected(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_cut_changed_and_impossible_files_are_told(tmp_path: Path) -> None:
    settings = inspected(ten(tmp_path))
    file = tmp_path / "data_batch_2.bin"
    content = file.read_bytes()
    file.write_bytes(content[:-5])
    with pytest.raises(DataError, match="whole records of 3,073 bytes"):
        inspected(tmp_path)
    file.write_bytes(content * 2)
    with pytest.raises(DataError, match="they have changed"):
        load(settings)
    file.write_bytes(bytes([77]) + content[1:])
    with pytest.raises(DataError, match="the class 77 came"):
        inspected(tmp_path)
