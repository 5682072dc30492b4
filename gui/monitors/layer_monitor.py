"""A monitor that shows what the engine says of one layer, while it is seen."""

from __future__ import annotations

from gui.monitors.seen_monitor import SeenMonitor

NONE = ("Nothing yet.", "Train first; then it follows the selected layer.")
FOREIGN = (
    "Another program trains this network.",
    "None of its code is run here, so what its layers give is not known. Weights that it keeps are in the inspector.",
)
WAITING = ("Waiting for the layer.", "It is asked as soon as the engine has time.")


class LayerMonitor(SeenMonitor):
    """Follows the selected layer."""
