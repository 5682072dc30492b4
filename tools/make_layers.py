"""Write the page of all layer kinds: python tools/make_layers.py."""

from __future__ import annotations

from pathlib import Path

from core.catalog.listing import page

if __name__ == "__main__":
    target = Path(__file__).resolve().parents[1] / "docs" / "layers.md"
    target.write_text(page(), encoding="utf-8")
