"""Pictures decoded once, beside training: the cache, what is the same without it, and files that go meanwhile."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data import cache
from core.data.augmentation import read_steps
from core.data.lazy import LazyField
from core.data.load import load
from core.data.own import inspected, own_samples
from core.data.own_preview import own_preview
from core.data.pictures import pictures
from core.data.settings import DatasetSettings
from core.engine.messages import Failed, Finished, Said
from core.project import Project
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job
from tests.core.data.pictures.drawing import classes
from tests.core.training.projects import classifier, node
from tests.core.training.running import assert_same, finished, only, weights

SMALL = {"height": 12, "width": 12}


class Decoded:
    """Counts the pictures that are decoded."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        real = pictures.picture

        def counted(path: Path, look: object) -> np.ndarray:
            self.names.append(f"{path.parent.name}/{path.name}")
            return real(path, look)  # type: ignore[arg-type]  # passed on as it came

        patch.setattr(pictures, "picture", counted)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Decoded:
    return Decoded(monkeypatch)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return classes(tmp_path / "pets", 20)


def made(root: Path, normalise: str = "none", epochs: int = 2) -> Project:
    known = inspected(root, SMALL)
    settings = DatasetSettings("pictures", known.options, normalise=normalise, path=str(root), found=known.found)
    layers = [node("flat", "Flatten"), node("drop", "Dropout"), node("fc", "Linear", out_features=3)]
    return classifier(layers, settings, epochs=epochs, batch_size=8)


def test_a_picture_is_decoded_once_and_later_runs_read_none(root: Path, decoded: Decoded) -> None:
    project = made(root)
    assert isinstance(load(project.data["data"]).fields["image"], LazyField)
    assert decoded.names == []
    finished(project)
    assert len(decoded.names) == len(set(decoded.names)) == 60
    assert isinstance(load(project.data["data"]).fields["image"], torch.Tensor)
    assert len(decoded.names) == 60


@pytest.mark.parametrize("normalise", ["none", "standardise"])
def test_runs_end_bitwise_equal_with_and_without_the_cache(
    root: Path, normalise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = made(root, normalise)
    _events, first = finished(project)
    _events, second = finished(project)
    monkeypatch.setattr(pictures, "room", lambda _key, _size: None)
    _events, without = finished(project)
    assert_same(weights(second), weights(first))
    assert_same(weights(without), weights(first))


def test_files_are_looked_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "dog" / "4.png").write_bytes(b"no picture")
    settings = made(root).data["data"]

    def refuse(path: Path) -> bool:
        raise AssertionError(path)

    real = pictures.check
    monkeypatch.setattr(pictures, "check", refuse)
    assert len(load(settings)) == 59
    monkeypatch.setattr(pictures, "check", real)
    for path in cache.cache_folder().glob("*/broken"):
        path.write_text("{")
    assert len(load(settings)) == 59


def test_a_run_goes_on_exactly_with_another_cache_and_augmentation(root: Path, tmp_path: Path) -> None:
    project = made(root, epochs=3)
    data = replace(project.data["data"], augmentation=read_steps("crop(padding=1), horizontal_flip, noise"))
    project = project.with_data("data", data)
    _events, whole = finished(project)
    cache.clear()
    control = Control()
    control.resume(steps=10)
    for event in train(Job(project, {"data": load(data)}, tmp_path / "run"), control):
        if getattr(event, "state", "") == "paused":
            control.stop()
    cache.clear()
    _events, resumed = finished(project, resume=tmp_path / "run")
    assert_same(weights(resumed), weights(whole))


def test_other_options_or_a_changed_picture_are_decoded_anew(root: Path, decoded: Decoded) -> None:
    one = made(root)
    load(one.data["data"]).fields["image"][:]
    other = inspected(root, {"height": 6, "width": 6})
    assert load(other).fields["image"][:].shape == (60, 3, 6, 6)
    assert len(decoded.names) == 120
    os.utime(root / "cat" / "3.png", ns=(1, 1))
    load(one.data["data"]).fields["image"][:]
    assert len(decoded.names) == 180


def test_a_picture_that_goes_is_stood_in_for_by_another_of_its_class_and_part(root: Path) -> None:
    data = load(made(root).data["data"])
    image, label = data.fields["image"], data.fields["label"]
    assert isinstance(image, LazyField)
    whole = torch.from_numpy(image.rows.read(np.arange(60)))
    cache.clear()
    image = load(made(root).data["data"]).fields["image"]
    assert isinstance(image, LazyField)
    gone = int(data.train[5])
    (root / ("cat", "dog", "emu")[gone // 20] / f"{_name(gone)}.png").unlink()
    (found,) = image.part(data.train)[[5]]
    others = [int(number) for number in data.train if label[number] == label[gone] and number != gone]
    assert any(torch.equal(found, whole[number]) for number in others)
    assert not any(torch.equal(found, whole[number]) for number in data.validation)
    assert image.rows.told() == "Pictures that could not be read: 1; others of their classes stood in."
    assert image.rows.told() == ""


def test_a_run_goes_on_without_a_picture_and_says_so(root: Path) -> None:
    project = made(root)
    data = {"data": load(project.data["data"])}
    (root / "dog" / "4.png").write_bytes(b"no picture any more")
    events = list(train(Job(project, data), Control()))
    assert only(events, Finished)
    assert [said.text for said in only(events, Said)] == [
        "Pictures that could not be read: 1; others of their classes stood in."
    ]


def test_a_run_ends_with_a_reason_where_no_picture_of_a_class_is_left(root: Path) -> None:
    project = made(root)
    data = {"data": load(project.data["data"])}
    for path in (root / "dog").iterdir():
        path.unlink()
    events = list(train(Job(project, data), Control()))
    (failed,) = only(events, Failed)
    assert "every sample has to be readable" in failed.problem.wanted


def test_the_cache_may_be_cleared_while_it_is_used(root: Path) -> None:
    data = load(made(root).data["data"])
    image = data.fields["image"]
    before = image[:10]
    assert cache.cached_bytes() > 0
    assert cache.clear() > 0
    assert cache.cached_bytes() == 0
    assert torch.equal(image[:10], before)


def test_the_longest_unused_goes_when_the_cache_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST", 50_000)
    for place, key in enumerate(("first", "second", "third")):
        folder = cache.room(key, 20_000)
        assert folder is not None
        (folder / "records").write_bytes(bytes(18_000))
        os.utime(folder / cache.USED, ns=(place, place))
    assert sorted(path.name for path in cache.cache_folder().iterdir()) == ["second", "third"]
    assert cache.room("too large", 60_000) is None


def test_without_a_folder_to_write_to_nothing_is_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert cache.room("key", 10) is None
    assert cache.clear() == 0
    assert load(made(root).data["data"]).fields["image"][:3].shape == (3, 3, 12, 12)


def test_a_preview_decodes_only_what_it_shows(root: Path, decoded: Decoded) -> None:
    found = own_samples(made(root).data["data"], ("image", "label"), np.array([0, 20, 40]))
    assert found["image"].shape == (3, 3, 12, 12)
    assert found["label"].tolist() == [0, 1, 2]
    assert len(decoded.names) == 3


def test_the_preview_shows_each_class_in_turn_and_decodes_nothing_else(root: Path, decoded: Decoded) -> None:
    settings = made(root).data["data"]
    shown = own_preview(settings, "image", 6)
    assert shown.pictures is not None
    assert shown.labels is not None
    assert shown.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert shown.classes == (("cat", 20), ("dog", 20), ("emu", 20))
    assert len(decoded.names) == 6
    whole = load(settings).fields["image"]
    assert np.array_equal(shown.pictures[1], (whole[20].numpy() * 255).round().astype(np.uint8).transpose(1, 2, 0))


def test_the_preview_goes_without_a_picture_that_cannot_be_read(root: Path) -> None:
    settings = made(root).data["data"]
    content = bytearray((root / "dog" / "0.png").read_bytes())
    content[50:400] = bytes(350)  # whole at both ends, of the same size
    (root / "dog" / "0.png").write_bytes(content)
    shown = own_preview(settings, "image", 6)
    assert shown.labels is not None
    assert sorted(shown.labels.tolist()) == [0, 0, 1, 2, 2]


def _name(number: int) -> int:
    """The picture of a class by its number: names are in the order of texts."""
    return int(sorted(map(str, range(20)))[number % 20])
