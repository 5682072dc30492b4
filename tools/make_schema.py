"""Write the schema of project files: python tools/make_schema.py."""

from __future__ import annotations

import json
from pathlib import Path

from core.fileformat import schema

if __name__ == "__main__":
    target = Path(__file__).resolve().parents[1] / "resources" / "chain.schema.json"
    target.write_text(json.dumps(schema(), indent=1) + "\n", encoding="utf-8")
