"""The tables that come with Chainrule."""

from __future__ import annotations

from core.data.builtin import spam
from core.data.sources import CLASSIFIED, FieldSpec, SourceKind

IRIS_COLUMNS = ("sepal length", "sepal width", "petal length", "petal width")
DIABETES_COLUMNS = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
WINE_COLUMNS = (
    *("alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids"),
    *("nonflavanoid phenols", "proanthocyanins", "colour intensity", "hue", "OD280/OD315", "proline"),
)
PENGUIN_COLUMNS = ("bill length", "bill depth", "flipper length", "body mass")
NUCLEI = (
    *("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points"),
    *("symmetry", "fractal dimension"),
)
CANCER_COLUMNS = tuple(f"{statistic} {name}" for statistic in ("mean", "error of", "worst") for name in NUCLEI)
SKLEARN_UCI = "CC BY 4.0 (UCI); packaged by scikit-learn, BSD-3-Clause"


def features(columns: tuple[str, ...], says: str, name: str = "features") -> FieldSpec:
    """The field of a table's columns."""
    return FieldSpec(name, (len(columns),), "float32", "input", columns=columns, scaled=True, help=says)


def label(classes: tuple[str, ...], says: str) -> FieldSpec:
    """The field of a table's class."""
    return FieldSpec("label", (), "int64", "target", classes=classes, help=says)


TWO_CLASSES = FieldSpec("target", (1,), "float32", "target", columns=("class",), help="The class as 0 or 1, for BCE")
SIGN = FieldSpec(
    "sign",
    (1,),
    "float32",
    "target",
    columns=("class",),
    help="The class as −1 or 1, for hinge and perceptron losses",
    signs=True,
)

IRIS = SourceKind(
    name="iris",
    title="Iris",
    summary="150 iris flowers, four measurements each, three species",
    fields=(
        features(IRIS_COLUMNS, "Four lengths and widths, cm"),
        label(("setosa", "versicolor", "virginica"), "The species"),
    ),
    options=(),
    normalise="standardise",
    natural="centimetres",
    licence=SKLEARN_UCI,
    file="iris.npz",
    samples=150,
    group="Tables",
    splits=CLASSIFIED,
)

WINE = SourceKind(
    name="wine",
    title="Wine",
    summary="178 wines of one region, thirteen chemical measurements each, from three cultivars",
    fields=(
        features(WINE_COLUMNS, "Thirteen chemical measurements"),
        label(("cultivar 1", "cultivar 2", "cultivar 3"), "From which of three cultivars the wine is"),
    ),
    options=(),
    normalise="standardise",
    natural="the units they were measured in",
    licence=SKLEARN_UCI,
    file="wine.npz",
    samples=178,
    group="Tables",
    splits=CLASSIFIED,
)

CANCER = SourceKind(
    name="cancer",
    title="Breast cancer",
    summary="569 tumours of the breast, thirty measurements of their cells' nuclei, malignant or benign",
    fields=(
        features(CANCER_COLUMNS, "Ten measurements of the nuclei: mean, standard error, mean of the three largest"),
        label(("malignant", "benign"), "What the tumour was found to be"),
        TWO_CLASSES,
        SIGN,
    ),
    options=(),
    normalise="standardise",
    natural="the units they were measured in",
    licence=SKLEARN_UCI,
    file="cancer.npz",
    samples=569,
    group="Tables",
    splits=CLASSIFIED,
)

PENGUINS = SourceKind(
    name="penguins",
    title="Penguins",
    summary="333 penguins of the Palmer Archipelago: four measurements, island and sex, three species",
    fields=(
        features(PENGUIN_COLUMNS, "Lengths in mm, and grams"),
        label(("Adelie", "chinstrap", "gentoo"), "The species"),
        FieldSpec("island", (), "int64", "input", classes=("Biscoe", "Dream", "Torgersen"), help="Where it was met"),
        FieldSpec("sex", (), "int64", "input", classes=("female", "male"), help="The bird's sex"),
    ),
    options=(),
    normalise="standardise",
    natural="millimetres and grams",
    licence="CC0 as its authors state (palmerpenguins); the package is MIT",
    file="penguins.npz",
    samples=333,
    group="Tables",
    splits=CLASSIFIED,
)

SPAM = SourceKind(
    name="spam",
    title="Spambase",
    summary="4,601 e-mails as numbers: how frequent certain words, signs and capitals are; spam or ham",
    fields=(
        features(spam.COLUMNS, "Words and signs in percent, and runs of capital letters"),
        label(("ham", "spam"), "Whether the message was unwanted"),
        TWO_CLASSES,
        SIGN,
        features(spam.SIGNS, "Special characters in percent, and runs of capital letters, alone", "signs"),
    ),
    options=(),
    normalise="standardise",
    natural="percent of the words or characters; letters, for runs of capitals",
    licence="CC BY 4.0 (UCI); taken from the R package kernlab",
    file="spam.npz",
    samples=4601,
    group="Tables",
    splits=CLASSIFIED,
)

DIABETES = SourceKind(
    name="diabetes",
    title="Diabetes",
    summary="442 patients, ten measurements each, and how far the disease went in a year",
    fields=(
        features(DIABETES_COLUMNS, "Ten measurements"),
        features(("bmi",), "Body mass index alone, kg/m2", "bmi"),
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

TABLES = (IRIS, WINE, CANCER, PENGUINS, SPAM, DIABETES)
