"""What can be searched for: every command of the table, and every node of the project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject

from core.catalog import KINDS
from core.graph import Node
from core.instances import PORTS
from core.project import Project
from gui.action_set import ActionSet
from gui.actions import ACTIONS, keys_text
from gui.finder import Finder, Found
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.workspace import Workspace

RECENT = 6
"""Commands that stand first, as they were used last."""


class Finding(QObject):
    """The two searches of the window."""

    def __init__(self, window: MainWindow, preferences: Preferences) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._workspace: Workspace | None = None
        self._wanted = ""
        """The text that was last searched for among the nodes, and the node it led to."""
        self._found: tuple[str, ...] = ()
        self.commands = Finder(window.themes, window, "Search commands", "No command called “{}”.")
        self.nodes = Finder(window.themes, window, "Find a node", "No node called “{}” in this project.")
        self.commands.taken.connect(self._run)
        self.nodes.taken.connect(self._go)
        for finder in (self.commands, self.nodes):
            finder.closed.connect(self._give_back)

    def follow(self, workspace: Workspace | None) -> None:
        """Search in this document from now on."""
        self._workspace = workspace
        self._found = ()

    def search_commands(self) -> None:
        """Open the search over every command."""
        self.commands.open_with(command_rows(self._window.actions_, self._recent()))

    def search_nodes(self, workspace: Workspace) -> None:
        """Open the search over every node."""
        self._workspace = workspace
        self.nodes.open_with(tuple(node_rows(workspace.document.project)))

    def next_node(self, workspace: Workspace, by: int = 1) -> None:
        """Go to the next node that the last search found, or by -1 to the one before; search where there is none."""
        found = [key for key in self._found if key in workspace.document.project.all_nodes()]
        if not found:
            self.search_nodes(workspace)
            return
        selected = workspace.editor.selection
        place = found.index(selected[0]) if selected and selected[0] in found else min(-by, 0)
        self._show(workspace, found[(place + by) % len(found)])

    def _run(self, name: str) -> None:
        recent = [name, *(known for known in self._recent() if known != name)]
        self._preferences.keep_word("commands", " ".join(recent[:RECENT]))
        self._window.actions_[name].trigger()

    def _recent(self) -> Sequence[str]:
        known = {command.id for command in ACTIONS}
        return [name for name in self._preferences.word("commands").split() if name in known]

    def _go(self, node: str) -> None:
        if self._workspace is not None:
            typed = bool(self.nodes.field.text().strip())
            self._found = tuple(row.key for row in self.nodes.rows.found) if typed else (node,)
            self._show(self._workspace, node)

    def _show(self, workspace: Workspace, node: str) -> None:
        if workspace.reveal(node):
            workspace.canvas.zoom_to((node,))
            workspace.canvas.setFocus()

    def _give_back(self, held: bool) -> None:
        """Let the keyboard go on where it was most likely wanted, unless it went elsewhere already."""
        if held and self._window.is_working and self._workspace is not None:
            self._workspace.canvas.setFocus()


def command_rows(actions: ActionSet, recent: Sequence[str]) -> tuple[Found, ...]:
    """Every command, those used last first, then in the order of the menus; what cannot be done now last."""
    places = {name: place for place, name in enumerate(recent)}
    rows = [
        Found(
            command.id,
            command.title.rstrip("…"),
            command.menu,
            ", ".join(map(keys_text, actions.keymap.keys(command.id))),
            command.icon,
            words=(command.menu.lower(), *command.help.lower().rstrip(".").split()),
            able=actions[command.id].isEnabled(),
        )
        for command in ACTIONS
        if command.id != "commands"
    ]
    return tuple(sorted(rows, key=lambda row: (not row.able, places.get(row.key, len(places)))))


def node_rows(project: Project) -> Iterator[Found]:
    """Every node of the main graph, then of each block that is placed; a block's ports are left out."""
    yield from (_row(project, node, "") for node in project.graph.nodes.values())
    for block in project.blocks.values():
        yield from (_row(project, node, block.name) for node in block.graph.nodes.values() if node.kind not in PORTS)


def _row(project: Project, node: Node, inside: str) -> Found:
    kind = KINDS.get(node.kind)
    block = project.blocks.get(node.block)
    what = block.name if block is not None else node.kind
    note = f"{what} in {inside}" if inside else what
    words = (what.lower(), inside.lower(), *(kind.words if kind is not None else ()))
    icon, category = (kind.icon, kind.category) if kind is not None else ("error", "")
    return Found(node.id, node.name, note, "", icon, category, words)
