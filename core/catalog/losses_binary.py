"""Losses of yes or no, one question or several at once: targets of 0 and 1, or of −1 and 1."""

from __future__ import annotations

from core.catalog.formulas import floating
from core.catalog.kind import (
    Arguments,
    Batch,
    Form,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    ShapeFormula,
    TensorType,
    Variant,
    single,
)
from core.catalog.loss_inputs import (
    CLASS_WEIGHTS,
    LOSS,
    MOST,
    REDUCTION,
    WEIGHT,
    alike,
    as_many,
    class_numbers,
    loss_of,
    of_one_shape,
)
from core.errors import ShapeError

_ONE = TensorType((Batch(), 1))
_ROW = TensorType((Batch(), 5))
_IMAGE = TensorType((Batch(), 2, 4, 3))
_LOGITS = (PortSpec("logits"), PortSpec("target"))
_SIGNED = (PortSpec("scores"), PortSpec("target", help="−1 or 1."))
_OUTPUT_WEIGHTS = Param(
    "output_weights", "numbers", None, "How much each output counts; empty for all alike.", 0, MOST, optional=True
)
_POS_WEIGHT = Param(
    "pos_weight",
    "numbers",
    None,
    "How many times more a 1 counts than a 0, for each output; empty for alike.",
    0,
    MOST,
    optional=True,
)


def _weighted(prediction: str, *lists: str) -> ShapeFormula:
    """The formula for numbers of one shape, with lists of one number for each place of the last dimension."""

    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        guess = of_one_shape(inputs, prediction, "target")
        for name in lists:
            as_many(arguments, name, guess, -1)
        return loss_of(guess.shape, arguments)

    return shape


def _label_lists(inputs: Inputs, arguments: Arguments) -> Shaped:
    scores, label = floating(single(inputs, "scores"), "scores"), single(inputs, "label")
    class_numbers(label)
    if len(scores.shape) != 2 or scores.shape != label.shape:
        raise ShapeError(
            "a row of scores, and a row of class numbers as long, were wanted",
            f"{scores.full} and {label.full} came",
            fix="Fill the row of class numbers up with −1.",
        )
    return loss_of(scores.shape[:1], arguments)


def _soft_labels(inputs: Inputs, arguments: Arguments) -> Shaped:
    logits = of_one_shape(inputs, "logits", "target")
    if len(logits.shape) < 2:
        raise ShapeError("one score per class was wanted at logits", f"{logits.full} came", fix="Wire a Linear to it.")
    as_many(arguments, "class_weights", logits, -1)
    return loss_of(logits.shape[:-1], arguments)


def _dice(inputs: Inputs, arguments: Arguments) -> Shaped:
    logits = of_one_shape(inputs, "logits", "target")
    if len(logits.shape) < 2:
        raise ShapeError("a mask per sample was wanted at logits", f"{logits.full} came", fix="Wire a picture here.")
    return loss_of(logits.shape[: 2 if arguments["per_channel"] else 1], arguments)


KINDS = (
    LayerKind(
        "BCEWithLogits",
        "Loss",
        "loss",
        "How surprised one score is by yes or no.",
        "Sigmoid and binary cross-entropy in one: takes raw scores and targets 0 or 1.",
        _LOGITS,
        LOSS,
        _weighted("logits", "output_weights", "pos_weight"),
        (WEIGHT, _OUTPUT_WEIGHTS, _POS_WEIGHT, REDUCTION),
        forward="F.binary_cross_entropy_with_logits({logits}, {target}"
        "{t_output_weights:, weight={logits}.new_tensor}{t_pos_weight:, pos_weight={logits}.new_tensor}{k_reduction})",
        words=("binary", "logistic", "sigmoid", "two classes"),
        formula="L = −t·log σ(z) − (1 − t)·log(1 − σ(z))",
        stem="bce",
        hint="yes or no",
        role="loss",
        example=(_ONE, _ONE),
        target="probabilities",
        like="nn.BCEWithLogitsLoss",
    ),
    LayerKind(
        "BCE",
        "Loss",
        "loss",
        "How surprised a probability is by yes or no.",
        "Binary cross-entropy of probabilities from 0 to 1: put a Sigmoid before it. BCEWithLogits is both in one, and "
        "more exact.",
        (PortSpec("probabilities"), PortSpec("target")),
        LOSS,
        _weighted("probabilities", "output_weights"),
        (WEIGHT, _OUTPUT_WEIGHTS, REDUCTION),
        forward="F.binary_cross_entropy({probabilities}, {target}"
        "{t_output_weights:, weight={probabilities}.new_tensor}{k_reduction})",
        words=("binary", "cross entropy", "two classes"),
        formula="L = −t·log p − (1 − t)·log(1 − p)",
        stem="bce",
        hint="yes or no",
        role="loss",
        example=(_ONE, _ONE),
        target="probabilities",
        prediction="probabilities",
        like="nn.BCELoss",
    ),
    LayerKind(
        "BinaryFocal",
        "Loss",
        "loss",
        "Binary cross-entropy in which what is right already hardly counts.",
        "For many negatives and few positives (Lin et al. 2017, equation 5): takes raw scores and targets 0 or 1; a 1 "
        "counts alpha, a 0 counts 1 − alpha.",
        _LOGITS,
        LOSS,
        alike("logits", "target"),
        (
            WEIGHT,
            Param("gamma", "float", 2.0, "How strongly the easy ones are passed over.", 0, 100),
            Param("alpha", "float", 0.25, "The share that a 1 counts; the rest counts a 0.", 0, 1),
            REDUCTION,
        ),
        module="losses.BinaryFocalLoss",
        arguments=("gamma", "alpha", "reduction"),
        forward="{self}({logits}, {target})",
        words=("imbalance", "detection", "retinanet"),
        formula="L = −α (1 − p)^γ log p,  p = σ(z) for t = 1, else 1 − σ(z)",
        stem="focal",
        hint="rare yes",
        role="loss",
        example=(_ONE, _ONE),
        target="probabilities",
    ),
    LayerKind(
        "Dice",
        "Loss",
        "loss",
        "How little a predicted mask and the right one overlap.",
        "One minus the Dice coefficient (Milletari et al. 2016): for masks in which the object is small. Takes raw "
        "scores and masks of 0 and 1 of the same shape.",
        _LOGITS,
        LOSS,
        _dice,
        (
            WEIGHT,
            Param(
                "activation",
                "choice",
                "sigmoid",
                "How scores become shares: each for itself, over the channels, or as they are.",
                choices=("sigmoid", "softmax", "none"),
            ),
            Param("per_channel", "bool", False, "Judge every channel for itself."),
            Param("squared", "bool", False, "Square the shares in the denominator, as V-Net does."),
            Param("smooth", "float", 1.0, "Added above and below, for masks that are empty.", 1e-6, MOST),
            REDUCTION,
        ),
        module="losses.DiceLoss",
        arguments=("activation", "per_channel", "squared", "smooth", "reduction"),
        forward="{self}({logits}, {target})",
        words=("segmentation", "overlap", "mask", "f1", "u-net"),
        formula="L = 1 − (2 Σ p·t + s) / (Σ p + Σ t + s)",
        stem="dice",
        hint="masks",
        role="loss",
        example=(_IMAGE, _IMAGE),
        target="probabilities",
    ),
    LayerKind(
        "SoftMargin",
        "Loss",
        "loss",
        "How surprised one score is by −1 or 1.",
        "The logistic loss for targets of −1 and 1.",
        _SIGNED,
        LOSS,
        alike("scores", "target"),
        (WEIGHT, REDUCTION),
        forward="F.soft_margin_loss({scores}, {target}{k_reduction})",
        words=("logistic", "binary", "two classes"),
        formula="L = log(1 + exp(−t·z))",
        stem="soft_margin",
        hint="−1 or 1",
        role="loss",
        example=(_ONE, _ONE),
        target="signs",
        prediction="scores",
        like="nn.SoftMarginLoss",
    ),
    LayerKind(
        "SoftPerceptron",
        "Loss",
        "loss",
        "The perceptron's loss with a smooth corner.",
        "The perceptron pays −t·z for a wrong sign and nothing for a right one; its smooth form can be trained with "
        "gradients, and comes the nearer to it the larger beta is. With beta 1 it is SoftMargin.",
        _SIGNED,
        LOSS,
        alike("scores", "target"),
        (WEIGHT, Param("beta", "float", 1.0, "How sharp the corner is.", 1e-3, 1e3), REDUCTION),
        forward="F.softplus(-{target} * {scores}{k_beta}){c_reduction:.%()}",
        words=("rosenblatt", "binary", "two classes", "softplus"),
        formula="L = log(1 + exp(−β·t·z)) / β",
        stem="soft_perceptron",
        hint="−1 or 1",
        role="loss",
        example=(_ONE, _ONE),
        target="signs",
        prediction="scores",
    ),
    LayerKind(
        "Hinge",
        "Loss",
        "loss",
        "Wants the score on the right side of zero by a margin.",
        "The loss of a support vector machine (Cortes and Vapnik 1995): nothing to pay beyond the margin. Targets are "
        "−1 and 1; with weight decay it is the soft-margin SVM.",
        _SIGNED,
        LOSS,
        alike("scores", "target"),
        (
            WEIGHT,
            Param("margin", "float", 1.0, "How far from zero the score must be.", 0, MOST),
            Param("squared", "bool", False, "Square what is in the margin."),
            REDUCTION,
        ),
        forward="F.relu({p_margin} - {target} * {scores}){c_reduction:.%()}",
        variants=(
            Variant("squared", True, Form("F.relu({p_margin} - {target} * {scores}).square(){c_reduction:.%()}")),
        ),
        words=("svm", "support vector", "binary", "two classes"),
        formula="L = max(0, m − t·z)",
        stem="hinge",
        hint="SVM",
        role="loss",
        example=(_ONE, _ONE),
        target="signs",
        prediction="scores",
    ),
    LayerKind(
        "MultiLabelSoftMargin",
        "Loss",
        "loss",
        "How surprised the scores are by any number of right classes.",
        "Binary cross-entropy for each class, averaged over the classes: takes raw scores and a 0 or 1 for each class.",
        _LOGITS,
        LOSS,
        _soft_labels,
        (WEIGHT, CLASS_WEIGHTS, REDUCTION),
        forward="F.multilabel_soft_margin_loss({logits}, {target}"
        "{t_class_weights:, weight={logits}.new_tensor}{k_reduction})",
        words=("several labels", "tags", "sigmoid"),
        formula="L = mean_c BCE(σ(z_c), t_c)",
        stem="multi_label",
        hint="tags",
        role="loss",
        example=(_ROW, _ROW),
        target="probabilities",
        like="nn.MultiLabelSoftMarginLoss",
    ),
    LayerKind(
        "MultiLabelMargin",
        "Loss",
        "loss",
        "Wants the scores of all right classes above those of all others by 1.",
        "The label is a row of class numbers as long as the scores; −1 ends it.",
        (PortSpec("scores"), PortSpec("label", "int", help="Class numbers, the first −1 ends them.")),
        LOSS,
        _label_lists,
        (WEIGHT, REDUCTION),
        forward="F.multilabel_margin_loss({scores}, {label}{k_reduction})",
        words=("several labels", "tags", "hinge"),
        formula="L = Σ_{i right, j not} max(0, 1 − z_i + z_j) / C",
        stem="multi_label_margin",
        hint="tags",
        role="loss",
        example=(_ROW, TensorType((Batch(), 5), "int64")),
        prediction="scores",
        like="nn.MultiLabelMarginLoss",
    ),
)
