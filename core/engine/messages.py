"""Every message between the window (or the command line) and the engine, typed and versioned.

A frame on the pipe is a little-endian uint32 length and that many bytes of msgpack. Numbers of a run travel as packed
float32 rows, row after row, whose columns `Started` has named. Nothing in a message is ever executed.
"""

from __future__ import annotations

import struct
from typing import Literal

import msgspec

from core.engine.histograms import LayerCounts
from core.errors import EngineError

VERSION = 1
LENGTH = struct.Struct("<I")
MAX_FRAME = 2**31 - 1
State = Literal["starting", "training", "paused", "stopped", "finished", "failed"]


class Request(msgspec.Struct, tag_field="type", kw_only=True):
    """What the engine is asked to do."""


class Hello(Request, tag="hello"):
    """The first message: which version of the messages the caller speaks."""

    version: int = VERSION


class Train(Request, tag="train"):
    """Begin a run: the project as the text of its file, and where its run folder may stand."""

    project: str
    folder: str = ""
    """The run's own folder (created); empty: keep nothing on disk."""
    base: str = ""
    """The folder of the project file, for relative paths and weights."""
    weights: str = ""
    """A safetensors file to begin from; empty: fresh weights from the seed."""
    resume: str = ""
    """A checkpoint folder to go on from exactly."""
    before: str = ""
    """The text of the project as it was, where `resume` or `weights` are of that one: every weight whose node and shape
    still match is carried over. With neither of them, the first weights of its seed are."""
    paused: bool = False
    """Begin paused, for a single step."""
    watch: bool = True
    """Whether gradients are measured at all; the weights end bitwise equal either way."""
    trusted: list[str] = []
    """The fingerprints of the project's own code that the user has trusted where the window is."""


class Pause(Request, tag="pause"):
    """Stand still after the step that is under way."""


class Resume(Request, tag="resume"):
    """Go on, for ever or for so many steps (an epoch is `until_epoch`)."""

    steps: int = 0
    """Stand still again after so many steps; 0: no such limit."""
    until_epoch: bool = False
    """Stand still again at the end of the epoch."""


class Stop(Request, tag="stop"):
    """End the run after the step that is under way; its weights are kept."""


class SetLearningRate(Request, tag="set_learning_rate"):
    """Use another learning rate from the next step on."""

    value: float
    phase: int = 0


class SaveWeights(Request, tag="save_weights"):
    """Write the weights of the run, or of its last state, as safetensors; answered by `WeightsSaved`."""

    path: str


class Ask(Request, tag="ask"):
    """A question with an answer: `kind` names it, `body` is its JSON; answered by `Answer` with the same id."""

    id: int
    kind: str
    body: str = "{}"
    trusted: list[str] = []
    """As Train has them."""
    moment: int = -1
    """The step after which the network of the last run shall be shown, or the nearest there is; -1: as it stands."""


class Cancel(Request, tag="cancel"):
    """Give up answering a question: it is refused as soon as it can be left."""

    id: int


class Shutdown(Request, tag="shutdown"):
    """End the engine."""


class Event(msgspec.Struct, tag_field="type", kw_only=True):
    """What the engine tells."""


class Ready(Event, tag="ready"):
    """The engine has loaded torch and waits."""

    version: int = VERSION
    torch: str = ""
    python: str = ""
    device: str = "CPU"
    threads: int = 1
    pid: int = 0


class RowInfo(msgspec.Struct, frozen=True):
    """One row of heatmap and gradient plot: a step of the plan whose gradient is measured."""

    path: str
    node: str
    """The id of the node on the main canvas that shows it."""
    kind: str
    category: str
    numel: int = 0
    """Elements of its weight; 0 for a step without one."""


class Started(Event, tag="started"):
    """A run has begun; columns and rows are fixed for its whole length."""

    run: str
    weights: list[RowInfo]
    """Steps with a weight, in network order, input first."""
    outputs: list[RowInfo]
    """Steps whose output gradient is measured, in network order: those with a weight and all others between."""
    step_columns: list[str]
    """`loss`, `metric`, `learning_rate`, `gradient_norm`, `clip`, then per weight row `gradient:PATH`, `weight:PATH`
    and `update:PATH`: the norms of its weight's gradient, its weight and its true update."""
    sample_columns: list[str]
    """Quantities of core/telemetry/quantities.py that are not measured at every step: `NAME:PATH`, those of one name
    together. `output:PATH`, the rms of the gradient of the output times the batch size, comes first."""
    epochs: int
    steps_per_epoch: int
    total_steps: int
    first_step: int = 0
    """Steps that were done before, in a run that was resumed."""
    train_samples: int = 0
    validation_samples: int = 0
    parameters: int = 0
    metric: str = ""
    """What `metric` means: accuracy (0..1), rmse, or nothing."""
    classes: list[str] = []
    """The names of the classes that the first loss compares, where the data have them."""
    device: str = "cpu"
    threads: int = 1
    loss_at_chance: float | None = None
    """What a uniform guess costs (ln of the number of classes)."""


class StepRows(Event, tag="step_rows"):
    """Every-step measurements: `count` rows of `step_columns` from step `first` on (a run's first step is 1)."""

    first: int
    count: int
    data: bytes


class SampleRows(Event, tag="sample_rows"):
    """Scheduled measurements: int64 step numbers and float32 rows of `sample_columns`."""

    steps: bytes
    data: bytes


class Validated(Event, tag="validated"):
    """Loss and metric on the validation part after so many steps."""

    step: int
    epoch: int
    loss: float
    metric: float | None = None
    train_metric: float | None = None
    """The metric over the epoch's training batches, as they were when trained."""
    task: str = ""
    """What the first loss asks for, in the words of `metric_kinds.Task`."""
    metrics: dict[str, float] = {}
    """By name all that was measured and is finite."""
    table: list[list[int]] = []
    """How often each class (row) was called each (column); empty where there is no such table, or a large one."""


class Kept(Event, tag="kept"):
    """A checkpoint was written: the `last`, the `best`, or one that stays, as `epoch-5` or `step-1000`."""

    name: str
    path: str
    step: int
    epoch: int


class Counted(Event, tag="counted"):
    """How the numbers of all layers were spread after a step."""

    step: int
    layers: list[LayerCounts]


class RateChanged(Event, tag="rate_changed"):
    """A learning rate was set by hand after so many steps; from there on the schedule takes its share of this one."""

    step: int
    value: float
    phase: int = 0


class Progress(Event, tag="progress"):
    """Where the run stands; sent with rows, at most some times a second."""

    state: State
    step: int
    epoch: int
    samples_per_second: float = 0.0
    seconds_left: float = 0.0
    learning_rate: float = 0.0
    watching: float = 0.0
    """What measuring has lately added to the time of training, as a share of it."""
    watching_seconds: float = 0.0
    """What it has added in all."""


class Finished(Event, tag="finished"):
    """The run has ended by itself or by Stop."""

    state: State
    step: int
    epoch: int
    seconds: float
    weights: str = ""
    """The safetensors file of the final weights, where the run has a folder."""
    sha256: str = ""
    validation_loss: float | None = None
    validation_metric: float | None = None
    validation_metrics: dict[str, float] = {}
    """As `Validated.metrics`, of the weights that were kept."""


class Problem(msgspec.Struct, frozen=True):
    """An error in its four parts, and the node it belongs to."""

    wanted: str
    came: str = ""
    where: str = ""
    fix: str = ""
    node: str = ""
    kind: str = "ChainruleError"
    details: str = ""
    """The stack trace, for the fold."""
    line: int = 0
    """Of a Python block's own source; 0: in none of them."""


class Failed(Event, tag="failed"):
    """The run could not begin or had to end; the engine itself lives."""

    problem: Problem
    step: int = 0
    is_bad_step: bool = False
    """Whether it was this step's numbers that were not finite: it was not applied, the one before it was."""


class WeightsSaved(Event, tag="weights_saved"):
    """The weights stand in this file."""

    path: str
    sha256: str


class Answer(Event, tag="answer"):
    """The answer to `Ask`: JSON, or what went wrong."""

    id: int
    body: str = "null"
    problem: Problem | None = None
    moment: int = -1
    """The step that it is about, where a past one was asked for: the nearest whose weights are there."""


class Doing(Event, tag="doing"):
    """What is being done for a question that takes long, and the share of it that is behind."""

    id: int
    text: str
    share: float = 0.0


class Said(Event, tag="said"):
    """A line for the log."""

    level: Literal["info", "warning", "error"]
    text: str


class Noticed(Event, tag="noticed"):
    """What a watch has noticed of a script beside its numbers; what that means is for the Doctor to say."""

    name: str
    step: int = 0
    paths: list[str] = msgspec.field(default_factory=list)
    """The layers that it is about."""
    words: list[str] = msgspec.field(default_factory=list)
    numbers: dict[str, float] = msgspec.field(default_factory=dict)


AnyRequest = Hello | Train | Pause | Resume | Stop | SetLearningRate | SaveWeights | Ask | Cancel | Shutdown
AnyEvent = (
    Ready
    | Started
    | StepRows
    | SampleRows
    | Validated
    | Kept
    | Counted
    | RateChanged
    | Progress
    | Finished
    | Failed
    | WeightsSaved
    | Answer
    | Doing
    | Said
    | Noticed
)


def encode(message: Request | Event) -> bytes:
    """The frame of a message, length included; raises EngineError where it is too long."""
    body = msgspec.msgpack.encode(message)
    if len(body) > MAX_FRAME:
        raise EngineError("a frame below 2 GiB was wanted", f"{len(body)} bytes came", "Engine pipe")
    return LENGTH.pack(len(body)) + body


def decode_request(body: bytes) -> AnyRequest:
    """The request in a frame's body; raises EngineError."""
    try:
        return _REQUESTS.decode(body)
    except msgspec.MsgspecError as error:
        raise _unknown(error) from error


def decode_event(body: bytes) -> AnyEvent:
    """The event in a frame's body; raises EngineError."""
    try:
        return _EVENTS.decode(body)
    except msgspec.MsgspecError as error:
        raise _unknown(error) from error


def _unknown(error: msgspec.MsgspecError) -> EngineError:
    return EngineError("a known message was wanted", str(error), "Engine pipe", "Restart the engine.")


_REQUESTS: msgspec.msgpack.Decoder[AnyRequest] = msgspec.msgpack.Decoder(AnyRequest)
_EVENTS: msgspec.msgpack.Decoder[AnyEvent] = msgspec.msgpack.Decoder(AnyEvent)
