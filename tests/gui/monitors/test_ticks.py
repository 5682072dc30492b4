import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.monitors import ticks

DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def number(label: str) -> float:
    """What a person reads: 1,000 or 3e−7 or 10⁻⁶."""
    if any(sign in label for sign in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"):
        return 10.0 ** int(label[2:].translate(DIGITS))
    return float(label.replace(",", "").replace("−", "-"))


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.integers(3, 8))
def test_linear_labels_are_what_stands_there(low, span, most):
    found = ticks.linear(low, low + span, most)
    assert 1 <= len(found) <= most + 1
    for tick in found:
        assert low - span * 1e-5 <= tick.value <= low + span * (1 + 1e-5)
        assert number(tick.label) == pytest.approx(tick.value, abs=span / 50, rel=1e-3)
    assert len({tick.label for tick in found}) == len(found)


@given(st.integers(0, 10**7), st.integers(5, 10**7), st.integers(2, 8))
def test_steps_are_whole(low, span, most):
    found = ticks.steps(low, low + span, most)
    assert len(found) <= max(most, 4) + 1
    assert all(number(tick.label) == tick.value == int(tick.value) for tick in found)


@pytest.mark.parametrize("find", [ticks.powers, ticks.ones_and_threes])
@given(low=st.floats(-30, 4), span=st.floats(0.05, 30), most=st.integers(3, 6))
def test_labels_of_a_logarithmic_axis_are_what_stands_there(find, low, span, most):
    for tick in find(low, low + span, most):
        assert low - 1e-3 * span - 1e-6 <= tick.value <= low + span * 1.001 + 1e-6
        assert math.log10(number(tick.label)) == pytest.approx(tick.value, abs=1e-3)


def test_a_gradient_axis_reads_powers_of_ten():
    assert [tick.label for tick in ticks.powers(-10.3, -1.4, 6)] == ["10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²"]


def test_a_loss_axis_reads_ones_and_threes():
    assert [tick.label for tick in ticks.ones_and_threes(-2.2, 0.6, 6)] == ["0.01", "0.03", "0.1", "0.3", "1", "3"]


def test_numbers_read_as_the_design_writes_them():
    assert [ticks.reading(value) for value in (2.30259, 0.03021, 3.1e-7, 0.0, -1.5, 14.25)] == [
        "2.303", "0.0302", "3.1e−7", "0.0000", "−1.500", "14.250",
    ]  # fmt: skip
    assert [ticks.scientific(value) for value in (2.7e-10, 1.0, 0.0)] == ["2.7e−10", "1.0e0", "0"]
    assert [ticks.reading(value) for value in (math.nan, math.inf, -math.inf)] == ["NaN", "∞", "−∞"]


def test_zero_among_very_small_values_is_a_plain_zero():
    assert [tick.label for tick in ticks.linear(0, 5e-7, 4)][:2] == ["0", "2e−7"]
    assert ticks.linear(0, 1, 3)[0].label == "0.0"


@pytest.mark.parametrize("most", [1, 2, 7])
def test_steps_in_logarithmic_time_have_two_labels_at_least_and_each_is_a_power_of_ten(most):
    found = ticks.log_steps(0, 50_000, 0, most)
    assert 2 <= len(found) <= max(most, 2)
    assert {math.log10(tick.value) % 1 for tick in found} == {0}
    assert [tick.label for tick in found] == [f"{tick.value:,.0f}" for tick in found]


def test_steps_in_logarithmic_time_count_from_where_the_run_began():
    assert [tick.label for tick in ticks.log_steps(5000, 7000, 5000, 4)] == ["5,001", "5,010", "5,100", "6,000"]


@given(st.integers(0, 10**6), st.integers(10, 10**6), st.integers(0, 8))
def test_steps_have_two_labels_at_least_however_little_room_there_is(low, span, most):
    assert len(ticks.steps(low, low + span, most)) >= 2
