"""Networks that draw one line: the perceptron and the support vector machine; and what no line can do."""

from __future__ import annotations

import numpy as np

from core.data.settings import DatasetSettings
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from core.training.settings import Phase, TrainingSettings
from tools.gallery.drawing import TALL_ROW, Drawing, settings
from tools.gallery.exhibit import Exhibit, Figure, Outcome, accuracy

MARGIN_DECAY = 0.02
"""Of the support vector machine's weight: the λ of its λ/2 |w|² + mean hinge."""


def perceptron() -> Project:
    """One neuron that sorts e-mails by nine numbers."""
    draw = Drawing(3)
    mails = draw.data("spam", "mails", "signs")
    draw.layer("Linear", "neuron", out_features=1)
    draw.loss("SoftPerceptron", "perceptron", (mails, "sign"))
    return draw.project(
        "Perceptron",
        "One neuron tells spam from ham by special characters and capitals: see its weights turn a plane.",
        DatasetSettings("spam"),
        settings(30, 32, Optimizer("SGD", 0.1)),
        "spam",
    )


def svm() -> Project:
    """A linear support vector machine on two clouds: the hinge loss, and weight decay on the weight alone."""
    draw = Drawing(3, pitch=TALL_ROW)
    points = draw.data("gaussians", "clouds", "point")
    draw.layer("Linear", "line", out_features=1)
    draw.loss("Hinge", "hinge", (points, "sign"))
    training = TrainingSettings(
        epochs=150,
        batch_size=32,
        schedule=Schedule("Cosine"),
        phases=(Phase(optimizer=Optimizer("SGD", 0.1, weight_decay=MARGIN_DECAY)),),
    )
    return draw.project(
        "SVM",
        "The hinge loss looks for the line with the widest margin; weight decay says how wide.",
        DatasetSettings("gaussians", (("noise", 0.8),)),
        training,
        "gaussians",
    )


def activation(kind: str) -> Project:
    """Two layers of eight units on two moons, with this activation."""
    draw = Drawing(4, pitch=TALL_ROW)
    points = draw.data("moons", "moons", "point")
    draw.layer("Linear", "fc1", out_features=8)
    draw.layer(kind, kind.lower())
    draw.layer("Linear", "fc2", out_features=1)
    draw.loss("BCEWithLogits", "bce", (points, "target"), draw.place(4, 0))
    names = {
        "Identity": ("Without a bend", "Two layers without an activation are still one line, however long they train."),
        "Tanh": ("With a bend", "The same two layers with tanh between them follow the moons."),
    }
    return draw.project(*names[kind], DatasetSettings("moons"), settings(150, 16, Optimizer("Adam", 0.02)), "moons")


def agreement_with_sklearn(outcome: Outcome) -> float:
    """The cosine between the weight and scikit-learn's for the same problem: 1 where both draw the same line."""
    from sklearn.svm import SVC

    (data,) = outcome.data.values()
    points, signs = (data.fields[name][data.train].double().numpy() for name in ("point", "sign"))
    machine = SVC(kernel="linear", C=1 / (MARGIN_DECAY * len(points))).fit(points, signs[:, 0])
    ours = np.append(outcome.weights["line.weight"].double().numpy(), outcome.weights["line.bias"].double().numpy())
    theirs = np.append(machine.coef_, machine.intercept_)
    return float(ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs))


def accuracy_of_sklearn_perceptron(outcome: Outcome) -> float:
    """What scikit-learn's perceptron reaches on the same split."""
    from sklearn.linear_model import Perceptron

    (data,) = outcome.data.values()
    signs, features = data.fields["sign"], data.fields["signs"]
    machine = Perceptron(random_state=0).fit(features[data.train].numpy(), signs[data.train].numpy()[:, 0])
    return float(machine.score(features[data.validation].numpy(), signs[data.validation].numpy()[:, 0]))


EXHIBITS = (
    Exhibit(
        "perceptron",
        perceptron,
        "Start",
        (
            "One neuron weighs nine numbers of an e-mail and says spam where the sum is above zero.",
            "It pays only for mails on the wrong side, and each of them turns the plane a little.",
            "The soft form of its loss has a gradient everywhere, so it trains like every later network.",
        ),
        "Rosenblatt: The perceptron, 1958; data: Hopkins, Reeber, Forman, Suermondt: Spambase, 1999",
        Figure(
            "validation accuracy",
            accuracy,
            0.78,
            reference=accuracy_of_sklearn_perceptron,
            against="scikit-learn's perceptron",
            near=0.01,
        ),
    ),
    Exhibit(
        "svm",
        svm,
        "Start",
        (
            "Many lines divide two clouds; the one with the widest margin depends on few points, the support vectors.",
            "The hinge loss is zero beyond the margin, so only those points pull.",
            "Where clouds overlap weight decay says how much a wide margin is worth against points inside it.",
        ),
        "Cortes and Vapnik: Support-vector networks, 1995",
        Figure("cosine with the weight of scikit-learn's SVC", agreement_with_sklearn, 0.995, form=".4f"),
    ),
    Exhibit(
        "moons-identity",
        lambda: activation("Identity"),
        "Start",
        (
            "A line of a line is a line: without an activation between them two layers can do no more than one.",
            "The best line gets some of each moon wrong, and no amount of training changes that.",
            "Compare it with the same network and a tanh between its layers.",
        ),
        "Minsky and Papert: Perceptrons, 1969",
        Figure("validation accuracy", accuracy, 0.93, lower=True),
    ),
    Exhibit(
        "moons-tanh",
        lambda: activation("Tanh"),
        "Start",
        (
            "Each of eight tanh units bends the plane along one line.",
            "The second layer adds the bends, and its border follows both moons.",
            "Nothing else differs from the network without a bend.",
        ),
        "Cybenko: Approximation by superpositions of a sigmoidal function, 1989",
        Figure("validation accuracy", accuracy, 0.98),
    ),
)
