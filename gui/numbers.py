"""How panels write numbers: shares in percent, values with the digits that count, a real minus."""

from __future__ import annotations

import math


def percent(share: float) -> str:
    """A share from 0 to 1: 98.2 %, 0.04 %, 99.97 %; 0.0 and 100.0 only where it is just that."""
    if not math.isfinite(share):
        return "NaN" if math.isnan(share) else "∞"
    hundred = 100 * share
    if 0 < hundred < 0.01:
        return "< 0.01 %"
    if 99.99 < hundred < 100:
        return "> 99.99 %"
    digits = 2 if 0 < hundred < 0.1 or 99.9 < hundred < 100 else 1
    return f"{hundred:.{digits}f} %"


def plain(value: float, digits: int = 4) -> str:
    """A value with so many digits that count: 152.1, −0.03412, 3.1e−7."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}g}"
    if "e" in text and 1e-4 <= abs(value) < 1e7:
        text = f"{value:,.0f}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}{e}{int(exponent) if e else ''}".replace("-", "−")


def signed(value: float, digits: int = 4) -> str:
    """The same with its plus."""
    return plain(value, digits) if value < 0 or not math.isfinite(value) else f"+{plain(value, digits)}"


def duration(seconds: float) -> str:
    """A time with the unit that suits it: 0.18 ms, 23 µs."""
    if seconds < 1e-4:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.2f} ms" if seconds < 0.1 else f"{seconds:.2f} s"
