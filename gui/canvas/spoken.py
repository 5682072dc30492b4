"""The graph for screen readers: a list beside the picture that holds every node in running order, and follows."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QListView, QWidget

from core.catalog.kind import TensorType
from core.wiring import running_order
from gui.canvas.captions import magnitude
from gui.canvas.card import Card
from gui.canvas.card_body import body_words
from gui.canvas.health import Health
from gui.canvas.scene import Scene

Index = QModelIndex | QPersistentModelIndex


def spoken(scene: Scene, node_id: str) -> str:
    """A node in words: conv2, Conv2d, input 6×14×14, output 16×10×10, gradient 1.1e−3, healthy."""
    item, graph, facts = scene.nodes[node_id], scene.graph, scene.facts
    said = [item.card.name, item.card.title, *(["bypassed"] if item.card.bypassed else [])]
    if facts is not None:
        came = [(edge.input, facts.types.of(edge.source, edge.output)) for edge in graph.into(node_id)]
        made = [(port.name, facts.types.of(node_id, port.name)) for port in item.card.outputs]
        said += [*_shapes("input", came), *_shapes("output", made)]
    said += _measured(item.health) if not item.card.bypassed else []
    said += body_words(item.card, scene.bodies.unfolded(node_id), node_id in scene.bodies.changed)
    said += _marked(item.card)
    return ", ".join(said)


def _shapes(side: str, found: list[tuple[str, TensorType | None]]) -> list[str]:
    """One shape by its side alone, several each by its port's name too."""
    known = [(name, tensor) for name, tensor in found if tensor is not None]
    if len(known) == 1:
        return [f"{side} {known[0][1]}"]
    return [f"{side} {name} {tensor}" for name, tensor in known]


def _marked(card: Card) -> list[str]:
    """What the marks on the header say: frozen, shared, stacked, wrong."""
    repeat = card.badge.removeprefix("×") if card.role == "structure" else ""
    said = [f"stacked {repeat} times"] if repeat else []
    said += ["frozen"] if card.frozen else []
    said += ["augmented"] if card.augmented else []
    said += ["shares its weights"] if card.shares else []
    for count, noun in ((card.errors, "error"), (card.warnings, "warning")):
        said += [f"{count} {noun}{'s' if count != 1 else ''}"] if count else []
    return said


def _measured(health: Health | None) -> list[str]:
    if health is None:
        return []
    if health.nan:
        return ["gradient not a number"]
    if health.value is None:
        return []
    state = "vanishing" if health.vanishing else "exploding" if health.exploding else "healthy"
    return [f"gradient {magnitude(health.value)}", state]


class NodeList(QListView):
    """Stands behind the picture, a pixel high: nothing to see, everything to hear."""

    def __init__(self, scene: Scene, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene = scene
        self.nodes = _Nodes(scene, self)
        self.setModel(self.nodes)
        self.setAccessibleName("Layers in running order")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setGeometry(0, 0, 1, 1)
        self.lower()

    def refresh(self) -> None:
        """Hold the nodes of the graph that is shown now; costs nothing while nobody listens."""
        if QAccessible.isActive():
            self.nodes.refresh()
            self.follow(self._scene.selection)

    def follow(self, selection: tuple[str, ...]) -> None:
        """Mark what is selected on the canvas."""
        if not QAccessible.isActive():
            return
        model = self.selectionModel()
        model.clearSelection()
        for place in (self.nodes.order.index(node) for node in selection if node in self.nodes.order):
            model.select(self.nodes.index(place), model.SelectionFlag.Select)
        last = next((node for node in reversed(selection) if node in self.nodes.order), None)
        if last is not None:
            model.setCurrentIndex(self.nodes.index(self.nodes.order.index(last)), model.SelectionFlag.NoUpdate)


class _Nodes(QAbstractListModel):
    """Every node of the graph that is shown, in words."""

    def __init__(self, scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self.order: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Take the nodes anew, in running order."""
        self.beginResetModel()
        order, cyclic = running_order(self._scene.graph)
        self.order = (*order, *cyclic)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.order)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        node_id = self.order[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(self._scene, node_id) if node_id in self._scene.nodes else ""
        return None
