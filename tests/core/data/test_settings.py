"""What data set settings accept, refuse and come to, without loading anything."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.builtin.listing import SOURCES
from core.data.settings import (
    DatasetSettings,
    dataset_kind,
    field_spec,
    normalisation_kind,
    option_values,
    sample_count,
    split_sizes,
)
from core.errors import ChainruleError, DataError, ParameterError


def test_settings_and_sources_need_neither_numpy_nor_torch() -> None:
    code = "import sys, core.data.settings; sys.exit(bool({'numpy', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_preview_needs_no_torch() -> None:
    code = (
        "import sys; from core.data.preview import preview; from core.data.settings import DatasetSettings;"
        "preview(DatasetSettings('digits'), 'image'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_table_of_sources_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        SOURCES["mine"] = SOURCES["iris"]  # type: ignore[index]  # that it is refused is the test


@pytest.mark.parametrize("kind", SOURCES.values(), ids=lambda kind: kind.name)
def test_every_default_is_allowed_and_every_source_has_an_input_and_a_target(kind) -> None:
    spelled_out = tuple((spec.name, spec.default) for spec in kind.options)
    assert option_values(DatasetSettings(kind.name)) == option_values(DatasetSettings(kind.name, spelled_out))
    assert {field.role for field in kind.fields} == {"input", "target"}
    assert len({field.name for field in kind.fields}) == len(kind.fields)
    for field in dataset_kind(DatasetSettings(kind.name)).fields:
        assert bool(field.classes) == (field.dtype == "int64")
        assert not field.columns or field.shape == (len(field.columns),)


@pytest.mark.parametrize("kind", SOURCES.values(), ids=lambda kind: kind.name)
def test_options_are_held_to_their_bounds(kind) -> None:
    for spec in (spec for spec in kind.options if spec.type != "choice"):
        for bound, outside in ((spec.minimum, spec.minimum - 1), (spec.maximum, spec.maximum + 1)):
            DatasetSettings(kind.name, ((spec.name, bound),))
            with pytest.raises(ParameterError, match=spec.name):
                DatasetSettings(kind.name, ((spec.name, outside),))


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"source": "fruit"}, DataError, "'fruit'"),
        ({"source": "iris", "options": (("noise", 0.1),)}, ParameterError, "no options"),
        ({"source": "moons", "options": (("nois", 0.1),)}, ParameterError, "'nois'"),
        ({"source": "moons", "options": (("noise", float("nan")),)}, ParameterError, "it is nan"),
        ({"source": "moons", "options": (("noise", True),)}, ParameterError, "it is True"),
        ({"source": "moons", "options": (("noise", "0.1"),)}, ParameterError, "it is '0.1'"),
        ({"source": "moons", "options": (("samples", 50.0),)}, ParameterError, "whole number from 10"),
        ({"source": "moons", "options": (("noise", 0.1), ("noise", 0.2))}, ParameterError, "2 times"),
        ({"source": "iris", "validation": 1.0}, ParameterError, "validation"),
        ({"source": "iris", "validation": -0.1}, ParameterError, "validation"),
        ({"source": "iris", "validation": 0.003}, DataError, "none for validation"),
        ({"source": "iris", "seed": -1}, ParameterError, "seed"),
        ({"source": "iris", "seed": 2**32}, ParameterError, "seed"),
        ({"source": "iris", "seed": 1.0}, ParameterError, "seed"),
        ({"source": "iris", "normalise": "louder"}, ParameterError, "auto, none, standardise"),
        ({"source": "iris", "normalise": []}, ParameterError, r"\[\]"),
    ],
)
def test_bad_settings_are_refused_in_four_parts(arguments, error: type[ChainruleError], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        DatasetSettings(**arguments)
    assert all((caught.value.wanted, caught.value.came, caught.value.where, caught.value.fix))


def test_an_unknown_field_is_answered_with_those_there_are() -> None:
    with pytest.raises(DataError, match="image, label"):
        field_spec(DatasetSettings("mnist"), "picture")


def test_auto_is_what_suits_the_source() -> None:
    assert normalisation_kind(DatasetSettings("mnist")) == "none"
    assert normalisation_kind(DatasetSettings("diabetes")) == "standardise"
    assert normalisation_kind(DatasetSettings("diabetes", normalise="none")) == "none"


@given(st.integers(10, 100_000), st.floats(0.0, 0.95))
def test_split_sizes_come_from_the_share(samples: int, share: float) -> None:
    try:
        settings = DatasetSettings("moons", (("samples", samples),), validation=share)
    except DataError:
        # Refused only when less than half a sample would be in one of the parts, though some were asked for.
        assert 0 < samples * share < 0.5 or samples * (1 - share) <= 0.5 + 1e-9
        return
    train, validation = split_sizes(settings)
    assert train + validation == sample_count(settings) == samples
    assert train > 0
    assert abs(validation - samples * share) <= 0.5


def test_mnist_is_cut_four_to_one() -> None:
    assert split_sizes(DatasetSettings("mnist")) == (4000, 1000)
