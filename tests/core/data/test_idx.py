"""The files of MNIST and its kin: read as they are handed out, in parts, and refused where they are not whole."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.load import load
from core.data.own import inspected
from core.data.settings import dataset_kind, split_sizes
from core.errors import DataError

TRAIN, TEST = (30, 5, 4), (10, 5, 4)


def pixels(shape: tuple[int, int, int]) -> np.ndarray:
    return np.random.default_rng(shape[0]).integers(0, 256, shape, np.uint8)


def write(path: Path, values: np.ndarray, packed: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()
    if packed:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content))
    else:
        path.write_bytes(content)


def mnist(root: Path, packed: bool = False) -> Path:
    for part, shape in (("train", TRAIN), ("t10k", TEST)):
        write(root / f"{part}-images-idx3-ubyte", pixels(shape), packed)
        write(root / f"{part}-labels-idx1-ubyte", (np.arange(shape[0]) % 10).astype(np.uint8), packed)
    return root


@pytest.mark.parametrize("packed", [False, True])
def test_pictures_and_labels_are_those_of_the_files_and_the_test_is_held_out(packed: bool, tmp_path: Path) -> None:
    settings = inspected(mnist(tmp_path, packed))
    data = load(settings)
    assert settings.source == "idx"
    assert split_sizes(settings) == (30, 10)
    assert torch.equal(data.fields["image"][:30, 0], torch.from_numpy(pixels(TRAIN)).float() / 255)
    assert torch.equal(data.fields["image"][data.validation, 0], torch.from_numpy(pixels(TEST)).float() / 255)
    assert data.fields["label"][:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_the_folder_says_what_the_classes_are_called(tmp_path: Path) -> None:
    field = dataset_kind(inspected(mnist(tmp_path / "Fashion-MNIST" / "raw"))).field("label")
    assert field is not None
    assert field.classes[:2] == ("0", "1")
    field = dataset_kind(inspected(mnist(tmp_path / "fashion"))).field("label")
    assert field is not None
    assert field.classes[0] == "T-shirt"


def test_training_files_alone_hold_nothing_out(tmp_path: Path) -> None:
    for file in mnist(tmp_path).glob("t10k*"):
        file.unlink()
    settings = inspected(tmp_path)
    assert settings.found is not None
    assert (settings.found.held, split_sizes(settings)) == (0, (24, 6))


def test_files_that_are_missing_cut_or_wrong_are_told(tmp_path: Path) -> None:
    settings = inspected(mnist(tmp_path))
    labels = tmp_path / "train-labels-idx1-ubyte"
    content = labels.read_bytes()
    labels.unlink()
    with pytest.raises(DataError, match="train-labels-idx1-ubyte was wanted"):
        inspected(tmp_path)
    labels.write_bytes(content[:-3])
    with pytest.raises(DataError, match="30 values were wanted, but 27 came"):
        inspected(tmp_path)
    with pytest.raises(DataError, match="they have changed"):
        load(settings)
    labels.write_bytes(struct.pack(">HBBI", 0, 8, 1, 29) + content[8:-1])
    with pytest.raises(DataError, match=r"30 labels were wanted, one a picture, but \(29,\) came"):
        inspected(tmp_path)
    labels.write_bytes(b"no")
    with pytest.raises(DataError, match="whole IDX file"):
        inspected(tmp_path)
    labels.write_bytes(struct.pack(">HBBI", 0, 13, 1, 30) + content[8:])
    with pytest.raises(DataError, match="it begins with 0, 13, 1"):
        inspected(tmp_path)
    labels.unlink()
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(content)[:-9])
    with pytest.raises(DataError, match="whole IDX file"):
        inspected(tmp_path)


def test_a_head_that_tells_of_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    mnist(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(struct.pack(">HBBIII", 0, 8, 3, 2**31, 2**31, 2**31))
    with pytest.raises(DataError, match="bytes with one or three sizes"):
        inspected(tmp_path)
