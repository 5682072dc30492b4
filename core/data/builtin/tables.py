"""The tables that come with Chainrule."""

from __future__ import annotations

from core.data.sources import FieldSpec, SourceKind

IRIS_COLUMNS = ("sepal length", "sepal width", "petal length", "petal width")
DIABETES_COLUMNS = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")

IRIS = SourceKind(
    name="iris",
    title="Iris",
    summary="150 iris flowers, four measurements each, three species",
    fields=(
        FieldSpec(
            "features", (4,), "float32", "input", columns=IRIS_COLUMNS, scaled=True, help="Four lengths and widths, cm"
        ),
        FieldSpec("label", (), "int64", "target", classes=("setosa", "versicolor", "virginica"), help="The species"),
    ),
    options=(),
    normalise="standardise",
    natural="centimetres",
    licence="CC BY 4.0 (UCI); packaged by scikit-learn, BSD-3-Clause",
    file="iris.npz",
    samples=150,
    group="Tables",
)

DIABETES = SourceKind(
    name="diabetes",
    title="Diabetes",
    summary="442 patients, ten measurements each, and how far the disease went in a year",
    fields=(
        FieldSpec(
            "features", (10,), "float32", "input", columns=DIABETES_COLUMNS, scaled=True, help="Ten measurements"
        ),
        FieldSpec("bmi", (1,), "float32", "input", columns=("bmi",), scaled=True, help="Body mass index alone, kg/m2"),
        FieldSpec(
            "target",
            (1,),
            "float32",
            "target",
            columns=("progression",),
            scaled=True,
            help="Disease progression after one year, 25 to 346",
        ),
    ),
    options=(),
    normalise="standardise",
    natural="the units they were measured in",
    licence="Published with Efron et al. 2004, Least Angle Regression; packaged by scikit-learn, BSD-3-Clause",
    file="diabetes.npz",
    samples=442,
    group="Tables",
)

TABLES = (IRIS, DIABETES)
