import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.monitors.scale import FAR, Scale, Window, padded


@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e3), st.floats(0, 1))
def test_a_pixel_and_its_number_are_one(low, span, share):
    scale = Scale(low, low + span, 300, 20)
    number = low + share * span
    assert scale.number(scale.pixel(number)) == pytest.approx(number, abs=1e-6 * span + 1e-9)
    assert scale.pixel(number) == pytest.approx(float(scale.pixels(number)), abs=1e-6)


def test_a_logarithmic_scale_puts_decades_evenly_and_zero_below_all():
    scale = Scale(-4, 0, 400, 0, log=True)
    assert scale.pixels([1, 0.1, 1e-4]).tolist() == pytest.approx([0, 100, 400])
    assert scale.pixels([0.0]).tolist() == [6000.0]
    assert np.isnan(scale.pixels([np.nan])).all()
    assert Scale(-0.01, 0, 400, 0, log=True).pixels([0.0]).tolist() == [FAR]


def test_zooming_keeps_what_is_under_the_pointer_where_it_was():
    window = Window().zoomed(0, 1000, 300, 0.5)
    assert window.within(0, 1000) == (150, 650)
    again = window.zoomed(0, 1000, 300, 2.0)
    assert again.within(0, 1000) == (0, 1000)
    assert again == Window()


def test_zooming_in_stops_and_out_of_the_run_is_nothing():
    window = Window((10.0, 16.0))
    assert window.zoomed(0, 1000, 12, 0.5, least=5) is window
    assert Window((0.0, 100.0)).zoomed(0, 1000, 90, 2).within(0, 1000) == (0, 200)


def test_a_view_that_ends_at_the_newest_step_follows_it():
    window = Window().zoomed(0, 1000, 1000, 0.1)
    assert window.within(0, 1000) == (900, 1000)
    assert window.within(0, 1500) == (1400, 1500)
    back = window.moved(0, 1000, -200)
    assert back.within(0, 1500) == (700, 800)
    assert back.moved(0, 1000, 1e9).within(0, 1500) == (1400, 1500)
    assert back.moved(0, 1000, -1e9).within(0, 1000) == (0, 100)


@given(st.floats(-100, 100), st.floats(0, 100), st.floats(0.01, 10))
def test_a_padded_range_holds_the_range_and_is_wide_enough(low, span, least):
    begin, end = padded(low, low + span, 0.05, least)
    assert begin < low <= low + span < end
    assert end - begin >= least
