"""What folders say: classes, parts, masks, and what is left out and told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.load import load
from core.data.own import inspected
from core.data.settings import DatasetSettings, dataset_kind, split_sizes
from core.errors import DataError
from tests.core.data.pictures.drawing import classes, noise, save

SMALL = {"height": 12, "width": 12}


def found(root: Path, **options: object):
    settings = inspected(root, {**SMALL, **options})
    assert settings.source == "pictures"
    assert settings.found is not None
    return settings.found


def fields(root: Path) -> dict[str, tuple[tuple[int, ...], tuple[str, ...]]]:
    return {field.name: (field.shape, field.classes) for field in found(root).fields}


def test_a_folder_is_a_class_and_what_lies_deeper_belongs_to_it(tmp_path: Path) -> None:
    classes(tmp_path)
    save(tmp_path / "cat" / "old" / "deep.png", noise(1))
    save(tmp_path / ".hidden" / "a.png", noise(1))
    save(tmp_path / "cat" / ".secret.png", noise(1))
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    assert fields(tmp_path) == {"image": ((3, 12, 12), ()), "label": ((), ("cat", "dog", "emu"))}
    assert (found(tmp_path).samples, found(tmp_path).skipped) == (19, 0)


def test_a_flat_folder_has_no_labels(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / f"{number}.png", noise(number))
    assert fields(tmp_path) == {"image": ((3, 12, 12), ())}


def test_what_is_no_picture_is_counted_and_named(tmp_path: Path) -> None:
    classes(tmp_path)
    (tmp_path / "cat" / "text.png").write_text("this is no picture")
    (tmp_path / "dog" / "empty.jpg").write_bytes(b"")
    content = (tmp_path / "dog" / "0.png").read_bytes()
    (tmp_path / "dog" / "0.png").write_bytes(content[: len(content) // 2])
    save(tmp_path / "dog" / "cut.jpg", noise(0, 60, 60))
    content = (tmp_path / "dog" / "cut.jpg").read_bytes()
    (tmp_path / "dog" / "cut.jpg").write_bytes(content[: len(content) // 2])
    told = found(tmp_path)
    assert (told.samples, told.skipped) == (17, 4)
    (note,) = told.notes
    assert note.startswith("Pictures that cannot be read, left out: 4 (")
    assert "cat/text.png" in note
    assert load(inspected(tmp_path, SMALL)).fields["image"].shape == (17, 3, 12, 12)


def test_classes_without_pictures_loose_pictures_and_one_class_are_said(tmp_path: Path) -> None:
    classes(tmp_path, names=("cat",))
    (tmp_path / "dog").mkdir()
    (tmp_path / "emu" / "deep").mkdir(parents=True)
    save(tmp_path / "loose.png", noise(0))
    told = found(tmp_path)
    assert told.skipped == 1
    assert told.notes == (
        "No pictures are in dog, emu.",
        "Pictures in no class folder, left out: 1.",
        "There is one class only, cat.",
    )


def test_folders_of_parts_say_which_samples_are_held_out(tmp_path: Path) -> None:
    classes(tmp_path / "train", 6)
    classes(tmp_path / "val", 2)
    settings = inspected(tmp_path, SMALL)
    data = load(settings)
    assert split_sizes(settings) == (18, 6)
    assert data.train.tolist() == list(range(18))
    kept = {tuple(picture.reshape(-1).tolist()) for picture in data.fields["image"][data.validation]}
    held = [np.random.default_rng(100 * place + number) for place in range(3) for number in range(2)]
    drawn = [one.integers(0, 256, (12, 12, 3), np.uint8).transpose(2, 0, 1) for one in held]
    assert kept == {tuple((torch.from_numpy(one).float() / 255).reshape(-1).tolist()) for one in drawn}
    assert dataset_kind(settings).splits == ("time", "random", "stratified")
    again = DatasetSettings("pictures", settings.options, path=settings.path, found=settings.found, split="random")
    assert split_sizes(again) == (19, 5)


@pytest.mark.parametrize("layout", ["suffix", "folders", "folders in parts"])
def test_masks_are_found_beside_their_pictures(layout: str, tmp_path: Path) -> None:
    for number in range(4):
        mask = np.where(noise(number)[..., 0] > 128, 255, 0).astype(np.uint8)
        part = "train" if number < 3 else "test"
        places = {
            "suffix": (tmp_path / f"{number}.jpg", tmp_path / f"{number}_mask.png"),
            "folders": (tmp_path / "Images" / f"{number}.jpg", tmp_path / "masks" / f"{number}.png"),
            "folders in parts": (
                tmp_path / part / "images" / f"{number}.jpg",
                tmp_path / part / "masks" / f"{number}_mask.png",
            ),
        }
        picture, beside = places[layout]
        save(picture, noise(number))
        save(beside, mask)
    save(places[layout][0].with_name("alone.png"), noise(9))
    told = found(tmp_path)
    assert fields(tmp_path) == {"image": ((3, 12, 12), ()), "mask": ((12, 12), ("0", "255"))}
    assert (told.samples, told.skipped, told.held) == (4, 1, 1 if "parts" in layout else 0)
    assert "Pictures without a mask, left out: 1." in told.notes
    data = load(inspected(tmp_path, SMALL))
    wanted = [torch.from_numpy((noise(number)[..., 0] > 128).astype(np.int64)) for number in range(4)]
    assert torch.equal(data.fields["mask"][:], torch.stack(wanted))
    assert "mask" not in {field.name for field in found(tmp_path, masks="none").fields}


def test_a_class_of_pictures_of_masks_is_a_class(tmp_path: Path) -> None:
    classes(tmp_path, names=("masks", "no masks"))
    save(tmp_path / "masks" / "carnival_mask.png", noise(0))
    assert fields(tmp_path)["label"] == ((), ("masks", "no masks"))
    assert found(tmp_path).samples == 13


def test_a_mask_of_many_numbers_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "a.png", noise(0))
    save(tmp_path / "a_mask.png", noise(0, 12, 12)[..., 0])
    with pytest.raises(DataError, match="64 numbers"):
        inspected(tmp_path)


def test_a_folder_without_pictures_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a folder with files of data was wanted"):
        inspected(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        inspected(tmp_path / "gone", source="pictures")
    (tmp_path / "a.png").write_text("no")
    with pytest.raises(DataError, match="1 that cannot be read came"):
        inspected(tmp_path)


def test_a_folder_that_changed_since_it_was_read_is_refused(tmp_path: Path) -> None:
    settings = inspected(classes(tmp_path), SMALL)
    save(tmp_path / "cat" / "new.png", noise(0))
    with pytest.raises(DataError, match=r"18 pictures was wanted, but it has changed: 19 pictures are in it"):
        load(settings)
    with pytest.raises(DataError, match="it is not there"):
        load(DatasetSettings("pictures", path=str(tmp_path / "gone"), found=settings.found))
