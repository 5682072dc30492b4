"""Every metric against torchmetrics or scikit-learn, over batches of different sizes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn import metrics as sk
from torch import Tensor
from torchmetrics import classification, regression, text

from core.catalog import find
from core.training import library
from core.training.judging import MOST_CLASSES, Judge, Judged, task_of
from core.training.metric_kinds import METRICS, chosen, metric_text, title

ALL = ",".join(METRICS)


def judged(kind: str, prediction: Tensor, target: Tensor, names: str = ALL, **given: object) -> Judged:
    """What a loss of this kind says of these, in batches of 7."""
    found = find(kind)
    judge = Judge(found, {param.name: param.default for param in found.params} | given, names)  # type: ignore[arg-type]
    for part in zip(prediction.split(7), target.split(7), strict=True):
        judge.add(*part)
    return judge.judged()


def scores(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def labels(classes: int, *shape: int, seed: int = 1) -> Tensor:
    return torch.randint(classes, shape, generator=torch.Generator().manual_seed(seed))


def close(values: dict[str, float], **wanted: object) -> None:
    for name, value in wanted.items():
        assert values[name] == pytest.approx(float(value), abs=1e-6), name  # type: ignore[arg-type]  # a tensor or float


def test_metrics_of_classes_are_those_of_the_libraries():
    given, wanted = scores(40, 8), labels(7, 40)  # the eighth class never occurs
    found = judged("CrossEntropy", given, wanted)
    guesses, sure = given.argmax(1), given.softmax(1)
    macro = {"num_classes": 8, "average": "macro"}
    assert found.task == "classes"
    close(
        found.values,
        accuracy=sk.accuracy_score(wanted, guesses),
        precision=sk.precision_score(wanted, guesses, average="macro", zero_division=0),
        recall=sk.recall_score(wanted, guesses, average="macro", zero_division=0),
        f1=sk.f1_score(wanted, guesses, average="macro"),
        iou=classification.MulticlassJaccardIndex(**macro)(guesses, wanted),
        kappa=sk.cohen_kappa_score(wanted, guesses),
        mcc=sk.matthews_corrcoef(wanted, guesses),
        top3=sk.top_k_accuracy_score(wanted, given, k=3, labels=range(8)),
        top5=sk.top_k_accuracy_score(wanted, given, k=5, labels=range(8)),
        perplexity=math.exp(torch.nn.functional.cross_entropy(given, wanted)),
        auroc=np.mean([sk.roc_auc_score(wanted == one, sure[:, one]) for one in range(7)]),
        average_precision=np.mean([sk.average_precision_score(wanted == one, sure[:, one]) for one in range(7)]),
        calibration=classification.MulticlassCalibrationError(8, n_bins=15)(sure, wanted),
    )
    assert np.array_equal(found.table, sk.confusion_matrix(wanted, guesses, labels=range(8)))
    f1 = classification.MulticlassF1Score(**macro)(guesses, wanted)
    assert found.values["f1"] == pytest.approx(float(f1), abs=1e-6)


def test_what_is_ignored_counts_nowhere():
    given, wanted = scores(40, 4), labels(4, 40)
    kept = wanted != 2
    some, all_ = (
        judged("CrossEntropy", given[kept], wanted[kept]),
        judged("CrossEntropy", given, wanted, ignore_index=2),
    )
    assert all_.values == pytest.approx(some.values, rel=1e-6)
    assert all_.table == some.table


def test_top_k_holds_the_first_of_equal_scores_for_the_likeliest_as_accuracy_does():
    given = torch.zeros(20, 6)
    wanted = labels(6, 20)
    values = judged("CrossEntropy", given, wanted).values
    assert values["accuracy"] == float((wanted == 0).double().mean())
    assert values["top3"] == float((wanted < 3).double().mean())


def test_metrics_of_pixels_are_those_of_the_libraries():
    given, wanted = scores(20, 3, 5, 4), labels(3, 20, 5, 4)
    found = judged("CrossEntropy", given, wanted)
    guesses = given.argmax(1)
    assert found.task == "areas"
    close(
        found.values,
        accuracy=(guesses == wanted).double().mean(),
        iou=classification.MulticlassJaccardIndex(3)(guesses, wanted),
        f1=sk.f1_score(wanted.flatten(), guesses.flatten(), average="macro"),
    )


def test_metrics_of_tokens_are_those_of_the_libraries():
    given, wanted = scores(20, 5, 9), labels(5, 20, 9)
    given.scatter_add_(1, wanted[:, None], torch.full((20, 1, 9), 1.5))
    found = judged("CrossEntropy", given, wanted)
    perplexity = text.Perplexity()(given.movedim(1, 2), wanted)
    sentences = [[str(token) for token in row] for row in given.argmax(1).tolist()]
    truths = [[" ".join(map(str, row))] for row in wanted.tolist()]
    assert found.task == "tokens"
    close(
        found.values,
        accuracy=(given.argmax(1) == wanted).double().mean(),
        perplexity=perplexity,
        bleu=text.BLEUScore()([" ".join(row) for row in sentences], truths),
    )
    assert 0.05 < found.values["bleu"] < 0.95


def test_bleu_of_answers_that_are_too_short_is_that_of_the_library():
    from core.training.tallies import Phrases

    answer, truth = [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7]
    phrases = Phrases()
    phrases.add(answer, truth)
    wanted = text.BLEUScore()([" ".join(map(str, answer))], [[" ".join(map(str, truth))]])
    assert phrases.values()["bleu"] == pytest.approx(float(wanted), abs=1e-6)


@pytest.mark.parametrize("kind", ["BCEWithLogits", "BCE", "Hinge"])
def test_metrics_of_yes_or_no_are_those_of_the_libraries(kind):
    given, wanted = scores(40, 1), labels(2, 40, 1).float()
    shown = given.sigmoid() if kind == "BCE" else given
    found = judged(kind, shown, wanted * 2 - 1 if kind == "Hinge" else wanted)
    guesses, truth = (given > 0).flatten(), wanted.flatten()
    assert found.task == "yes or no"
    close(
        found.values,
        accuracy=sk.accuracy_score(truth, guesses),
        precision=sk.precision_score(truth, guesses),
        recall=sk.recall_score(truth, guesses),
        f1=sk.f1_score(truth, guesses),
        iou=sk.jaccard_score(truth, guesses),
        mcc=sk.matthews_corrcoef(truth, guesses),
        auroc=sk.roc_auc_score(truth, given.flatten()),
        average_precision=sk.average_precision_score(truth, given.flatten()),
    )
    assert np.array_equal(found.table, sk.confusion_matrix(truth, guesses))


def test_metrics_of_several_labels_are_those_of_the_libraries():
    given, wanted = scores(40, 5), labels(2, 40, 5).float()
    found = judged("BCEWithLogits", given, wanted)
    guesses = given > 0
    assert found.task == "labels"
    close(
        found.values,
        accuracy=(guesses == wanted.bool()).double().mean(),
        precision=sk.precision_score(wanted, guesses, average="macro"),
        recall=sk.recall_score(wanted, guesses, average="macro"),
        f1=sk.f1_score(wanted, guesses, average="macro"),
        auroc=sk.roc_auc_score(wanted, given, average="macro"),
    )
    assert found.table == ()


def test_metrics_of_a_mask_are_those_of_the_libraries():
    given, wanted = scores(20, 1, 6, 6), labels(2, 20, 1, 6, 6).float()
    found = judged("BCEWithLogits", given, wanted)
    truth, guesses = wanted.flatten(), (given > 0).flatten()
    assert found.task == "mask"
    close(found.values, iou=sk.jaccard_score(truth, guesses), f1=sk.f1_score(truth, guesses))


@pytest.mark.parametrize("shape", [(40, 1), (40, 3), (40, 2, 4)])
@pytest.mark.parametrize("far", [0.0, 1e4])
def test_metrics_of_values_are_those_of_the_libraries(shape, far):
    wanted = scores(*shape).double() + far
    given = wanted + 0.5 * scores(*shape, seed=5)
    found = judged("MSE", given, wanted)
    rows = wanted.reshape(40, -1), given.reshape(40, -1)
    assert found.task == "values"
    close(
        found.values,
        rmse=math.sqrt(sk.mean_squared_error(*rows)),
        mae=sk.mean_absolute_error(*rows),
        r2=sk.r2_score(*rows, multioutput="variance_weighted"),
    )
    library_says = regression.R2Score(multioutput="variance_weighted")(rows[1], rows[0])
    assert found.values["r2"] == pytest.approx(float(library_says), abs=1e-5)


def test_values_that_all_are_the_same_have_no_r2():
    values = judged("MSE", scores(20, 1), torch.full((20, 1), 0.3)).values
    assert "r2" not in values
    assert values["mae"] > 0


def test_shares_are_judged_by_the_largest():
    given, wanted = scores(30, 4), scores(30, 4, seed=3).softmax(1)
    found = judged("SoftCrossEntropy", given, wanted)
    assert found.values["accuracy"] == pytest.approx(float((given.argmax(1) == wanted.argmax(1)).double().mean()))
    assert "perplexity" not in found.values


def test_without_the_library_the_others_are_measured_and_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(library, "is_installed", lambda: False)
    found = judged("CrossEntropy", scores(30, 4), labels(4, 30))
    assert found.missing == ("auroc", "average_precision", "calibration")
    assert {"accuracy", "top3", "f1", "perplexity"} <= found.values.keys()
    assert judged("CrossEntropy", scores(30, 4), labels(4, 30), "f1").missing == ()


def test_a_table_of_many_classes_is_counted_but_not_told():
    found = judged("CrossEntropy", scores(30, MOST_CLASSES + 1), labels(MOST_CLASSES + 1, 30))
    assert found.table == ()
    assert "f1" in found.values


@pytest.mark.parametrize(
    ("kind", "given", "shape", "task"),
    [
        ("CrossEntropy", {}, (7, 10), "classes"),
        ("CrossEntropy", {}, (7, 10, 30), "tokens"),
        ("CrossEntropy", {}, (7, 10, 8, 8), "areas"),
        ("BCEWithLogits", {}, (7,), "yes or no"),
        ("BCEWithLogits", {}, (7, 1), "yes or no"),
        ("BCEWithLogits", {}, (7, 4), "labels"),
        ("BCEWithLogits", {}, (7, 1, 8, 8), "mask"),
        ("MSE", {}, (7, 1), "values"),
    ],
)
def test_the_task_follows_from_the_loss_and_the_prediction(kind, given, shape, task):
    assert task_of(find(kind), given, shape) == task


def test_the_usual_metrics_are_those_of_the_task_and_a_choice_takes_their_place():
    assert [kind.name for kind in chosen("", "values")] == ["rmse", "mae", "r2"]
    assert [kind.name for kind in chosen("f1, rmse ,accuracy", "classes")] == ["accuracy", "f1"]
    assert title("f1", "mask") == "Dice"
    assert title("f1") == "F1"
    assert [metric_text("f1", 0.5), metric_text("rmse", 0.5)] == ["50.0 %", "0.5"]


def test_nothing_is_judged_before_a_batch():
    assert Judge(find("MSE"), {}, "").judged() == Judged()
