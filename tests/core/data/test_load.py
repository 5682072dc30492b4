"""Loading, splitting, normalising and ordering, against torch and the definitions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import event, given, reject, settings
from hypothesis import strategies as st

from core.data.arrays import natural_fields
from core.data.builtin.listing import SOURCES
from core.data.identity import data_hash
from core.data.load import load, take
from core.data.normalisation import IDENTITY, Normalisation, apply, fit, undo
from core.data.order import batches, generator, split
from core.data.settings import DatasetSettings, dataset_kind, sample_count, split_sizes
from core.data.sources import FieldSpec
from core.errors import DataError

TABLE = FieldSpec("features", (2,), "float32", "input", columns=("a", "b"), scaled=True)


LARGE = ("mnist", "fashion", "spam", "emoji", "photos", "scenes")


@st.composite
def dataset_settings(draw: st.DrawFn) -> DatasetSettings:
    kind = SOURCES[draw(st.sampled_from([name for name in SOURCES if name not in LARGE]))]
    options = []
    for spec in kind.options:
        if spec.type == "choice":
            options.append((spec.name, draw(st.sampled_from(spec.choices))))
            continue
        top = min(spec.maximum, 300)
        low = max(int(spec.minimum), 10) if spec.name == "samples" else spec.minimum
        number = st.integers(low, max(low, top)) if spec.type == "int" else st.floats(low, top)
        options.append((spec.name, draw(number)))
    share, seed = draw(st.sampled_from((0.0, 0.1, 0.2, 0.5, 0.9))), draw(st.integers(0, 2**32 - 1))
    normalise = draw(st.sampled_from(("auto", "none", "standardise")))
    try:
        return DatasetSettings(kind.name, tuple(options), validation=share, seed=seed, normalise=normalise)
    except DataError as error:  # of a short series a large share, and what overlaps it, leaves nothing to train on
        event(str(error))
        reject()


@pytest.mark.parametrize("source", SOURCES)
def test_the_fields_are_as_the_table_says(source: str) -> None:
    data = load(DatasetSettings(source))
    assert set(data.fields) == {field.name for field in SOURCES[source].fields}
    for field in dataset_kind(DatasetSettings(source)).fields:
        values = data.fields[field.name]
        assert values.shape == (sample_count(data.settings), *field.shape)
        assert values.dtype == getattr(torch, field.dtype)
        assert values.is_contiguous()
        assert data.classes.get(field.name, ()) == field.classes
        assert (field.name in data.normalisation) == (field.dtype == "float32")


@pytest.mark.parametrize("source", [name for name, kind in SOURCES.items() if kind.field("sign") is not None])
def test_two_classes_are_told_as_numbers_for_each_loss(source: str) -> None:
    fields = load(DatasetSettings(source)).fields
    assert torch.equal(fields["target"].squeeze(1), fields["label"].float())
    assert torch.equal(fields["sign"], 2 * fields["target"] - 1)


@settings(max_examples=60, deadline=None)
@given(dataset_settings())
def test_the_split_is_disjoint_complete_and_repeatable(chosen: DatasetSettings) -> None:
    data, again = load(chosen), load(chosen)
    assert (len(data.train), len(data.validation)) == split_sizes(chosen)
    between = set(range(sample_count(chosen))) - set(torch.cat((data.train, data.validation)).tolist())
    assert len(data.train) + len(data.validation) + len(between) == sample_count(chosen)
    assert len(between) == (dataset_kind(chosen).gap if chosen.validation else 0)
    assert torch.equal(data.train, again.train)
    assert all(torch.equal(data.fields[name], again.fields[name]) for name in data.fields)


def test_the_split_is_one_randperm_and_its_seed_alone_changes_it() -> None:
    chosen = DatasetSettings("iris", seed=5)
    order = torch.randperm(150, generator=torch.Generator().manual_seed(5))
    train, validation = split(chosen)
    assert torch.equal(torch.cat((train, validation)), order)
    assert torch.equal(split(replace(chosen, normalise="none"))[0], train)
    assert not torch.equal(split(replace(chosen, seed=6))[0], train)


@pytest.mark.parametrize("source", ["digits", "diabetes", "xor"])
def test_loading_and_ordering_leave_torchs_global_generator_alone(source: str) -> None:
    before = torch.get_rng_state()
    data = load(DatasetSettings(source))
    batches(len(data.train), 32, generator(0))
    assert torch.equal(torch.get_rng_state(), before)


@settings(max_examples=60, deadline=None)
@given(dataset_settings())
def test_standardised_training_values_have_mean_0_and_deviation_1(chosen: DatasetSettings) -> None:
    chosen = replace(chosen, normalise="standardise")
    data, natural = load(chosen), natural_fields(chosen)
    for field in dataset_kind(chosen).fields:
        if not field.scaled:
            continue
        axes = 0 if field.columns else None
        training = data.fields[field.name][data.train].double().numpy()
        # A column that never changes (one point of a moon, two clouds at one place) is only shifted.
        changes = np.ptp(natural[field.name][data.train.numpy()], axis=axes) > 0
        assert training.mean(axis=axes) == pytest.approx(0.0 * changes, abs=1e-4)
        assert training.std(axis=axes) == pytest.approx(1.0 * changes, abs=1e-3)


def test_normalisation_looks_at_the_training_part_alone() -> None:
    chosen = DatasetSettings("diabetes")
    data, natural = load(chosen), natural_fields(chosen)["features"].astype(np.float64)
    train = natural[data.train.numpy()]
    assert data.normalisation["features"].offset == pytest.approx(train.mean(axis=0))
    assert data.normalisation["features"].scale == pytest.approx(train.std(axis=0))
    assert data.normalisation["features"].offset != pytest.approx(natural.mean(axis=0))


def test_images_share_one_mean_and_targets_of_0_and_1_stay() -> None:
    digits = load(DatasetSettings("digits", normalise="standardise"))
    assert len(digits.normalisation["image"].offset) == 1
    moons = load(DatasetSettings("moons", normalise="standardise"))
    assert moons.normalisation["target"] == IDENTITY
    assert torch.equal(moons.fields["target"][:, 0].long(), moons.fields["label"])


def test_mnist_pixels_stay_between_0_and_1_by_default() -> None:
    data = load(DatasetSettings("mnist"))
    assert data.normalisation["image"] == IDENTITY
    assert (data.fields["image"].min(), data.fields["image"].max()) == (0.0, 1.0)


def test_a_column_that_never_changes_becomes_zero() -> None:
    values = np.array([[3.3, 1.0], [3.3, 3.0]], dtype=np.float32)
    fitted = fit("standardise", TABLE, values)
    assert fitted.scale == (1.0, 1.0)
    assert apply(fitted, values) == pytest.approx(np.array([[0.0, -1.0], [0.0, 1.0]]), abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3, width=32), st.floats(-1e3, 1e3, width=32)), min_size=1, max_size=20),
    st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
    st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)),
)
def test_undoing_gives_the_values_back(rows, offset, scale) -> None:
    values, normalisation = np.array(rows, dtype=np.float32), Normalisation(offset, scale)
    assert undo(normalisation, apply(normalisation, values)) == pytest.approx(values, rel=1e-5, abs=1e-3)


@given(st.integers(1, 500), st.integers(1, 64), st.integers(0, 2**63 - 1))
def test_an_epoch_is_torchs_randperm_cut(n: int, size: int, seed: int) -> None:
    ours, plain = generator(seed), torch.Generator().manual_seed(seed)
    for _ in range(2):
        expected = torch.randperm(n, generator=plain).split(size)
        given_out = batches(n, size, ours)
        assert all(torch.equal(a, b) for a, b in zip(given_out, expected, strict=True))


@pytest.mark.parametrize(("n", "kept"), [(10, [4, 4]), (12, [4, 4, 4]), (3, [])])
def test_only_a_smaller_last_batch_is_dropped(n: int, kept: list[int]) -> None:
    assert [len(batch) for batch in batches(n, 4, generator(0), drop_last=True)] == kept


def test_take_copies_the_same_samples_of_every_field() -> None:
    data = load(DatasetSettings("iris"))
    part = take(data, data.validation)
    assert all(torch.equal(part[name], data.fields[name][data.validation]) for name in data.fields)
    part["features"].zero_()
    assert data.fields["features"].abs().sum() > 0


@settings(max_examples=40, deadline=None)
@given(dataset_settings(), dataset_settings())
def test_the_hash_tells_settings_apart(one: DatasetSettings, other: DatasetSettings) -> None:
    assert data_hash(one) == data_hash(replace(one))
    if one.source != other.source or one.seed != other.seed or one.validation != other.validation:
        assert data_hash(one) != data_hash(other)


def test_the_hash_is_of_the_meaning_and_of_the_file(tmp_path) -> None:
    assert data_hash(DatasetSettings("moons")) == data_hash(DatasetSettings("moons", (("noise", 0.1),)))
    assert data_hash(DatasetSettings("moons", (("noise", 1),))) == data_hash(
        DatasetSettings("moons", (("noise", 1.0),))
    )
    assert data_hash(DatasetSettings("moons", normalise="standardise")) == data_hash(DatasetSettings("moons"))
    assert data_hash(DatasetSettings("moons", (("noise", 0.2),))) != data_hash(DatasetSettings("moons"))
    (tmp_path / "iris.npz").write_bytes(b"another file")
    assert data_hash(DatasetSettings("iris"), tmp_path) != data_hash(DatasetSettings("iris"))
