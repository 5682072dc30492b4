"""Paths of coefficients: the same linear model under penalties that grow from copy to copy."""

from __future__ import annotations

import numpy as np

from core.data.settings import DatasetSettings
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from core.training.settings import Phase, TrainingSettings
from tools.gallery.drawing import Drawing
from tools.gallery.exhibit import Exhibit, Figure, Measure, Outcome
from tools.gallery.few import Floats

STRENGTHS = {"l1": (0.01, 0.025, 0.1, 0.25, 0.5), "l2": (0.025, 0.1, 0.25, 1.0, 2.5)}
"""Of the penalties, as scikit-learn calls them for the mean squared error's half."""
WHOLE = 0.1
"""The penalty of the project: each copy weighs its loss so that it is its own beside it."""
RATE = 0.05


def path(kind: str) -> Project:
    """Five linear models of the diabetes data; the penalty is one for all, and each weighs its error otherwise."""
    draw = Drawing(4, pitch=136)
    patients = draw.add("Dataset", "diabetes", draw.place(0, 2), dataset="diabetes")
    phases = []
    for row, strength in enumerate(STRENGTHS[kind]):
        weight = round(WHOLE / (2 * strength), 6)
        draw.tip = (patients, "features")
        draw.layer("Linear", f"fc{row + 1}", draw.place(1.5, row), out_features=1)
        loss = draw.add("MSE", f"mse{row + 1}", draw.place(3, row), weight=weight)
        draw.wire(draw.tip, loss, "prediction")
        draw.wire((patients, "target"), loss, "target")
        phases.append(Phase((loss,), (f"fc{row + 1}",), Optimizer("SGD", round(RATE / weight, 6))))
    words = {
        "l1": ("Lasso path", "Five strengths of an L1 penalty: from copy to copy more weights are exactly zero."),
        "l2": (
            "Ridge path",
            "Five strengths of an L2 penalty: from copy to copy all weights are smaller, none is zero.",
        ),
    }
    training = TrainingSettings(
        epochs=300,
        batch_size=64,
        l1=WHOLE if kind == "l1" else 0.0,
        l2=WHOLE if kind == "l2" else 0.0,
        schedule=Schedule("Cosine"),
        phases=tuple(phases),
    )
    return draw.project(*words[kind], DatasetSettings("diabetes"), training, "diabetes")


def off_path(kind: str) -> Measure:
    """The largest distance of a weight from scikit-learn's, over all strengths."""

    def measure(outcome: Outcome) -> float:
        from sklearn.linear_model import Lasso, Ridge

        (data,) = outcome.data.values()
        features, target = (data.fields[name][data.train].double().numpy() for name in ("features", "target"))
        distances = []
        for row, strength in enumerate(STRENGTHS[kind]):
            machine = Lasso(strength) if kind == "l1" else Ridge(strength * len(features))
            wanted: Floats = machine.fit(features, target[:, 0]).coef_
            ours = outcome.weights[f"fc{row + 1}.weight"].double().numpy()[0]
            distances.append(float(np.abs(ours - wanted).max()))
        return max(distances)

    return measure


EXHIBITS = (
    Exhibit(
        "lasso-path",
        lambda: path("l1"),
        "Lessons",
        (
            "Each row is the same model under a stronger L1 penalty, and fewer of its ten weights are left.",
            "The order in which they leave says how much each measurement tells beside the others.",
            "The five points lie on the path that scikit-learn's Lasso draws.",
        ),
        "Efron, Hastie, Johnstone, Tibshirani: Least angle regression, 2004",
        Figure("largest distance of a weight from scikit-learn's", off_path("l1"), 0.02, lower=True, form=".4f"),
    ),
    Exhibit(
        "ridge-path",
        lambda: path("l2"),
        "Lessons",
        (
            "Each row is the same model under a stronger L2 penalty, and its ten weights move to zero together.",
            "None of them arrives, however strong the penalty is: the circle of L2 has no corners.",
            "The five points lie on the path of scikit-learn's Ridge.",
        ),
        "Hoerl and Kennard: Ridge regression, 1970",
        Figure("largest distance of a weight from scikit-learn's", off_path("l2"), 0.02, lower=True, form=".4f"),
    ),
)
