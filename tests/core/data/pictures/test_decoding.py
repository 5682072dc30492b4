"""Pictures brought to one size, held against Pillow and against pixels drawn by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.pictures.decoding import UNREADABLE, Look, check, levels, mask, picture
from tests.core.data.pictures.drawing import noise, save

SAME = Look(12, 12, False, "crop")


def test_a_picture_of_the_size_is_its_pixels(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", noise(0))
    assert np.array_equal(picture(path, SAME), noise(0).transpose(2, 0, 1))
    grey = picture(path, Look(12, 12, True, "crop"))
    assert np.array_equal(grey[0], np.asarray(Image.open(path).convert("L")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_says_how_a_photograph_is_turned(orientation: int, tmp_path: Path) -> None:
    upright = np.zeros((40, 40, 3), np.uint8)
    upright[:20, :20] = 250  # bright in the upper left corner
    upright[:20, 20:] = 120
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: np.rot90(upright, 2).transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "photo.jpg", np.ascontiguousarray(stored), exif=exif, quality=95)
    found = picture(path, Look(8, 8, True, "crop"))[0]
    corners = [int(found[1, 1]), int(found[1, 6]), int(found[6, 1]), int(found[6, 6])]
    assert corners == pytest.approx([250, 120, 0, 0], abs=8)


def test_another_shape_is_cut_padded_or_stretched(tmp_path: Path) -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, :10], wide[:, 10:20], wide[:, 20:] = 60, 120, 240
    path = save(tmp_path / "wide.png", wide)
    cut, padded, stretched = (picture(path, Look(30, 30, True, fit))[0] for fit in ("crop", "pad", "stretch"))
    assert set(np.unique(cut[:, 5:25])) == {120}  # the middle third
    assert set(np.unique(padded[:9])) == set(np.unique(padded[21:])) == {0}
    assert (padded[15, 3], padded[15, 15], padded[15, 27]) == (60, 120, 240)
    assert (stretched[2, 3], stretched[15, 15], stretched[28, 27]) == (60, 120, 240)


def test_what_is_clear_becomes_white_and_sixteen_bits_eight(tmp_path: Path) -> None:
    clear = np.zeros((12, 12, 4), np.uint8)
    clear[:6] = (200, 0, 0, 255)
    found = picture(save(tmp_path / "clear.png", clear), SAME)
    assert found[:, 0, 0].tolist() == [200, 0, 0]
    assert found[:, 11, 0].tolist() == [255, 255, 255]
    deep = (np.arange(144, dtype=np.uint16).reshape(12, 12) * 256 + 7).astype(np.uint16)
    assert np.array_equal(picture(save(tmp_path / "deep.png", deep), SAME)[0], deep >> 8)


def test_large_photographs_are_near_what_pillow_makes_of_all_their_pixels(tmp_path: Path) -> None:
    ramp = np.add.outer(np.linspace(0, 120, 600), np.linspace(0, 120, 900))
    path = save(tmp_path / "large.jpg", np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8), quality=95)
    whole = Image.open(path).resize((32, 32), Image.Resampling.BILINEAR)
    found = picture(path, Look(32, 32, False, "stretch"))
    assert np.abs(found.transpose(1, 2, 0).astype(int) - np.asarray(whole).astype(int)).max() <= 3


def test_the_numbers_of_a_mask_are_not_mixed(tmp_path: Path) -> None:
    numbers = np.zeros((33, 33), np.uint8)
    numbers[:, 11:22], numbers[:, 22:] = 3, 7
    path = save(tmp_path / "mask.png", numbers)
    assert set(np.unique(mask(path, Look(8, 8, False, "crop")))) == {0, 3, 7}
    palette = Image.frombytes("P", (33, 33), numbers.tobytes())
    palette.putpalette([0, 0, 0, *([9, 9, 9] * 7)])
    palette.save(tmp_path / "palette.png")
    assert levels(tmp_path / "palette.png") == {0, 3, 7}
    for fit in ("crop", "pad", "stretch"):
        assert set(np.unique(mask(tmp_path / "palette.png", Look(8, 8, False, fit)))) == {0, 3, 7}
    with pytest.raises(ValueError, match="one number a pixel"):
        mask(save(tmp_path / "colour.png", noise(0)), SAME)


def test_only_formats_that_run_nothing_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n")
    assert not check(path)
    with pytest.raises(UNREADABLE):
        picture(path, SAME)


def test_a_picture_that_says_it_is_huge_is_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.png", noise(0))
    assert check(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    assert not check(path)
