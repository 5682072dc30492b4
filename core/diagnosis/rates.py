"""Rules on learning rate, schedule, clipping, decay and the optimizer's memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.diagnosis.finding import Curve, Evidence, Finding, Plot, Severity
from core.diagnosis.flow import arrives
from core.diagnosis.network import Network
from core.diagnosis.saying import MOST_POINTS, finding, line, thin
from core.diagnosis.seen import Floats, Seen, median
from core.diagnosis.thresholds import limit
from core.training.schedules import rate_factor

_ADAPTIVE = frozenset({"Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Rprop"})
"""Optimizers whose steps do not depend on the gradient's size."""
FIRST = 5
"""Steps that tell how far the first ones go."""


def long_memory(network: Network) -> Iterator[Finding]:
    """Momentum near 1, or constants of Adam that are of no use."""
    for phase in network.project.training.phases:
        used = phase.optimizer
        said: list[Evidence] = []
        if used.name in ("Momentum", "RMSprop") and used.momentum > limit("momentum"):
            adds = 1 / (1 - used.momentum)
            text = f"A momentum of {used.momentum:g} adds up to {adds:.0f} steps."
            said.append(Evidence(text, used.momentum, limit("momentum")))
        if used.name in _ADAPTIVE - {"RMSprop", "Adagrad", "Adadelta", "Rprop"}:
            if used.beta1 > limit("momentum"):
                said.append(Evidence(f"beta 1 is {used.beta1:g}.", used.beta1, limit("momentum")))
            if used.beta2 < limit("beta2"):
                said.append(Evidence(f"beta 2 is {used.beta2:g}, below beta 1.", used.beta2, limit("beta2")))
            if used.eps > limit("eps"):
                text = f"Epsilon is {used.eps:g}: gradients below it make steps that are shorter than meant."
                said.append(Evidence(text, used.eps, limit("eps")))
        if said:
            cause = f"{used.name} is set otherwise than it is used as a rule."
            yield finding(network, "OPTIMIZER_CONFIG", "warning", tuple(said), cause)


def collapsing_schedule(network: Network) -> Iterator[Finding]:
    """A schedule that brings the rate to nothing in the first part of the run, or keeps it there for most of it."""
    training = network.project.training
    samples = [field.samples for field in network.fields_read]
    if not samples or training.schedule.name == "Plateau":
        return
    per_epoch = max(-(-min(samples) // (training.batch_size * training.accumulate)), 1)
    total = per_epoch * training.epochs
    steps = np.linspace(0, total - 1, min(total, MOST_POINTS)).astype(np.int64)
    factors = np.array([rate_factor(training.schedule, int(step), per_epoch, total) for step in steps])
    gone = factors < limit("rate_gone") * factors.max()
    gone[: int(factors.argmax())] = False
    share = float(gone.mean())
    if share < limit("rate_gone_share"):
        return
    text = f"The rate is below {limit('rate_gone'):.0%} of its highest for {share:.0%} of the run."
    curve = Curve("rate", tuple(float(factor) for factor in factors), tuple(float(step) for step in steps))
    plot = Plot(
        "line", (curve,), limit=limit("rate_gone"), logarithmic=True, x_title="step", y_title="share of the rate"
    )
    cause = f"The schedule {training.schedule.name} falls {'too fast' if share > 0.5 else 'early'} for {total:,} steps."
    evidence = Evidence(text, share, limit("rate_gone_share"), "learning_rate", plot)
    yield finding(network, "SCHEDULE_COLLAPSE", "warning", evidence, cause)


def tight_clip(seen: Seen) -> Iterator[Finding]:
    """Clipping that leaves little of every gradient, or is always at work, in a run that minds and learns little."""
    factors = seen.plain("clip")[-int(limit("clip_window")) :]
    factors = factors[np.isfinite(factors)]
    optimizers = {phase.optimizer.name for phase in seen.network.project.training.phases}
    if not seen.warm or not len(factors) or optimizers <= _ADAPTIVE or seen.mastery >= limit("learned"):
        return
    left, cut = float(np.median(factors)), float((factors < 1).mean())
    if left >= limit("clip") and cut < limit("clip_always"):
        return
    text = f"Clipping leaves {left:.2g} of the gradient's length, at the median of the last {len(factors)} steps."
    evidence = [Evidence(text, left, limit("clip"), "clip", line(seen, "clip", limit("clip"), logarithmic=True))]
    if left >= limit("clip"):
        evidence.insert(0, Evidence(f"It is at work in {cut:.0%} of them.", cut, limit("clip_always"), "clip"))
    far = "far below" if left < limit("clip") else "below"
    cause = f"The norm is clipped at {seen.network.project.training.clip_norm:g}, {far} what gradients have."
    severity: Severity = seen.severity() if left < limit("clip") else "hint"
    yield finding(seen.network, "CLIP_TOO_TIGHT", severity, tuple(evidence), cause, step=seen.step)


def moves(seen: Seen, rows: slice) -> Floats:
    """How far each layer's weights moved in a step, measured by these: the median of these steps, layer by layer."""
    table = seen.spread("update_ratio", rows)
    return median(np.where(np.isfinite(table), table, np.nan)) if len(table) else np.zeros(0)


def high_rate(seen: Seen) -> Iterator[Finding]:
    """Steps that change most layers by a tenth and more, or weights that grow many times over, without success."""
    grown = _growth(seen)
    enough = limit("nearly_all" if grown > limit("weight_run") else "learned")
    spared = min(seen.mastery, seen.held_mastery) >= enough and not seen.held_rises
    if len(seen.losses) < FIRST or spared:
        return
    first, last = (
        typical(moves(seen, slice(0, FIRST))),
        typical(moves(seen, slice(-max(FIRST, seen.step // 10), None))),
    )
    restless = seen.mastery < limit("flat") or last > limit("restless")
    jumps = first > limit("large_step") and restless and grown > limit("shrunk")  # a penalty makes what is small move
    runs = grown > limit("weight_growth") and last > limit("restless") and seen.warm
    if not (jumps or runs):
        return
    text = f"The first steps change a typical layer by {first:.2g} of itself; about 0.001 is usual."
    plot = _moves_plot(seen)
    evidence = [Evidence(text, first, limit("large_step"), "update_ratio", plot)]
    if grown > limit("weight_growth"):
        text = f"The weights of a typical layer have grown to {grown:.3g} times their size."
        evidence.append(Evidence(text, grown, limit("weight_growth"), "weight", line(seen, "loss", logarithmic=True)))
    rate = max(phase.optimizer.learning_rate for phase in seen.network.project.training.phases)
    cause = f"The learning rate of {rate:g} makes steps that are too long for this network."
    yield finding(seen.network, "LR_TOO_HIGH", seen.severity(), tuple(evidence), cause, step=seen.step)


def typical(values: Floats) -> float:
    """The median of what was measured; 0 where nothing was."""
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else 0.0


def _growth(seen: Seen) -> float:
    """How much larger the weights of a typical layer are than at the start."""
    first, last = (seen.table("weight", rows) for rows in (slice(0, 1), slice(-1, None)))
    if seen.count("weight") < 2 or not first.shape[1]:
        return 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        return typical(last[0] / first[0])


def _moves_plot(seen: Seen) -> Plot:
    table = seen.spread("update_ratio")
    middle = median(np.where(np.isfinite(table), table, np.nan).T) if table.size else np.zeros(0)
    curve = thin("update / weight", seen, np.nan_to_num(middle), seen.count("update_ratio"))
    return Plot(
        "line", (curve,), limit=limit("usual_step"), logarithmic=True, x_title="step", y_title="update / weight"
    )


def low_rate(seen: Seen) -> Iterator[Finding]:
    """Steps that change no layer by more than a hundred-thousandth, or a loss that creeps down to the last step."""
    if not seen.warm or len(seen.losses) < 2 * limit("warm_up_steps") or seen.mastery >= limit("learned"):
        return
    middle = moves(seen, slice(seen.count("update_ratio") // 3, None))
    middle = middle[np.isfinite(middle)]
    if not len(middle) or seen.rate_share < limit("rate_gone"):
        return
    most = float(middle.max())
    crawls = typical(middle) < limit("tiny_step") and most < limit("usual_step")
    creeps = (
        (0 < most < limit("short_step") or (crawls and most > 0))
        and seen.share > limit("creeps")
        and (seen.still_falls or (seen.is_flat and arrives(seen)))
    )
    if not (0 < most < limit("tiny_step") or creeps):
        return
    text = f"No layer moves by more than {most:.2g} of itself in a step; about 0.001 is usual."
    edge = limit("tiny_step") if most < limit("tiny_step") else limit("short_step")
    evidence = [Evidence(text, most, edge, "update_ratio", _moves_plot(seen))]
    if creeps:
        text = f"The loss {'still falls as it did before, and' if seen.still_falls else ''} has come "
        text = " ".join(f"{text}{max(seen.skill, 0):.0%} of the way from chance to 0.".split())
        evidence.append(Evidence(text, seen.skill, limit("learned"), "loss", line(seen, "loss")))
    rate = max(phase.optimizer.learning_rate for phase in seen.network.project.training.phases)
    cause = f"The learning rate of {rate:g} makes steps that are too short for {seen.step:,} of them."
    yield finding(seen.network, "LR_TOO_LOW", seen.severity(), tuple(evidence), cause, step=seen.step)


def strong_decay(seen: Seen) -> Iterator[Finding]:
    """Weights that shrink to a fraction while decay pulls as hard as the data, in a run that could learn more."""
    if not seen.warm or seen.count("weight") < FIRST or seen.mastery >= limit("nearly_all"):
        return
    decay, pull, edge = _pull(seen)
    if not decay:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        shrunk = median(seen.table("weight", slice(-FIRST, None))) / seen.table("weight", slice(0, 1))[0]
    free = seen.network.scale_free
    rows = [place for place, row in enumerate(seen.rows("weight")) if row.path not in free]
    told = [place for place in rows if shrunk[place] < limit("shrunk") and pull[place] > edge]
    if not told:
        return
    worst = min(told, key=lambda place: float(shrunk[place]))
    names = [seen.rows("weight")[place].path for place in told]
    text = f"The weights of {names[told.index(worst)]} have shrunk to {shrunk[worst]:.2g} of their size."
    against = "the whole step is long" if edge == limit("pull_apart") else "the gradient of the data does"
    pulls = f"Decay pulls at them {pull[worst]:.2g} times as hard as {against}."
    evidence = (
        Evidence(text, float(shrunk[worst]), limit("shrunk"), "weight"),
        Evidence(pulls, float(pull[worst]), edge, "gradient"),
    )
    cause = f"A weight decay of {decay:g} is more than this learning rate and these data bear."
    yield finding(seen.network, "WEIGHT_DECAY_TOO_HIGH", seen.severity(), evidence, cause, names, step=seen.step)


def _pull(seen: Seen) -> tuple[float, Floats, float]:
    """The decay, how hard it pulls at each layer late in the run, and how much of that is too much.

    Where decay is apart from the gradient (AdamW) it is measured by the whole step, else by the gradient of the data.
    """
    training = seen.network.project.training
    used = max((phase.optimizer for phase in training.phases), key=lambda optimizer: optimizer.weight_decay)
    late = slice(-max(seen.count("weight") // 4, 1), None)
    with np.errstate(divide="ignore", invalid="ignore"):
        if used.name == "AdamW":
            rates = seen.plain("learning_rate")
            if float(rates.sum()) * used.weight_decay < limit("decay_times"):
                return 0.0, np.zeros(0), limit("pull_apart")
            rate = float(np.median(rates[late]))
            return used.weight_decay, rate * used.weight_decay / moves(seen, late), limit("pull_apart")
        decay = max(used.weight_decay, training.l2)
        pull = decay * median(seen.spread("weight", late)) / median(seen.spread("gradient", late))
    return decay, pull, limit("pull")
