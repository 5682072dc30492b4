"""Which tensors of one training step live when, and how many bytes they come to: as autograd and the run hold them.

Forward, every tensor lives to the end of the function (its variables hold them); backward, from the last step to the
first, what was saved and the gradients between. The batch, and what the first loss compares, live to the end of the
step; while gradients are watched, every layer's output and its gradient do so too. The weights, their gradients and the
optimizer are not counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Set
from itertools import chain
from typing import TypeAlias

from core.catalog.kind import Arguments, TensorType
from core.catalog.saving import Saving, saving
from core.pieces import at_once
from core.plan import Plan, Step, Value
from core.shapes import Analysis

_LANES = 8
"""Channels that a convolution on the processor works on at once: others are copied into whole groups of so many."""
_UNITS = 16
"""The same of an LSTM's hidden units."""


class Held:
    """What one training step of a plan holds, tensor by tensor."""

    saved: int
    """What one batch leaves behind for the way back."""
    judged: int
    """What one batch takes while nothing is trained."""
    end: int
    """What is still held when the optimizer takes its step."""
    peak: int
    """The most at any time in a plain step."""
    watched_end: int
    watched: int
    """The most at any time, while the gradients of all outputs are watched."""

    def __init__(self, analysis: Analysis, batch: int, frozen: Set[str]) -> None:
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

    @classmethod
    def of(cls, plan: Plan, analysis: Analysis, batch: int, frozen: Set[str] = frozenset()) -> Held:
        """All of it, in one go; `frozen` are modules that keep their weights beside those whose parameters say so."""
        return at_once(cls.counting(plan, analysis, batch, frozen))

    @classmethod
    def counting(cls, plan: Plan, analysis: Analysis, batch: int, frozen: Set[str]) -> Counting:
        """The same, step by step."""
        made = cls(analysis, batch, frozen)
        forward = held = 0
        for step in plan.steps:
            held += made._forward(step)
            forward = max(forward, held + made._forward_work(step))
            yield
        yield from made._total(plan, forward)
        return made

    def _total(self, plan: Plan, forward: int) -> Generator[None, None, None]:
        """Sum up what was laid out; on the way forward it came to so many bytes at most."""
        sizes = self._sizes
        saved = {home for homes in self._saved_by.values() for home in homes}
        self.saved = sum([sizes[home] for home in saved]) + sum(self._extra.values())
        resting = [step for step in plan.steps if saving(step.kind.name).rests]
        dropped = sum([sizes.get(Value(step.path, port), 0) for step in resting for port in step.outputs])
        self.judged = sum(sizes.values()) - dropped
        standing = self._standing(plan)
        self.end = sum([sizes[home] for home in standing])
        self.peak = max(forward, (yield from self._backward(plan, standing, False))[1])
        watched = standing | self._carrying
        copies, most = yield from self._backward(plan, watched, True)
        self.watched_end = sum([sizes[home] for home in watched]) + copies
        self.watched = max(forward, most)

    def _standing(self, plan: Plan) -> set[Value]:
        """What the run itself holds to the end: the batch, and what the first loss compares, for the metric."""
        fields = {Value(step.path, port) for step in plan.steps if step.fields for port in step.outputs}
        compared = {value for step in plan.losses[:1] for value in step.values()}
        return {self._home[value] for value in fields | compared if value in self._home}

    def _forward(self, step: Step) -> int:
        """Lay out what the step makes and keeps, and count its bytes."""
        path, types, home = step.path, self._analysis.types, self._home
        saved = saving(step.kind.name)
        entering = [home[value] for _port, values in step.inputs for value in values if value in home]
        carries = self._carries(step, entering)
        leaving: list[Value] = []
        held = made = 0
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
            held += size
            leaving.append(value)
            if carries and tensor.is_floating:
                self._carrying.add(value)
                made += size
        self._made[path] = made
        if carries:
            self._saved_by[path] = self._kept(saved, entering, leaving)
            self._extra[path] = self._extras(step, saved, entering, leaving)
        return held + self._extra.get(path, 0)

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
        bends = 2 if arguments.get("activation") == "gelu" else 1  # what a GELU makes does not tell what came in
        return held + inner + scores if arguments["dropout"] else saved.calm * held + bends * inner / 3

    def _forward_work(self, step: Step) -> int:
        """What the step needs for a moment on the way forward; of one whose sizes are unknown nothing is known."""
        share = saving(step.kind.name).forward
        return (
            int(share * self._made[step.path] * _layers(self._analysis.arguments[step.path]))
            if share and step.path in self._saved_by
            else 0
        )

    def _work(self, step: Step) -> int:
        """What the step needs for a moment on the way back: its weight's gradient, a convolution's copies."""
        made = self._made[step.path]
        saved = saving(step.kind.name)
        first = next((self._bytes(value) for value in step.values()), 0)
        work = int(saved.moment * made + saved.moment_of_input * first)
        if self._trains(step):
            work += 4 * self._analysis.parameters[step.path]
        channels = self._analysis.arguments[step.path].get("out_channels")
        if isinstance(channels, int):
            work += 2 * made * _rounded(channels, _LANES) // channels if channels % _LANES else made
        return work

    def _backward(self, plan: Plan, standing: Set[Value], watched: bool) -> Generator[None, None, tuple[int, int]]:
        """The bytes of gradients copied for the watcher, and the most that is held on the way back."""
        sizes = self._sizes
        uses = Counter(chain(standing, chain.from_iterable(self._saved_by.values())))
        held = most = sum([sizes[home] for home in uses]) + sum(self._extra.values())
        copies = 0
        reached: set[Value] = set()
        gradients: dict[Value, int] = {}
        for step in reversed(plan.steps):
            yield
            saved = self._saved_by.get(step.path)
            if saved is None:
                continue
            outputs = [Value(step.path, port) for port in step.outputs]
            if watched:
                copied = sum([self._bytes(value) for value in outputs if value in reached])
                copies, held = copies + copied, held + copied
            held += self._reach(step, reached, gradients)
            most = max(most, held + self._work(step))
            uses.subtract(saved)
            held -= sum([sizes[home] for home in saved if not uses[home]]) + self._extra[step.path]
            held -= sum([gradients.pop(value, 0) for value in outputs])
        return copies, most

    def _reach(self, step: Step, reached: set[Value], gradients: dict[Value, int]) -> int:
        """The bytes of the gradients that begin with what the step reads."""
        begun = 0
        for value in step.values():
            source = self._home.get(value)
            if source is None or source not in self._carrying:
                continue
            reached.add(value)
            if source not in gradients:
                gradients[source] = self._sizes[source]
                begun += self._sizes[source]
        return begun

    def _bytes(self, value: Value) -> int:
        tensor = self._analysis.types.get(value)
        return tensor.bytes(self._batch) if tensor is not None else 0


def _number(value: object) -> int:
    return value if isinstance(value, int) else 1


def _layers(arguments: Arguments) -> int:
    """How many layers stand on top of each other in one module."""
    if "num_encoder_layers" in arguments:
        return _number(arguments["num_encoder_layers"]) + _number(arguments["num_decoder_layers"])
    return _number(arguments.get("num_layers"))


def _rounded(number: int, unit: int) -> int:
    return -(-number // unit) * unit


Counting: TypeAlias = Generator[None, None, Held]
