"""Augmentation as Python: the functions as the app has them, and one for each data set that calls them in order."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.code.lines import INDENT, Line, docstring, statement
from core.code.model import attribute, laid_out
from core.code.reading import WrittenData
from core.data.augmentation import Augmentation, Roles, in_order, mixing
from core.data.augmentation_kinds import AUGMENTATIONS
from core.data.settings import dataset_kind
from core.parttext import function_text
from core.plan import Plan
from core.training.mixing import chains

_FUNCTIONS = Path(__file__).parents[1] / "data" / "augmenting.py"


@dataclass(frozen=True, slots=True)
class WrittenAugmentation:
    """How the batches of one data set are augmented in the script."""

    data: WrittenData
    roles: Roles
    function: str
    mark: str
    """What its variables begin with, where there are several data sets."""

    @property
    def steps(self) -> tuple[Augmentation, ...]:
        """The steps, in their order."""
        return in_order(self.data.settings.augmentation)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the fields that are changed."""
        around = (*self.roles.boxes, *self.roles.held) if self.roles.boxes else ()
        changed = (*self.roles.inputs, *self.roles.masks, *around)
        return tuple(name for field, name in self.data.fields if field.name in changed)

    @property
    def mixed(self) -> dict[str, str]:
        """By the variable of a label what that of the sample is called with which it is mixed."""
        labels = self.roles.labels if mixing(self.steps) else ()
        return {name: f"other_{name}" for field, name in self.data.fields if field.name in labels}

    @property
    def share(self) -> str:
        """The variable of the share that each sample keeps."""
        return f"{self.mark}lam"

    def seen(self, name: str, batch: str) -> str:
        """What stands for a field of this batch, by its variable."""
        return f"{name}_batch" if name in self.variables else f"{name}[{batch}]"

    def other(self, name: str, batch: str) -> str:
        """What stands for the labels of the other samples."""
        return f"{name}[{batch}][{self.mark}partner]"

    def call(self, batch: str) -> str:
        """The statement that augments this batch."""
        given = ", ".join(f"{name}[{batch}]" for name in self.variables)
        goals = [self.seen(name, batch) for name in self.variables]
        goals += [f"{self.mark}partner", self.share] if mixing(self.steps) else []
        return f"{', '.join(goals)} = {self.function}({given}, generator)"


def written_augmentation(plan: Plan, data: Sequence[WrittenData]) -> tuple[WrittenAugmentation, ...]:
    """How each data set is augmented of which the plan reads an input."""
    found = chains(plan, {item.dataset: item.settings for item in data})
    marks = {item.dataset: "" if len(data) == 1 else f"{attribute(item.dataset)}_" for item in data}
    names = {dataset: f"augment_{mark}".rstrip("_") for dataset, mark in marks.items()}
    read = [(item, item.dataset) for item in data if item.dataset in found]
    return tuple(WrittenAugmentation(item, found[key], names[key], marks[key]) for item, key in read)


def function_names(written: Sequence[WrittenAugmentation]) -> tuple[str, ...]:
    """What the functions are called, each before those that call it."""
    needed: dict[str, None] = {}
    for item in written:
        used = [step.name for step in item.steps]
        if item.roles.masks and any(AUGMENTATIONS[name].moves_masks for name in used):
            used.append("of_mask")
        if item.roles.boxes and any(AUGMENTATIONS[name].moves_masks for name in used):
            used += ["of_boxes", *(["held"] if item.roles.held else [])]
        for name in used:
            _need(name, needed)
    return (*(name for name in _definitions() if name in needed), *(item.function for item in written))


def augmentation_lines(written: Sequence[WrittenAugmentation]) -> Iterator[tuple[Line, ...]]:
    """The functions that the batches need, each once, and those that call them."""
    own = {item.function: item for item in written}
    for name in function_names(written):
        yield tuple(_chain(own[name])) if name in own else laid_out(_spaced(function_text(_FUNCTIONS, name)))


def _spaced(text: str) -> str:
    """The text of a function with an empty line behind one that is inside it."""
    lines, is_inside = [], False
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip())
        if is_inside and line and depth == len(INDENT):
            lines.append("")
        is_inside = line.startswith(f"{INDENT}def ") or (is_inside and (not line or depth > len(INDENT)))
        lines.append(line)
    return "\n".join(lines)


def _need(name: str, needed: dict[str, None]) -> None:
    if name not in needed:
        needed[name] = None
        for other in _definitions()[name]:
            _need(other, needed)


@cache
def _definitions() -> dict[str, tuple[str, ...]]:
    """By function of our file the others that it calls."""
    tree = ast.parse(_FUNCTIONS.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {
        name: tuple(one.id for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in functions)
        for name, node in functions.items()
    }


def _chain(item: WrittenAugmentation) -> Iterator[Line]:
    """The function that changes a batch."""
    yield from statement(f"def {item.function}({', '.join((*item.variables, 'generator'))}):")
    yield from docstring(f"A batch of {dataset_kind(item.data.settings).title} as it is trained on.", 1)
    mixes = mixing(item.steps)
    if len(mixes) > 1:
        yield Line(f"    turn = int(torch.randint({len(mixes)}, (), generator=generator))")
    for step in item.steps[: -len(mixes) or None]:
        yield from _step(item, step, 1)
    for place, step in enumerate(mixes):
        if len(mixes) > 1:
            yield Line(f"    {'el' if place else ''}if turn == {place}:")
        yield from _step(item, step, 2 if len(mixes) > 1 else 1)
    given = (*item.variables, *(("partner", "lam") if mixes else ()))
    yield from statement(f"return {', '.join(given)}", 1)


def _step(item: WrittenAugmentation, step: Augmentation, depth: int) -> Iterator[Line]:
    kind = AUGMENTATIONS[step.name]
    names = {field.name: name for field, name in item.data.fields}
    acted = [names[name] for name in item.roles.of(kind.acts)]
    values = ", ".join(f"{name}={value!r}".replace("'", '"') for name, value in step.values.items())
    if not acted:
        return
    if kind.way == "change":
        for name in acted:
            yield from statement(f"{name} = {step.name}({name}, generator, {values})", depth)
        return
    goal = "move, partner, lam" if kind.way == "mix" else "move"
    yield from statement(f"{goal} = {step.name}({acted[0]}, generator, {values})", depth)
    for name in acted:
        yield from statement(f"{name} = move({name})", depth)
    if not kind.moves_masks:
        return
    for name in item.roles.masks:
        yield from statement(f"{names[name]} = of_mask(move, {names[name]})", depth)
    for name in item.roles.boxes:
        yield from statement(f"{names[name]} = of_boxes(move, {names[name]})", depth)
        for other in item.roles.held:
            yield from statement(f"{names[other]} = held({names[name]}, {names[other]})", depth)
