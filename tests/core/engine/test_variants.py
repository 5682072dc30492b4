"""What the window is shown of an augmentation: the samples as they are first, then as the list draws them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from core.data import augmenting
from core.data.augmentation import Augmentation
from core.data.load import load
from core.data.settings import DatasetSettings, plain
from core.engine.messages import Answer, Ask
from core.engine.variants import Varied, Vary
from core.engine.worker import Worker
from core.errors import ChainruleError, EngineError
from core.filedata import data_line

FLIP = (Augmentation("horizontal_flip", (("p", 1.0),)),)


def asked(settings: DatasetSettings, seed: int = 0, worker: Worker | None = None) -> Varied:
    body = msgspec.json.encode(Vary(dataset=data_line("mine", settings), seed=seed)).decode()
    told = (worker or Worker()).answer(Ask(id=1, kind="vary", body=body), lambda _text, _share: None)
    assert isinstance(told, Answer)
    return msgspec.json.decode(told.body, type=Varied)


def pixels(found: Varied) -> np.ndarray:
    return np.frombuffer(found.pixels, np.uint8).reshape(found.shape)


def test_the_first_column_is_the_data_and_the_others_what_is_trained_on() -> None:
    settings = DatasetSettings("digits", augmentation=FLIP)
    found = asked(settings)
    assert found.form == "picture"
    assert found.shape == [5, 4, 1, 8, 8]
    seen = pixels(found)
    assert found.captions == [[str(digit)] * 4 for digit in range(5)]
    for draw in range(1, 4):
        assert np.array_equal(seen[:, draw], seen[:, 0, :, :, ::-1])
    loaded = load(plain(settings))
    images = loaded.fields["image"][loaded.train]
    wanted = (images[:, 0] * 255).round().to(torch.uint8).numpy()
    assert all((wanted == one[0]).all((1, 2)).any() for one in seen[:, 0])


def test_a_seed_repeats_and_another_draws_anew() -> None:
    settings = DatasetSettings("digits", augmentation=(Augmentation("noise"),))
    first, again, other = asked(settings, 3), asked(settings, 3), asked(settings, 4)
    assert first == again
    assert np.array_equal(pixels(first)[:, 0], pixels(other)[:, 0])
    assert not np.array_equal(pixels(first)[:, 1:], pixels(other)[:, 1:])


def test_mixed_samples_tell_their_shares() -> None:
    found = asked(DatasetSettings("digits", augmentation=(Augmentation("mixup", (("alpha", 4.0),)),)))
    assert all(texts[0].isdigit() for texts in found.captions)
    mixed = [text for texts in found.captions for text in texts[1:] if "%" in text]
    assert len(mixed) > 10
    for text in mixed:
        shares = [int(part.split("%")[0]) for part in text.split(", ")]
        assert abs(sum(shares) - 100) <= 1


def test_rows_are_shown_too() -> None:
    found = asked(DatasetSettings("iris", augmentation=(Augmentation("feature_dropout", (("rate", 1.0),)),)))
    assert found.form == "row"
    assert found.shape == [5, 4, 1, 1, 4]
    assert found.captions[0][0] == "setosa"
    assert (pixels(found)[:, 1:] == pixels(found)[0, 1, 0, 0, 0]).all()


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 1, 8, 8), np.float32))
    from core.data.own import inspected

    settings = replace(inspected(tmp_path / "a.npz"), augmentation=FLIP)
    assert asked(settings).captions[0][0].startswith("sample ")
    (tmp_path / "a.npz").unlink()
    with pytest.raises(ChainruleError, match=r"a\.npz"):
        asked(settings)
    with pytest.raises(EngineError):
        Worker().answer(Ask(id=1, kind="vary", body='{"dataset": "{}"}'), lambda _text, _share: None)


def test_torchs_own_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    asked(DatasetSettings("digits", augmentation=(Augmentation("randaugment"), Augmentation("mixup"))))
    assert torch.equal(torch.get_rng_state(), before)
    assert augmenting.beta(torch.Generator().manual_seed(0), 1.0) > 0


def test_masks_are_shown_as_they_were_moved() -> None:
    found = asked(DatasetSettings("scenes", (("samples", 60),), augmentation=FLIP))
    count, columns, _channels, height, width = found.shape
    masks = np.frombuffer(found.masks, np.uint8).reshape(count, columns, height, width)
    assert masks[:, 0].any((1, 2)).all()
    for draw in range(1, columns):
        assert np.array_equal(masks[:, draw], masks[:, 0, :, ::-1])
    assert asked(DatasetSettings("digits", augmentation=FLIP)).masks == b""
