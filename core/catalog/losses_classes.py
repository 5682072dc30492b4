"""Losses of one class among several: how wrong the scores are about the right one."""

from __future__ import annotations

from core.catalog.kind import Arguments, Batch, Inputs, LayerKind, Param, PortSpec, Shaped, TensorType
from core.catalog.loss_inputs import (
    CLASS_WEIGHTS,
    IGNORE_INDEX,
    LABEL,
    LABEL_SMOOTHING,
    LABELS,
    LOSS,
    MOST,
    REDUCTION,
    WEIGHT,
    as_many,
    classes,
    loss_of,
    of_one_shape,
    scores_and_label,
)
from core.errors import ShapeError

_SCORES = TensorType((Batch(), 5))


def _soft(inputs: Inputs, arguments: Arguments) -> Shaped:
    logits = of_one_shape(inputs, "logits", "target")
    if len(logits.shape) < 2:
        raise ShapeError("one score per class was wanted at logits", f"{logits.full} came", fix="Wire a Linear to it.")
    as_many(arguments, "class_weights", logits, 1)
    return loss_of((logits.shape[0], *logits.shape[2:]), arguments)


def _row(inputs: Inputs, arguments: Arguments) -> Shaped:
    """As for classes, but for one row of scores a sample only."""
    shaped = scores_and_label(inputs, arguments, "scores")
    scores = inputs["scores"]
    if isinstance(scores, TensorType) and len(scores.shape) != 2:
        raise ShapeError(
            "one row of scores per sample was wanted", f"{scores.full} came", fix="Insert a Flatten before it."
        )
    return shaped


KINDS = (
    LayerKind(
        "CrossEntropy",
        "Loss",
        "loss",
        "How surprised the scores are by the right class.",
        "Softmax and negative log-likelihood in one: takes raw scores, one per class, and the right class.",
        (PortSpec("logits"), LABEL),
        LOSS,
        classes("logits"),
        (WEIGHT, LABEL_SMOOTHING, CLASS_WEIGHTS, IGNORE_INDEX, REDUCTION),
        forward="F.cross_entropy({logits}, {label}{t_class_weights:, weight={logits}.new_tensor}{k_ignore_index}"
        "{k_label_smoothing}{k_reduction})",
        words=("classification", "softmax", "nll", "categorical"),
        formula="L = −log softmax(z)[label]",
        stem="cross_entropy",
        hint="classes",
        role="loss",
        example=(_SCORES, LABELS),
        target="classes",
        like="nn.CrossEntropyLoss",
    ),
    LayerKind(
        "SoftCrossEntropy",
        "Loss",
        "loss",
        "How surprised the scores are by shares of all classes.",
        "Cross-entropy with a probability for each class as the target instead of one right class: for distillation, "
        "mixed labels and opinions of several people.",
        (PortSpec("logits"), PortSpec("target", help="Probabilities of the shape of the scores.")),
        LOSS,
        _soft,
        (WEIGHT, LABEL_SMOOTHING, CLASS_WEIGHTS, REDUCTION),
        forward="F.cross_entropy({logits}, {target}{t_class_weights:, weight={logits}.new_tensor}"
        "{k_label_smoothing}{k_reduction})",
        words=("classification", "softmax", "distillation", "mixup", "soft labels"),
        formula="L = −Σ t log softmax(z)",
        stem="soft_cross_entropy",
        hint="shares",
        role="loss",
        example=(_SCORES, _SCORES),
        target="shares",
        like="nn.CrossEntropyLoss",
    ),
    LayerKind(
        "NLL",
        "Loss",
        "loss",
        "How unlikely the right class is.",
        "Negative log-likelihood: takes logarithms of probabilities, so put a LogSoftmax before it. CrossEntropy is "
        "both in one.",
        (PortSpec("log_probabilities"), LABEL),
        LOSS,
        classes("log_probabilities"),
        (WEIGHT, CLASS_WEIGHTS, IGNORE_INDEX, REDUCTION),
        forward="F.nll_loss({log_probabilities}, {label}{t_class_weights:, weight={log_probabilities}.new_tensor}"
        "{k_ignore_index}{k_reduction})",
        words=("classification", "likelihood", "log softmax"),
        formula="L = −y[label]",
        stem="nll",
        hint="classes",
        role="loss",
        example=(_SCORES, LABELS),
        target="classes",
        prediction="log-probabilities",
        like="nn.NLLLoss",
    ),
    LayerKind(
        "Focal",
        "Loss",
        "loss",
        "Cross-entropy in which samples that are right already hardly count.",
        "Cross-entropy times (1 − p)^γ, p being the probability of the right class: rare and hard samples lead "
        "(Lin et al. 2017). With gamma 0 it is CrossEntropy.",
        (PortSpec("logits"), LABEL),
        LOSS,
        classes("logits"),
        (
            WEIGHT,
            Param("gamma", "float", 2.0, "How strongly easy samples are passed over.", 0, 100),
            CLASS_WEIGHTS,
            REDUCTION,
        ),
        module="losses.FocalLoss",
        arguments=("gamma", "class_weights", "reduction"),
        forward="{self}({logits}, {label})",
        words=("classification", "imbalance", "detection", "retinanet"),
        formula="L = −(1 − p)^γ log p,  p = softmax(z)[label]",
        stem="focal",
        hint="rare classes",
        role="loss",
        example=(_SCORES, LABELS),
        target="classes",
    ),
    LayerKind(
        "MultiMargin",
        "Loss",
        "loss",
        "Wants the right class's score above each other one by a margin.",
        "Sums over the other classes how far they come into the margin, and divides by the number of classes.",
        (PortSpec("scores"), LABEL),
        LOSS,
        _row,
        (
            WEIGHT,
            Param("p", "int", 1, "1: as it is, 2: squared.", 1, 2),
            Param("margin", "float", 1.0, "How far above the right score must be.", -MOST, MOST),
            CLASS_WEIGHTS,
            REDUCTION,
        ),
        forward="F.multi_margin_loss({scores}, {label}{k_p}{k_margin}"
        "{t_class_weights:, weight={scores}.new_tensor}{k_reduction})",
        words=("classification", "hinge", "svm", "weston", "watkins"),
        formula="L = Σ_j max(0, m − z[label] + z_j)^p / C",
        stem="multi_margin",
        hint="classes",
        role="loss",
        example=(_SCORES, LABELS),
        target="classes",
        prediction="scores",
        like="nn.MultiMarginLoss",
    ),
    LayerKind(
        "MultiClassHinge",
        "Loss",
        "loss",
        "Wants the right class's score above the best other one by a margin.",
        "The hinge loss of a support vector machine for several classes (Crammer and Singer 2001): only the strongest "
        "wrong class counts.",
        (PortSpec("scores"), LABEL),
        LOSS,
        _row,
        (
            WEIGHT,
            Param("margin", "float", 1.0, "How far above the right score must be.", 0, MOST),
            Param("squared", "bool", False, "Square what is in the margin."),
            REDUCTION,
        ),
        module="losses.MultiClassHingeLoss",
        arguments=("margin", "squared", "reduction"),
        forward="{self}({scores}, {label})",
        words=("classification", "svm", "support vector", "crammer", "singer"),
        formula="L = max(0, m + max_{j≠label} z_j − z[label])",
        stem="multi_class_hinge",
        hint="SVM",
        role="loss",
        example=(_SCORES, LABELS),
        target="classes",
        prediction="scores",
    ),
)
