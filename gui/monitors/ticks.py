"""Where an axis is labelled, and how numbers are written on it and beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NICE = (1.0, 2.0, 5.0, 10.0)
NICE_STEPS = (1.0, 2.0, 3.0, 5.0, 10.0)


@dataclass(frozen=True)
class Tick:
    """A labelled place of an axis; `value` is a logarithm on a logarithmic one."""

    value: float
    label: str


def linear(low: float, high: float, most: int) -> list[Tick]:
    """Round values between `low` and `high`, at most `most` of them."""
    if not high > low:
        return []
    step = _nice_step((high - low) / max(most, 1))
    return [Tick(place * step, _label(place * step, step)) for place in _multiples(low, high, step)]


def steps(low: float, high: float, most: int) -> list[Tick]:
    """Whole steps of training; more than wanted where it would be one label alone, which tells nothing."""
    if not high > low:
        return []
    places, step = range(0), 2
    while len(places) < 2 and step > 1:
        step = max(1, round(_nice_step((high - low) / max(most, 1), NICE_STEPS)))
        places, most = _multiples(low, high, step), 2 * max(most, 1)
    return [Tick(place * step, f"{place * step:,}") for place in places]


def log_steps(low: float, high: float, origin: float, most: int) -> list[Tick]:
    """Steps 1, 10, 100, ... of a run that began after step `origin`, with 3, 30, ... where there is room."""
    if not high > low:
        return []
    decades = math.log10(max(high - origin, 1) / max(low - origin, 1))
    if decades < 1:
        return steps(low, high, most)
    factors = (1, 3) if 2 * decades + 1 <= most else (1,)
    every = max(1, math.ceil(decades / max(most, 2)))  # one label alone tells nothing
    found = [factor * 10**decade for decade in range(0, 16, every) for factor in factors]
    return [Tick(origin + step, f"{origin + step:,.0f}") for step in found if low <= origin + step <= high]


def powers(low: float, high: float, most: int) -> list[Tick]:
    """Powers of ten, 10⁻³, for logarithms from `low` to `high`; parts of them where fewer than two would show."""
    decades = next((step for step in (1, 2, 3, 5, 10, 20) if (high - low) / step <= most), 50)
    places = _multiples(low, high, decades)
    if len(places) < 2:
        return _parts(low, high, most)
    return [Tick(place * decades, power(place * decades)) for place in places]


def ones_and_threes(low: float, high: float, most: int) -> list[Tick]:
    """1, 0.3, 0.1, ...: a logarithmic axis of values that people read as plain numbers; of many decades 10⁻⁶."""
    if high - low > most / 2:
        found = powers(low, high, most)
        short = all(-3 <= tick.value < 6 for tick in found)
        return [Tick(tick.value, plain(10**tick.value)) for tick in found] if short else found
    return _parts(low, high, most)


def _parts(low: float, high: float, most: int) -> list[Tick]:
    """Parts of decades: ones and threes; ones, twos and fives; or round values: the first that gives three labels."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    for factors in ((1, 3), (1, 2, 5)):
        values = [factor * 10.0**decade for decade in decades for factor in factors]
        found = [Tick(math.log10(value), plain(value)) for value in values if low <= math.log10(value) <= high]
        if len(found) >= 3:
            return found
    return [Tick(math.log10(tick.value), tick.label) for tick in linear(10**low, 10**high, most) if tick.value > 0]


def power(exponent: int) -> str:
    """10⁻⁶."""
    return "10" + str(exponent).translate(SUPERSCRIPT)


def plain(value: float) -> str:
    """A value on an axis: 0.03, 3, 1,000, or 3e−7 where that is shorter; with all the digits that a tick has."""
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        mantissa, _, exponent = f"{value:.4e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}".replace("-", "−")
    return f"{value:,.6g}".replace("-", "−")


def reading(value: float) -> str:
    """A loss beside its name: 2.303, 0.0302, 3.1e−7."""
    if not math.isfinite(value):
        return not_finite(value)
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        return scientific(value)
    decimals = 4 if abs(value) < 1 else 3 if abs(value) < 100 else 1
    return f"{value:,.{decimals}f}".replace("-", "−")


def scientific(value: float, decimals: int = 1) -> str:
    """A norm in text: 3.1e−7."""
    if not math.isfinite(value):
        return not_finite(value)
    if value == 0:
        return "0"
    mantissa, _, exponent = f"{value:.{decimals}e}".partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", "−")


def not_finite(value: float) -> str:
    """NaN, ∞ or −∞."""
    return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"


def _nice_step(least: float, nice_ones: tuple[float, ...] = NICE) -> float:
    unit = 10.0 ** math.floor(math.log10(least))
    return next(nice * unit for nice in nice_ones if nice * unit >= least * (1 - 1e-9))


def _multiples(low: float, high: float, step: float) -> range:
    return range(math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6) + 1)


def _label(value: float, step: float) -> str:
    """A multiple of `step`, with the digits that tell it from its neighbours."""
    unit = math.floor(math.log10(step) + 1e-9)
    if value == 0 and step < 1e-4:
        return "0"
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        return scientific(value, max(0, math.floor(math.log10(abs(value)) + 1e-9) - unit))
    return f"{value:,.{max(0, -unit)}f}".replace("-", "−")
