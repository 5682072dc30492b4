"""What keeps a network from learning its samples by heart: more samples out of the few, and penalties on weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.augmentation import Augmentation
from core.data.settings import DatasetSettings
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from core.training.settings import Phase, TrainingSettings
from tools.gallery.drawing import Drawing
from tools.gallery.exhibit import Exhibit, Figure, Measure, Outcome, accuracy

LASSO, RIDGE = 0.06, 0.2
"""Of the penalties, as scikit-learn calls them for the mean squared error's half."""
Floats = NDArray[np.float64]


def augmented(on: bool) -> Project:
    """A small convolutional network on few digits, as they are or moved and turned anew in every epoch."""
    draw = Drawing(6)
    digits = draw.data("mnist", "digits", "image")
    for number, channels in ((1, 16), (2, 32)):
        draw.layer("Conv2d", f"conv{number}", out_channels=channels, kernel_size=3, padding=1)
        draw.layer("ReLU", f"relu{number}")
        draw.layer("MaxPool2d", f"pool{number}", kernel_size=2)
    draw.layer("Flatten", "flatten")
    draw.layer("Linear", "fc1", out_features=64)
    draw.layer("ReLU", "relu3")
    draw.layer("Linear", "fc2", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"))
    name, words = (
        ("Augmentation", "Few digits, moved and turned a little anew in every epoch: the network sees none twice.")
        if on
        else ("No augmentation", "The same network on the same few digits as they are: it knows them by heart.")
    )
    steps = (Augmentation("affine"), Augmentation("rotate", (("degrees", 12.0),))) if on else ()
    data = DatasetSettings("mnist", (("samples", 1000),), validation=0.8, augmentation=steps)
    training = TrainingSettings(
        epochs=60, batch_size=20, schedule=Schedule("Cosine"), phases=(Phase(optimizer=Optimizer("Adam", 0.002)),)
    )
    return draw.project(name, words, data, training, "mnist")


def penalised(kind: str) -> Project:
    """A linear model of the diabetes data with an L1 or an L2 penalty on its ten weights."""
    draw = Drawing(3)
    patients = draw.data("diabetes", "diabetes", "features")
    draw.layer("Linear", "fc", out_features=1)
    draw.loss("MSE", "mse", (patients, "target"))
    words = {
        "l1": ("Lasso", "An L1 penalty sets the weights of measurements to zero that say little of the disease."),
        "l2": ("Ridge", "An L2 penalty makes all weights smaller, and shares out what measurements say together."),
    }
    training = TrainingSettings(
        epochs=300,
        batch_size=64,
        l1=2 * LASSO if kind == "l1" else 0.0,
        l2=2 * RIDGE if kind == "l2" else 0.0,
        schedule=Schedule("Cosine"),
        phases=(Phase(optimizer=Optimizer("SGD", 0.05)),),
    )
    return draw.project(*words[kind], DatasetSettings("diabetes"), training, "diabetes")


def off_sklearn(kind: str) -> Measure:
    """The largest distance of a weight from scikit-learn's for the same penalty."""

    def measure(outcome: Outcome) -> float:
        from sklearn.linear_model import Lasso, Ridge

        (data,) = outcome.data.values()
        features, target = (data.fields[name][data.train].double().numpy() for name in ("features", "target"))
        machine = Lasso(LASSO) if kind == "l1" else Ridge(RIDGE * len(features))
        wanted: Floats = machine.fit(features, target[:, 0]).coef_
        return float(np.abs(outcome.weights["fc.weight"].double().numpy()[0] - wanted).max())

    return measure


EXHIBITS = (
    Exhibit(
        "few-plain",
        lambda: augmented(on=False),
        "Lessons",
        (
            "Two hundred digits are few: after some epochs the training loss is zero, and the validation loss rises.",
            "What the network knows by then is these two hundred, not what makes a seven.",
            "Compare it with its twin, that sees them moved and turned.",
        ),
        "Simard, Steinkraus, Platt: Best practices for convolutional neural networks, 2003",
        Figure("validation accuracy", accuracy, 0.8),
    ),
    Exhibit(
        "few-augmented",
        lambda: augmented(on=True),
        "Lessons",
        (
            "A seven that is moved by two pixels is a seven, and this knowledge costs no new sample.",
            "In every epoch the same two hundred digits are moved and turned anew, so none is seen twice.",
            "The training loss falls more slowly, and the accuracy on digits it has not seen is higher.",
        ),
        "Simard, Steinkraus, Platt: Best practices for convolutional neural networks, 2003",
        Figure("validation accuracy", accuracy, 0.9),
    ),
    Exhibit(
        "lasso",
        lambda: penalised("l1"),
        "Lessons",
        (
            "The L1 penalty pulls at every weight with the same force, however small it is.",
            "So a measurement that says little ends at zero, and the model says which ones matter.",
            "The weights are those of scikit-learn's Lasso, found by the same steps that train every network here.",
        ),
        "Tibshirani: Regression shrinkage and selection via the lasso, 1996",
        Figure("largest distance of a weight from scikit-learn's", off_sklearn("l1"), 0.02, lower=True, form=".4f"),
    ),
    Exhibit(
        "ridge",
        lambda: penalised("l2"),
        "Lessons",
        (
            "The L2 penalty pulls at large weights more than at small ones, so none becomes zero.",
            "Measurements that go together share what they say; without it one may be large and the other negative.",
            "The weights are those of scikit-learn's Ridge.",
        ),
        "Hoerl and Kennard: Ridge regression, 1970",
        Figure("largest distance of a weight from scikit-learn's", off_sklearn("l2"), 0.02, lower=True, form=".4f"),
    ),
)
