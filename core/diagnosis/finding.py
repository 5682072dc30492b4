"""What the Doctor says: a finding with its evidence, as plain values that windows, terminals and files show alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning", "hint"]
"""Critical: the run learns little or nothing because of it. Warning: it costs much. Hint: worth knowing."""
Family = Literal["data", "graph", "loss", "start", "settings", "flow", "activations", "progress", "generalisation"]
"""What a finding is about, in the order in which causes go before what they cause."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Numbers of a small plot: `y` over `x`, or over the plot's `names` where there is no `x`."""

    name: str
    y: tuple[float, ...]
    x: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """The numbers of a small plot: a line over steps, a profile over layers (input first), or a bar a name."""

    form: Literal["line", "profile", "bars"]
    curves: tuple[Curve, ...]
    names: tuple[str, ...] = ()
    """What stands under the points of a profile or the bars: paths of steps, classes, features."""
    limit: float | None = None
    """Where the threshold is drawn."""
    logarithmic: bool = False
    x_title: str = ""
    y_title: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen: a sentence with its numbers, the number itself, and what it was held against."""

    text: str
    value: float
    limit: float
    quantity: str = ""
    """The column of the record that shows it, as `output`; empty where it is no column."""
    plot: Plot | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong or worth knowing, most telling evidence first."""

    code: str
    """The label, as VANISHING_GRADIENT: what remedies, tests and muted findings go by."""
    severity: Severity
    title: str
    """A few words, as a card has them: Gradients vanish."""
    where: tuple[str, ...]
    """The instance paths that it is about, the cause first; empty where it is about the data or the settings."""
    nodes: tuple[str, ...]
    """The ids of the nodes of the main graph in which these lie, once each."""
    evidence: tuple[Evidence, ...]
    cause: str
    """One sentence: what most likely brings it about here."""
    why: str
    """Four sentences: what happens, why it hurts, when it is harmless, what helps."""
    source: str
    """Where that is written, as Glorot & Bengio 2010."""
    step: int = 0
    """The step at which it was first seen; 0 before training."""
    family: Family = "progress"
    explains: tuple[str, ...] = ()
    """The codes of what was found besides and follows from this one."""
    side: str = ""
    """The path of the loss whose network it is about, where several networks lie side by side."""

    @property
    def shown(self) -> bool:
        """Whether it is more than a hint."""
        return self.severity != "hint"
