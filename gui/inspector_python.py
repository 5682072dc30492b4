"""The inspector's page of a Python block: its code above all that other layers' pages have."""

from __future__ import annotations

from PySide6.QtCore import Signal

from core.catalog.kind import LayerKind, Param
from core.errors import CodeError, TrustError
from core.graph import Node
from core.problems import Problem
from core.reading import Reading
from gui.block_code import BlockCode
from gui.inspector_node import NodePage


class PythonPage(NodePage):
    """Code, settings, shapes and cost."""

    code_asked = Signal(str, str)
    """“trust” or “larger”, and the node."""

    def refresh(self, reading: Reading) -> None:  # noqa: D102  # of Page
        super().refresh(reading)
        self.code.refresh(reading)
        if any(isinstance(problem.error, TrustError) for problem in reading.of(self.node)):
            self.head.show_state("lock", "warn", "not trusted")

    def _add_content(self) -> None:
        self.code = BlockCode(self.themes, self.editor, self.node)
        self.code.trust_asked.connect(lambda: self.code_asked.emit("trust", self.node))
        self.code.larger_asked.connect(lambda: self.code_asked.emit("larger", self.node))
        self.section("Code", self.code)

    def _params(self, kind: LayerKind) -> tuple[Param, ...]:
        return tuple(param for param in kind.params if param.name != "source")

    def _put(self, label: str, node: Node, merge: str | None = None) -> None:
        self.editor.set_code(label, node, merge)

    def _told_apart(self, problem: Problem) -> bool:
        return isinstance(problem.error, CodeError)
