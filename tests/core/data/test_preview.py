"""Previews against the loaded data: what is drawn is what is trained on."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.arrays import natural_fields
from core.data.builtin.listing import SOURCES
from core.data.figures import BINS
from core.data.preview import preview
from core.data.settings import DatasetSettings, dataset_kind
from core.errors import DataError

FIELDS = [(kind.name, field.name) for kind in SOURCES.values() for field in kind.fields]


@pytest.mark.parametrize(("source", "field"), FIELDS)
def test_figures_are_those_of_the_natural_values(source: str, field: str) -> None:
    shown, natural = preview(DatasetSettings(source), field), natural_fields(DatasetSettings(source))
    values = natural[field].astype(np.float64)
    assert shown.samples == len(values)
    in_colour = field in ("image", "noisy") and dataset_kind(DatasetSettings(source)).fitted is not None
    assert len(shown.columns) == (0 if shown.field.classes or in_colour else max(1, len(shown.field.columns)))
    by_column = values.T if shown.field.columns else values.reshape(1, -1)
    for column, entries in zip(shown.columns, by_column, strict=False):
        assert (column.minimum, column.maximum) == (entries.min(), entries.max())
        assert column.mean == pytest.approx(entries.mean(), rel=1e-5)
        assert column.deviation == pytest.approx(entries.std(), rel=1e-5)
        assert sum(column.histogram) == len(entries)
        assert len(column.histogram) == BINS


@pytest.mark.parametrize(("source", "field"), FIELDS)
def test_class_counts_are_those_of_the_labels(source: str, field: str) -> None:
    shown, natural = preview(DatasetSettings(source), field), natural_fields(DatasetSettings(source))
    counted = "kinds" if (source, field) == ("scenes", "image") else "label" if "label" in natural else field
    spec = dataset_kind(DatasetSettings(source)).field(counted)
    assert spec is not None
    names = spec.classes
    expected = [np.count_nonzero(natural[counted] == number) for number in range(len(names))]
    if counted == "kinds" and field != counted:
        expected, names = expected[1:], names[1:]  # a place where nothing lies is no thing
    assert [count for _, count in shown.classes] == expected
    assert [name for name, _ in shown.classes] == list(names)


@pytest.mark.parametrize("source", ["mnist", "digits"])
def test_ten_pictures_are_the_ten_digits_as_they_are_trained_on(source: str) -> None:
    shown, natural = preview(DatasetSettings(source), "image"), natural_fields(DatasetSettings(source))
    assert shown.pictures is not None
    assert shown.labels is not None
    assert shown.pictures.dtype == np.uint8
    assert shown.labels.tolist() == list(range(10))
    firsts = [int(np.flatnonzero(natural["label"] == digit)[0]) for digit in range(10)]
    assert shown.pictures / 255 == pytest.approx(natural["image"][firsts, 0], abs=0.5 / 255 + 1e-6)


def test_twelve_pictures_begin_the_digits_again() -> None:
    shown = preview(DatasetSettings("digits"), "image", 12)
    assert shown.labels is not None
    assert shown.labels.tolist() == [*range(10), 0, 1]


@pytest.mark.parametrize("name", ["spiral", "circles", "moons", "xor", "gaussians"])
def test_points_of_the_whole_plane_come_with_their_classes_in_natural_units(name: str) -> None:
    chosen = DatasetSettings(name)
    shown, natural = preview(chosen, "point", 100), natural_fields(chosen)
    assert shown.points is not None
    known = {tuple(point): label for point, label in zip(natural["point"].tolist(), natural["label"], strict=True)}
    assert [known[tuple(point)] for point in shown.points.tolist()] == shown.labels.tolist()
    assert len(shown.points) == 100
    assert 30 <= shown.labels.sum() <= 70
    for axis in (0, 1):
        assert np.ptp(shown.points[:, axis]) >= 0.8 * np.ptp(natural["point"][:, axis])
    assert preview(chosen, "label").points is None


def test_fewer_points_than_are_asked_for_come_as_they_are() -> None:
    chosen = DatasetSettings("moons", (("samples", 40),))
    assert np.array_equal(preview(chosen, "point", 100).points, natural_fields(chosen)["point"])


def test_a_field_the_source_has_not_is_refused() -> None:
    with pytest.raises(DataError, match="features, label"):
        preview(DatasetSettings("iris"), "image")


def test_previewing_uses_no_random_numbers() -> None:
    before = np.random.get_state()[1].copy()
    preview(DatasetSettings("moons"), "point")
    assert np.array_equal(before, np.random.get_state()[1])
