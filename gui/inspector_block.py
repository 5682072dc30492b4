"""The inspector's page of a block: its name, how often it is stacked, whose weights it has, its ports and cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal

from core import grouping, planning
from core.errors import ChainruleError
from core.fitting import types_of
from core.graph import BLOCK_INPUT, Block, Node, Value
from core.instances import PORTS, instances, linked
from core.problems import Problem
from core.project import Project
from core.reading import Reading
from gui.faults import Faults, Fixes
from gui.fields import Asked
from gui.forms import Field, Form
from gui.inspector_node import Shapes
from gui.inspector_page import Figures, NodeHead, Page
from gui.inspector_share import ShareForm
from gui.session import Editor
from gui.status import counted, quantity
from gui.theme import Themes
from gui.widgets import prose, push, row

OWN = "own"
"""Of the weights: no other instance has them."""


class BlockPage(Page):
    """An instance of a block; the block itself is what all its instances have in common."""

    asked = Signal(str, str)
    """open, leave, save or ungroup; and the node."""

    def __init__(self, themes: Themes, editor: Editor, node: str) -> None:
        super().__init__(themes, editor)
        self.node = node
        self._built: tuple[object, ...] = ()
        self.head = NodeHead(themes, editor, node, "Blocks")
        self.words = prose("")
        self.form = Form(themes)
        self.ports = Form(themes)
        self.figures = Figures(("Parameters", "MACs / sample", "Layers"))
        self.shapes = Shapes(themes)
        self._faults = Faults(themes)
        self.open = push("Open block", "small-primary")
        self.save = push("Save to library", "small")
        self.unfold = push("Ungroup", "small")
        self.part = push("Make it a block of its own", "small")
        for button, what in ((self.open, "open"), (self.save, "save"), (self.unfold, "ungroup")):
            button.clicked.connect(partial(self._ask, what))
        self.part.clicked.connect(self._part)
        for widget in (self.head, self.words):
            self.stack.addWidget(widget)
        self.stack.addLayout(row(self.open, self.save, self.unfold, None, spacing=6))
        self.stack.addWidget(self._faults)
        self.section("Block", self.form, self.part)
        self.share = ShareForm(self, node)
        self._port_fold = self.section("Ports", self.ports)
        self.section("Shapes and cost", self.shapes, self.figures)
        self.stack.addStretch(1)

    @property
    def is_inside(self) -> bool:
        """Whether the block's inside is what the canvas shows."""
        return bool(self.editor.trail) and self.editor.trail[-1].node == self.node

    def refresh(self, reading: Reading) -> None:  # noqa: D102  # of Page
        node = self.editor.node(self.node)
        block = self.editor.project.blocks.get(node.block) if node is not None else None
        if node is None or block is None:
            return
        self.head.show_node(node.name, block.name)
        count = sum(1 for _found in instances(self.editor.project, block.id))
        self.words.setText(_told(count, self.is_inside))
        self.part.setVisible(count > 1)
        self.open.setText("Leave block" if self.is_inside else "Open block")
        self.unfold.setVisible(not self.is_inside)
        self._show_form(node, block)
        self.share.refresh(reading)
        self._show_problems(reading)
        self._show_cost(reading, node)
        self._show_shapes(reading, node, block)

    def _show_form(self, node: Node, block: Block) -> None:
        others = self._others(node)
        ports = tuple(port.id for port in block.graph.nodes.values() if port.kind in PORTS)
        if (block.id, others, ports) != self._built:
            self._built = (block.id, others, ports)
            self._build(block, others)
        graph = self.editor.project.scope(planning.scope_of(self.editor.project, node.id))
        shared = next((other.name for other in linked(graph, node) if other.id != node.id), None)
        self.form.fields["block"].show_value(block.name)
        self.form.fields["repeat"].show_value(node.repeat)
        self.form.fields["weights"].show_value(f"shared with {shared}" if shared else OWN)
        for port in ports:
            self.ports.fields[port].show_value(block.graph.nodes[port].name)
        self._port_fold.setVisible(bool(ports))

    def _build(self, block: Block, others: tuple[str, ...]) -> None:
        self.form.clear()
        self.ports.clear()
        choices = (OWN, *(f"shared with {name}" for name in others))
        self._add(self.form, "block", "block", "The name of the block, which all its instances have.", self._renamed)
        repeat_help = "How often it is stacked, each time with weights of its own."
        self._add(self.form, "repeat", "repeat", repeat_help, self._repeated, "int")
        weights_help = "Weights of its own, or those of another instance: training one then trains both."
        self._add(self.form, "weights", "weights", weights_help, self._shared, "choice", choices)
        for port in block.graph.nodes.values():
            if port.kind in PORTS:
                title = "input" if port.kind == BLOCK_INPUT else "output"
                self._add(self.ports, port.id, title, "The name of this port.", partial(self._port_renamed, port.id))

    def _add(
        self,
        form: Form,
        name: str,
        title: str,
        help_: str,
        plan: Callable[[Value], Project],
        kind: str = "text",
        choices: tuple[str, ...] = (),
    ) -> None:
        """A line of a form whose value is good where the plan can be made with it."""

        def check(value: Value) -> Value:
            plan(value)
            return value

        asked = Asked(name, title, kind, help_, check, choices)  # type: ignore[arg-type]  # one of its types
        field = form.add(asked)
        assert isinstance(field, Field)
        field.changed.connect(lambda _name, value: self._set(field, title, plan, value))
        field.left.connect(self.editor.document.end_merge)
        field.taken_back.connect(self.editor.take_back)

    def _set(self, field: Field, title: str, plan: Callable[[Value], Project], value: Value) -> None:
        node = self.editor.node(self.node)
        if node is None:
            return
        try:
            project = plan(value)
        except ChainruleError as error:
            field.refuse(error)
            return
        self.editor.edit(f"Set {title} of {node.name}", project, f"{self.node}.{field.asked.name}")

    def _renamed(self, value: Value) -> Project:
        node = self.editor.node(self.node)
        return grouping.rename_block(self.editor.project, node.block if node is not None else "", str(value))

    def _repeated(self, value: Value) -> Project:
        count = value if isinstance(value, int) and not isinstance(value, bool) else 0
        return grouping.set_repeat(self.editor.project, self.node, self._scope(), count)

    def _shared(self, value: Value) -> Project:
        project, scope = self.editor.project, self._scope()
        other = project.scope(scope).by_name(str(value).removeprefix("shared with "))
        if value == OWN or other is None:
            return grouping.unlink(project, self.node, scope)
        return grouping.link(project, self.node, scope, other.id)

    def _port_renamed(self, port: str, value: Value) -> Project:
        return planning.rename(self.editor.project, port, str(value))

    def _part(self) -> None:
        node = self.editor.node(self.node)
        if node is not None:
            parted = grouping.part(self.editor.project, self.node, self._scope())
            self.editor.edit(f"Make {node.name} a block of its own", parted)

    def _ask(self, what: str) -> None:
        self.asked.emit("leave" if what == "open" and self.is_inside else what, self.node)

    def _scope(self) -> str:
        return planning.scope_of(self.editor.project, self.node)

    def _others(self, node: Node) -> tuple[str, ...]:
        """The other instances in the same graph, whose weights it could have."""
        nodes = self.editor.project.scope(self._scope()).nodes.values()
        return tuple(other.name for other in nodes if other.block == node.block and other.id != node.id)

    def _show_problems(self, reading: Reading) -> None:
        mine = reading.of(self.node)
        self._faults.show_problems(mine, self._fixes)
        faults = sum(problem.severity == "error" for problem in mine)
        node = self.editor.node(self.node)
        state = ("bypass", "text2", "bypassed") if node is not None and node.bypassed else ("", "", "")
        self.head.show_state(*(("error", "error", counted(faults, "error")) if faults else state))

    def _fixes(self, problem: Problem) -> Fixes:
        return [(fix.label, partial(self.fix_asked.emit, fix)) for fix in problem.fixes]

    def _show_cost(self, reading: Reading, node: Node) -> None:
        analysis, steps = reading.analysis, self.editor.steps(self.node)
        known = [step for step in steps if step.path in analysis.parameters]
        modules = {step.module: analysis.parameters[step.path] for step in known}
        self.figures.show_figure("Parameters", f"{sum(modules.values()):,}" if known else "–")
        macs = sum(analysis.macs[step.path] for step in known)
        self.figures.show_figure("MACs / sample", quantity(macs) if known else "–")
        layers = f"{len(steps) // node.repeat:,}"
        layers = "–" if node.bypassed else layers if node.repeat == 1 else f"{layers} × {node.repeat}"
        self.figures.show_figure("Layers", layers)

    def _show_shapes(self, reading: Reading, node: Node, block: Block) -> None:
        project, trail = self.editor.project, self.editor.trail
        types = types_of(project, reading.analysis, trail[:-1] if self.is_inside else trail)
        wires = {edge.input: edge for edge in project.scope(self._scope()).into(node.id)}
        ends = [wires.get(port) for port in block.inputs()]
        into = [types.of(edge.source, edge.output) if edge is not None else None for edge in ends]
        out = [types.of(node.id, port) for port in block.outputs()]
        self.shapes.show_texts(*([kind.full if kind is not None else "?" for kind in side] for side in (into, out)))


def _told(count: int, is_inside: bool) -> str:
    """What an edit inside reaches."""
    if count > 1:
        return f"Stands {count} times in this project. An edit inside reaches all of them."
    return "You see its inside." if is_inside else "Stands for the layers inside. Open it to see and edit them."
