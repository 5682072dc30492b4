"""One batch through a network and back, every tensor kept: see core/engine/traces.py."""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from chainrule.measuring import rms
from core.build import Network
from core.data.load import LoadedData
from core.engine.traces import Differ, Differed, Incoming, Output, Spread, Stage, Trace, Traced, Weight
from core.errors import DataError, EngineError
from core.plan import Step, Value
from core.training.devices import answering, forked
from core.training.evaluate import held_out
from core.training.forward import Function, Wire, loss_function, traced_function
from core.training.reach import losses_of
from core.training.settings import TrainingSettings

NUMBERS = 8
"""Of the first sample, that are told one by one."""
BINS = 24
_WIDTH = 1e-5
"""The width of a difference, against the size of the weight or 1."""
_ROUNDINGS = 4
"""Last places by which a loss of the two may be off, which is summed over many numbers."""
Gradients = Mapping[int, Tensor]
"""By the id of a tensor."""


class Tracer:
    """One network and its data; it trains the same whether it is asked or not."""

    def __init__(
        self,
        network: Network,
        data: Mapping[str, LoadedData],
        settings: TrainingSettings,
        step: Callable[[], int] = lambda: 0,
        as_judged: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """While `as_judged` holds, the network has the weights that are judged and saved."""
        self._network, self._data, self._settings, self._step = network, data, settings, step
        self.as_judged = as_judged

    @property
    def network(self) -> Network:
        """The network itself, not a copy."""
        return self._network

    @property
    def data(self) -> Mapping[str, LoadedData]:
        """What it reads, by data set."""
        return self._data

    @property
    def step(self) -> int:
        """How many steps it has made."""
        return self._step()

    def judged(self, wish: Trace) -> tuple[Callable[[], float], int]:
        """What gives the loss of the batch in evaluation mode, whatever the weights are, and the number of samples."""
        loss, size = self.losses_of(wish)
        return (lambda: float(loss())), size

    def losses_of(self, wish: Trace) -> tuple[Callable[[], Tensor], int]:
        """The same as a tensor, whose gradients autograd has where it is asked to."""
        losses = self.losses(wish.phase)
        plan = self._network.plan.reaching(Value(step.path, "loss") for step in losses)
        function = loss_function(self._network, plan, losses, training=False)
        batch, size = self._batch(function, wish)
        asked = answering(function, self._network)

        def loss() -> Tensor:
            found: Tensor = asked.call(size, *batch)[0]
            return found

        return loss, size

    def trace(self, wish: Trace) -> Traced:
        """Every step's numbers on the way forward, and the gradients on the way back; raises EngineError, DataError."""
        losses = self.losses(wish.phase)
        plan = self._network.plan.reaching(Value(step.path, "loss") for step in losses)
        function, values, wires = traced_function(self._network, plan, losses)
        batch, size = self._batch(function, wish)
        given = [tensor.clone().requires_grad_() if tensor.is_floating_point() else tensor for tensor in batch]
        with _untouched(self._network):
            total, made, carried = answering(function, self._network).call(size, *given)
            gradients = _gradients(total, [*made, *carried, *self._network.root.parameters()])
            told = _Telling(self._network, dict(zip(values, made, strict=True)), dict(zip(wires, carried, strict=True)))
            stages = [told.stage(step, gradients, size) for step in plan.steps]
        return Traced(step=self._step(), samples=size, loss=float(total.detach()), stages=stages)

    def differ(self, wish: Differ) -> Differed:
        """The gradient by one weight, by autograd and by differences; raises EngineError, DataError."""
        losses = self.losses(wish.phase)
        place = _place(_weight(self._network, wish), wish)
        autograd = self._by_autograd(self._network, losses, wish, place)
        exact = doubled(self._network)
        loss, flat = self._loss(exact, losses, wish), _weight(exact, wish).data.reshape(-1)
        value = float(flat[place])
        width = _WIDTH * max(abs(value), 1.0)
        low, middle, high = (_at(exact, loss, flat, place, value + move) for move in (-width, 0.0, width))
        analytic, numeric = self._by_autograd(exact, losses, wish, place), (high - low) / (2 * width)
        largest = max(abs(analytic), abs(numeric))
        return Differed(
            value=value,
            autograd=autograd,
            exact=analytic,
            numeric=numeric,
            left=(middle - low) / width,
            right=(high - middle) / width,
            width=width,
            error=abs(analytic - numeric) / largest if largest else 0.0,
            noise=_ROUNDINGS * sys.float_info.epsilon * abs(middle) / width,
        )

    def losses(self, phase: int) -> tuple[Step, ...]:
        """The losses of a phase; raises EngineError where it has none."""
        phases = self._settings.phases
        losses = losses_of(self._network.plan, phases[phase]) if phase in range(len(phases)) else ()
        if not losses:
            raise EngineError("a phase with a loss was wanted", f"phase {phase + 1} has none", "", "Wire a loss.")
        return losses

    def _batch(self, function: Function, wish: Trace) -> tuple[list[Tensor], int]:
        """Samples of a part as the network sees them, and how many they are."""
        parts = [held_out(self._data, field, wish.part) for field in function.fields]
        there = min((len(part) for part in parts), default=1)
        if not there:
            named = "training" if wish.part == "train" else "held-out"
            raise DataError(f"a sample of the {named} part was wanted", "there is none", "", "Add data.")
        size = min(wish.samples or self._settings.batch_size, there)
        places = (torch.arange(size) + wish.first) % there
        return [part[places] for part in parts], size

    def _loss(self, network: Network, losses: Sequence[Step], wish: Trace) -> Callable[[], Tensor]:
        """What gives the total loss of the batch, again and again with the same random numbers."""
        plan = network.plan.reaching(Value(step.path, "loss") for step in losses)
        function = loss_function(network, plan, losses)
        kind = next((weight.dtype for weight in network.root.parameters()), torch.float32)
        batch, size = self._batch(function, wish)
        given = [tensor.to(kind) if tensor.is_floating_point() else tensor for tensor in batch]
        asked = answering(function, network)

        def total() -> Tensor:
            found: Tensor = asked.call(size, *given)[0]
            return found

        return total

    def _by_autograd(self, network: Network, losses: Sequence[Step], wish: Differ, place: int) -> float:
        loss, weight = self._loss(network, losses, wish), _weight(network, wish)
        with _untouched(network):
            found = _gradients(loss(), [weight]).get(id(weight))
        return float(found.reshape(-1)[place]) if found is not None else 0.0


def doubled(network: Network) -> Network:
    """A copy of a network that computes in float64."""
    root, modules = copy.deepcopy((network.root, dict(network.modules)))
    return replace(network, root=root.double(), modules=modules)


class _Telling:
    """What is told of each step, from all tensors of one way through the network."""

    def __init__(self, network: Network, values: Mapping[Value, Tensor], wires: Mapping[Wire, Tensor]) -> None:
        self._network, self._values, self._wires = network, values, wires

    def stage(self, step: Step, gradients: Gradients, size: int) -> Stage:
        """One step of the plan."""
        there = [port for port in step.outputs if Value(step.path, port) in self._values]
        return Stage(
            path=step.path,
            node=step.node,
            module=step.module,
            kind=step.kind.name,
            category=step.kind.category,
            outputs=[_output(port, self._values[Value(step.path, port)], gradients, size) for port in there],
            incoming=[
                self._incoming(step, wire, tensor, gradients, size)
                for wire, tensor in self._wires.items()
                if wire.path == step.path
            ],
            weights=[_told(name, weight, gradients) for name, weight in self._parameters(step)],
        )

    def _incoming(self, step: Step, wire: Wire, tensor: Tensor, gradients: Gradients, size: int) -> Incoming:
        back = _rms(gradients.get(id(tensor)), size)
        came = [self._values[Value(step.path, port)] for port in step.outputs]
        whole = [found for output in came if (found := _rms(gradients.get(id(output)), size)) is not None]
        arrived = math.sqrt(sum(one**2 for one in whole)) if whole else None
        slopes = _slopes(came[0], tensor) if _is_elementwise(step) and came[0].requires_grad else None
        return Incoming(
            port=wire.port,
            path=wire.value.path,
            source=wire.value.port,
            gradient=back,
            factor=back / arrived if back is not None and arrived else None,
            slope=float(slopes.mean()) if slopes is not None else None,
            steepest=float(slopes.max()) if slopes is not None else None,
        )

    def _parameters(self, step: Step) -> Iterator[tuple[str, Tensor]]:
        module = self._network.module(step)
        return module.named_parameters() if module is not None else iter(())


def _output(port: str, tensor: Tensor, gradients: Gradients, size: int) -> Output:
    gradient = gradients.get(id(tensor))
    return Output(
        port=port,
        shape=list(tensor.shape),
        spread=spread(tensor),
        numbers=_first(tensor),
        gradient=_rms(gradient, size),
        gradients=_first(gradient * (size if gradient.dim() else 1)) if gradient is not None else [],
    )


def spread(tensor: Tensor) -> Spread:
    """How the numbers of a tensor lie."""
    numbers = tensor.detach().double().cpu().numpy().ravel()
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return Spread(count=len(numbers), nonfinite=len(numbers))
    low, high = float(finite.min()), float(finite.max())
    return Spread(
        count=len(numbers),
        nonfinite=len(numbers) - len(finite),
        mean=float(finite.mean()),
        deviation=float(finite.std()),
        low=low,
        high=high,
        zeros=float((finite == 0).mean()),
        bins=np.histogram(finite, BINS, (low, high))[0].tolist() if low < high else [],
    )


def _told(name: str, weight: Tensor, gradients: Gradients) -> Weight:
    found = gradients.get(id(weight))
    norm = float(weight.detach().double().norm())
    return Weight(
        name=name,
        shape=list(weight.shape),
        norm=norm,
        gradient=float(found.double().norm()) if found is not None else None,
    )


def _first(tensor: Tensor) -> list[float | None]:
    """The first numbers of the first sample."""
    sample = tensor.detach()[0] if tensor.dim() else tensor.detach()
    return [number if math.isfinite(number) else None for number in sample.reshape(-1)[:NUMBERS].double().tolist()]


def _rms(gradient: Tensor | None, size: int) -> float | None:
    """That of one sample's own loss: what is one number for all samples together has no share of it to scale."""
    if gradient is None:
        return None
    return rms(gradient.detach().float().cpu().numpy()) * (size if gradient.dim() else 1)


def _is_elementwise(step: Step) -> bool:
    kind = step.kind
    along = kind.name == "Softmax2d" or any(param.name == "dim" for param in kind.params)
    return kind.category == "Activation" and not along


def _slopes(output: Tensor, given: Tensor) -> Tensor | None:
    """The magnitude of the derivative at every number of what comes in."""
    if output.shape != given.shape or not given.requires_grad:
        return None
    (found,) = torch.autograd.grad(output, given, torch.ones_like(output), retain_graph=True)
    return found.detach().abs()


def _gradients(total: Tensor, tensors: Sequence[Tensor]) -> dict[int, Tensor]:
    """By id the gradient of the total by each of the tensors that it depends on; the graph stays."""
    able = [tensor for tensor in tensors if tensor.requires_grad]
    if not total.requires_grad or not able:
        return {}
    found = torch.autograd.grad(total, able, retain_graph=True, allow_unused=True)
    return {id(tensor): one for tensor, one in zip(able, found, strict=True) if one is not None}


def _at(network: Network, loss: Callable[[], Tensor], flat: Tensor, place: int, value: float) -> float:
    """The loss where one weight has this value."""
    before = float(flat[place])
    with _untouched(network), torch.no_grad():
        flat[place] = value
        found = float(loss())
        flat[place] = before
    return found


def _weight(network: Network, wish: Differ) -> Tensor:
    """The parameter of the wish; raises EngineError where there is none."""
    module = network.modules.get(wish.module)
    weight = dict(module.named_parameters()).get(wish.parameter) if module is not None else None
    if weight is None:
        raise EngineError("a parameter of a layer was wanted", f"{wish.module}.{wish.parameter} came", wish.module)
    return weight


def _place(weight: Tensor, wish: Differ) -> int:
    """Where the wished weight stands in its parameter laid out flat; raises EngineError where there is no such."""
    inside = len(wish.place) == weight.dim() and all(
        0 <= at < length for at, length in zip(wish.place, weight.shape, strict=False)
    )
    if not inside:
        raise EngineError(f"a place in {list(weight.shape)} was wanted", f"{wish.place} came", wish.module)
    return int(np.ravel_multi_index(wish.place, tuple(weight.shape)))


@contextmanager
def _untouched(network: Network) -> Iterator[None]:
    """Training mode with random numbers of its own; every buffer is put back."""
    buffers = list(network.root.buffers())
    before = [buffer.clone() for buffer in buffers]
    was_training = network.root.training
    network.root.train()
    try:
        with torch.enable_grad(), forked():
            torch.manual_seed(0)
            yield
    finally:
        network.root.train(was_training)
        with torch.no_grad():
            for buffer, old in zip(buffers, before, strict=True):
                buffer.copy_(old)
