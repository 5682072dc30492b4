"""First networks: one neuron, one layer, a few layers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.settings import DatasetSettings
from core.project import Project
from core.training.optimizers import Optimizer
from tools.gallery.drawing import TALL_ROW, Drawing, settings
from tools.gallery.exhibit import Exhibit, Figure, Outcome, accuracy

Floats = NDArray[np.float64]


def linear_regression() -> Project:
    """Least squares by gradient descent."""
    draw = Drawing(3)
    patients = draw.data("diabetes", "diabetes", "features")
    draw.layer("Linear", "fc", out_features=1)
    draw.loss("MSE", "mse", (patients, "target"))
    return draw.project(
        "Linear regression",
        "Gradient descent finds the line of least squares.",
        DatasetSettings("diabetes"),
        settings(60, 32, Optimizer("SGD", 0.02)),
        "diabetes",
    )


def logistic_regression() -> Project:
    """One line between two clouds."""
    draw = Drawing(3)
    points = draw.data("gaussians", "clouds", "point")
    draw.layer("Linear", "fc", out_features=1)
    draw.loss("BCEWithLogits", "bce", (points, "target"))
    return draw.project(
        "Logistic regression",
        "One straight line turns two measurements into a probability.",
        DatasetSettings("gaussians", (("noise", 0.8),)),
        settings(40, 16, Optimizer("SGD", 0.1)),
        "gaussians",
    )


def iris() -> Project:
    """Three species from four lengths."""
    draw = Drawing(5)
    flowers = draw.data("iris", "iris", "features")
    draw.layer("Linear", "fc1", out_features=16)
    draw.layer("ReLU", "relu1")
    draw.layer("Linear", "fc2", out_features=3)
    draw.loss("CrossEntropy", "cross_entropy", (flowers, "label"))
    return draw.project(
        "Iris MLP",
        "A first network: three species of iris told apart by four lengths.",
        DatasetSettings("iris"),
        settings(100, 16, Optimizer("Adam", 0.01)),
        "iris",
    )


def spiral() -> Project:
    """Three small tanh layers that bend the plane until one line divides the spiral's arms."""
    draw = Drawing(5, pitch=TALL_ROW)
    points = draw.data("spiral", "spiral", "point")
    for number, units in enumerate((8, 8, 6), 1):
        draw.layer("Linear", f"fc{number}", out_features=units)
        draw.layer("Tanh", f"tanh{number}")
    draw.layer("Linear", "out", out_features=1)
    draw.loss("BCEWithLogits", "bce", (points, "target"))
    return draw.project(
        "Spiral playground",
        "Three small layers bend the plane until one line divides two arms.",
        DatasetSettings("spiral"),
        settings(200, 16, Optimizer("Adam", 0.01)),
        "spiral",
    )


def playground(dataset: str, name: str, words: str) -> Project:
    """Two hidden layers of eight and four tanh units on points of the plane."""
    draw = Drawing(4, pitch=TALL_ROW)
    points = draw.data(dataset, dataset, "point")
    for number, units in enumerate((8, 4), 1):
        draw.layer("Linear", f"fc{number}", out_features=units)
        draw.layer("Tanh", f"tanh{number}")
    draw.layer("Linear", "out", out_features=1)
    draw.loss("BCEWithLogits", "bce", (points, "target"))
    data = DatasetSettings(dataset, (("noise", 0.05),))
    return draw.project(name, words, data, settings(100, 16, Optimizer("Adam", 0.02)), dataset)


def r_squared(outcome: Outcome) -> float:
    """1 minus the squared error over the variance of the validation part's targets."""
    _features, target = _part(outcome, "validation")
    return 1 - outcome.validated[-1].loss / float(target.var())


def r_squared_of_least_squares(outcome: Outcome) -> float:
    """The same for the closed form of least squares, fitted to the training part."""
    features, target = _part(outcome, "train")
    weights, *_ = np.linalg.lstsq(np.c_[features, np.ones(len(features))], target, rcond=None)
    features, target = _part(outcome, "validation")
    error = target - np.c_[features, np.ones(len(features))] @ weights
    return 1 - float((error**2).mean() / target.var())


def _part(outcome: Outcome, part: str) -> tuple[Floats, Floats]:
    (data,) = outcome.data.values()
    rows = getattr(data, part)
    return data.fields["features"][rows].double().numpy(), data.fields["target"][rows].double().numpy()


EXHIBITS = (
    Exhibit(
        "linear-regression",
        linear_regression,
        "Start",
        (
            "A line of least squares has a closed form, so one can see whether gradient descent finds it.",
            "Each step goes against the gradient of the mean squared error, and the error has only one valley.",
            "What is learned here by steps is what every deeper network does, only without a closed form to compare.",
        ),
        "Legendre 1805; data of Efron, Hastie, Johnstone, Tibshirani: Least angle regression, 2004",
        Figure(
            "R² on held-out patients",
            r_squared,
            0.3,
            reference=r_squared_of_least_squares,
            against="closed form",
            near=0.02,
            form=".3f",
        ),
    ),
    Exhibit(
        "logistic-regression",
        logistic_regression,
        "Start",
        (
            "A weighted sum says on which side of a line a point lies, and how far.",
            "The sigmoid turns that distance into a probability, and the cross-entropy punishes being sure and wrong.",
            "Where the clouds overlap no line is right for all: the probability is the honest answer.",
        ),
        "Cox: The regression analysis of binary sequences, 1958",
        Figure("validation accuracy", accuracy, 0.85),
    ),
    Exhibit(
        "iris",
        iris,
        "Start",
        (
            "Four lengths are enough to tell three species apart, but not with one line.",
            "A hidden layer of sixteen ReLU units bends the borders where it helps.",
            "The data are few, so the validation part says more than the loss.",
        ),
        "Fisher: The use of multiple measurements in taxonomic problems, 1936",
        Figure("validation accuracy", accuracy, 0.9),
    ),
    Exhibit(
        "spiral",
        spiral,
        "Start",
        (
            "No straight line divides two arms that are wound around each other.",
            "Each tanh layer bends the plane a little further, until one line is enough.",
            "With fewer units or layers one can watch it fail.",
        ),
        "Lang and Witbrock: Learning to tell two spirals apart, 1988",
        Figure("validation accuracy", accuracy, 0.95),
    ),
    Exhibit(
        "circles",
        lambda: playground(
            "circles", "Circles playground", "A border that closes: tanh units bend the plane around a circle."
        ),
        "Start",
        (
            "One circle lies within another, so the border has to close upon itself.",
            "Three lines would be enough to fence the inner one in; eight units make the fence round.",
            "Take units away until it opens, and see the loss stay up.",
        ),
        "Smilkov, Carter, Sculley, Viégas, Wattenberg: Direct-manipulation visualization of deep networks, 2017",
        Figure("validation accuracy", accuracy, 0.95),
    ),
    Exhibit(
        "xor",
        lambda: playground(
            "xor", "XOR playground", "Opposite quarters are alike: the smallest task that one line cannot do."
        ),
        "Start",
        (
            "The class is whether the two signs differ, and no line divides that.",
            "One hidden layer of two units can do it, and once that was news.",
            "The first layer draws lines, the second says which sides of them belong together.",
        ),
        "Rumelhart, Hinton, Williams: Learning internal representations by error propagation, 1986",
        Figure("validation accuracy", accuracy, 0.9),
    ),
)
