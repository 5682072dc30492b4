"""The program that reads files of data for the window: a question a line on standard input, answers on the output."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # Run by its path under -I: the folder that holds `core` is on the path only when it is installed there.
    root = str(Path(__file__).resolve().parents[2])
    if root not in sys.path:
        sys.path.insert(0, root)

    from core.inspecting.serving import serve

    serve(sys.stdin.buffer, sys.stdout.buffer)
