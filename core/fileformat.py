"""What stands in a `.chain` file, as types: JSON that is checked against them before anything else looks at it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from core.annotations import Color, Role
from core.bodies import Mark

VERSION = 1


class FileNode(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A node: `params` holds those set by hand."""

    id: str
    kind: str
    name: str
    params: dict[str, Any] = {}
    block: str = ""
    link: str = ""
    repeat: int = 1
    bypassed: bool = False


class FileBlock(msgspec.Struct, forbid_unknown_fields=True):
    """A block and the graph inside."""

    id: str
    name: str
    nodes: list[FileNode] = []
    edges: list[list[str | int]] = []


class FileField(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One field that was found in a file of the user's own; `shape` is that of one sample."""

    name: str
    dtype: Literal["float32", "int64"]
    role: Literal["input", "target"]
    shape: list[int] = []
    classes: list[str] = []
    columns: list[str] = []
    scaled: bool = False
    help: str = ""


class FileFound(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What was found in a file of the user's own, and the mark by which a change of it is noticed."""

    samples: int
    fields: list[FileField]
    mark: str = ""
    skipped: int = 0
    notes: list[str] = []
    held: int = 0
    gap: int = 0


class FileAugmentation(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One step of a data set's augmentation: `params` holds those set by hand."""

    step: str
    params: dict[str, int | float | str | bool] = {}
    off: bool = False


class FileDataset(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A data set and its split; a file of the user's own stands at `path`, from the project file's folder on."""

    id: str
    source: str
    options: dict[str, int | float | str | bool] = {}
    validation: float = 0.2
    seed: int = 0
    normalise: str = "auto"
    path: str = ""
    found: FileFound | None = None
    augmentation: list[FileAugmentation] = []
    split: str = "auto"


class FileOptimizer(msgspec.Struct, forbid_unknown_fields=True):
    """An optimizer and its hyper-parameters."""

    name: str
    learning_rate: float
    momentum: float = 0.9
    weight_decay: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    nesterov: bool = False
    dampening: float = 0.0
    amsgrad: bool = False
    smoothing: float = 0.99
    centered: bool = False
    rho: float = 0.9
    lr_decay: float = 0.0
    initial_accumulator: float = 0.0
    momentum_decay: float = 0.004
    shrink: float = 0.5
    grow: float = 1.2
    shortest: float = 1e-6
    longest: float = 50.0
    decay_term: float = 1e-4
    power: float = 0.75
    average_from: float = 1e6


class FileSchedule(msgspec.Struct, forbid_unknown_fields=True):
    """How the learning rate goes over a run."""

    name: str
    warmup: float = 0.0
    every: float = 5.0
    factor: float = 0.5
    lowest: float = 0.0
    rise: float = 0.3
    start: float = 0.04
    patience: int = 5
    threshold: float = 1e-4


class FilePhase(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Losses, what they train, and with what."""

    optimizer: FileOptimizer
    losses: list[str] = []
    trains: list[str] = []
    steps: int = 1


class FileTraining(msgspec.Struct, forbid_unknown_fields=True):
    """The training settings."""

    epochs: int = 20
    batch_size: int = 32
    seed: int = 0
    threads: int = 1
    device: str = "cpu"
    drop_last: bool = False
    shuffle: bool = True
    clip_norm: float = 0.0
    clip_value: float = 0.0
    early_stop: int = 0
    metrics: str = ""
    best_by: str = "loss"
    keep_epochs: int = 0
    keep_steps: int = 0
    accumulate: int = 1
    l1: float = 0.0
    l2: float = 0.0
    averaging: float = 0.0
    precision: str = "float32"
    deterministic: bool = False
    watch_cost: float = 3.0
    watch_all: bool = False
    look_back: int = 64
    rates: dict[str, float] = {}
    schedule: FileSchedule | None = None
    phases: list[FilePhase] = []


class FileWeights(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The trained weights beside the file."""

    sha256: str
    epochs: float = 0.0
    validation_loss: float | None = None
    validation_accuracy: float | None = None


class FileAnnotation(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A frame or a note: `rect` is left, top, width and height."""

    id: str
    role: Role
    rect: tuple[float, float, float, float]
    text: str = ""
    color: Color = "grey"
    block: str = ""


class FileReroute(msgspec.Struct, forbid_unknown_fields=True):
    """The points through which a wire is led, from its output on; the wire as `edges` names it."""

    wire: list[str | int]
    points: list[tuple[float, float]]


class ChainFile(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file; edges are [source, output, target, input] and, where it is not 0, the order."""

    chainrule: int
    name: str
    description: str = ""
    nodes: list[FileNode] = []
    edges: list[list[str | int]] = []
    blocks: list[FileBlock] = []
    data: list[FileDataset] = []
    training: FileTraining = msgspec.field(default_factory=FileTraining)
    weights: FileWeights | None = None
    layout: dict[str, tuple[float, float]] = {}
    annotations: list[FileAnnotation] = []
    reroutes: list[FileReroute] = []
    bodies: dict[str, list[Mark]] = {}


class Version(msgspec.Struct):
    """The one line that is read first."""

    chainrule: int


def schema() -> dict[str, Any]:
    """The JSON schema of the file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Chainrule project",
        **msgspec.json.schema(ChainFile),
    }
