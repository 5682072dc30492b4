"""Runs a script as it is when started by itself: watched, then plain, then measured by hand."""

import runpy
import sys
from pathlib import Path

script, out = sys.argv[1:]
sys.path[:1] = [str(Path(script).parent), str(Path(__file__).parent)]
for how in ("watched", "plain", "by hand"):
    sys.argv = [script, how, out]
    runpy.run_path(script, run_name="__main__")
