"""How whole numbers are written into small cells: as they are while they fit, then smaller, then shortened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtGui import QFont, QFontMetricsF

from gui.monitors.ink import Ink

SIZES = (11, 10, 9, 8)
"""Pixels of the type, the largest first."""
_THOUSAND = 1000


class Counted(NamedTuple):
    """A look that all counts of a table share."""

    font: QFont
    is_short: bool = False
    """Whether thousands are counted in k, millions in M."""

    def words(self, count: int) -> str:
        """The count as it is written."""
        return short(count) if self.is_short else f"{count:,}"


def fitting(theme: Ink, counts: Sequence[int], room: float) -> Counted:
    """The largest look in which all counts fit into so many pixels; where none does, the smallest and shortest."""
    looks = [Counted(theme.theme.mono(SIZES[0]))]
    looks += [Counted(theme.theme.ui(size), is_short) for is_short in (False, True) for size in SIZES]
    return next((look for look in looks if _widest(look, counts) <= room), looks[-1])


def short(count: int) -> str:
    """A count in four signs at the most: 987, 1.2k, 12k, 1.2M."""
    for size, sign in ((_THOUSAND**2, "M"), (_THOUSAND, "k")):
        share = count / size
        if count >= size - size // 2000 * (size > _THOUSAND):
            return f"{share:.1f}{sign}" if share < 9.95 else f"{share:.0f}{sign}"
    return str(count)


def _widest(look: Counted, counts: Sequence[int]) -> float:
    metrics = QFontMetricsF(look.font)
    return max((metrics.horizontalAdvance(look.words(count)) for count in set(counts)), default=0.0)
