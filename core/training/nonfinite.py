"""Names the first node at which a run went NaN or infinite."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.engine.messages import Problem
from core.plan import Step, Value
from core.training.domains import outside
from core.training.forward import loss_function
from core.training.passing import NonFinite
from core.training.precision import lowered
from core.training.run import Run

OUTPUT = "its output"
"""What is not finite where a layer's own answer is not."""


def diagnose(run: Run, stopped: NonFinite) -> Problem:
    """What went wrong at the step that was not applied, and at which node.

    Runs the phase once more on the same batch and looks in Plan order at the sources, each step's weights and its
    outputs; where all are finite, at the gradients in the order in which they come back.
    """
    phase, plan = stopped.phase, stopped.phase.part.plan
    values = tuple(Value(step.path, port) for step in plan.steps for port in _ports(run, stopped, step))
    function = loss_function(run.network, plan, phase.part.losses, keep=values, mixed=phase.forward.mixed)
    total, *_rest, kept, _times = lowered(function, run.settings).call(stopped.size, *stopped.batch)
    tensors = dict(zip(values, kept, strict=True))
    where = _first_output(run, plan.steps, tensors)
    if where is None and total.requires_grad:
        total.backward()
        where = _first_gradient(plan.steps, tensors)
    if where is None:
        return _problem(run, stopped, None, "", "")
    step, what = where
    inputs = {port: tensors[one] for port, ones in step.inputs for one in ones[:1] if one in tensors}
    fix = outside(step.kind.name, inputs) if what == OUTPUT else ""
    return _problem(run, stopped, where, _given(run, step, tensors), fix)


def _ports(run: Run, stopped: NonFinite, step: Step) -> tuple[str, ...]:
    """The output ports that the phase's function has a name for: of a data node those that are read."""
    if not step.dataset:
        return step.outputs
    read = {field.name for field in stopped.phase.forward.fields if field.dataset == step.dataset}
    return tuple(port for port in step.outputs if port in read)


def _first_output(run: Run, steps: tuple[Step, ...], tensors: dict[Value, Tensor]) -> tuple[Step, str] | None:
    for step in steps:
        module = run.network.module(step)
        if module is not None and not all(_finite(weight) for weight in module.parameters()):
            return step, "a weight"
        found = [tensors[Value(step.path, port)] for port in step.outputs if Value(step.path, port) in tensors]
        if not all(_finite(tensor) for tensor in found):
            return step, OUTPUT
    return None


def _first_gradient(steps: tuple[Step, ...], tensors: dict[Value, Tensor]) -> tuple[Step, str] | None:
    for step in reversed(steps):
        for port in step.outputs:
            tensor = tensors.get(Value(step.path, port))
            if tensor is not None and tensor.requires_grad and tensor.grad is not None and not _finite(tensor.grad):
                return step, "the gradient of its output"
    return None


def _given(run: Run, step: Step, tensors: dict[Value, Tensor]) -> str:
    """In which range the step's inputs and weights lie."""
    inputs = [(value.path, tensors[value]) for value in dict.fromkeys(step.values()) if value in tensors]
    module = run.network.module(step)
    weights = module.named_parameters() if module is not None else ()
    found = [*inputs, *((f"its {name}", weight) for name, weight in weights)]
    ranges = [f"{name} {_range(tensor)}" for name, tensor in found if tensor.is_floating_point() and tensor.numel()]
    return f"; {step.kind.name} had {', '.join(ranges)}" if ranges else ""


def _range(tensor: Tensor) -> str:
    """From where to where the numbers lie that are finite, and how many are not."""
    flat = tensor.detach().reshape(-1)
    finite = flat[torch.isfinite(flat)]
    bad = flat.numel() - finite.numel()
    if not finite.numel():
        return "nothing finite"
    spread = f"from {finite.min():.3g} to {finite.max():.3g}"
    return f"{spread} with {bad:,} not finite" if bad else spread


def _finite(tensor: Tensor) -> bool:
    return not tensor.is_floating_point() or bool(torch.isfinite(tensor.detach()).all())


def _problem(run: Run, stopped: NonFinite, found: tuple[Step, str] | None, given: str, fix: str) -> Problem:
    loss_is_finite = math.isfinite(stopped.loss)
    what = "the gradient became infinite or NaN" if loss_is_finite else f"the loss became {stopped.loss}"
    step = found[0] if found else stopped.phase.part.losses[0]
    first = f"; {found[1]} at {step.path} is the first value that is not finite{given}" if found else ""
    return Problem(
        wanted="a finite loss and finite gradients were wanted",
        came=f"{what} at step {run.step_number}{first}",
        where=step.path,
        fix=fix or _fix(step, stopped),
        node=step.shown,
        kind="TrainingError",
    )


def _fix(step: Step, stopped: NonFinite) -> str:
    if step.kind.role == "source":
        return "Remove or correct the samples that are not finite numbers."
    return f"Lower the learning rate (it is {stopped.phase.learning_rate:g}), or normalise the inputs."
