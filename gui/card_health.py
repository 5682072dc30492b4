"""From what was measured of a layer's gradient to what its card shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.canvas.health import Health as CardHealth

if TYPE_CHECKING:
    from core.telemetry.health import Health


def card_health(health: Health, mark: str = "") -> CardHealth:
    """A measured gradient as a card shows it; `mark` is vanishing or exploding where the Doctor says so."""
    history = (10.0 ** health.history.astype(float)).tolist()
    if health.state == "nonfinite":
        return CardHealth(None, history, nan=True)
    if health.state == "none":
        return CardHealth()
    return CardHealth(health.value, history, mark == "vanishing", mark == "exploding")
