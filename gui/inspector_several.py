"""The inspector's page of several selected layers."""

from __future__ import annotations

from core.reading import Reading
from gui.inspector_page import Figures, Page
from gui.session import Editor
from gui.status import counted, quantity
from gui.theme import Themes
from gui.widgets import label, prose


class SeveralPage(Page):
    """What the selected layers come to together."""

    def __init__(self, themes: Themes, editor: Editor, nodes: tuple[str, ...]) -> None:
        super().__init__(themes, editor)
        self._nodes = nodes
        self._title = label("", "name")
        self._names = prose("")
        self.figures = Figures(("Parameters", "MACs / sample"))
        for widget in (self._title, self._names, self.figures):
            self.stack.addWidget(widget)
        self.stack.addStretch(1)

    def refresh(self, reading: Reading) -> None:  # noqa: D102  # of Page
        chosen = set(self._nodes)
        nodes = [node for node in map(self.editor.node, self._nodes) if node is not None]
        self._title.setText(f"{counted(len(nodes), 'layer')} selected")
        self._names.setText(", ".join(node.name for node in nodes))
        steps = [step for step in reading.plan.steps if {step.node, step.shown} & chosen]
        analysis = reading.analysis
        modules = {step.module: analysis.parameters.get(step.path, 0) for step in steps}
        self.figures.show_figure("Parameters", f"{sum(modules.values()):,}")
        self.figures.show_figure("MACs / sample", quantity(sum(analysis.macs.get(step.path, 0) for step in steps)))
