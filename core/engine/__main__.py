"""The program that holds torch: started by `core.engine.client`, speaks the engine's messages on its pipe."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # Run by its path under -I: the folder that holds `core` is on the path only when it is installed there.
    root = str(Path(__file__).resolve().parents[2])
    if root not in sys.path:
        sys.path.insert(0, root)

    from core.engine.streams import take_pipe

    pipe = take_pipe()

    from core.engine.worker import main

    main(*pipe)
