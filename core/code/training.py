"""The training of a network as Python: its loop, its validation and its command line, to be read from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.code.augmenting import WrittenAugmentation
from core.code.lines import Line, blank, docstring, statement
from core.code.losses import is_summed, results, target_arguments, target_names, value_names
from core.code.optimizing import WrittenPhase, optimizer
from core.code.placing import forked, making, there
from core.code.reading import WrittenData
from core.code.scheduling import begin_lines, end_lines, has_rates, judged_lines, share_lines
from core.code.trained import Trained
from core.code.tree import BATCH, Argument, Body
from core.code.updating import (
    Update,
    average_lines,
    chunk_lines,
    is_accumulated,
    judged,
    scaler_line,
    update_lines,
)
from core.compared import prediction, target
from core.data.settings import sample_count, split_sizes
from core.plan import Step


def constants(made: Trained) -> tuple[Line, ...]:
    """The settings, at the top where one looks for them."""
    settings = made.settings
    return (
        Line(f"EPOCHS = {settings.epochs}"),
        Line(f"BATCH_SIZE = {settings.batch_size}"),
        Line(f"SEED = {settings.seed}  # of the first weights and the order of the samples"),
        Line(f"THREADS = {settings.threads}  # with others, sums may differ in their last bit"),
    )


def validation_lines(made: Trained) -> Iterator[Line]:
    """The function that judges the network on the samples that were held out."""
    losses = made.plan.losses
    measure = _metric(made)
    given = _fields_of(made, made.whole, losses)
    says = f"The loss{f' and {measure[0]}' if measure else ''} on samples that are not trained on."
    yield from statement(f"def validate({', '.join(('model', *given))}):")
    yield from docstring(says, 1)
    yield Line("    model.eval()")
    draws = any(_draws(step) for step in made.plan.steps)
    inner = f", torch.random.fork_rng({forked(made.settings)})" if draws else ""
    inner += f", {making(made.settings)}" if making(made.settings) else ""
    yield Line(f"    with torch.no_grad(){inner}:")
    if draws:
        yield Line("        torch.manual_seed(0)")
    names = [
        value_names(made.plan, losses, made.whole, made.fields, made.analysis)[value] for value in results(made.whole)
    ]
    yield from statement(f"{', '.join(names)} = model({_inputs(made.whole, made.fields)})", 2)
    targets = target_names(made.plan, losses, made.fields, made.analysis)
    share = f" * {share_of(given[0])}" if all(map(is_summed, losses)) else ""
    value = f"{made.judge}({', '.join(dict.fromkeys((*names, *targets)))}).item(){share}"
    if measure:
        yield from statement(f"{measure[0]} = {measure[1]}", 2)
    yield from statement(f"return {value}{f', {measure[0]}' if measure else ''}", 2)


def main_lines(made: Trained) -> Iterator[Line]:
    """The function that does it all."""
    yield Line("def main():")
    yield from _options()
    yield from blank()
    yield Line("    torch.set_num_threads(THREADS)")
    for data in made.data:
        yield from statement(f"{', '.join(data.variables)} = {data.function}()", 1)
    yield Line("    torch.manual_seed(options.seed)")
    if made.settings.deterministic:
        yield Line("    torch.use_deterministic_algorithms(True)")
    yield Line(f"    model = {made.name}(){there(made.settings)}")
    yield from (Line(f"    model.{path}.requires_grad_(False)") for path in made.frozen)
    for place, (phase, _method, _body) in enumerate(made.phases):
        yield from _optimizer(made, place, phase)
    yield from average_lines(made.settings)
    if made.settings.shuffle:
        yield Line("    order = torch.Generator().manual_seed(options.seed)")
    if made.augmented:
        yield Line("    generator = torch.Generator().manual_seed(options.seed + 1)")
    yield Line("    losses = []")
    yield from begin_lines(made.settings, made.held_out, _per_epoch(made))
    yield Line("    for epoch in range(options.epochs):")
    yield Line("        model.train()")
    yield Line("        begin = len(losses)")
    yield from _batches(made)
    yield from _epoch_end(made)
    yield from end_lines(made.settings, made.held_out, judged(made.settings))
    yield Line(f'    torch.save({judged(made.settings)}.state_dict(), Path(__file__).with_suffix(".pt"))')
    yield Line("    if options.losses:")
    yield Line("        Path(options.losses).write_text(json.dumps(losses))")


def _options() -> Iterator[Line]:
    yield Line("    parser = argparse.ArgumentParser(description=__doc__)")
    yield Line('    parser.add_argument("--epochs", type=int, default=EPOCHS)')
    yield Line('    parser.add_argument("--seed", type=int, default=SEED)')
    yield Line('    parser.add_argument("--steps", type=int, help="stop after so many")')
    yield Line('    parser.add_argument("--losses", help="write every step\'s loss to this file")')
    yield Line("    options = parser.parse_args()")


def _optimizer(made: Trained, place: int, phase: WrittenPhase) -> Iterator[Line]:
    parameters = phase.parameters
    if _mark(made, place):
        losses = " and ".join(step.path for step in phase.losses)
        yield Line(f"    # Phase {place + 1} makes {losses} small.")
    if phase.alone:
        yield from statement(f"trained{_mark(made, place)} = {parameters}", 1)
        parameters = f"trained{_mark(made, place)}"
    mark = _mark(made, place)
    if phase.groups:
        yield from statement(f"groups{mark} = [{', '.join(_group(phase, *group) for group in phase.groups)}]", 1)
        parameters = f"groups{mark}"
    yield from statement(f"optimizer{mark} = {optimizer(phase.settings.optimizer, parameters)}", 1)
    yield from scaler_line(made.settings, mark)


def _group(phase: WrittenPhase, parameters: str, share: float) -> str:
    return f'{{"params": {parameters}, "lr": {phase.settings.optimizer.learning_rate * share!r}}}'


def _mark(made: Trained, place: int) -> str:
    return str(place + 1) if len(made.phases) > 1 else ""


def _batches(made: Trained) -> Iterator[Line]:
    """The loop over the epoch's batches."""
    numbered = made.updates > 1
    if len(made.data) == 1:
        train = made.data[0].train
        taken = train
        if made.settings.shuffle:
            yield from statement(f"shuffled = {train}[torch.randperm(len({train}), generator=order)]", 2)
            taken = "shuffled"
        yield Line(f"        batches = {taken}.split(BATCH_SIZE){_cut(made)}")
        target = "batch"
    else:
        yield from _several(made)
        target = ", ".join(_batch(made, data) for data in made.data)
    parts = "batches"
    if is_accumulated(made.settings):
        yield from chunk_lines(made.settings)
        target, parts = "chunk", "chunks"
    if numbered:
        goal = f"({target})" if "," in target else target
        yield Line(f"        for place, {goal} in enumerate({parts}):")
    else:
        yield Line(f"        for {target} in {parts}:")
    if is_accumulated(made.settings):
        yield Line(f"            samples = {_samples(made)}")
    yield from _rates(made, numbered)
    for place in range(len(made.phases)):
        yield from _update(made, place)
    yield from _step_end(made)


def _rates(made: Trained, numbered: bool) -> Iterator[Line]:
    """The learning rate of the step, where a schedule sets it; a step of several batches has one."""
    if not has_rates(made.settings):
        return
    if numbered:
        yield Line(f"            if place % {made.updates} == 0:")
    depth = 4 if numbered else 3
    yield from share_lines(made.settings, depth)
    for place, (phase, _method, _body) in enumerate(made.phases):
        rate = phase.settings.optimizer.learning_rate
        mark, front = _mark(made, place), "    " * depth
        if phase.groups:
            shares = ", ".join(repr(share) for _parameters, share in phase.groups)
            yield Line(f"{front}for group, own in zip(optimizer{mark}.param_groups, ({shares})):")
            yield Line(f'{front}    group["lr"] = {rate!r} * share * own')
        else:
            yield Line(f'{front}optimizer{mark}.param_groups[0]["lr"] = {rate!r} * share')


def _per_epoch(made: Trained) -> str:
    """The steps of an epoch, as Python counts them."""
    count = min(split_sizes(data.settings)[0] for data in made.data)
    samples = f"len({made.data[0].train})" if len(made.data) == 1 else str(count)
    batches = f"{samples} // BATCH_SIZE" if made.settings.drop_last else f"-(-{samples} // BATCH_SIZE)"
    each = made.updates * made.settings.accumulate
    return batches if each == 1 else f"-(-({batches}) // {each})"


def _several(made: Trained) -> Iterator[Line]:
    """Several data sets, each shuffled by itself; the shortest ends the epoch."""
    parts = ", ".join(data.train for data in made.data)
    count = min(split_sizes(data.settings)[0] for data in made.data)
    taken = f"({parts})"
    if made.settings.shuffle:
        yield from statement(f"shuffled = [part[torch.randperm(len(part), generator=order)] for part in ({parts})]", 2)
        taken = "shuffled"
    cut = f"[:{count}].split(BATCH_SIZE){_cut(made, count)}"
    yield from statement(f"batches = list(zip(*(part{cut} for part in {taken})))", 2)


def _cut(made: Trained, count: int = 0) -> str:
    """What leaves out the last, smaller batch."""
    if not made.settings.drop_last:
        return ""
    whole = (count or split_sizes(made.data[0].settings)[0]) // made.settings.batch_size
    return f"[:{whole}]"


def _update(made: Trained, place: int) -> Iterator[Line]:
    """One update of a phase: forward, backward, step."""
    phase, method, body = made.phases[place]
    mark, depth = _mark(made, place), 3
    if made.updates > phase.settings.steps:
        turns = f"place % {made.updates} < {phase.settings.steps}" if phase.settings.steps > 1 else ""
        yield Line(f"            if {turns or f'place % {made.updates} == 0'}:")
        depth = 4
    update = Update(
        made.settings,
        mark,
        _loss(made, place, method, body),
        f"trained{mark}" if phase.alone else phase.parameters,
        f"inputs=trained{mark}" if phase.alone else "",
        ", ".join(_batch(made, data) for data in made.data),
        f"len({_batch(made, made.data[0])})",
        tuple(item.call(_batch(made, item.data)) for item in made.augmentation(place)),
    )
    yield from update_lines(update, depth)


def _samples(made: Trained) -> str:
    """The size of all batches of an update."""
    return "sum(map(len, chunk))" if len(made.data) == 1 else "sum(len(parts[0]) for parts in chunk)"


def _loss(made: Trained, place: int, method: str, body: Body) -> str:
    phase = made.phases[place][0]
    called = "model" if method == "forward" else f"model.{method}"
    augmented = made.augmentation(place)
    outputs = f"{called}({_batch_inputs(made, body, augmented)})"
    several = len(results(body)) != 1
    read = target_arguments(made.plan, phase.losses, made.analysis)
    targets = [_indexed(made, argument, augmented) for argument in read]
    mixed = made.mixed(place)
    for name in (made.fields[argument] for argument in read):
        item = next((one for one in augmented if name in one.mixed and name in mixed), None)
        if item is not None:
            targets += [f"{item.other(name, _batch(made, item.data))}{there(made.settings)}", item.share]
    given = dict.fromkeys((f"*{outputs}" if several else outputs, *targets))
    return f"{made.loss(place)}({', '.join(given)})"


def _inputs(body: Body, fields: Mapping[Argument, str]) -> str:
    """What the network is called with: whole variables."""
    return ", ".join(fields[argument] for argument in body.arguments if argument != BATCH) or "samples"


def _batch_inputs(made: Trained, body: Body, augmented: Sequence[WrittenAugmentation]) -> str:
    """The same of the samples of a batch."""
    given = [_indexed(made, argument, augmented) for argument in body.arguments if argument != BATCH]
    return ", ".join(given) or f"len({_batch(made, made.data[0])})"


def _indexed(made: Trained, argument: Argument, augmented: Sequence[WrittenAugmentation]) -> str:
    name = made.fields[argument]
    data = next(item for item in made.data if name in item.variables)
    item = next((one for one in augmented if one.data is data), None)
    batch = _batch(made, data)
    seen = f"{name}[{batch}]" if item is None else item.seen(name, batch)
    return f"{seen}{there(made.settings)}"


def _batch(made: Trained, data: WrittenData) -> str:
    return "batch" if len(made.data) == 1 else data.train.replace("train", "batch")


def _step_end(made: Trained) -> Iterator[Line]:
    """Keep the step's loss; stop where enough were made."""
    number = "" if is_accumulated(made.settings) else ".item()"
    values = " + ".join(f"value{_mark(made, place)}{number}" for place in range(len(made.phases)))
    followed = "averaged.update_parameters(model)" if made.settings.averaging else ""
    parts = "chunks" if is_accumulated(made.settings) else "batches"
    if made.updates > 1:
        last = f"place % {made.updates} == {made.updates - 1}"
        yield Line(f"            if {last} or place == len({parts}) - 1:")
        yield from (statement(followed, 4) if followed else ())
        yield from statement(f"losses.append({values})", 4)
        yield Line("            if len(losses) == options.steps:")
    else:
        yield from (statement(followed, 3) if followed else ())
        yield from statement(f"losses.append({values})", 3)
        yield Line("            if len(losses) == options.steps:")
    yield Line("                break")


def _epoch_end(made: Trained) -> Iterator[Line]:
    """Tell how it went, and stop where enough steps were made."""
    yield Line('        told = f"epoch {epoch + 1}: loss {np.mean(losses[begin:]):.4f}"')
    told = "{told}"
    if made.held_out:
        measure = _metric(made)
        given = [f"{name}[{held}]{there(made.settings)}" for name, held in _held_out(made)]
        names = f"held_out_loss, {measure[0]}" if measure else "held_out_loss"
        yield from statement(f"{names} = validate({', '.join((judged(made.settings), *given))})", 2)
        told += ", validation {held_out_loss:.4f}" + (f", {measure[0]} {{{measure[0]}:.4f}}" if measure else "")
    yield from statement(f'print(f"{told}")' if made.held_out else "print(told)", 2)
    yield Line("        if len(losses) == options.steps:")
    yield Line("            break")
    if made.held_out:
        yield from judged_lines(made.settings, judged(made.settings))


def _held_out(made: Trained) -> Iterator[tuple[str, str]]:
    count = min(split_sizes(data.settings)[1] for data in made.data)
    for name in _fields_of(made, made.whole, made.plan.losses):
        data = next((item for item in made.data if name in item.variables), made.data[0])
        even = sample_count(data.settings) and split_sizes(data.settings)[1] == count
        yield name, data.validation if even else f"{data.validation}[:{count}]"


def _fields_of(made: Trained, body: Body, losses: Sequence[Step]) -> tuple[str, ...]:
    """The variables that the network and its losses read."""
    inputs = [made.fields[argument] for argument in body.arguments if argument != BATCH]
    return tuple(dict.fromkeys((*inputs, *target_names(made.plan, losses, made.fields, made.analysis))))


def share_of(field: str) -> str:
    """What a sum over all samples is multiplied by, to be that of one batch."""
    return f"BATCH_SIZE / len({field})"


def _metric(made: Trained) -> tuple[str, str] | None:
    """What tells the network's quality in words people know, and its expression; of the first phase's first loss."""
    step = made.phases[0][0].losses[0]
    names = value_names(made.plan, made.plan.losses, made.whole, made.fields, made.analysis)
    pair = [names.get(value) if value is not None else None for value in (prediction(step), target(step))]
    if None in pair or step.kind.judged:
        return None
    text = _MEASURES.get(step.kind.target)
    return (text[0], text[1].format(*pair)) if text is not None else None


_MEASURES: Mapping[str, tuple[str, str]] = {
    "classes": ("accuracy", "({0}.argmax(1) == {1}).float().mean().item()"),
    "probabilities": ("accuracy", "(({0} > 0) == ({1} > 0.5)).float().mean().item()"),
    "values": ("rmse", "({0} - {1}).square().mean().sqrt().item()"),
}


def _draws(step: Step) -> bool:
    """Whether the step may draw random numbers in evaluation too."""
    return "rand" in step.kind.forward or step.kind.opaque
