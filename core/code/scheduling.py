"""What goes on around a step in the script: the rate's schedule, clipping, and what waits for the validation loss."""

from __future__ import annotations

from collections.abc import Iterator

from core.code.lines import Line, docstring
from core.training.schedules import Schedule, is_flat
from core.training.settings import TrainingSettings


def rate_lines(schedule: Schedule) -> Iterator[Line]:
    """The function that gives the share of the learning rate for a step; nothing where it is always the whole."""
    if not _has_function(schedule):
        return
    yield Line("def rate_factor(step, per_epoch, steps):")
    yield from docstring("The share of the learning rate with which a step of the run is made.", 1)
    if schedule.name == "One cycle":
        yield from _one_cycle(schedule)
        return
    if schedule.warmup:
        yield Line(f"    warm = round({schedule.warmup!r} * per_epoch)")
        yield Line("    if step < warm:")
        yield Line("        return (step + 1) / (warm + 1)")
        yield Line("    step, steps = step - warm, max(steps - warm, 1)")
    yield Line(f"    return {_after(schedule)}")


def _after(schedule: Schedule) -> str:
    lowest = schedule.lowest
    match schedule.name:
        case "Step":
            return f"{schedule.factor!r} ** (step // max(round({schedule.every!r} * per_epoch), 1))"
        case "Exponential":
            return f"{schedule.factor!r} ** (step / ({schedule.every!r} * per_epoch))"
        case "Linear":
            return f"1 + ({lowest!r} - 1) * min(step / steps, 1.0)"
        case "Cosine":
            return f"{lowest!r} + (1.0 - {lowest!r}) * (1 + math.cos(math.pi * min(step / steps, 1.0))) / 2"
    return "1.0"


def _one_cycle(schedule: Schedule) -> Iterator[Line]:
    start, end = schedule.start, schedule.start * schedule.lowest
    yield Line(f"    peak = {schedule.rise!r} * steps - 1")
    yield Line("    if step <= peak:")
    yield Line("        share = step / peak if peak > 0 else 1.0")
    yield Line(f"        return 1.0 + ({start!r} - 1.0) * (1 + math.cos(math.pi * share)) / 2")
    yield Line("    share = min((step - peak) / max(steps - 1 - peak, 1e-12), 1.0)")
    yield Line(f"    return {end!r} + (1.0 - {end!r}) * (1 + math.cos(math.pi * share)) / 2")


def has_rates(settings: TrainingSettings) -> bool:
    """Whether the rate is set anew at every step."""
    return not is_flat(settings.schedule)


def begin_lines(settings: TrainingSettings, judged: bool, per_epoch: str) -> Iterator[Line]:
    """What stands before the loop over the epochs."""
    if _has_function(settings.schedule):
        yield Line(f"    per_epoch = {per_epoch}")
    if settings.schedule.name == "Plateau":
        yield Line("    lowered, lowest_loss, waiting = 1.0, math.inf, 0")
    if settings.early_stop and judged:
        yield Line("    best, waited, kept = math.inf, 0, {}")


def _has_function(schedule: Schedule) -> bool:
    """Whether the step alone says a share of the rate."""
    return schedule.warmup > 0 or schedule.name not in ("Constant", "Plateau")


def share_lines(settings: TrainingSettings, depth: int) -> Iterator[Line]:
    """The rate of the step that follows, as a share of the set one."""
    if not has_rates(settings):
        return
    parts = (
        ["rate_factor(len(losses), per_epoch, options.epochs * per_epoch)"] if _has_function(settings.schedule) else []
    )
    parts += ["lowered"] if settings.schedule.name == "Plateau" else []
    yield Line(f"{'    ' * depth}share = {' * '.join(parts)}")


def clip_lines(settings: TrainingSettings, parameters: str, depth: int) -> Iterator[Line]:
    """What shortens the gradient before the step."""
    space = "    " * depth
    if settings.clip_value > 0:
        yield Line(f"{space}nn.utils.clip_grad_value_({parameters}, {settings.clip_value!r})")
    if settings.clip_norm > 0:
        yield Line(f"{space}nn.utils.clip_grad_norm_({parameters}, {settings.clip_norm!r})")


def judged_lines(settings: TrainingSettings, network: str) -> Iterator[Line]:
    """What waits for the validation loss, at the end of an epoch; the network is what is judged."""
    schedule = settings.schedule
    if schedule.name == "Plateau":
        yield Line(f"        if held_out_loss < lowest_loss * (1 - {schedule.threshold!r}):")
        yield Line("            lowest_loss, waiting = held_out_loss, 0")
        yield Line("        else:")
        yield Line("            waiting += 1")
        yield Line(f"            if waiting > {schedule.patience}:")
        yield Line(f"                lowered, waiting = max(lowered * {schedule.factor!r}, {schedule.lowest!r}), 0")
    if settings.early_stop:
        yield Line("        if held_out_loss < best:")
        yield Line("            best, waited = held_out_loss, 0")
        yield Line(f"            kept = copy.deepcopy({network}.state_dict())")
        yield Line("        else:")
        yield Line("            waited += 1")
        yield Line(f"            if waited >= {settings.early_stop}:")
        yield Line("                break  # and keep what was best")


def end_lines(settings: TrainingSettings, judged: bool, network: str) -> Iterator[Line]:
    """What stands behind the loop."""
    if settings.early_stop and judged:
        yield Line(f"    {network}.load_state_dict(kept or {network}.state_dict())")
