"""The help of one kind, of a block, or of the window: pages written from the catalog, the project and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QTextBrowser, QWidget

from core.catalog import KINDS
from core.catalog.kind import LayerKind, PortSpec
from core.catalog.worked import worked
from core.graph import Node
from core.project import Project
from gui.actions import keys_text
from gui.canvas.captions import number, thousands
from gui.keymap import Keymap
from gui.theme import Themes
from gui.widgets import column, label, push, row

_FLOWS = {"float": "numbers", "int": "whole numbers", "any": "anything", "scalar": "one number"}
_TOUR = (
    ("Add a layer", "Drag it from the palette at the left, or press Space on the canvas and type its name.", ""),
    ("Bring your own data", "Drop a table, arrays or a folder on the window, or choose it.", "add_data"),
    ("Wire", "Drag from port to port. By keyboard, choose a layer with the arrows and draw a wire.", "wire"),
    ("See what is wrong", "Shapes are told on the wires. Go through the problems, and take the fix.", "next_problem"),
    ("Train", "Begin, pause and go on. Loss and gradients are drawn while it learns.", "train"),
    ("Read the code", "The same network as a person would write it in PyTorch.", "source"),
    ("Find anything", "Every command by its words, every node by its name.", "commands"),
    ("Keys", "All of them, to read and to change.", "shortcuts"),
)


def help_page(project: Project, node: Node | None, keymap: Keymap) -> tuple[str, str]:
    """The title and the page: of this node's kind or block; with none, of the window."""
    block = project.blocks.get(node.block) if node is not None else None
    if block is not None:
        return block.name, _block(project, block.id)
    if node is not None and node.kind in KINDS:
        return node.kind, kind_page(KINDS[node.kind])
    return "The window in short", _tour(keymap)


def kind_page(kind: LayerKind) -> str:
    """All that the catalog says of a kind, as rich text."""
    parts = [f"<p><b>{escape(kind.summary)}</b></p><p>{escape(kind.help)}</p>"]
    if kind.formula:
        parts.append(f"<p><code>{escape(kind.formula)}</code></p>")
    parts += [_ports("Inputs", kind.inputs), _ports("Outputs", kind.outputs), _params(kind), _example(kind)]
    if kind.offers:
        parts.append(_section("In PyTorch", f"<code>torch.{escape(kind.offers)}</code>"))
    if kind.words:
        parts.append(_section("Found by", escape(", ".join((kind.name, *kind.words)))))
    return "".join(parts)


class HelpDialog(QDialog):
    """One page of help, to be scrolled and read by keyboard."""

    def __init__(self, themes: Themes, title: str, page: str, window: QWidget | None = None) -> None:
        super().__init__(window)
        self.setWindowTitle(f"Help: {title}")
        self.page = QTextBrowser()
        self.page.setAccessibleName(f"Help on {title}")
        self.page.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        theme = themes.current
        self.page.setFont(theme.ui(12))
        self.page.setStyleSheet(f"background: {theme.hex('panel')}; padding: {theme.px(10)}px")
        self.page.document().setDefaultStyleSheet(
            f"code {{ font-family: '{theme.mono(11).family()}'; }} th, h4 {{ color: {theme.hex('text2')}; }}"
            f" td, th {{ padding: {theme.px(2)}px {theme.px(10)}px {theme.px(2)}px 0; }}"
        )
        self.page.setHtml(page)
        self.page.setMinimumSize(theme.px(560), theme.px(440))
        close = push("Close", "primary")
        close.clicked.connect(self.accept)
        layout = column(label(title, "name"), self.page, spacing=12, margins=(20, 18, 20, 16))
        layout.addLayout(row(None, close))
        self.setLayout(layout)
        self.page.setFocus()


def _block(project: Project, block_id: str) -> str:
    block = project.blocks[block_id]
    kinds: dict[str, int] = {}
    for node in block.graph.nodes.values():
        inner = project.blocks.get(node.block)
        name = inner.name if inner is not None else node.kind
        kinds[name] = 1 + kinds.get(name, 0)
    inside = ", ".join(f"{count} × {name}" if count > 1 else name for name, count in kinds.items())
    ports = f"{', '.join(block.inputs()) or 'nothing'} → {', '.join(block.outputs()) or 'nothing'}"
    return (
        "<p><b>A block: layers folded into one node.</b></p>"
        "<p>Enter opens it, Esc leaves it. Placed again, it has weights of its own, or the same when it is linked; "
        "repeat stacks it with new weights each time.</p>"
        + _section("Ports", escape(ports))
        + _section("Inside", escape(inside))
    )


def _tour(keymap: Keymap) -> str:
    rows = []
    for title, words, name in _TOUR:
        keys = ", ".join(map(keys_text, keymap.keys(name))) if name else "Space"
        rows.append((f"<b>{escape(title)}</b>", escape(words), f"<code>{escape(keys)}</code>"))
    said = "<p>Draw a network, train it, and watch every gradient while it learns.</p>"
    return said + _table((), rows) + "<p>With a layer selected, the same key tells all of that layer.</p>"


def _ports(title: str, ports: Sequence[PortSpec]) -> str:
    rows = []
    for port in ports:
        marks = [_FLOWS[port.dtype]]
        marks += ["may be loose"] if port.optional else []
        marks += ["takes several wires"] if port.variadic else []
        marks += [f"there with {port.needs}"] if port.needs else []
        rows.append((f"<code>{escape(port.name)}</code>", escape(", ".join(marks)), escape(port.help)))
    return _section(title, _table((), rows)) if rows else ""


def _params(kind: LayerKind) -> str:
    rows = []
    for param in kind.params:
        default = "from the wire" if param.inferred else "none" if param.default is None else number(param.default)
        legal = param.wanted() + (f", {param.unit}" if param.unit else "")
        shown = default if len(default) <= 40 and "\n" not in default else "…"
        rows.append((f"<code>{escape(param.name)}</code>", escape(shown), escape(legal), escape(param.help)))
    return _section("Parameters", _table(("name", "default", "legal", "what it does"), rows)) if rows else ""


def _example(kind: LayerKind) -> str:
    found = worked(kind)
    if found is None or not found.shaped.outputs:
        return ""
    came = ", ".join(f"{name} {tensor.full} {tensor.dtype}" for name, tensor in found.inputs) or "nothing"
    made = ", ".join(f"{name} {tensor.full} {tensor.dtype}" for name, tensor in found.shaped.outputs.items())
    cost = f"{thousands(found.shaped.parameters)} parameters, {thousands(found.shaped.macs)} MACs per sample"
    told = [param.name for param in kind.params if param.name in dict(kind.example_params) or param.inferred]
    given = ", ".join(f"{name} {number(found.arguments[name])}" for name in told)
    lines = [came, f"→ {made}", cost, *([f"with {given}"] if given else [])]
    return _section("Example (B is the batch)", "<br>".join(f"<code>{escape(line)}</code>" for line in lines))


def _section(title: str, body: str) -> str:
    return f"<h4>{escape(title)}</h4>{body}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "<tr>" + "".join(f"<th align='left'>{escape(one)}</th>" for one in head) + "</tr>" if head else ""
    return (
        f"<table>{top}"
        + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in rows)
        + "</table>"
    )
