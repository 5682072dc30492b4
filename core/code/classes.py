"""The classes of a network: instances of a block that are built alike share one, numbers that differ are arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.catalog.initialization import begun_bias, begun_state, kept_bias, start
from core.catalog.kind import Arguments
from core.code.forms import form_of, is_made
from core.code.tree import Body, Call, Output, Stack, reads
from core.expressions import given
from core.graph import Value as Setting
from core.plan import Step
from core.project import Project
from core.shapes import Analysis

WIDTHS = re.compile(r"^(in|out|num|hidden|embed)_|_(features|channels|shape|dim|size)$|^channels$|^features$")
"""Parameters that count features or channels: where two of them are always equal, one argument serves both."""


@dataclass(slots=True, eq=False)
class Instance:
    """One place where modules live: the main network, or an instance of a block with weights of its own."""

    module: str
    block: str
    layers: dict[str, Step] = field(default_factory=dict)
    stacks: dict[str, dict[int, str]] = field(default_factory=dict)
    """By attribute, by repetition, the module path of what is stacked."""
    repeats: dict[str, int] = field(default_factory=dict)
    order: dict[str, None] = field(default_factory=dict)
    """The attributes, in the order in which they are made."""
    bodies: list[Body] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ClassPlan:
    """One class to be written: the instances it stands for, its arguments and its methods."""

    name: str
    instances: tuple[Instance, ...]
    arguments: tuple[str, ...]
    slots: Mapping[tuple[str, int, str], str]
    """By attribute, repetition and argument of what is made there, the class's own argument that is handed on."""
    values: Mapping[str, tuple[Setting, ...]]
    """By argument, what each instance is given."""
    methods: tuple[tuple[str, tuple[Body, ...]], ...]
    """By name: the bodies that are equal to it, one of each instance at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """All classes, innermost first, the main network last."""

    plans: tuple[ClassPlan, ...]
    by_module: Mapping[str, ClassPlan]
    analysis: Analysis

    def method(self, body: Body) -> str:
        """The method of its class that does what this body does."""
        methods = self.by_module[body.module].methods
        return next(name for name, bodies in methods if body in bodies)

    def given(self, module: str) -> dict[str, Setting]:
        """What the instance at this module path is given."""
        plan = self.by_module[module]
        place = next(index for index, item in enumerate(plan.instances) if item.module == module)
        return {name: plan.values[name][place] for name in plan.arguments}


def classes(
    project: Project, analysis: Analysis, mains: Mapping[str, Body], name: str, taken: Iterable[str] = ()
) -> Classes:
    """The classes for these methods of the main network; no class is called as one of those taken."""
    instances = _instances(mains.values())
    names = {name, *taken}
    found = Classes((), {}, analysis)
    for block in _innermost_first(project, {item.block for item in instances.values() if item.block}):
        same = [item for item in instances.values() if item.block == block]
        for alike in _grouped(found, same):
            title = _free(class_title(project.blocks[block].name), names)
            found = _with(found, _planned(found, title, alike, _alike(found, alike)))
    main = instances[""]
    return _with(found, _planned(found, name, (main,), tuple((key, (body,)) for key, body in mains.items())))


def class_title(text: str) -> str:
    """A name as a class is called: ResidualBlock."""
    words = re.findall(r"[0-9A-Za-z]+", text)
    title = "".join(word[:1].upper() + word[1:] for word in words) or "Network"
    title = title if title[0].isalpha() else f"Network{title}"
    return f"{title}Network" if title in ("F", "None", "True", "False") else title


def numbers(step: Step, arguments: Arguments) -> dict[str, Setting]:
    """The arguments of the step's constructor that are sizes or other numbers, as torch is given them."""
    params = [step.kind.param(item) for item in step.kind.arguments if "=" not in item]
    told = [param for param in params if not param.tensor and param.matters(arguments)]
    values = {param.name: given(param, arguments[param.name]) for param in told}
    return {name: value for name, value in values.items() if _is_number(value)}


def _is_number(value: Setting) -> bool:
    return value is None or (isinstance(value, int | float | tuple) and not isinstance(value, bool))


def _with(found: Classes, plan: ClassPlan) -> Classes:
    known = {**found.by_module, **{item.module: plan for item in plan.instances}}
    return Classes((*found.plans, plan), known, found.analysis)


def _instances(mains: Iterable[Body]) -> dict[str, Instance]:
    """Every place where modules live, with what is made there; the first method tells the order."""
    found: dict[str, Instance] = {}
    for main in mains:
        for body in (*main.inside(), main):
            instance = found.setdefault(body.module, Instance(body.module, body.block))
            instance.bodies.append(body)
            for item in body.items:
                _learn(instance, item)
    return found


def _learn(instance: Instance, item: Call | Stack) -> None:
    if isinstance(item, Call):
        if is_made(item.step.kind):
            attribute = item.step.module.rpartition(".")[2]
            instance.layers.setdefault(attribute, item.step)
            instance.order.setdefault(attribute)
        return
    attribute = attribute_of(item)
    instance.order.setdefault(attribute)
    instance.repeats[attribute] = item.node.repeat
    stack = instance.stacks.setdefault(attribute, {})
    for place, body in enumerate(item.bodies):
        if body is not None:
            stack.setdefault(place, body.module)


def attribute_of(stack: Stack) -> str:
    """The attribute under which the stack's modules stand: its own name, or that of the first of its link."""
    body = next(body for body in stack.bodies if body is not None)
    return body.module.split(".")[-2].partition("[")[0]


def _innermost_first(project: Project, wanted: set[str]) -> Iterator[str]:
    done: set[str] = set()
    for block in project.blocks:
        if block in wanted:
            yield from _below(project, block, wanted, done)


def _below(project: Project, block: str, wanted: set[str], done: set[str]) -> Iterator[str]:
    if block in done:
        return
    done.add(block)
    for node in project.blocks[block].graph.nodes.values():
        if node.block in project.blocks:
            yield from _below(project, node.block, wanted, done)
    if block in wanted:
        yield block


def _grouped(found: Classes, instances: Sequence[Instance]) -> list[tuple[Instance, ...]]:
    groups: dict[object, list[Instance]] = {}
    for instance in instances:
        groups.setdefault(_outline(found, instance), []).append(instance)
    return [tuple(group) for group in groups.values()]


def _outline(found: Classes, instance: Instance) -> object:
    """What one class must have in common: all but the numbers that its constructors are given."""
    members: list[object] = []
    for attribute in instance.order:
        if attribute in instance.layers:
            members.append((attribute, _kind_outline(instance.layers[attribute], found.analysis)))
        else:
            stack = instance.stacks[attribute]
            inner = tuple((place, found.by_module[module].name) for place, module in sorted(stack.items()))
            members.append((attribute, instance.repeats[attribute], inner))
    return tuple(members), tuple(dict.fromkeys(_body_outline(found, body) for body in instance.bodies))


def _kind_outline(step: Step, analysis: Analysis) -> object:
    arguments = analysis.arguments[step.path]
    counted = numbers(step, arguments)
    rest = {name: arguments[name] for name in step.kind.arguments if "=" not in name and name not in counted}
    own = arguments["settings"] if step.kind.opaque else step.kind.bundled(arguments)
    begins = start(arguments), begun_state(arguments), begun_bias(arguments), kept_bias(arguments)
    return step.kind.name, step.kind.module, own, tuple(rest.items()), begins, arguments.get("frozen")


def _body_outline(found: Classes, body: Body) -> object:
    return body.arguments, tuple(_item_outline(found, item) for item in body.items), body.results


def _item_outline(found: Classes, item: Call | Stack) -> object:
    if isinstance(item, Stack):
        called = tuple(
            None if body is None else (found.by_module[body.module].name, found.method(body)) for body in item.bodies
        )
        return item.node.name, attribute_of(item), called, tuple(tuple(feeds.items()) for feeds in item.feeds)
    kind, arguments = item.step.kind, found.analysis.arguments[item.step.path]
    form = form_of(kind, arguments)
    used = tuple((name, value) for name, value in arguments.items() if re.search(rf"_{name}[:}}]", form.forward))
    attribute = item.step.module.rpartition(".")[2] if is_made(kind) else ""
    return item.name, kind.name, form, attribute, used, item.inputs, item.batch


def _alike(found: Classes, instances: Sequence[Instance]) -> tuple[tuple[str, tuple[Body, ...]], ...]:
    """The methods of a class: `forward`, and more where linked instances are not used in the same way."""
    by_outline: dict[object, list[Body]] = {}
    for instance in instances:
        for body in instance.bodies:
            by_outline.setdefault(_body_outline(found, body), []).append(body)
    taken = {name for instance in instances for name in instance.order}
    methods: list[tuple[str, tuple[Body, ...]]] = []
    for place, bodies in enumerate(by_outline.values()):
        name = "forward" if not place else _free(f"forward{place + 1}", taken)
        methods.append((name, tuple(bodies)))
    return tuple(methods)


def _planned(
    found: Classes,
    name: str,
    instances: Sequence[Instance],
    methods: tuple[tuple[str, tuple[Body, ...]], ...],
) -> ClassPlan:
    slots: dict[tuple[str, int, str], str] = {}
    values: dict[str, tuple[Setting, ...]] = {}
    groups: dict[tuple[str, tuple[Setting, ...]], list[tuple[str, int, str]]] = {}
    for slot, vector in _vectors(found, instances):
        if any(value != vector[0] or type(value) is not type(vector[0]) for value in vector):
            groups.setdefault((_family(slot[2]), vector), []).append(slot)
    for (_family_name, vector), members in groups.items():
        argument = _argument_name(members, values)
        values[argument] = vector
        slots.update(dict.fromkeys(members, argument))
    return ClassPlan(name, tuple(instances), tuple(values), slots, values, methods)


def _vectors(
    found: Classes, instances: Sequence[Instance]
) -> Iterator[tuple[tuple[str, int, str], tuple[Setting, ...]]]:
    """What each instance gives to each constructor it calls, number for number."""
    first = instances[0]
    for attribute in first.order:
        if attribute in first.layers:
            steps = [instance.layers[attribute] for instance in instances]
            given_ = [numbers(step, found.analysis.arguments[step.path]) for step in steps]
            for name in dict.fromkeys(key for item in given_ for key in item):
                yield (attribute, 0, name), tuple(item.get(name) for item in given_)
            continue
        for place in sorted(first.stacks[attribute]):
            inner = [found.given(instance.stacks[attribute][place]) for instance in instances]
            for name in inner[0]:
                yield (attribute, place, name), tuple(item[name] for item in inner)


def _family(name: str) -> str:
    return "width" if WIDTHS.search(name) and "kernel" not in name else name


def _argument_name(members: Sequence[tuple[str, int, str]], taken: Mapping[str, object]) -> str:
    names = list(dict.fromkeys(name for _attribute, _place, name in members))
    ins = [name for name in names if name.startswith("in_")]
    outs = [name for name in names if name.startswith("out_")]
    both = [name[3:] for name in ins if f"out_{name[3:]}" in outs]
    attribute = members[0][0]
    choices = (*both, *ins, *outs, *names, *(f"{attribute}_{name}" for name in names))
    return next((name for name in choices if name not in taken), _free(f"{attribute}_{names[0]}", taken))


def _free(name: str, taken: set[str] | Mapping[str, object]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}{number}", number + 1
    if isinstance(taken, set):
        taken.add(free)
    return free


def tapped(body: Body, stack: Stack) -> bool:
    """Whether anything but the next repetition reads what a repetition before the last gives."""
    outside = [source for item in body.items if item is not stack for source in reads(item)]
    outside += [source for _key, source in body.results]
    return any(isinstance(item, Output) and item.name == stack.node.name and item.repetition >= 0 for item in outside)
