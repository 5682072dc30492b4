"""The inspector's page of a layer: what it does, its parameters, its shapes and cost, and its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from core.amounts import bytes_text
from core.catalog import KINDS
from core.catalog.kind import LayerKind, Param
from core.engine.portraits import Portrait
from core.graph import Node, Value
from core.plan import Step
from core.plan import Value as Wire
from core.problems import Fix, Problem, SetParam
from core.reading import Reading
from gui.faults import Faults, Fixes
from gui.fields import of_param
from gui.forms import Field, Form, Inferred
from gui.inspector_page import Figures, NodeHead, Page
from gui.inspector_share import ShareForm
from gui.inspector_times import Times
from gui.inspector_weights import Histogram, KernelBox
from gui.session import Editor
from gui.shades import signed
from gui.sparkline import GradientLine
from gui.status import counted, quantity
from gui.theme import Themes
from gui.widgets import ElidedLabel, IconLabel, frame, prose, push, row

if TYPE_CHECKING:
    from core.telemetry.health import Health
    from core.telemetry.timing import Timing

VANISHING, WEAK, EXPLODING = -6.0, -4.0, 1.0
"""Where a gradient's logarithm changes its class."""


class NodePage(Page):
    """A form made from the kind's table."""

    channel_asked = Signal(int)
    """The input channel whose kernels are wanted."""

    def __init__(self, themes: Themes, editor: Editor, node: str) -> None:
        super().__init__(themes, editor)
        self.node = node
        found = editor.node(node)
        self._kind = KINDS.get(found.kind) if found is not None else None
        self._built: tuple[str, frozenset[str]] = ("", frozenset())
        category = self._kind.category if self._kind is not None else "Blocks"
        self.head = NodeHead(themes, editor, node, category, self._kind.icon if self._kind is not None else "error")
        self.form = Form(themes)
        self.figures = Figures(("Parameters", "MACs / sample", "Activations"))
        self.shapes = Shapes(themes)
        self._faults = Faults(themes)
        self.stack.addWidget(self.head)
        self._add_words()
        self.stack.addWidget(self._faults)
        self._add_content()
        self.parameters = self.section("Parameters", self.form)
        self.share = ShareForm(self, node)
        self.cost = self.section("Shapes and cost", self.shapes, self.figures)
        self._add_weights(category)
        self.line = GradientLine(themes)
        self.gradient = self.section("Gradient", self.line)
        self.gradient.hide()
        self.times = Times(themes, category)
        self.time = self.section("Time per step", self.times)
        self.time.hide()
        self.stack.addStretch(1)

    def refresh(self, reading: Reading) -> None:  # noqa: D102  # of Page
        node = self.editor.node(self.node)
        if node is None:
            return
        self.head.show_node(node.name, node.kind)
        path = self.editor.path(self.node)
        self._refresh_form(node, reading, path)
        self.share.refresh(reading)
        self._refresh_problems(reading)
        self._refresh_cost(reading, path)

    def show_health(self, health: Health | None) -> None:
        """Show how the gradient stands; None where it is not measured."""
        self.gradient.setVisible(health is not None and health.state != "none")
        self._judge(health)
        if health is not None:
            self.line.show_health(health)
            self.gradient.note.set_text(self.line.text)

    def show_timing(self, timing: Timing | None) -> None:
        """Show how long the layer takes; None where that is not measured."""
        self.time.setVisible(timing is not None)
        if timing is not None:
            self.times.show_timing(timing)
            self.time.note.set_text(f"median of {timing.samples}" if timing.samples > 1 else "one sample")

    def show_portrait(self, portrait: Portrait | None) -> None:
        """Show the weights; None where there are none yet."""
        self.weights.setVisible(portrait is not None)
        self.kernels.setVisible(portrait is not None and portrait.shown > 0)
        if portrait is None:
            return
        self.histogram.show_portrait(portrait)
        self.weights.note.set_text(_moments(portrait))
        if portrait.shown:
            self.kernel_box.show_portrait(portrait)
            few = portrait.shown < portrait.kernels
            self.kernels.note.set_text(f"{portrait.shown} of {portrait.kernels}" if few else f"{portrait.kernels}")

    def _add_content(self) -> None:
        """Add what a page of its own has before the parameters."""

    def _params(self, kind: LayerKind) -> tuple[Param, ...]:
        """The parameters of the form."""
        return kind.params

    def _put(self, label: str, node: Node, merge: str | None = None) -> None:
        """Put the changed node into the document."""
        self.editor.replace_node(label, node, merge)

    def _told_apart(self, _problem: Problem) -> bool:
        """Whether a problem is told elsewhere on the page."""
        return False

    def _add_weights(self, category: str) -> None:
        self.kernel_box = KernelBox(self.themes)
        self.kernel_box.choice.chosen.connect(self.channel_asked)
        self.kernels = self.section("Filters", self.kernel_box)
        self.histogram = Histogram(self.themes, category)
        self.weights = self.section("Weights", self.histogram)
        self.show_portrait(None)

    def _judge(self, health: Health | None) -> None:
        """Say in the head how the gradient is, where nothing worse stands there."""
        if self.editor.reading.of(self.node) or health is None:
            return
        words, icon, color = verdict(health)
        self.head.show_state(icon, color, words)

    def _add_words(self) -> None:
        kind = self._kind
        if kind is None:
            return
        self.stack.addWidget(prose(kind.summary))
        more = prose(kind.help)
        formula = prose(kind.formula, "mono-secondary")
        link = push("Docs and formula", "link", self.themes.current.icon("book", "accent", 13))

        def toggle() -> None:
            more.setVisible(more.isHidden())
            formula.setVisible(not more.isHidden() and bool(kind.formula))

        link.clicked.connect(toggle)
        more.hide()
        formula.hide()
        for widget in (link, more, formula):
            self.stack.addWidget(widget)

    def _refresh_form(self, node: Node, reading: Reading, path: str) -> None:
        kind = self._kind
        if kind is None:
            self.parameters.hide()
            return
        pinned = frozenset(name for name, value in node.params if value is not None)
        inferred = frozenset(param.name for param in kind.params if param.inferred)
        if self._built != (kind.name, pinned & inferred):
            self._built = (kind.name, pinned & inferred)
            self._build(kind, node, pinned)
        known = reading.analysis.inferred.get(path, {})
        values = {param.name: node.param(param.name, param.default) for param in kind.params}
        for param in self._params(kind):
            field = self.form.fields[param.name]
            shown = known.get(param.name) if isinstance(field, Inferred) else node.param(param.name, param.default)
            field.show_value(shown)
            self.form.show_line(param.name, param.name in pinned or param.matters(values))
        self.parameters.setVisible(bool(kind.params))

    def _build(self, kind: LayerKind, node: Node, pinned: frozenset[str]) -> None:
        self.form.clear()
        for param in self._params(kind):
            asked = of_param(param, node.name)
            if param.inferred and param.name not in pinned:
                line = Inferred(self.themes, asked)
                line.pinned.connect(self._pin)
                self.form.add(asked, line)
                continue
            field = Field(self.themes, asked, resettable=param.inferred)
            field.changed.connect(self._set)
            field.left.connect(self.editor.document.end_merge)
            field.taken_back.connect(self.editor.take_back)
            field.inferred_again.connect(self._infer)
            self.form.add(asked, field)

    def _set(self, name: str, value: Value) -> None:
        node = self.editor.node(self.node)
        if node is None or self._kind is None:
            return
        changed = node.with_params(**{name: value})
        if value == self._kind.param(name).default and not self._kind.param(name).inferred:
            changed = node.without_param(name)
        self._put(f"Set {name} of {node.name}", changed, f"{self.node}.{name}")

    def _pin(self, name: str) -> None:
        node = self.editor.node(self.node)
        path = self.editor.path(self.node)
        value = self.editor.reading.analysis.inferred.get(path, {}).get(name)
        if node is None or self._kind is None:
            return
        if value is None:
            value = max(int(self._kind.param(name).minimum), 1) if self._kind.param(name).minimum > 0 else 1
        self.editor.replace_node(f"Pin {name} of {node.name}", node.with_params(**{name: value}))
        field = self.form.fields[name]
        if isinstance(field, Field):
            field.control.setFocus()

    def _infer(self, name: str) -> None:
        node = self.editor.node(self.node)
        if node is not None:
            self.editor.replace_node(f"Infer {name} of {node.name}", node.without_param(name))

    def _refresh_problems(self, reading: Reading) -> None:
        mine = reading.of(self.node)
        told: list[Problem] = []
        for name, field in self.form.fields.items():
            here = [problem for problem in mine if problem.param == name]
            if isinstance(field, Field):
                if here:
                    field.show_problem(here[0].message, self._short_fixes(here[0]))
                    told += here
                elif field.problem.isVisibleTo(self) and not _typing(field):
                    field.refuse(None)
        rest = [problem for problem in mine if problem not in told and not self._told_apart(problem)]
        self._faults.show_problems(rest, self._fixes)
        faults = sum(problem.severity == "error" for problem in mine)
        if faults:
            self.head.show_state("error", "error", counted(faults, "error"))
        elif mine:
            self.head.show_state("warn", "warn", counted(len(mine), "hint"))
        elif (node := self.editor.node(self.node)) is not None and node.bypassed:
            self.head.show_state("bypass", "text2", "bypassed")
        else:
            self.head.show_state("", "", "")
        inferred = sum(isinstance(field, Inferred) for field in self.form.fields.values())
        self.parameters.note.set_text(
            counted(len(told), "problem") if told else f"{inferred} inferred" if inferred else ""
        )

    def _fixes(self, problem: Problem) -> Fixes:
        return [(fix.label, partial(self.fix_asked.emit, fix)) for fix in problem.fixes]

    def _short_fixes(self, problem: Problem) -> Fixes:
        """The fixes as buttons under the field they set, which need not name it again."""
        return [(_short(fix, problem), partial(self.fix_asked.emit, fix)) for fix in problem.fixes]

    def _refresh_cost(self, reading: Reading, path: str) -> None:
        analysis = reading.analysis
        steps = self.editor.steps(self.node)
        step = reading.plan.by_path.get(path)
        self.shapes.show_step(step if len(steps) == 1 else None, reading)
        self._show_passed(reading)
        known = [one.path for one in steps if one.path in analysis.parameters]
        modules = {one.module: analysis.parameters[one.path] for one in steps if one.path in analysis.parameters}
        held = sum(analysis.held[at] for at in known)
        self.figures.show_figure("Parameters", f"{sum(modules.values()):,}" if known else "–")
        self.figures.show_figure("MACs / sample", quantity(sum(analysis.macs[at] for at in known)) if known else "–")
        self.figures.show_figure("Activations", bytes_text(held) if known else "–")

    def _show_passed(self, reading: Reading) -> None:
        """Of a bypassed layer, what goes through it."""
        passed = [value for item in reading.plan.bypassed if item.node == self.node for value in item.passed]
        types = {reading.analysis.types[value].full for value in passed if value in reading.analysis.types}
        if len(types) == 1:
            self.shapes.show()
            self.shapes.show_texts((*types,), (*types,))


class Shapes(QWidget):
    """What goes in and what comes out."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._into = ElidedLabel("", "mono11")
        self._out = ElidedLabel("", "mono11")
        self._out.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._arrow = IconLabel(themes, "arrow", "text2", 12)
        inner = row(spacing=6, margins=(8, 5, 8, 5))
        inner.addWidget(self._into, 1)
        inner.addWidget(self._arrow)
        inner.addWidget(self._out, 1)
        self.box = frame("inset", inner)
        self.setLayout(row(self.box))

    def show_step(self, step: Step | None, reading: Reading) -> None:
        """Show a step's types; what is not known yet is a question mark."""
        self.setVisible(step is not None)
        if step is None:
            return
        types = reading.analysis.types
        into = [types[value].full if value in types else "?" for value in step.values()]
        out = [types.get(Wire(step.path, port)) for port in step.outputs]
        self.show_texts(into, [kind.full if kind is not None else "?" for kind in out])

    def show_texts(self, into: Sequence[str], out: Sequence[str]) -> None:
        """Show these shapes."""
        self._into.set_text(", ".join(into) or "nothing")
        self._out.set_text(", ".join(out) or "nothing")

    @property
    def text(self) -> str:
        """Both sides, as a screen reader says them."""
        return f"{self._into.whole} to {self._out.whole}"


def verdict(health: Health) -> tuple[str, str, str]:
    """A gradient in a word, with its picture and colour; by the classes of the gradient scale."""
    if health.state == "none":
        return "", "", ""
    if health.state == "nonfinite":
        return "not a number", "error", "error"
    if health.state == "zero" or health.log10 < VANISHING:
        return "vanishing", "warn", "warn"
    if health.log10 > EXPLODING:
        return "exploding", "error", "error"
    return ("healthy", "check", "ok") if health.log10 >= WEAK else ("weak", "info", "text2")


def _moments(portrait: Portrait) -> str:
    """Mean and deviation, and what is no number."""
    text = f"μ {signed(portrait.mean)}  σ {portrait.deviation:.2g}"
    text = f"step {portrait.step:,}  {text}" if portrait.step >= 0 else text
    return f"{text}, {portrait.nonfinite:,} not finite" if portrait.nonfinite else text


def _short(fix: Fix, problem: Problem) -> str:
    if not isinstance(fix, SetParam) or (fix.node, fix.name) != (problem.node, problem.param):
        return fix.label
    return "Infer" if fix.value is None else f"Use {fix.value}"


def _typing(field: Field) -> bool:
    return field.control.hasFocus()
