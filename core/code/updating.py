"""How a phase's update stands in the script: one batch or several forward and back, penalties, clipping, the step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.code.lines import INDENT, Line, docstring, statement
from core.code.placing import making
from core.code.scheduling import clip_lines
from core.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class Update:
    """What an update's lines are made of."""

    settings: TrainingSettings
    mark: str
    """What the phase's variables end with."""
    loss: str
    """The expression of its loss for one batch."""
    parameters: str
    """The expression of what it trains."""
    inputs: str
    """What backward is told; empty where it may go on to all weights."""
    batch: str
    """The variables of a batch, as a loop names them."""
    size: str
    """The expression of a batch's size."""
    first: tuple[str, ...] = ()
    """Statements that make the batch what is trained on."""


def is_accumulated(settings: TrainingSettings) -> bool:
    """Whether the gradients of several batches are added before a step."""
    return settings.accumulate > 1


def penalty_lines(settings: TrainingSettings) -> Iterator[Line]:
    """The function that adds the penalties' gradient; nothing where there are none."""
    if not (settings.l1 or settings.l2):
        return
    l1 = f"{settings.l1!r} * sum |w|" if settings.l1 else ""
    l2 = f"{settings.l2!r} / 2 * sum w²" if settings.l2 else ""
    yield Line("def penalise(parameters):")
    yield from docstring(f"Add the gradient of {' + '.join(filter(None, (l1, l2)))} for all w that are no vectors.", 1)
    yield Line("    with torch.no_grad():")
    yield Line("        for w in parameters:")
    yield Line("            if w.dim() > 1 and w.grad is not None:")
    if settings.l1:
        yield Line(f"                w.grad += {settings.l1!r} * w.sign()")
    if settings.l2:
        yield Line(f"                w.grad += {settings.l2!r} * w")


def scaler_line(settings: TrainingSettings, mark: str) -> Iterator[Line]:
    """What scales the loss of half numbers."""
    if settings.precision == "float16":
        yield Line(f'    scaler{mark} = torch.amp.GradScaler("{_device(settings)}")')


def average_lines(settings: TrainingSettings) -> Iterator[Line]:
    """The network that has the average of the weights."""
    if settings.averaging:
        mean = f"swa_utils.get_ema_multi_avg_fn({settings.averaging!r})"
        yield from statement(f"averaged = swa_utils.AveragedModel(model, multi_avg_fn={mean})", 1)


def judged(settings: TrainingSettings) -> str:
    """The network that is judged and saved."""
    return "averaged.module" if settings.averaging else "model"


def update_lines(update: Update, depth: int) -> Iterator[Line]:
    """Zero, forward, backward, step."""
    settings, mark = update.settings, update.mark
    yield Line(f"{INDENT * depth}optimizer{mark}.zero_grad()")
    if is_accumulated(settings):
        yield Line(f"{INDENT * depth}value{mark} = 0.0")
        yield Line(f"{INDENT * depth}for {update.batch} in chunk:")
        yield from _forward(update, f"part{mark}", depth + 1)
        yield Line(f"{INDENT * (depth + 1)}weight = {update.size} / samples")
        yield from _backward(update, f"(part{mark} * weight)", depth + 1)
        yield Line(f"{INDENT * (depth + 1)}value{mark} += part{mark}.item() * weight")
    else:
        yield from _forward(update, f"value{mark}", depth)
        yield from _backward(update, f"value{mark}", depth)
    yield from _step(update, depth)


def _forward(update: Update, name: str, depth: int) -> Iterator[Line]:
    for text in update.first:
        yield from statement(text, depth)
    if contexts := ", ".join(_contexts(update.settings)):
        yield Line(f"{INDENT * depth}with {contexts}:")
        depth += 1
    yield from statement(f"{name} = {update.loss}", depth)


def _contexts(settings: TrainingSettings) -> Iterator[str]:
    """In what the way forward is gone."""
    if settings.precision != "float32":
        yield f'torch.autocast("{_device(settings)}", dtype=torch.{settings.precision})'
    if made := making(settings):
        yield made


def _backward(update: Update, loss: str, depth: int) -> Iterator[Line]:
    if update.settings.precision == "float16":
        inside = loss[1:-1] if loss.startswith("(") else loss
        loss = f"scaler{update.mark}.scale({inside})"
    yield from statement(f"{loss}.backward({update.inputs})", depth)


def _step(update: Update, depth: int) -> Iterator[Line]:
    settings, mark, front = update.settings, update.mark, INDENT * depth
    scaled = settings.precision == "float16"
    if scaled:
        yield Line(f"{front}scaler{mark}.unscale_(optimizer{mark})")
    if settings.l1 or settings.l2:
        yield from statement(f"penalise({update.parameters})", depth)
    yield from clip_lines(settings, update.parameters, depth)
    yield Line(f"{front}scaler{mark}.step(optimizer{mark})" if scaled else f"{front}optimizer{mark}.step()")
    if scaled:
        yield Line(f"{front}scaler{mark}.update()")


def chunk_lines(settings: TrainingSettings) -> Iterator[Line]:
    """The batches parted into those of one update."""
    count = settings.accumulate
    yield from statement(f"chunks = [batches[i : i + {count}] for i in range(0, len(batches), {count})]", 2)


def _device(settings: TrainingSettings) -> str:
    return settings.device.partition(":")[0]
