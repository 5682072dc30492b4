"""Losses of numbers: how far a prediction is from a value, or how unlikely the value is under it."""

from __future__ import annotations

from typing import NamedTuple

from core.catalog.formulas import floating
from core.catalog.kind import (
    EACH,
    Arguments,
    Batch,
    Form,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    TensorType,
    Variant,
    single,
)
from core.catalog.loss_inputs import LOSS, MOST, ONE_BY_ONE, REDUCTION, WEIGHT, alike, loss_of, of_one_shape
from core.errors import ShapeError

_ROW = TensorType((Batch(), 3))
_PORTS = (PortSpec("prediction"), PortSpec("target", "any"))
_FULL = Param("full", "bool", False, "Add the terms that do not depend on the prediction.")


class _Distance(NamedTuple):
    """A loss that measures how far a prediction is from a value."""

    name: str
    summary: str
    help: str
    formula: str
    words: tuple[str, ...]
    stem: str
    call: str
    like: str
    param: Param | None = None


_DISTANCES = (
    _Distance(
        "MSE",
        "The mean of the squared errors.",
        "The mean of the squared errors: large errors count most; the usual loss for predicting numbers.",
        "L = mean (y − t)²",
        ("regression", "squared", "l2"),
        "mse",
        "mse_loss",
        "MSELoss",
    ),
    _Distance(
        "L1",
        "The mean of the absolute errors.",
        "The mean of the absolute errors: outliers pull less than with MSE.",
        "L = mean |y − t|",
        ("regression", "absolute", "mae"),
        "l1",
        "l1_loss",
        "L1Loss",
    ),
    _Distance(
        "SmoothL1",
        "Squared for small errors, absolute for large ones.",
        "Squared for errors below beta, absolute above: smooth at zero, and robust against outliers (Girshick 2015).",
        "L = ½e²/β where |e| < β, else |e| − ½β",
        ("regression", "huber", "robust"),
        "smooth_l1",
        "smooth_l1_loss",
        "SmoothL1Loss",
        Param("beta", "float", 1.0, "The error from which on it is absolute.", 0, MOST),
    ),
    _Distance(
        "Huber",
        "Squared for small errors, absolute with slope delta for large ones.",
        "Squared for errors below delta, with constant slope delta above (Huber 1964); delta times SmoothL1.",
        "L = ½e² where |e| < δ, else δ(|e| − ½δ)",
        ("regression", "robust", "smooth l1"),
        "huber",
        "huber_loss",
        "HuberLoss",
        Param("delta", "float", 1.0, "The error from which on its slope is constant.", 1e-6, MOST),
    ),
)


def _distance(one: _Distance) -> LayerKind:
    own = f"{{k_{one.param.name}}}" if one.param else ""
    return LayerKind(
        one.name,
        "Loss",
        "loss",
        one.summary,
        one.help,
        _PORTS,
        LOSS,
        alike("prediction", "target"),
        (WEIGHT, *([one.param] if one.param else []), REDUCTION),
        forward=f"F.{one.call}({{prediction}}, {{target}}{own}{{k_reduction}})",
        words=one.words,
        formula=one.formula,
        stem=one.stem,
        hint="numbers",
        role="loss",
        example=(_ROW, _ROW),
        target="values",
        prediction="values",
        like=f"nn.{one.like}",
    )


def _gaussian(inputs: Inputs, arguments: Arguments) -> Shaped:
    mean, variance = of_one_shape(inputs, "prediction", "target"), floating(single(inputs, "variance"), "variance")
    differing = [other for one, other in zip(mean.shape, variance.shape, strict=False) if one != other]
    same_rank = len(mean.shape) == len(variance.shape) and differing in ([], [1])
    if not same_rank and variance.shape != mean.shape[:-1]:
        raise ShapeError(
            "a variance for each number, or one for each row, was wanted",
            f"{variance.full} for {mean.full} came",
            fix="Give it the shape of the prediction, or 1 as its last size.",
        )
    return loss_of(mean.shape, arguments)


def _per_sample(inputs: Inputs, arguments: Arguments) -> Shaped:
    return loss_of(of_one_shape(inputs, "mean", "log_variance").shape[:1], arguments)


KINDS = (
    *map(_distance, _DISTANCES),
    LayerKind(
        "GaussianNLL",
        "Loss",
        "loss",
        "How unlikely the value is under a normal distribution that the network predicts.",
        "The network gives mean and variance: it learns how sure it may be (Nix and Weigend 1994). The variance must "
        "be positive: put a Softplus or an Exp before it.",
        (*_PORTS, PortSpec("variance", help="Positive: of the prediction's shape, or one for each row.")),
        LOSS,
        _gaussian,
        (WEIGHT, _FULL, Param("eps", "float", 1e-6, "The least variance.", 1e-12, 1), REDUCTION),
        forward="F.gaussian_nll_loss({prediction}, {target}, {variance}{k_full}{k_eps}{k_reduction})",
        words=("regression", "uncertainty", "likelihood", "heteroscedastic"),
        formula="L = ½(log σ² + (y − t)²/σ²)",
        stem="gaussian_nll",
        hint="numbers",
        role="loss",
        example=(_ROW, _ROW, _ROW),
        target="values",
        prediction="values",
        like="nn.GaussianNLLLoss",
    ),
    LayerKind(
        "PoissonNLL",
        "Loss",
        "loss",
        "How unlikely a count is under the rate that the network predicts.",
        "For targets that are counts: 0, 1, 2 and so on. The network gives the logarithm of the rate, or with "
        "log_input off the rate itself.",
        _PORTS,
        LOSS,
        alike("prediction", "target"),
        (
            WEIGHT,
            Param("log_input", "bool", True, "Whether the prediction is the logarithm of the rate."),
            _FULL,
            Param("eps", "float", 1e-8, "Added to the rate before its logarithm is taken.", 1e-12, 1),
            REDUCTION,
        ),
        forward="F.poisson_nll_loss({prediction}, {target}{k_log_input}{k_full}{k_eps}{k_reduction})",
        words=("counts", "rate", "likelihood"),
        formula="L = exp(y) − t·y",
        stem="poisson_nll",
        hint="counts",
        role="loss",
        example=(_ROW, _ROW),
        prediction="values",
        like="nn.PoissonNLLLoss",
    ),
    LayerKind(
        "KLDiv",
        "Loss",
        "loss",
        "How much a predicted distribution differs from the wanted one.",
        "The Kullback-Leibler divergence of the target from the prediction. The prediction comes as logarithms: put a "
        "LogSoftmax before it. batchmean is the mean over samples, mean divides by the number of classes too.",
        (
            PortSpec("log_probabilities"),
            PortSpec("target", "any", help="Probabilities, or with log_target their logarithms."),
        ),
        LOSS,
        alike("log_probabilities", "target"),
        (
            WEIGHT,
            Param("log_target", "bool", False, "Whether the target comes as logarithms too."),
            Param(
                "reduction",
                "choice",
                "batchmean",
                f"Mean over the samples, mean over all numbers, or the sum; {ONE_BY_ONE}.",
                choices=("batchmean", "mean", "sum", EACH),
            ),
        ),
        forward="F.kl_div({log_probabilities}, {target}, reduction={p_reduction}{k_log_target})",
        variants=(
            # torch warns at every call with "mean": it is no divergence
            Variant(
                "reduction",
                "mean",
                Form('F.kl_div({log_probabilities}, {target}, reduction="none"{k_log_target}).mean()'),
            ),
        ),
        words=("kullback", "leibler", "divergence", "distillation", "distribution"),
        formula="L = Σ t (log t − y)",
        stem="kl_div",
        hint="distributions",
        role="loss",
        example=(_ROW, _ROW),
        prediction="log-probabilities",
        like="nn.KLDivLoss",
    ),
    LayerKind(
        "KLToNormal",
        "Loss",
        "loss",
        "How much the code of a variational autoencoder differs from a standard normal distribution.",
        "Takes mean and log-variance of the code, and sums over its numbers (Kingma and Welling 2014, appendix B). "
        "Its weight is the β of a β-VAE.",
        (PortSpec("mean"), PortSpec("log_variance")),
        LOSS,
        _per_sample,
        (WEIGHT, REDUCTION),
        forward="0.5 * ({mean}.square() + {log_variance}.exp() - 1 - {log_variance}).flatten(1).sum(1)"
        "{c_reduction:.%()}",
        words=("vae", "variational", "autoencoder", "kullback", "latent"),
        formula="L = ½ Σ (μ² + σ² − 1 − log σ²)",
        stem="kl_to_normal",
        hint="VAE",
        role="loss",
        example=(_ROW, _ROW),
        prediction="none",
    ),
)
