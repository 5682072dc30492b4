"""Rules on how a run goes as a whole: NaN, a loss that swings or stands, and two sides of which one has won."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.diagnosis.chain import is_layer, units
from core.diagnosis.finding import Evidence, Finding, Plot
from core.diagnosis.saying import finding, line, thin
from core.diagnosis.seen import Seen
from core.diagnosis.thresholds import limit

GROWN = "Numbers grew from step to step until they were too large."
FEWEST = 6
"""Late groups of samples whose means tell how far they lie apart."""


def nonfinite(seen: Seen) -> Iterator[Finding]:
    """A loss or gradient that became NaN or infinite, or is about to."""
    norms = seen.plain("gradient_norm")
    norms = norms[~np.isnan(norms)]
    ended = seen.failed is not None and seen.failed.step > 0 and _speaks_of_nan(seen)
    overflows = len(norms) > 0 and not norms.max() < limit("overflow")
    if not (ended or overflows):
        return
    step = seen.failed.step if ended and seen.failed is not None else seen.step
    came = seen.failed.problem.came if ended and seen.failed is not None else "the gradient is out of all bounds"
    largest = float(norms.max()) if len(norms) else float("nan")
    text = f"{came[0].upper()}{came[1:]}." if f"at step {step}" in came else f"At step {step}: {came}."
    evidence = Evidence(text, largest, limit("overflow"), "gradient_norm", line(seen, "gradient_norm", None, True))
    where = [seen.failed.problem.where] if ended and seen.failed is not None and seen.failed.problem.where else []
    cause = _cause_of(seen.failed.problem.fix) if ended and seen.failed is not None else GROWN
    yield finding(seen.network, "NONFINITE", "critical", evidence, cause, where, step=step)


def _cause_of(fix: str) -> str:
    """What the engine says of a layer that was given what it has no answer for; else that numbers grew."""
    told = fix.partition(":")[0]
    return f"{told}." if " takes numbers " in told else GROWN


def _speaks_of_nan(seen: Seen) -> bool:
    assert seen.failed is not None
    return any(word in seen.failed.problem.came for word in ("nan", "inf", "NaN", "Inf"))


def swings(seen: Seen) -> Iterator[Finding]:
    """A loss that goes up and down, or up again, by much of itself, and learns little."""
    losses = seen.losses
    if not seen.warm or len(losses) < 2 * limit("warm_up_steps") or seen.mastery >= limit("learned"):
        return
    if seen.network.is_contest or not np.isfinite(losses).all():
        return
    parts = np.array_split(losses, 8)
    if len(parts[-1]) < limit("risen_steps"):
        return
    levels = [float(np.median(part)) for part in parts]
    best, now = min(levels[:-1]), levels[-1]
    error = 1.25 * max(float(parts[levels.index(best)].std()), float(parts[-1].std())) / np.sqrt(len(parts[-1]))
    if seen.share > 0.3 and now > limit("risen") * best and now > best + limit("risen_errors") * error:
        text = f"The loss has been {best:.3g} and is {now:.3g} now."
        cause = "The steps are too long to stay where the loss was low."
        evidence = Evidence(text, now / max(best, 1e-12), limit("risen"), "loss", line(seen, "loss", best))
        yield finding(seen.network, "LR_TOO_HIGH", seen.severity(), evidence, cause, step=seen.step, family="progress")


def stands(seen: Seen) -> Iterator[Finding]:
    """A loss that is where it was at the start after a good part of the run, with nothing else to blame."""
    if seen.share < limit("stands_share") or seen.step < limit("stands_steps") or not seen.is_flat:
        return
    text = f"After {seen.so_far} the loss is {seen.level:.3g}"
    known = seen.chance > 0
    text += f"; an answer without a look at the input has {seen.chance:.3g}." if known else ", as at the start."
    evidence = Evidence(text, seen.skill, limit("flat"), "loss", line(seen, "loss", seen.chance if known else None))
    if _could_be_learned(seen):
        text = "Samples that lie close together have much the same target, far more than by chance."
        cause = f"{text} It can be learned, and this network does not."
    else:
        cause = "Nothing that is known to stop a network was seen."
    yield finding(seen.network, "NOT_LEARNING", "warning", evidence, cause, step=seen.step)


def _could_be_learned(seen: Seen) -> bool:
    fields = [objective.field for objective in seen.network.objectives if objective.field is not None]
    return any(
        field.neighbours_agree > field.agree_by_chance + limit("neighbours" if field.names else "neighbours_explain")
        for field in fields
    )


def too_small(seen: Seen) -> Iterator[Finding]:
    """A loss that has come to rest far above nothing in a small network, whose data could be told apart."""
    if not seen.warm or seen.share < 0.5 or seen.mastery >= limit("half_learned"):
        return
    if seen.last_fall > limit("resting"):
        return
    layers = [step for step in seen.network.trained if is_layer(step) and step.kind.name != "Embedding"]
    widths = [units(seen.network, step, "out") for step in layers if seen.network.is_hidden(step)]
    if not _could_be_learned(seen) or (widths and min(widths) > limit("small_width")):
        return
    narrowest = min(widths, default=0)
    text = f"The loss has come to rest at {seen.level:.3g}, {max(seen.skill, 0):.0%} of the way from chance to 0."
    cause = f"The narrowest hidden layer has {narrowest} units." if widths else "There is no hidden layer."
    evidence = Evidence(text, seen.skill, limit("half_learned"), "loss", line(seen, "loss", seen.chance))
    where = [step.path for step in layers if units(seen.network, step, "out") == narrowest][:1]
    yield finding(
        seen.network,
        "UNDERFITTING_CAPACITY",
        seen.severity(),
        evidence,
        cause,
        where,
        step=seen.step,
        family="progress",
    )


def lonely_steps(seen: Seen) -> Iterator[Finding]:
    """Batches of a few samples in a run that learns next to nothing, or whose loss jumps from batches to batches."""
    size = seen.network.project.training.batch_size * seen.network.project.training.accumulate
    if not seen.warm or size > limit("tiny_batch") or seen.network.is_contest:
        return
    jumps = 0.0 if seen.is_mastered else _jumps(seen)
    is_at_chance = seen.is_flat or (seen.mastery < limit("flat") and not seen.still_falls)
    if not (is_at_chance or jumps > limit("jumps")):
        return
    text = f"A step follows the gradient of {size} sample{'s' if size > 1 else ''}"
    text += "." if is_at_chance else f", and the mean loss of some tens of them differs by {jumps:.0%} of itself."
    cause = f"The batch size is {size}."
    evidence = Evidence(text, float(size), limit("tiny_batch"), "loss", line(seen, "loss"))
    yield finding(seen.network, "BATCH_TOO_SMALL", "warning", evidence, cause, step=seen.step, family="progress")


def _jumps(seen: Seen) -> float:
    """How far the late mean losses of some tens of samples lie apart, over their mean; 0 where they still fall."""
    late = seen.grouped[len(seen.grouped) // 2 :]
    if len(late) < FEWEST or not np.isfinite(late).all() or not late.mean() > 0 or seen.last_fall > limit("still"):
        return 0.0
    return float(late.std() / late.mean())


def one_side_won(seen: Seen) -> Iterator[Finding]:
    """Of two losses that work against one another one is next to nothing and the other rises."""
    phases = seen.network.project.training.phases
    names = [objective.loss.path for objective in seen.network.objectives]
    columns = {path: column.values().astype(float) for path, column in seen.record.losses(names).items()}
    if len(phases) != 2 or len(columns) < 2 or not seen.warm or seen.step < limit("stands_steps"):
        return
    early = {path: float(np.nanmedian(values[: len(values) // 10 + 1])) for path, values in columns.items()}
    late = {path: float(np.nanmedian(values[-len(values) // 5 :])) for path, values in columns.items()}
    won = [path for path in columns if late[path] < limit("won") * max(early[path], 1e-12)]
    lost = [path for path in columns if late[path] > limit("lost") * max(early[path], 1e-12)]
    if won and lost:
        text = f"{won[0]} has fallen to {late[won[0]]:.2g} while {lost[0]} has risen to {late[lost[0]]:.2g}."
        curves = tuple(thin(path, seen, columns[path]) for path in (won[0], lost[0]))
        plot = Plot("line", curves, logarithmic=True, x_title="step", y_title="loss")
        cause = "One side learns so much faster that the other gets no gradient to learn by."
        evidence = Evidence(text, late[won[0]] / max(early[won[0]], 1e-12), limit("won"), "loss", plot)
        yield finding(seen.network, "GAN_COLLAPSE", "warning", evidence, cause, [lost[0], won[0]], step=seen.step)
