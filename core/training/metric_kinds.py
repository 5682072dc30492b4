"""The metrics that are offered: what each says, for which tasks, and which are shown where none was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Task = Literal["classes", "tokens", "areas", "yes or no", "labels", "mask", "values"]
"""One class a sample; one a place of a sequence; one a pixel; yes or no; several of these a sample, or one a pixel;
numbers."""
LOSS = "loss"
"""The validation loss, where a metric may be named too."""


@dataclass(frozen=True, slots=True)
class MetricKind:
    """One metric: its words, the tasks it fits, and how its values are read."""

    name: str
    title: str
    help: str
    tasks: tuple[Task, ...]
    share: bool = True
    """Whether it lies from 0 to 1 and is read as a percentage."""
    rising: bool = True
    """Whether more is better."""
    library: bool = False
    """Whether it is torchmetrics that measures it."""

    def better(self, value: float, than: float) -> bool:
        """Whether a value is better than another."""
        return value > than if self.rising else value < than


_SINGLE: tuple[Task, ...] = ("classes", "tokens", "areas", "yes or no", "mask")
"""Tasks whose answers make one table of what was right against what was said."""
_JUDGED: tuple[Task, ...] = (*_SINGLE, "labels")
_LIKELY: tuple[Task, ...] = ("classes", "tokens")
_RANKED: tuple[Task, ...] = ("classes", "yes or no", "labels")

METRICS: Mapping[str, MetricKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            MetricKind("accuracy", "Accuracy", "The share of answers, tokens or pixels that are right.", _JUDGED),
            MetricKind("top3", "Top 3", "How often the right class is among the three likeliest.", _LIKELY),
            MetricKind("top5", "Top 5", "How often the right class is among the five likeliest.", _LIKELY),
            MetricKind("precision", "Precision", "Of what was called a class, the share that is one.", _JUDGED),
            MetricKind("recall", "Recall", "Of what is a class, the share that was found.", _JUDGED),
            MetricKind("f1", "F1", "The harmonic mean of precision and recall.", _JUDGED),
            MetricKind("iou", "Mean IoU", "What both areas share over what either covers.", _SINGLE),
            MetricKind("kappa", "Kappa", "Agreement beyond what chance gives (Cohen 1960).", _SINGLE, share=False),
            MetricKind("mcc", "Matthews", "Correlation of answers and truth (Matthews 1975).", _SINGLE, share=False),
            MetricKind("auroc", "AUROC", "How often a right sample ranks above a wrong one.", _RANKED, library=True),
            MetricKind(
                "average_precision",
                "Average precision",
                "The area under precision over recall; mean of classes.",
                _RANKED,
                library=True,
            ),
            MetricKind(
                "calibration",
                "Calibration error",
                "How far confidence and accuracy lie apart (Guo 2017); less is better.",
                ("classes", "yes or no"),
                rising=False,
                library=True,
            ),
            MetricKind(
                "perplexity",
                "Perplexity",
                "Among how many classes the network is as unsure as a fair die; less is better.",
                ("classes", "tokens"),
                share=False,
                rising=False,
            ),
            MetricKind(
                "bleu",
                "BLEU",
                "Shared runs of 1 to 4 tokens (Papineni 2002); each is guessed from the true ones before it.",
                ("tokens",),
            ),
            MetricKind(
                "rmse", "RMSE", "The root of the mean squared error; less is better.", ("values",), False, rising=False
            ),
            MetricKind("mae", "MAE", "The mean size of the error; less is better.", ("values",), False, rising=False),
            MetricKind("r2", "R²", "The share of the spread that is explained.", ("values",), share=False),
        )
    }
)
_USUAL: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        "classes": ("accuracy", "precision", "recall", "f1"),
        "tokens": ("accuracy", "perplexity"),
        "areas": ("accuracy", "iou", "f1"),
        "yes or no": ("accuracy", "precision", "recall", "f1"),
        "labels": ("accuracy", "precision", "recall", "f1"),
        "mask": ("accuracy", "iou", "f1"),
        "values": ("rmse", "mae", "r2"),
    }
)
_TITLES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("accuracy", "areas"): "Pixel accuracy",
        ("accuracy", "mask"): "Pixel accuracy",
        ("accuracy", "tokens"): "Token accuracy",
        ("f1", "mask"): "Dice",
    }
)


def chosen(names: str, task: Task) -> tuple[MetricKind, ...]:
    """The metrics of a setting that fit a task, in the table's order: names with commas between; none: the usual."""
    wanted = {name.strip() for name in names.split(",") if name.strip()} or set(_USUAL[task])
    return tuple(kind for kind in METRICS.values() if kind.name in wanted and task in kind.tasks)


def title(name: str, task: str = "") -> str:
    """What a metric is called in this task."""
    known = METRICS.get(name)
    return _TITLES.get((name, task), known.title if known is not None else name)


def metric_text(name: str, value: float) -> str:
    """A value of this metric in words: 96.7 %, 0.712."""
    known = METRICS.get(name)
    return f"{100 * value:.1f} %" if known is not None and known.share else f"{value:.4g}"
