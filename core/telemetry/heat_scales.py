"""What a heatmap may show of the layers, and on which fixed scale: a colour means the same number in every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.telemetry.record import RunRecord


@dataclass(frozen=True, slots=True)
class HeatScale:
    """One quantity as colours: its name, where the colours begin and end, and what is marked."""

    title: str
    """What a menu calls it."""
    caption: str
    """What stands below the cells: formula or unit."""
    sentence: str
    """What one is looking at."""
    low: float = -8.0
    high: float = 1.0
    """The ends of the colours; logarithms where `log` is set."""
    log: bool = True
    mark: float | None = None
    """The place that the legend marks, and the `word` beside it."""
    word: str = ""
    unmeasured: bool = False
    """NaN says that the quantity means nothing at a layer, rather than that a number broke."""
    frozen: bool = False
    """NaN beside a finite gradient of the whole network says that the layer is frozen."""
    of_activations: bool = False
    """It tells of what squashes or cuts, so that the rows are the activations, not the layers with a weight."""
    signed: bool = False
    """Negative values count by their size."""

    def ticks(self) -> tuple[float, ...]:
        """Where the legend has labels, from the upper end on."""
        if not self.log:
            return (1.0, 0.75, 0.5, 0.25, 0.0)
        whole = range(int(self.high), int(self.low), -2 if self.high - self.low > 5 else -1)
        return tuple(float(place) for place in whole)


SCALES: Mapping[str, HeatScale] = MappingProxyType(
    {
        "output": HeatScale(
            "Output gradients",
            "log₁₀ RMS ∂L/∂output × batch",
            "How strongly the loss pulls at each layer's output over the steps; dark rows at the top are gradients "
            "that vanish on their way back to the input.",
            mark=-6.0,
            word="vanishing",
        ),
        "gradient_rms": HeatScale(
            "Weight gradients",
            "log₁₀ RMS ∂L/∂W",
            "How large the gradient of each layer's weights is over the steps, before clipping; it also shrinks with "
            "the layer's input, so outputs judge vanishing more truly.",
            mark=-6.0,
            word="vanishing",
            frozen=True,
        ),
        "update_ratio": HeatScale(
            "Updates",
            "log₁₀ ‖ΔW‖₂ / ‖W‖₂",
            "How far each step moves a layer's weights, as a share of their size; about a thousandth is usual.",
            mark=-3.0,
            word="usual",
            frozen=True,
        ),
        "saturated": HeatScale(
            "Saturation",
            "share of saturated outputs",
            "Which share of each layer's outputs lies on the flat ends of tanh or sigmoid, where gradients die.",
            low=0.0,
            high=1.0,
            log=False,
            unmeasured=True,
            of_activations=True,
        ),
        "dead": HeatScale(
            "Dead units",
            "share of units that are 0 for all samples",
            "Which share of each layer's units answered none of the last samples: such units get no gradient and do "
            "not come back by themselves.",
            low=0.0,
            high=1.0,
            log=False,
            unmeasured=True,
            of_activations=True,
        ),
        "zero": HeatScale(
            "Zeros",
            "share of outputs that are exactly 0",
            "Which share of each layer's outputs is exactly zero; about half is usual behind a ReLU.",
            low=0.0,
            high=1.0,
            log=False,
            unmeasured=True,
            of_activations=True,
        ),
        "std": HeatScale(
            "Activation std",
            "log₁₀ standard deviation of outputs",
            "How far each layer's outputs spread over the steps; rows that fade or glow say that the signal dies out "
            "or grows on its way forward.",
            low=-5.0,
            high=2.0,
        ),
        "unit_std": HeatScale(
            "Spread between samples",
            "log₁₀ std over samples, mean of units",
            "How differently each layer answers different samples; near zero it says the same of all of them.",
            low=-5.0,
            high=2.0,
        ),
        "mean": HeatScale(
            "Activation mean",
            "log₁₀ |mean of outputs|",
            "How far from zero the middle of each layer's outputs lies over the steps.",
            low=-5.0,
            high=2.0,
            signed=True,
        ),
        "rank": HeatScale(
            "Effective rank",
            "log₁₀ effective rank of outputs",
            "In how many directions the outputs of each layer really vary; one says that all samples look alike.",
            low=0.0,
            high=3.0,
            unmeasured=True,
        ),
        "alike": HeatScale(
            "Likeness of units",
            "mean |cosine| between units",
            "How alike the weights of a layer's units are; at one they all compute the same.",
            low=0.0,
            high=1.0,
            log=False,
            unmeasured=True,
        ),
        "through_time": HeatScale(
            "Through time",
            "log₁₀ gradient at the first over the last time step",
            "How much of the gradient at a sequence's end reaches its beginning in recurrent layers.",
            mark=-3.0,
            word="vanishing",
            unmeasured=True,
        ),
        "time": HeatScale(
            "Along the sequence",
            "log₁₀ RMS ∂L/∂input × batch",
            "How strongly the loss pulls at what a recurrent layer reads, the first steps of the sequence on top; "
            "dark rows at the top are gradients that vanish on their way back through time.",
            mark=-6.0,
            word="vanishing",
            unmeasured=True,
            of_activations=True,
        ),
        "weight": HeatScale(
            "Weight norms",
            "log₁₀ ‖W‖₂",
            "How long each layer's weights are over the steps; rows that fade say that decay is stronger than what "
            "the loss asks for.",
            low=-3.0,
            high=3.0,
        ),
        "forward": HeatScale(
            "Time forward",
            "log₁₀ seconds forward",
            "How long each layer takes to compute its output over the steps.",
            low=-6.0,
            high=1.0,
            unmeasured=True,
        ),
        "backward": HeatScale(
            "Time backward",
            "log₁₀ seconds backward",
            "How long each layer takes on the way back over the steps.",
            low=-6.0,
            high=1.0,
            unmeasured=True,
        ),
    }
)
"""The choices by quantity, the one that judges first."""
RELATIVE_MARK = -3.0
"""log10 of the share of the last layer's gradient under which the Doctor speaks of vanishing."""


def offered(record: RunRecord | None) -> tuple[str, ...]:
    """The quantities that this run measures; those that every run has where there is none."""
    if record is None:
        return tuple(SCALES)[:3]
    return tuple(quantity for quantity in SCALES if record.measures(quantity))
