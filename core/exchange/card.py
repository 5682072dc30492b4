"""The model card: what a network is, was trained on and reached, as Markdown."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.catalog.kind import TensorType
from core.code.model import attribute
from core.codegen import class_name
from core.data.augmentation import in_order, spelled
from core.data.settings import DatasetSettings, dataset_kind, normalisation_kind, split_kind, split_sizes
from core.errors import ChainruleError
from core.exchange.interface import Interface, interface
from core.files import weights_path, write_atomically
from core.plan import Step, Value
from core.project import Project
from core.reading import Reading
from core.training.fields import Field
from core.training.optimizers import Optimizer, optimizer_fields
from core.training.schedules import is_flat, schedule_fields
from core.training.settings import TrainingSettings

PACKAGES = ("chainrule", "torch", "numpy")


def write_card(reading: Reading, path: Path, picture: str = "") -> None:
    """Write the card; `picture` is the name of a picture beside it. Raises FileError."""
    write_atomically(path, card(reading, picture))


def card(reading: Reading, picture: str = "") -> str:
    """The card's text."""
    project = reading.project
    head = [f"# {_plain(project.name)}"]
    if project.description:
        head.append(_plain(project.description))
    if picture:
        head.append(f"![The network {_plain(project.name)}]({picture.replace(' ', '%20')})")
    parts = (_ends(reading), _layers(reading), _data(project), _training(reading), _results(project), _loading(reading))
    return "\n\n".join([*head, *(part for part in parts if part)]) + "\n"


def _ends(reading: Reading) -> str:
    shown = _interface(reading)
    if shown is None:
        return ""
    rows = [("in", port.name, port.type.full, port.type.dtype) for port in shown.inputs]
    rows += [("out", port.name, port.type.full, port.type.dtype) for port in shown.outputs]
    words = "What goes in and comes out; `B` is the number of samples."
    return f"## Inputs and outputs\n\n{words}\n\n{_table(('', 'name', 'shape', 'dtype'), rows)}"


def _interface(reading: Reading) -> Interface | None:
    """None where the network is not whole yet: the card then tells what there is."""
    try:
        return interface(reading.plan, reading.analysis)
    except ChainruleError:
        return None


def _layers(reading: Reading) -> str:
    analysis = reading.analysis
    rows = [
        (
            f"`{step.path}`" + (f" (weights of `{step.module}`)" if step.module != step.path and _has(step) else ""),
            step.kind.name,
            _shape(reading, step),
            _count(analysis.parameters.get(step.path)),
            _count(analysis.macs.get(step.path)),
        )
        for step in reading.plan.steps
    ]
    total = f"**{analysis.total_parameters:,}**", f"**{analysis.total_macs:,}**"
    table = _table(("path", "kind", "output", "parameters", "MACs"), [*rows, ("**all**", "", "", *total)], right=(3, 4))
    words = "MACs are the multiply-accumulates of one sample's forward pass; shared parameters count once in the sum."
    return f"## Layers\n\n{table}\n\n{words}"


def _has(step: Step) -> bool:
    return bool(step.kind.module)


def _shape(reading: Reading, step: Step) -> str:
    found = [reading.analysis.types.get(Value(step.path, port)) for port in step.outputs]
    return ", ".join(_full(kind) for kind in found)


def _full(kind: TensorType | None) -> str:
    return kind.full if kind is not None else "unknown"


def _data(project: Project) -> str:
    if not project.data:
        return ""
    return "\n\n".join(["## Data", *(_dataset(settings) for settings in project.data.values())])


def _dataset(settings: DatasetSettings) -> str:
    kind = dataset_kind(settings)
    train, validation = split_sizes(settings)
    options = "".join(f", {name} {value}" for name, value in settings.options if name != "samples")
    steps = in_order(settings.augmentation)
    return "\n".join(
        (
            f"- **{kind.title}**: {kind.summary}{options}",
            f"- Split: {train:,} samples to train on and {validation:,} to validate, {_drawn(settings)}",
            f"- Normalisation: {normalisation_kind(settings)}; without it the values are {kind.natural}",
            *((f"- Augmentation in training: {spelled(steps)}",) if steps else ()),
            f"- Licence: {kind.licence}",
        )
    )


def _drawn(settings: DatasetSettings) -> str:
    kind = split_kind(settings)
    if kind == "time":
        return "the last ones"
    return f"drawn {'from each class alike ' if kind == 'stratified' else ''}with seed {settings.seed}"


def _training(reading: Reading) -> str:
    training = reading.project.training
    lines = [f"- {_amount(training.epochs, 'epoch')}, batches of {training.batch_size}, seed {training.seed}"]
    lines += [*_around(training), *_more(training)]
    for phase in training.phases:
        used = phase.optimizer
        details = ", ".join(f"{field.title.lower()} {getattr(used, field.name):g}" for field in _numbers(used))
        names = [node.name for key in phase.losses if (node := reading.project.graph.nodes.get(key)) is not None]
        losses = ", ".join(names) or ", ".join(step.path for step in reading.plan.losses) or "no loss"
        lines.append(f"- {used.name}: {details}; minimises {losses}")
    return "## Training\n\n" + "\n".join(lines)


def _around(training: TrainingSettings) -> Iterator[str]:
    """What goes on around the steps, where anything does."""
    schedule = training.schedule
    if not is_flat(schedule):
        fields = [field for field in schedule_fields(schedule.name) if field.name != "name"]
        details = ", ".join(f"{field.title.lower()} {getattr(schedule, field.name):g}" for field in fields)
        yield f"- Learning rate: {schedule.name.lower()} ({details})"
    if training.clip_norm or training.clip_value:
        parts = [("norm", training.clip_norm), ("value", training.clip_value)]
        yield f"- Gradients clipped by {' and '.join(f'{name} {limit:g}' for name, limit in parts if limit)}"
    if training.early_stop:
        yield f"- Stops after {_amount(training.early_stop, 'epoch')} without a lower validation loss"


def _more(training: TrainingSettings) -> Iterator[str]:
    """What else is not as usual."""
    if training.accumulate > 1:
        yield f"- Gradients of {training.accumulate} batches averaged before each step"
    if training.l1 or training.l2:
        parts = [("L1", training.l1), ("L2", training.l2)]
        yield f"- Weights penalised: {' and '.join(f'{name} {size:g}' for name, size in parts if size)}"
    if training.averaging:
        yield f"- The weights are a running average (decay {training.averaging:g})"
    if training.precision != "float32":
        yield f"- Computed in {training.precision} on its way forward, the weights in float32"
    if training.deterministic:
        yield "- Deterministic algorithms only"
    for path, share in training.rates:
        yield f"- {path}: {f'learning rate × {share:g}' if share else 'frozen'}"


def _numbers(optimizer: Optimizer) -> tuple[Field, ...]:
    return tuple(field for field in optimizer_fields(optimizer.name) if field.type is float)


def _results(project: Project) -> str:
    found = project.weights
    if found is None:
        return "## Results\n\nNot trained yet."
    lines = [f"- Trained for {_amount(round(found.epochs, 2), 'epoch')}"]
    if found.validation_loss is not None:
        lines.append(f"- Validation loss {found.validation_loss:.6g}")
    if found.validation_accuracy is not None:
        lines.append(f"- Validation accuracy {100 * found.validation_accuracy:.2f} %")
    lines += [f"- Weights: sha256 `{found.sha256}`", f"- Made with {', '.join(_versions())}"]
    return "## Results\n\n" + "\n".join(lines)


def _versions() -> Iterator[str]:
    yield f"Python {platform.python_version()}"
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _loading(reading: Reading) -> str:
    """How to get the network back: here, and in torch without us."""
    name, file = class_name(reading.project), _file(reading.project.name)
    repeated = any("[" in step.module for step in reading.plan.for_inference().steps if step.kind.module)
    lines = [f"from {file} import {name}", "from safetensors.torch import load_file", "", f"model = {name}()"]
    lines.append(f'weights = load_file("{weights_path(Path(file)).name}")')
    if repeated:
        lines.insert(0, "import re\n")
        lines.append(r'weights = {re.sub(r"\[(\d+)\]", r".\1", key): value for key, value in weights.items()}')
    lines += ["model.load_state_dict(weights)", "model.eval()"]
    code = "\n".join(lines)
    words = f"`chainrule {file}.chain` opens the project. In PyTorch, with the exported `{file}.py` and weights:"
    return f"## Loading\n\n{words}\n\n```python\n{code}\n```"


def _file(name: str) -> str:
    return attribute(name.lower()) or "network"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    rule = ["--:" if index in right else "---" for index in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _count(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def _amount(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


def _plain(text: str) -> str:
    """A stranger's words as one line without markup."""
    words = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in words)
