"""What is wrong with a graph, where, and the ordinary edits that mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from core.errors import ChainruleError
from core.graph import InputKey, Value

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class SetParam:
    """Set a node's parameter; None lets an inferred one follow the wire again."""

    label: str
    node: str
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class InsertOn:
    """Put a new node of this kind on a wire."""

    label: str
    edge: InputKey
    kind: str
    params: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class RemoveNode:
    """Remove a node and heal the wire through it."""

    label: str
    node: str


@dataclass(frozen=True, slots=True)
class Rewire:
    """Let another output feed an input."""

    label: str
    source: str
    output: str
    key: InputKey


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Remove a wire."""

    label: str
    key: InputKey


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """Make a node one of another kind; its wires keep their places, parameters that both kinds have stay."""

    label: str
    node: str
    kind: str


@dataclass(frozen=True, slots=True)
class UseData:
    """Put a data set in the place of an Input node: what it fed, a field of the data set feeds."""

    label: str
    node: str
    source: str
    """The data set's name in the table of sources."""
    field: str


@dataclass(frozen=True, slots=True)
class StopBypass:
    """Let a bypassed node run again."""

    label: str
    node: str


@dataclass(frozen=True, slots=True)
class SetTraining:
    """Set a field of the training settings."""

    label: str
    name: str
    value: int | float | str | bool


Fix = SetParam | InsertOn | RemoveNode | Rewire | Disconnect | ChangeKind | UseData | StopBypass | SetTraining
CODES: Mapping[str, str] = MappingProxyType(
    {
        "E101": "Wires lead in a circle.",
        "E102": "An input that needs a wire has none.",
        "E103": "What a wire brings does not fit the layer.",
        "E104": "A parameter has a value that it cannot have.",
        "E105": "A node is of a kind or block that there is not.",
        "E106": "A data node has no data set.",
        "E107": "A wire begins or ends at a port that there is not.",
        "E108": "There is no loss, so nothing says what training makes small.",
        "E109": "There are fewer scores than classes.",
        "E110": "A block holds itself, lies too deep, or comes to too many layers.",
        "E111": "A source has no data: it stands for samples that are elsewhere.",
        "E112": "Several wires end at an input that holds one.",
        "E113": "The code of a Python block fails.",
        "E114": "The code of a Python block is not trusted yet, so nothing of it has run.",
        "E115": "A node is bypassed that cannot hand on what comes in.",
        "E116": "A layer that looks tokens up knows fewer than the data has.",
        "W301": "Two layers with nothing bent between them act as one.",
        "W302": "There are more scores than classes.",
        "W303": "A softmax or sigmoid stands before a loss that has one inside.",
        "W304": "Nothing reads what a layer gives.",
        "W305": "The loss is meant for another kind of target.",
        "W306": "Raw scores go where probabilities are wanted.",
        "W307": "Training needs more memory than is free.",
        "I011": "Nothing reads a data set.",
    }
)
"""What each code stands for; docs/problems.md lists them."""
WITHOUT_LOSS, WITHOUT_DATA = "E108", "E111"
"""Codes of what keeps a network from training only: it can be run, exported and looked at all the same."""


CODE_FAILED, CODE_UNTRUSTED = "E113", "E114"
"""Codes of Python blocks."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; codes are stable: E error, W warning, I hint."""

    code: str
    severity: Severity
    error: ChainruleError
    node: str
    """The id of the node on which it is shown."""
    path: str = ""
    """The instance path, where it lies inside a block."""
    port: str = ""
    edge: InputKey | None = None
    param: str = ""
    fixes: tuple[Fix, ...] = ()
    line: int = 0
    """Of a Python block's own source; 0: in none of them."""

    @property
    def message(self) -> str:
        """What was wanted and what came, in one sentence."""
        came = f", but {self.error.came}" if self.error.came else ""
        wanted = self.error.wanted
        first = wanted.split(maxsplit=1)[0] if wanted else ""
        begin = wanted if "_" in first or first == self.param else wanted[:1].upper() + wanted[1:]
        return f"{begin}{came}."
