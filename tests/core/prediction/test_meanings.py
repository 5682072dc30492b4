"""What outputs mean follows from the loss that judges them, and what is shown of them is torch's own arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.normalisation import Normalisation
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec
from core.files import load
from core.lowering import lower
from core.prediction.inputs import inputs_of
from core.prediction.meanings import Meaning, form, meanings, shown
from tests.core.training.projects import chain, node, project, wire
from tests.gui.conftest import TEMPLATES

RANDOM = torch.Generator().manual_seed(3)
IMAGE = FieldSpec("image", (1, 8, 8), "float32", "input", scaled=True)
ROW = FieldSpec("row", (2,), "float32", "target", columns=("a", "b"))
SERIES = FieldSpec("next", (12,), "float32", "target")
LETTERS = FieldSpec("next", (16,), "int64", "target", classes=tuple("abc"))


def of(kind: str, **params: object) -> Meaning:
    """The output of one layer on the points, judged by this loss."""
    layers = [node("data", "Dataset", dataset="data"), node("fc", "Linear", out_features=1)]
    into, target = {"Hinge": ("scores", "target"), "MSE": ("prediction", "target")}.get(kind, ("logits", "target"))
    edges = [wire("data.point", "fc"), wire("fc", f"loss.{into}"), wire("data.target", f"loss.{target}")]
    made = project([*layers, node("loss", kind, **params)], edges, DatasetSettings("spiral"))
    return meanings(lower(made))["fc"]


@pytest.mark.parametrize(
    ("template", "name", "inputs", "shape", "wanted"),
    [
        ("lenet5", "fc3", ["image"], (10,), "classes"),
        ("iris", "fc2", ["features"], (3,), "classes"),
        ("spiral", "out", ["point"], (1,), "yes or no"),
        ("linear-regression", "fc", ["features"], (1,), "values"),
    ],
)
def test_what_templates_read_and_say(template, name, inputs, shape, wanted) -> None:
    plan = lower(load(TEMPLATES / f"{template}.chain"))
    (output,) = meanings(plan)
    assert (output, list(inputs_of(plan))) == (name, inputs)
    assert form(meanings(plan)[output], shape) == wanted


def test_a_hinge_loss_says_its_margin_and_that_a_sign_is_meant() -> None:
    assert (of("Hinge", margin=0.5).target, of("Hinge", margin=0.5).margin) == ("signs", 0.5)
    assert of("Hinge").margin == 1.0
    assert of("BCEWithLogits").margin == 0.0
    assert form(of("Hinge"), (1,)) == "sign"


@pytest.mark.parametrize(
    ("meaning", "shape", "wanted"),
    [
        (Meaning("classes", "logits"), (3, 32, 32), "mask"),
        (Meaning("probabilities", "logits"), (1, 32, 32), "mask"),
        (Meaning("classes", "logits", LETTERS, classes=LETTERS.classes), (3, 16), "tokens"),
        (Meaning("probabilities", "logits"), (5,), "labels"),
        (Meaning("values", "values", IMAGE), (1, 8, 8), "picture"),
        (Meaning("values", "values", IMAGE), (64,), "picture"),
        (Meaning("values", "values", SERIES), (12,), "series"),
        (Meaning("values", "values", ROW), (2,), "values"),
        (Meaning(), (7,), "values"),
    ],
)
def test_the_form_of_an_answer_follows_from_its_meaning_and_its_shape(meaning, shape, wanted) -> None:
    assert form(meaning, shape) == wanted


def test_what_is_shown_are_torchs_probabilities_and_natural_units() -> None:
    scores = torch.randn(4, 3, 5, generator=RANDOM)
    raw = scores.numpy()
    told = shown(Meaning("classes", "logits"), scores.numpy(), None)
    np.testing.assert_allclose(told, torch.softmax(scores, 1), rtol=1e-6)
    assert shown(Meaning("classes", "scores"), raw, None) is raw
    one = torch.tensor([[-800.0], [0.0], [2.5], [800.0]])
    told = shown(Meaning("probabilities", "logits"), one.numpy(), None)
    np.testing.assert_allclose(told, torch.sigmoid(one), rtol=1e-6)
    assert shown(Meaning("probabilities", "probabilities"), raw, None) is raw
    flat = torch.randn(2, 64, generator=RANDOM)
    told = shown(Meaning("values", "values", IMAGE), flat.numpy(), Normalisation((0.5,), (2.0,)))
    np.testing.assert_allclose(told, flat.reshape(2, 1, 8, 8) * 2 + 0.5, rtol=1e-6)


def test_a_target_is_found_behind_layers_that_only_shape_it() -> None:
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flat", "Flatten"),
        node("fc", "Linear", out_features=64),
        node("loss", "MSE"),
    ]
    edges = [
        wire("data.image", "flat"),
        *chain(["flat", "fc"]),
        wire("fc", "loss.prediction"),
        wire("flat", "loss.target"),
    ]
    meaning = meanings(lower(project(nodes, edges, DatasetSettings("digits"))))["fc"]
    assert meaning.field is not None
    assert (meaning.field.name, form(meaning, (64,))) == ("image", "picture")
