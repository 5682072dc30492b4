"""Pictures in colour: what is drawn, what is known of it, and that masks and boxes are exactly where it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import colours
from core.data.arrays import natural_fields
from core.data.builtin.emoji import CATEGORIES
from core.data.builtin.photos import PHOTOS, THINGS
from core.data.load import load
from core.data.packaged import FOLDER, read_arrays
from core.data.preview import preview
from core.data.scenes import scene_kinds
from core.data.settings import DatasetSettings, dataset_kind, option_values, sample_count
from core.data.tokens import text_of


def scenes(samples: int = 40, objects: int = 4, seed: int = 0, things: str = "emoji") -> DatasetSettings:
    return DatasetSettings("scenes", (("objects", objects), ("samples", samples), ("things", things)), seed=seed)


def names(language: str) -> list[str]:
    chosen = DatasetSettings("emoji", (("language", language),))
    spec = dataset_kind(chosen).field("name")
    assert spec is not None
    return [text_of(row.tolist(), spec.classes) for row in natural_fields(chosen, only=["name"])["name"]]


def test_emoji_are_on_white_where_their_mask_is_0_and_known_by_name() -> None:
    fields = natural_fields(DatasetSettings("emoji"))
    image, mask = fields["image"], fields["mask"]
    assert image.shape == (1898, 3, 32, 32)
    assert (image.min(), image.max(), mask.min(), mask.max()) == (0, 1, 0, 1)
    assert (image[np.broadcast_to(mask == 0, image.shape)] == 1).all()
    english = names("en")
    heart = image[english.index("red heart")][:, 16, 16]
    assert heart[0] > 0.8
    assert heart[1:].max() < 0.4
    france = image[english.index("france")][:, 16]
    assert france[:, 4].argmax() == 2  # blue at the left, red at the right
    assert france[:, 28].argmax() == 0
    labels = dict(zip(english, fields["label"].tolist(), strict=True))
    groups = {
        "grinning face": "smileys",
        "tiger": "animals",
        "hot dog": "food",
        "france": "flags",
        "airplane": "travel",
    }
    assert {name: list(CATEGORIES)[labels[name]] for name in groups} == groups


def test_opaque_and_clear_pixels_are_blended_exactly() -> None:
    random = np.random.RandomState(0)
    ground = random.randint(0, 256, (5, 3, 4, 4)).astype(np.uint8)
    pictures = random.randint(0, 256, (5, 4, 4, 4)).astype(np.uint8)
    share = pictures[:, 3:] / 255
    exact = pictures[:, :3] * share + ground * (1 - share)
    assert np.abs(colours.blended(ground, pictures) - exact).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(("category", "count"), [("smileys", 168), ("animals", 153), ("food", 135), ("flags", 269)])
def test_a_category_is_that_part_of_the_whole(category: str, count: int) -> None:
    # The counts are those of the packaged table for emoji without skin tones.
    chosen = DatasetSettings("emoji", (("category", category),))
    whole = natural_fields(DatasetSettings("emoji"))
    assert sample_count(chosen) == count
    part = natural_fields(chosen)
    here = whole["label"] == list(CATEGORIES).index(category)
    assert all(np.array_equal(part[name], whole[name][here]) for name in part)


def test_names_are_translations_of_each_other() -> None:
    french = dict(zip(names("en"), names("fr"), strict=True))
    assert french["motor boat"] == "bateau à moteur"
    assert french["dog face"] == "tête de chien"
    fields = natural_fields(DatasetSettings("phrases", (("from", "es"), ("to", "de"))))
    kind = dataset_kind(DatasetSettings("phrases", (("from", "es"), ("to", "de"))))
    pair = [text_of(fields[one.name][1000].tolist(), one.classes) for one in kind.fields]
    assert pair == [names("es")[1000], names("de")[1000], names("de")[1000]]


@settings(max_examples=8, deadline=None)
@given(st.integers(16, 60), st.integers(8, 40), st.sampled_from(("colour", "grey")), st.integers(0, 50))
def test_pieces_are_cut_out_of_their_photographs(samples: int, size: int, colour: str, seed: int) -> None:
    options = (("colour", colour), ("noise", 0.0), ("samples", samples), ("size", size))
    fields = natural_fields(DatasetSettings("photos", options, seed=seed))
    assert np.array_equal(fields["noisy"], fields["image"])
    whole = colours.photographs(FOLDER)
    whole = (whole if colour == "colour" else colours.grey(whole)).astype(np.float32) / np.float32(255)
    piece, photo = fields["image"][-1], whole[fields["label"][-1]]
    places = np.lib.stride_tricks.sliding_window_view(photo, piece.shape)[0]
    assert (places == piece).all(axis=(-3, -2, -1)).any()
    counts = np.bincount(fields["label"], minlength=len(PHOTOS))
    assert counts.max() - counts.min() <= 1


def test_noise_is_as_strong_as_asked_and_the_last_photographs_are_held_out() -> None:
    data = load(DatasetSettings("photos", (("noise", 0.05), ("samples", 800))))
    noise = data.fields["noisy"] - data.fields["image"]
    clear = (data.fields["image"] > 0.3) & (data.fields["image"] < 0.7)
    assert noise[clear].std() == pytest.approx(0.05, rel=0.02)
    assert noise[clear].mean() == pytest.approx(0, abs=0.001)
    held = data.fields["label"][data.validation]
    assert set(held.tolist()) == {6, 7}
    assert 7 not in data.fields["label"][data.train]


@settings(max_examples=5, deadline=None)
@given(st.integers(1, 4), st.integers(0, 1000), st.sampled_from(("emoji", "clothes")))
def test_boxes_are_tight_around_what_the_mask_says(objects: int, seed: int, things: str) -> None:
    fields = natural_fields(scenes(10, objects, seed, things))
    for mask, boxes, kinds, grid in zip(*(fields[name] for name in ("mask", "boxes", "kinds", "grid")), strict=True):
        painted, middles = np.zeros_like(mask), []
        for box, kind in zip(boxes[kinds > 0], kinds[kinds > 0], strict=True):
            left, top, right, bottom = np.round(box * 64).astype(int)
            inside = mask[top:bottom, left:right]
            seen = inside == kind
            assert set(np.unique(inside).tolist()) <= {0, kind}
            assert all(edge.any() for edge in (seen[0], seen[-1], seen[:, 0], seen[:, -1]))
            painted[top:bottom, left:right] = inside
            middles.append(((left + right) / 128 * 4, (top + bottom) / 128 * 4, right - left, bottom - top, kind))
        assert np.array_equal(painted, mask)  # nothing lies outside of the boxes
        assert (kinds > 0).any()
        assert grid[4].sum() == len(middles)
        for x, y, wide, high, kind in middles:
            cell = grid[:, int(y), int(x)]
            assert cell.tolist() == pytest.approx(
                [x % 1, y % 1, wide / 64, high / 64, 1, *(float(one == kind) for one in range(1, len(cell) - 4))]
            )


def test_what_lies_in_the_other_quarters_is_photograph() -> None:
    fields, whole = natural_fields(scenes(10, 1)), colours.photographs(FOLDER).astype(np.float32) / np.float32(255)
    for image, mask in zip(fields["image"], fields["mask"], strict=True):
        top, left = (np.argwhere(mask)[0] // 32 * 32).tolist()
        ground = np.ones_like(mask, dtype=bool)
        ground[top : top + 32, left : left + 32] = False
        first_y, first_x = np.argwhere(ground)[0].tolist()
        likely = (
            whole[:, :, first_y : first_y + 97, first_x : first_x + 161] == image[:, first_y, first_x, None, None]
        ).all(1)
        assert any(
            np.array_equal(whole[photo, :, y : y + 64, x : x + 64][:, ground], image[:, ground])
            for photo, y, x in np.argwhere(likely)
        )


def test_fewer_scenes_are_the_first_ones_and_things_lie_everywhere() -> None:
    few, many = natural_fields(scenes(10)), natural_fields(scenes(300))
    assert all(np.array_equal(few[name], many[name][:10]) for name in few)
    assert np.array_equal(many["kinds"], scene_kinds(300, option_values(scenes(300)), 0))
    share = np.bincount(many["kinds"].reshape(-1), minlength=5)[1:] / np.count_nonzero(many["kinds"])
    assert share == pytest.approx([1 / len(THINGS)] * len(THINGS), abs=0.06)
    quarters = [(many["mask"][:, y : y + 32, x : x + 32] > 0).any(axis=(1, 2)).mean() for y in (0, 32) for x in (0, 32)]
    assert quarters == pytest.approx([0.625] * 4, abs=0.08)  # of 1 to 4 things in four quarters, on average 2.5


def test_pictures_are_shown_with_what_is_to_be_found() -> None:
    shown, natural = preview(scenes(60), "image", 12), natural_fields(scenes(60))
    assert shown.pictures is not None
    assert shown.masks is not None
    assert np.array_equal(shown.pictures, np.round(natural["image"][:12] * 255).transpose(0, 2, 3, 1))
    assert np.array_equal(shown.masks, natural["mask"][:12])
    assert [count for _, count in shown.classes] == np.bincount(natural["kinds"].reshape(-1), minlength=5)[1:].tolist()
    pieces = DatasetSettings("photos", (("samples", 80),))
    shown, natural = preview(pieces, "noisy", 8), natural_fields(pieces)
    assert shown.pictures is not None
    assert shown.answers is not None
    rows = np.arange(8) * 10
    for made, name in ((shown.pictures, "noisy"), (shown.answers, "image")):
        assert np.array_equal(made, np.round(natural[name][rows] * 255).transpose(0, 2, 3, 1))
    shown = preview(DatasetSettings("emoji"), "image", 9)
    assert shown.labels is not None
    assert shown.labels.tolist() == list(range(9))


def test_the_packaged_pictures_are_bytes() -> None:
    assert read_arrays(FOLDER / "emoji.npz", ("image",))["image"].dtype == np.uint8
    assert colours.photographs(FOLDER).shape == (8, 3, 160, 224)
