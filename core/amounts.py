"""Amounts as a person reads them."""

from __future__ import annotations


def bytes_text(count: float) -> str:
    """Bytes as a person reads them: 6.3 KiB."""
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1024:
            return f"{count:.1f} {unit}"
    return f"{count / 1024:,.1f} TiB" if count < 1e12 else f"{count / 1024:.1e} TiB"
