"""What of the machine a run takes."""

from __future__ import annotations

import math
import os
from pathlib import Path

import torch


def memory(device: torch.device) -> float:
    """Bytes that the process holds, or the tensors on a card that it trains on; NaN where the system does not tell."""
    if device.type == "cuda":
        return float(torch.cuda.memory_allocated(device))
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return math.nan
    return float(pages * os.sysconf("SC_PAGE_SIZE"))
