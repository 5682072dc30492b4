"""Whether training fits into the memory that is free on this machine, and what to do where it does not."""

from __future__ import annotations

import os
from pathlib import Path

from core.amounts import bytes_text
from core.errors import CheckError
from core.memory import batch_that_fits, training_memory
from core.plan import Plan, Step
from core.problems import Problem, SetTraining
from core.project import Project
from core.shapes import Analysis

SURE = 1.25
"""How many times the free memory an estimate must come to, so that training is refused and not warned of."""
_ALL_OF_WEIGHTS, _ALL_OF_OUTPUTS = 7, 24
"""No network takes more of its weights' and outputs' bytes: gradients, optimizer, measuring; what is saved."""


def free_memory() -> int | None:
    """Bytes that this process could still have; None where the system does not tell."""
    known = [size for size in (_available(), _of_group()) if size is not None]
    return min(known) if known else None


def room_problem(project: Project, plan: Plan, analysis: Analysis, free: int | None) -> Problem | None:
    """W307 where training needs more than so many bytes, with the batch that would fit."""
    settings = project.training
    weights, outputs = 4 * analysis.total_parameters, analysis.total_held * settings.batch_size
    if free is None or weights * _ALL_OF_WEIGHTS + outputs * _ALL_OF_OUTPUTS <= free:
        return None
    peak = training_memory(project, plan, analysis).peak
    if peak <= free:
        return None
    batch = batch_that_fits(project, plan, analysis, free)
    heaviest = _heaviest(plan, analysis, settings.batch_size)
    error = CheckError(
        f"at most {bytes_text(free)}, the free memory of this machine, was wanted",
        f"training with batch {settings.batch_size:,} takes about {bytes_text(peak)}, most of it at {heaviest.path}",
        heaviest.path,
        f"Use batch {batch:,}." if batch else f"Make {heaviest.path} smaller.",
    )
    fixes = (SetTraining(f"Use batch {batch:,}", "batch_size", batch),) if batch else ()
    return Problem("W307", "warning", error, heaviest.node, heaviest.path, fixes=fixes)


def ensure_room(project: Project, plan: Plan, analysis: Analysis, free: int | None) -> None:
    """Raise CheckError where training surely needs more than so many bytes."""
    problem = room_problem(project, plan, analysis, int(free * SURE) if free is not None else None)
    if problem is not None:
        raise problem.error


def ensure_weights(plan: Plan, analysis: Analysis, free: int | None) -> None:
    """Raise CheckError where the weights alone need more than so many bytes."""
    needed = 4 * sum(analysis.modules.get(step.path, 0) for step in plan.steps)
    if free is None or needed <= free:
        return
    largest = max(plan.steps, key=lambda step: analysis.modules.get(step.path, 0))
    raise CheckError(
        f"weights of at most {bytes_text(free)}, the free memory of this machine, were wanted",
        f"they take {bytes_text(needed)}, most of it at {largest.path}",
        largest.path,
        f"Make {largest.path} smaller.",
    )


def _heaviest(plan: Plan, analysis: Analysis, batch: int) -> Step:
    """The step whose weights, gradients and outputs take the most."""
    parameters, held = analysis.parameters, analysis.held
    return max(plan.steps, key=lambda step: 16 * parameters.get(step.path, 0) + 2 * batch * held.get(step.path, 0))


def _available() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return _installed()
    found = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return int(found.split()[1]) * 1024 if found is not None else _installed()


def _installed() -> int | None:
    """All memory of the machine, where what is free of it is not told."""
    names = getattr(os, "sysconf_names", {})
    if not {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= set(names):
        return None
    return int(os.sysconf("SC_PHYS_PAGES")) * int(os.sysconf("SC_PAGE_SIZE"))


def _of_group() -> int | None:
    """What is left of the limit that a container gives."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = int((folder / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return max(int(limit) - used, 0) if limit.isdigit() else None
