"""Which tensors of one training step live when, and how many bytes they come to: as autograd and the run hold them.

Forward, every tensor lives to the end of the function (its variables hold them); backward, from the last step to the
first, what was saved and the gradients between. While gradients are watched, every layer's output and its gradient live
to the end of the step. The weights, their gradients and the optimizer are not counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from itertools import chain

from core.catalog.kind import Arguments, TensorType
from core.catalog.saving import Saving, saving
from core.plan import Plan, Step, Value
from core.shapes import Analysis

_LANES = 8
"""Channels that a convolution on the processor works on at once: others are copied into whole groups of so many."""
_UNITS = 16
"""The same of an LSTM's hidden units."""
_CALM = 0.65
"""What a transformer's layer keeps of its own width while nothing is dropped, as a share of what it keeps otherwise."""


class Held:
    """What one training step of a plan holds, tensor by tensor."""

    def __init__(self, plan: Plan, analysis: Analysis, batch: int, frozen: Set[str] = frozenset()) -> None:
        """`frozen` are modules that keep their weights beside those whose own parameters say so."""
        self._analysis = analysis
        self._frozen = frozen
        self._batch = batch
        self._home: dict[Value, Value] = {}
        """By value the one whose memory it is: a view's is its input's."""
        self._sizes: dict[Value, int] = {}
        self._extra: dict[str, int] = {}
        self._carrying: set[Value] = set()
        """The homes of tensors that have a gradient."""
        self._saved_by: dict[str, tuple[Value, ...]] = {}
        self._made: dict[str, int] = {}
        """By path the gradient of a step's outputs, before it is copied for the watcher."""
        for step in plan.steps:
            self._forward(step)
        sizes = self._sizes
        saved = {home for homes in self._saved_by.values() for home in homes}
        self.saved = sum([sizes[home] for home in saved]) + sum(self._extra.values())
        """What one batch leaves behind for the way back."""
        outputs, gradients = sum(sizes.values()), sum(self._made.values())
        resting = [step for step in plan.steps if saving(step.kind.name).rests]
        self.judged = outputs - sum([sizes.get(Value(step.path, port), 0) for step in resting for port in step.outputs])
        """What one batch takes while nothing is trained."""
        forward = outputs + sum(self._extra.values())
        fields = [Value(step.path, port) for step in plan.steps if step.fields for port in step.outputs]
        self.end = sum([sizes.get(field, 0) for field in fields])
        """What is still held when the optimizer takes its step."""
        kept = self._carrying | {field for field in fields if field in sizes}
        self.watched_end = sum([sizes[home] for home in kept]) + gradients
        moment = max([self._work(step) + self._made[step.path] for step in plan.steps], default=0)
        standing = sum([sizes[home] for home in kept | saved]) + sum(self._extra.values())
        self.watched = max(forward, standing + gradients + moment)
        """The most at any time, while the gradients of all outputs are watched."""
        self.peak = max(forward, self._backward(plan))
        """The most at any time in a plain step."""

    def _forward(self, step: Step) -> None:
        path, types, home = step.path, self._analysis.types, self._home
        saved = saving(step.kind.name)
        entering = [home[value] for _port, values in step.inputs for value in values if value in home]
        carries = self._carries(step, entering)
        leaving: list[Value] = []
        made = 0
        for port in step.outputs:
            value = Value(path, port)
            tensor = types.get(value)
            if tensor is None:
                continue
            if saved.is_view and entering:
                home[value] = entering[0]
                continue
            home[value] = value
            size = self._sizes[value] = tensor.bytes(self._batch)
            leaving.append(value)
            if carries and tensor.is_floating:
                self._carrying.add(value)
                made += size
        self._made[path] = made
        if carries:
            self._saved_by[path] = self._kept(saved, entering, leaving)
            self._extra[path] = self._extras(step, saved, entering, leaving)

    def _carries(self, step: Step, entering: list[Value]) -> bool:
        """Whether the gradient comes back to the step; to one whose sizes are unknown nothing comes."""
        if step.kind.name == "Detach" or step.path not in self._analysis.parameters:
            return False
        return not self._carrying.isdisjoint(entering) or self._trains(step)

    def _trains(self, step: Step) -> bool:
        analysis = self._analysis
        frozen = step.module in self._frozen or analysis.arguments[step.path].get("frozen")
        return bool(analysis.parameters.get(step.path)) and not frozen

    def _kept(self, saved: Saving, entering: list[Value], leaving: list[Value]) -> tuple[Value, ...]:
        """The tensors that autograd keeps of a call."""
        if saved.keeps == "inputs":
            return tuple(dict.fromkeys(entering)) if len(entering) > 1 else tuple(entering)
        if saved.keeps == "output":
            return tuple(leaving)
        if saved.keeps == "both":
            return tuple(dict.fromkeys((*entering, *leaving)))
        if saved.keeps == "indices":
            return tuple([home for home in entering if not self._analysis.types[home].is_floating])
        return ()

    def _extras(self, step: Step, saved: Saving, entering: list[Value], leaving: list[Value]) -> int:
        """What the step saves beside its inputs and outputs."""
        if not (saved.of_output or saved.of_input):
            return 0
        arguments = self._analysis.arguments[step.path]
        size = self._sizes[leaving[0]] if leaving else 0
        first = self._sizes[entering[0]] if entering else 0
        held = saved.of_output * size
        if step.kind.name == "LSTM":
            hidden = _number(arguments.get("hidden_size"))
            held *= _rounded(hidden, _UNITS) / hidden
        if saved.of_scores and leaving:
            held = self._attended(saved, arguments, self._analysis.types[leaving[0]], held)
        held *= _layers(arguments)
        return int(held + saved.of_input * first)

    def _attended(self, saved: Saving, arguments: Arguments, output: TensorType, held: float) -> float:
        """What one layer with attention keeps: less where it drops nothing."""
        steps, wide = _number(output.shape[1]), _number(output.shape[2])
        heads = _number(arguments.get("num_heads", arguments.get("nhead")))
        scores = saved.of_scores * 4 * self._batch * steps * steps * heads
        if "dim_feedforward" not in arguments:
            return held + scores
        inner = saved.of_inner * held / saved.of_output * _number(arguments["dim_feedforward"]) / wide
        return held + inner + scores if arguments["dropout"] else _CALM * held + inner / 3

    def _work(self, step: Step) -> int:
        """What the step needs for a moment on the way back: its weight's gradient, a convolution's copies."""
        if step.path not in self._saved_by:
            return 0
        made = self._made[step.path]
        work = int(saving(step.kind.name).moment * made)
        if self._trains(step):
            work += 4 * self._analysis.parameters[step.path]
        channels = self._analysis.arguments[step.path].get("out_channels")
        if isinstance(channels, int) and channels % _LANES:
            work += 2 * made * _rounded(channels, _LANES) // channels
        return work

    def _backward(self, plan: Plan) -> int:
        """The most that is held on the way back."""
        sizes, home, carrying = self._sizes, self._home, self._carrying
        uses = Counter(chain.from_iterable(self._saved_by.values()))
        held = most = self.saved
        begun: set[Value] = set()
        gradients: dict[str, int] = {}
        for step in reversed(plan.steps):
            saved = self._saved_by.get(step.path)
            if saved is None:
                continue
            for value in step.values():
                source = home.get(value)
                if source is not None and source in carrying and source not in begun:
                    begun.add(source)
                    gradients[source.path] = gradients.get(source.path, 0) + sizes[source]
                    held += sizes[source]
            most = max(most, held + self._work(step))
            held -= self._extra[step.path]
            for kept in saved:
                uses[kept] -= 1
                held -= 0 if uses[kept] else sizes[kept]
            held -= gradients.pop(step.path, 0)
        return most


def _number(value: object) -> int:
    return value if isinstance(value, int) else 1


def _layers(arguments: Arguments) -> int:
    """How many layers stand on top of each other in one module."""
    if "num_encoder_layers" in arguments:
        return _number(arguments["num_encoder_layers"]) + _number(arguments["num_decoder_layers"])
    return _number(arguments.get("num_layers"))


def _rounded(number: int, unit: int) -> int:
    return -(-number // unit) * unit
