"""What training makes small: a prediction against a target."""

from __future__ import annotations

from core.catalog.formulas import floating, product
from core.catalog.kind import (
    SCALAR,
    Arguments,
    Batch,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    ShapeFormula,
    TensorType,
    single,
)
from core.errors import ShapeError

_LOSS = (PortSpec("loss", "scalar"),)
_WEIGHT = Param("weight", "float", 1.0, "How much this loss counts in the sum.", 0, 1e6)
_REDUCTION = Param("reduction", "choice", "mean", "Mean or sum over the batch.", choices=("mean", "sum"))


def _cross_entropy(inputs: Inputs, _arguments: Arguments) -> Shaped:
    logits, label = floating(single(inputs, "logits"), "logits"), single(inputs, "label")
    if len(logits.shape) < 2:
        raise ShapeError("one score per class was wanted at logits", f"{logits.full} came", fix="Wire a Linear to it.")
    if label.dtype != "int64":
        raise ShapeError(
            "class numbers (int64) were wanted at label", f"{label.dtype} came", fix="Wire the label of the data here."
        )
    wanted = TensorType((logits.shape[0], *logits.shape[2:]), "int64")
    if label.shape != wanted.shape:
        raise ShapeError(
            f"labels of shape {wanted.full} were wanted",
            f"{label.full} came",
            fix="Flatten the logits to one row of scores per label.",
        )
    return Shaped({"loss": SCALAR})


def _same_shape(prediction: str) -> ShapeFormula:
    def shape(inputs: Inputs, _arguments: Arguments) -> Shaped:
        guess, target = floating(single(inputs, prediction), prediction), single(inputs, "target")
        if not target.dtype.startswith("float"):
            raise ShapeError(
                "numbers (float32) were wanted at target",
                f"{target.dtype} came",
                fix="Wire a number here, or use CrossEntropy for classes.",
            )
        if guess.shape != target.shape:
            raise ShapeError(
                f"{prediction} and target of one shape were wanted",
                f"{guess.full} and {target.full} came",
                fix=f"Let the last layer give {_size(target)}.",
            )
        return Shaped({"loss": SCALAR})

    return shape


def _size(tensor: TensorType) -> str:
    return str(product(tensor.features) if tensor.features else 1)


def _regression(name: str, summary: str, formula: str, call: str, words: tuple[str, ...], stem: str) -> LayerKind:
    return LayerKind(
        name,
        "Loss",
        "loss",
        summary,
        summary,
        (PortSpec("prediction"), PortSpec("target", "any")),
        _LOSS,
        _same_shape("prediction"),
        (_WEIGHT, _REDUCTION),
        forward=f"{call}({{prediction}}, {{target}}{{k_reduction}})",
        words=words,
        formula=formula,
        stem=stem,
        role="loss",
        example=(TensorType((Batch(), 3)), TensorType((Batch(), 3))),
        target="values",
    )


KINDS = (
    LayerKind(
        "CrossEntropy",
        "Loss",
        "loss",
        "How surprised the scores are by the right class.",
        "Softmax and negative log-likelihood in one: takes raw scores, one per class, and the right class.",
        (PortSpec("logits"), PortSpec("label", "int")),
        _LOSS,
        _cross_entropy,
        (
            _WEIGHT,
            Param("label_smoothing", "float", 0.0, "Share of probability given to all classes.", 0, 1),
            _REDUCTION,
        ),
        forward="F.cross_entropy({logits}, {label}{k_label_smoothing}{k_reduction})",
        words=("classification", "softmax", "nll", "categorical"),
        formula="L = −log softmax(z)[label]",
        stem="cross_entropy",
        hint="classes",
        role="loss",
        example=(TensorType((Batch(), 5)), TensorType((Batch(),), "int64")),
        target="classes",
    ),
    LayerKind(
        "BCEWithLogits",
        "Loss",
        "loss",
        "How surprised one score is by yes or no.",
        "Sigmoid and binary cross-entropy in one: takes raw scores and targets 0 or 1.",
        (PortSpec("logits"), PortSpec("target")),
        _LOSS,
        _same_shape("logits"),
        (_WEIGHT, _REDUCTION),
        forward="F.binary_cross_entropy_with_logits({logits}, {target}{k_reduction})",
        words=("binary", "logistic", "sigmoid", "two classes"),
        formula="L = −t·log σ(z) − (1 − t)·log(1 − σ(z))",
        stem="bce",
        hint="yes or no",
        role="loss",
        example=(TensorType((Batch(), 1)), TensorType((Batch(), 1))),
        target="probabilities",
    ),
    _regression(
        "MSE",
        "The mean of the squared errors.",
        "L = mean (y − t)²",
        "F.mse_loss",
        ("regression", "squared", "l2"),
        "mse",
    ),
    _regression(
        "L1",
        "The mean of the absolute errors.",
        "L = mean |y − t|",
        "F.l1_loss",
        ("regression", "absolute", "mae"),
        "l1",
    ),
    _regression(
        "SmoothL1",
        "Squared for small errors, absolute for large ones.",
        "L = ½e² where |e| < 1, else |e| − ½",
        "F.smooth_l1_loss",
        ("regression", "huber", "robust"),
        "smooth_l1",
    ),
)
