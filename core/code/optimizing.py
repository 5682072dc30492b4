"""The phases of a training as Python: what each compares, which parameters it trains, and its optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.code.losses import compared
from core.errors import TrainingError
from core.plan import Plan, Step, Value
from core.shapes import Analysis
from core.training.optimizers import KINDS, Optimizer, torch_arguments, torchs
from core.training.reach import asked, losses_of, reached, shares
from core.training.settings import Phase, TrainingSettings


@dataclass(frozen=True, slots=True)
class WrittenPhase:
    """One phase of the script."""

    settings: Phase
    losses: tuple[Step, ...]
    compared: tuple[Value, ...]
    parameters: str
    """The expression that gives what it trains."""
    alone: bool
    """Whether its gradient reaches other weights too, at which it has to stop."""
    groups: tuple[tuple[str, float], ...] = ()
    """Expressions of parameters, and their share of the learning rate, where not all have the whole."""


def written_phases(plan: Plan, analysis: Analysis, settings: TrainingSettings) -> tuple[WrittenPhase, ...]:
    """Every phase; raises TrainingError where one has no loss or trains nothing."""
    said = shares(plan, settings.rates)
    return tuple(_written(plan, analysis, phase, len(settings.phases) == 1, said) for phase in settings.phases)


def _written(plan: Plan, analysis: Analysis, phase: Phase, only: bool, said: Mapping[str, float]) -> WrittenPhase:
    losses = losses_of(plan, phase)
    needed = plan.reaching(Value(step.path, "loss") for step in losses)
    values = reached(needed, losses)
    able = tuple(path for path in learning(plan, analysis) if said.get(path) != 0)
    trained = tuple(path for path in asked(plan, needed, phase, values) if path in able)
    if not trained:
        raise TrainingError(
            "a phase that trains something was wanted",
            "no weight that is not frozen leads to its losses",
            losses[0].path if losses else "Phases",
            "Add a layer with weights, or unfreeze one.",
        )
    paths = {value.path for value in values}
    touched = {step.module for step in needed.steps if step.path in paths and step.module in able}
    everything = only and not phase.trains
    expression = "model.parameters()" if everything else parameters(trained, able)
    alone = touched != set(trained)
    return WrittenPhase(
        phase, losses, compared(plan, losses, analysis), expression, alone, _groups(trained, able, said)
    )


def _groups(trained: Sequence[str], able: Sequence[str], said: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The parameters by their share of the learning rate."""
    by_share: dict[float, list[str]] = {}
    for path in trained:
        by_share.setdefault(said.get(path, 1.0), []).append(path)
    if set(by_share) == {1.0}:
        return ()
    return tuple((parameters(paths, able), share) for share, paths in by_share.items())


def frozen(plan: Plan, analysis: Analysis, settings: TrainingSettings) -> tuple[str, ...]:
    """The parts of the network that keep their weights as the training settings say, whole blocks by their names."""
    said, able = shares(plan, settings.rates), learning(plan, analysis)
    kept = [path for path in able if said.get(path) == 0]
    return tuple(dict.fromkeys(_whole(path, set(able) - set(kept)) for path in kept))


def learning(plan: Plan, analysis: Analysis) -> tuple[str, ...]:
    """The module paths that hold weights which are not frozen, in Plan order."""
    found = [
        step.module
        for step in plan.for_training().steps
        if step.kind.module and analysis.parameters.get(step.path) and not analysis.arguments[step.path].get("frozen")
    ]
    return tuple(dict.fromkeys(found))


def parameters(trained: Sequence[str], able: Sequence[str]) -> str:
    """The parameters of these modules, whole blocks by their names: `model.real.parameters()`."""
    rest = set(able) - set(trained)
    wholes = tuple(dict.fromkeys(_whole(path, rest) for path in trained))
    if len(wholes) == 1:
        return f"list(model.{wholes[0]}.parameters())"
    return f"[{', '.join(f'*model.{path}.parameters()' for path in wholes)}]"


def _whole(path: str, rest: set[str]) -> str:
    """The outermost block around the module in which all is trained; the module itself where there is none."""
    return next(prefix for prefix in _prefixes(path) if not any(_is_in(other, prefix) for other in rest))


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split(".")
    for count in range(1, len(parts) + 1):
        before, last = parts[: count - 1], parts[count - 1]
        if "[" in last:
            yield ".".join([*before, last.partition("[")[0]])
        yield ".".join([*before, last])


def _is_in(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith((f"{prefix}.", f"{prefix}["))


def optimizer(settings: Optimizer, parameters: str) -> str:
    """The optimizer's construction, without what torch takes by itself."""
    kind = KINDS[settings.name]
    usual = torch_arguments(torchs(settings.name))
    given = [
        f"{name}={value!r}"
        for name, value in torch_arguments(settings).items()
        if name == "lr" or value != usual[name] or (name, kind.torch) == ("weight_decay", "AdamW")
    ]
    return f"torch.optim.{kind.torch}({parameters}, {', '.join(given)})"
