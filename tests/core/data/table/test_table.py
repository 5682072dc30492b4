"""Tables as data sets: types, targets, missing values and categories, and what keeps a table from teaching."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.load import load
from core.data.own import READERS, inspected
from core.data.settings import DatasetSettings, dataset_kind
from core.data.survey import Survey
from core.data.table.table import survey
from core.errors import DataError

TABLE = """island,length,mass,day,remark,sex,species
Biscoe,39.1,3750,2020-01-01,first seen,male,Adelie
Biscoe,,3800,2020-01-02,on the rocks,female,Adelie
Dream,40.3,3250,2020-01-03,by the sea,,Adelie
Dream,NA,3450,2020-01-04,nesting,female,Gentoo
Torgersen,46.5,5200,2020-01-05,alone,male,Gentoo
Torgersen,50.0,5700,2020-01-06,with chick,male,Gentoo
Biscoe,49.1,3900,2020-01-07,in a group,female,Chinstrap
Biscoe,48.0,3700,2020-01-08,asleep,female,Chinstrap
Dream,47.5,inf,2020-01-09,far away,male,Chinstrap
Dream,45.5,4100,2020-01-10,near,male,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "penguins.csv"
    path.write_text(TABLE)
    return path


def types(found: Survey) -> dict[str, str]:
    return {column.name: column.type for column in found.columns}


def test_types_and_target_are_guessed(file: Path) -> None:
    assert types(survey(file, {})) == {
        "island": "category",
        "length": "number",
        "mass": "whole",
        "day": "date",
        "remark": "text",
        "sex": "category",
        "species": "category",
    }
    kind = dataset_kind(inspected(file))
    assert [(field.name, field.role, field.classes) for field in kind.fields] == [
        ("features", "input", ()),
        ("species", "target", ("Adelie", "Chinstrap", "Gentoo")),
    ]
    assert kind.fields[0].columns == (
        *("island=Biscoe", "island=Torgersen", "length", "mass", "day", "sex=female", "sex=male"),
    )


def test_rows_with_what_is_missing_are_left_out_and_counted(file: Path) -> None:
    found = inspected(file).found
    assert found is not None
    assert (found.samples, found.skipped) == (5, 5)
    told = " ".join(found.notes)
    assert "Rows without a value to predict left out: 1 (species 1)." in told
    assert "Rows with missing values left out: 4 (length 2, mass 1, sex 1)." in told
    assert "“inf” in row 9" in told


def test_what_is_missing_is_filled_with_the_training_parts_mean(file: Path) -> None:
    settings = inspected(file, {"missing": "fill"})
    settings = replace(settings, normalise="none", validation=0.3)
    data, columns = load(settings), dataset_kind(settings).fields[0].columns
    lengths = np.array([39.1, np.nan, 40.3, np.nan, 46.5, 50.0, 49.1, 48.0, 47.5])
    mean = np.nanmean(lengths[data.train.numpy()])
    wanted = np.where(np.isnan(lengths), mean, lengths).astype(np.float32)
    assert np.array_equal(data.fields["features"][:, columns.index("length")].numpy(), wanted)
    hot = data.fields["features"][:, columns.index("sex=missing")]
    assert hot.tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert torch.isfinite(data.fields["features"]).all()
    assert len(data) == 9


def test_values_are_those_of_the_file(file: Path) -> None:
    settings = inspected(file, {"missing": "fill"})
    values = READERS["table"].read(settings, ["features", "species"])
    columns = dataset_kind(settings).fields[0].columns
    days = [(date(2020, 1, day) - date(1970, 1, 1)).days for day in range(1, 10)]
    assert values["features"][:, columns.index("day")].tolist() == days
    assert values["features"][:, columns.index("island=Dream")].tolist() == [0, 0, 1, 1, 0, 0, 0, 0, 1]
    assert values["species"].tolist() == [0, 0, 0, 2, 2, 2, 1, 1, 1]
    assert all(len(found) == 9 for found in values.values())


def test_categories_by_number_are_fields_for_an_embedding(file: Path) -> None:
    settings = inspected(file, {"categories": "index", "missing": "fill"})
    fields = {field.name: field for field in dataset_kind(settings).fields}
    assert fields["island"].dtype == "int64"
    assert fields["island"].role == "input"
    assert fields["sex"].classes == ("female", "male", "missing")
    assert fields["features"].columns == ("length", "mass", "day")
    assert load(settings).fields["sex"].tolist() == [1, 0, 2, 0, 1, 1, 0, 0, 1]


def test_two_classes_are_handed_out_for_a_binary_loss_too(file: Path) -> None:
    settings = inspected(file, {"target": "sex"})
    data = load(settings)
    assert torch.equal(data.fields["sex_target"][:, 0], data.fields["sex"].float())
    assert data.classes["sex"] == ("female", "male")


def test_several_numbers_can_be_predicted(file: Path) -> None:
    settings = inspected(file, {"target": json.dumps(["length", "mass"])})
    assert [(field.name, field.shape) for field in dataset_kind(settings).fields if field.role == "target"] == [
        ("target", (2,))
    ]


def test_types_can_be_chosen(file: Path) -> None:
    options = {"types": json.dumps({"remark": "category", "mass": "category", "island": "left out", "day": "left out"})}
    kind = dataset_kind(inspected(file, {**options, "missing": "fill"}))
    columns = kind.fields[0].columns
    assert not any(name.startswith(("island", "day")) for name in columns)
    assert sum(name.startswith("remark=") for name in columns) == 9
    assert "mass=3250" in columns


def test_rows_can_be_put_in_order(tmp_path: Path) -> None:
    path = tmp_path / "days.csv"
    path.write_text("day,value\n03.02.2021,3\n01.02.2021,1\n02.02.2021,2\n04.02.2021,4\n")
    values = READERS["table"].read(inspected(path, {"order": "day"}), ["value"])
    assert values["value"][:, 0].tolist() == [1, 2, 3, 4]


def test_columns_that_number_rows_teach_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ids.csv"
    path.write_text("id,x,y\n1,0.5,0\n2,0.25,1\n3,1.5,0\n4,1.25,1\n")
    found = inspected(path)
    assert dataset_kind(found).fields[0].columns == ("x",)
    assert dataset_kind(found).fields[1].classes == ("0", "1")


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("x,y\n1,a\n2,a\n3,a\n", {}, "at least two classes.*every row has “a” in y"),
        ("x,y\n,1\n,2\n", {"types": '{"x": "number"}'}, "every row misses something"),
        ("x,y\n1,2\n3,4\n", {"target": "z"}, "called 'z'"),
        ("x,y\n1,2\n3,4\n", {"types": '{"x": "colour"}'}, "a type for each column"),
        ("x,y\n1,2\n3,4\n", {"types": "{"}, "JSON"),
        ("x,y\n1,2\n3,4\n", {"types": '{"x": "left out", "y": "left out"}'}, "all are left out"),
        ("x,y\n1,2\n3,4\n", {"order": "z"}, "called 'z'"),
        ("x,y,z\n1,2,a\n3,4,b\n", {"order": "z"}, "numbers or dates"),
    ],
)
def test_what_teaches_nothing_is_told(text: str, options: dict[str, str], told: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=told):
        inspected(path, options)


def test_a_survey_shows_a_table_that_cannot_be_used_yet(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("x,y\n1,a\n2,a\n3,a\n")
    found = survey(path, {})
    assert found.found is None
    assert "two classes" in str(found.problem)
    assert found.rows == (("1", "a"), ("2", "a"), ("3", "a"))


@pytest.mark.parametrize("species", ["Adelie", "Emperor"])
def test_a_table_that_has_changed_is_told_when_it_is_loaded(species: str, file: Path) -> None:
    settings = inspected(file)
    load(settings)
    file.write_text(f"{TABLE}Biscoe,1,2,2020-01-01,x,male,{species}\n")
    with pytest.raises(DataError, match="Reread"):
        load(settings)
    assert isinstance(inspected(file), DatasetSettings)
