"""What training says of card bodies: the last activation of those that show it, and which have changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set

from gui.canvas.card_body import Unfolded

_NOTHING = Unfolded()


class BodyStates:
    """By node id; `redraw` is told whose card looks different now."""

    def __init__(self, redraw: Callable[[Iterable[str]], object]) -> None:
        self._redraw = redraw
        self._unfolded: dict[str, Unfolded] = {}
        self.changed: Set[str] = frozenset()
        """The nodes that are not what the run trained."""

    def unfolded(self, node_id: str) -> Unfolded:
        """What the node's card has to show when it is folded out."""
        return self._unfolded.get(node_id, _NOTHING)

    def show(self, unfolded: Mapping[str, Unfolded]) -> None:
        """Show these activations; nodes that are left out keep theirs."""
        fresh = {key: one for key, one in unfolded.items() if self._unfolded.get(key, _NOTHING) != one}
        self._unfolded.update(fresh)
        self._redraw(fresh)

    def show_those_of(self, other: BodyStates) -> None:
        """Show what is shown there, but for what has changed."""
        self.show(other._unfolded)

    def forget(self) -> None:
        """Show no activations any more."""
        gone = tuple(self._unfolded)
        self._unfolded.clear()
        self._redraw(gone)

    def show_changed(self, nodes: Set[str]) -> None:
        """Mark these nodes as changed since the run, and no others."""
        differing = self.changed ^ nodes
        self.changed = nodes
        self._redraw(differing)
