"""The page of exchange names the operations that are read, no more and no fewer."""

from __future__ import annotations

from pathlib import Path

from core.exchange.onnx.operators import families

PAGE = Path(__file__).parents[4] / "docs" / "exchange.md"


def test_the_page_lists_every_operation_that_is_read() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for title, names in families().items():
        assert f"| {title} | {', '.join(names)} |" in lines
