import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from gui.monitors import lines, strokes
from tests.gui.monitors.conftest import pixels


def canvas(width=200, height=100):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    return image


def test_a_polygon_holds_the_points():
    x, y = np.arange(5.0), np.arange(5.0) ** 2
    made = lines.polygon(x, y)
    assert [(point.x(), point.y()) for point in made.toList()] == list(zip(x, y, strict=True))
    assert lines.polygon(np.empty(0), np.empty(0)).size() == 0


def test_a_line_breaks_where_there_is_no_value():
    y = np.array([np.nan, 1, 2, np.nan, np.nan, 3, np.nan])
    assert [piece.size() for piece in lines.polygons(np.arange(7.0), y)] == [2, 1]
    pieces = lines.segments(np.arange(7.0), y)
    assert pieces.tolist() == [[1, 1, 2, 2]]


def drawn(draw):
    image = canvas()
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return pixels(image)[:, :, 0] > 0


def columns(x, low, high):
    (found,) = lines.columns(x, low[:, None], high[:, None], 1.0)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_columns_fill_the_pixels_from_lowest_to_highest(seed):
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(0, 200, 900))
    y = np.floor(random.uniform(20, 60 + 30 * (seed % 2), 900))
    found = drawn(lambda painter: lines.draw_columns(painter, columns(x, y, y), QColor("white")))
    expected = np.zeros((100, 200), bool)
    before = None
    for place in range(200):
        here = y[np.floor(x) == place]
        if not len(here):
            continue
        top, bottom = here.min(), here.max()
        first, last = (top, bottom) if before is None else (min(top, before[1]), max(bottom, before[0]))
        expected[int(first) : max(int(last), int(first) + 1), place] = True
        before = top, bottom
    np.testing.assert_array_equal(found, expected)


def test_columns_leave_a_gap_where_there_is_no_data():
    x = np.concatenate([np.arange(0, 50.0), np.arange(100, 150.0)])
    y = np.full(100, 30.0)
    found = drawn(lambda painter: lines.draw_columns(painter, columns(x, y, y + 9), QColor("white")))
    assert found.any(axis=0).tolist() == [place < 50 or 100 <= place < 150 for place in range(200)]


def test_columns_of_many_lines_are_those_of_each_alone():
    random = np.random.default_rng(0)
    x = np.sort(random.uniform(0, 200, 900))
    y = np.floor(random.uniform(20, 90, (900, 3)))
    together = lines.columns(x, y, y + 2, 1.0)
    for line, found in enumerate(together):
        np.testing.assert_array_equal(found, columns(x, y[:, line], y[:, line] + 2))


def test_columns_are_missing_only_where_their_own_line_is_nan():
    x = np.arange(100.0)
    y = np.full((100, 2), 30.0)
    y[40:60, 1] = np.nan
    whole, torn = lines.columns(x, y, y + 9, 1.0)
    shown = drawn(lambda painter: lines.draw_columns(painter, torn, QColor("white"))).any(axis=0)
    assert shown.tolist() == [place < 40 or 60 <= place < 100 for place in range(200)]
    assert drawn(lambda painter: lines.draw_columns(painter, whole, QColor("white"))).any(axis=0).sum() == 100


def test_dashes_are_six_on_and_three_off_along_the_line():
    x, y = lines.dashes(np.array([0.0, 40.0, 40.0]), np.array([10.0, 10.0, 60.0]))
    pieces = lines.segments(x, y)
    lengths = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1])
    assert lengths.sum() == pytest.approx(10 * 6)
    corner = np.abs(pieces[:, :2] - [40, 10]).sum(axis=1) < 1e-9
    assert corner.any()  # a dash goes round the corner instead of cutting it
    on_line = (pieces[:, 1] == 10) | (pieces[:, 0] == 40)
    assert on_line.all()


def test_dashes_of_too_little_are_nothing_to_draw():
    assert lines.segments(*lines.dashes(np.array([3.0]), np.array([4.0]))).shape == (0, 4)
    assert lines.segments(*lines.dashes(np.empty(0), np.empty(0))).shape == (0, 4)


def test_a_stroke_is_about_as_thick_as_asked():
    piece = lines.polygons(np.array([10.0, 190.0]), np.array([50.0, 50.0]))
    for width, rows in ((1, 2), (2, 3), (3, 4)):
        found = drawn(lambda painter, width=width: _stroke(painter, piece, width))
        assert found[:, 100].sum() in (rows - 1, rows)


def _stroke(painter, piece, width):
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    strokes.stroke(painter, piece, QColor("white"), width)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12))
@settings(max_examples=60)
def test_labels_are_spread_without_touching_in_their_order(places):
    moved = lines.spread(places, 15, 0, 300)
    order = np.argsort(places, kind="stable")
    gaps = np.diff(np.array(moved)[order])
    assert (gaps >= 15 - 1e-6).all()
    assert min(moved) >= -1e-6
    assert max(moved) <= 300 + 1e-6


@given(st.lists(st.floats(60, 240), min_size=2, max_size=8))
@settings(max_examples=60)
def test_labels_move_as_little_as_can_be(places):
    """No smaller sum of squares by moving any run of touching labels together."""
    order = np.argsort(places, kind="stable")
    moved = np.array(lines.spread(places, 15, -1e6, 1e6))[order]
    wanted = np.array(places)[order]
    splits = np.flatnonzero(np.diff(moved) > 15 + 1e-6) + 1
    for cluster, goal in zip(np.split(moved, splits), np.split(wanted, splits), strict=True):
        assert (cluster - goal).mean() == pytest.approx(0, abs=1e-6)


def test_segments_are_drawn_with_the_painters_pen():
    found = drawn(_one_segment)
    assert found[20, 10:50].all()
    assert found.sum() == 41


def _one_segment(painter):
    painter.setPen(QPen(QColor("white"), 1))
    lines.draw_segments(painter, np.array([[10.0, 20.0, 50.0, 20.0]]))


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_the_picture_of_columns_has_the_pixels_that_the_columns_fill(ratio):
    random = np.random.default_rng(4)
    x = np.sort(random.uniform(10, 180, 900))
    low = random.uniform(-20, 110, 900)
    low[(x > 60) & (x < 90)] = np.nan
    high = low + random.uniform(0, 12, 900)
    room, white = QRectF(20, 12, 150, 75), QColor("white")

    def shown(draw):
        image = QImage(round(200 * ratio), round(100 * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor("black"))
        painter = QPainter(image)
        painter.setClipRect(room)
        draw(painter)
        painter.end()
        return pixels(image)[:, :, 0]

    (rectangles,) = lines.columns(x, low[:, None], high[:, None], ratio)
    expected = shown(lambda painter: lines.draw_columns(painter, rectangles, white))
    found = shown(lines.column_picture(x, low, high, white, room, ratio).draw)
    assert 0 < (expected > 0).mean() < 0.5
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("begin", "end"), [((0, 5), (40, 5)), ((7, 0), (7, 33)), ((0, 0), (30, 40))])
def test_a_straight_dashed_line_has_the_dashes_of_any_line(begin, end):
    points = np.array([begin, end], np.float64)
    expected = lines.segments(*lines.dashes(points[:, 0], points[:, 1], 4, 3))
    long = np.abs(expected[:, 2:] - expected[:, :2]).sum(axis=1) > 0  # it may begin with a piece of no length
    np.testing.assert_allclose(lines.dashed(begin, end, 4, 3), expected[long], atol=1e-9)
    assert lines.dashed(begin, begin, 4, 3).shape == (0, 4)


@pytest.mark.parametrize("ratio", [1.25, 2.0, 3.0])
def test_a_stroke_is_of_thin_lines_and_as_thick_as_asked_on_a_finer_screen(ratio):
    """Qt takes a second for a steep line of 2,000 points that is thicker than a device pixel."""
    image = QImage(round(200 * ratio), round(100 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    for width in (1, 2, 3):
        image.fill(QColor("black"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strokes.stroke(painter, lines.polygons(np.array([10.0, 190.0]), np.array([50.0, 50.0])), QColor("white"), width)
        strokes.stroke_segments(painter, np.array([[40.0, 5.0, 40.0, 30.0]]), QColor("white"), width)
        assert painter.pen().widthF() * painter.deviceTransform().m11() <= 1
        painter.end()
        seen = pixels(image)[:, :, 0] / 255
        assert seen[round(40 * ratio) :, round(100 * ratio)].sum() == pytest.approx(width * ratio, rel=0.2, abs=0.6)
        assert seen[round(20 * ratio), : round(80 * ratio)].sum() == pytest.approx(width * ratio, rel=0.2, abs=0.6)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_a_dense_curve_fills_the_columns_that_the_same_line_crosses(ratio):
    random = np.random.default_rng(2)
    x, y = np.linspace(20, 180, 641), random.uniform(10, 90, 641)
    y[240:280] = np.nan
    assert strokes.is_dense(x, y)
    assert not strokes.is_dense(x, 50 + np.sin(x))

    def shown(room):
        image = QImage(round(200 * ratio), round(100 * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor("black"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strokes.curve(painter, x, y, QColor("white"), 2, room)
        painter.end()
        return pixels(image)[:, :, 0] > 100

    columns = shown(QRectF(0, 0, 200, 100))
    assert (columns.any(axis=0) == shown(None).any(axis=0)).mean() > 0.97
    for place in range(round(25 * ratio), round(175 * ratio)):
        there = np.isin(np.floor(x * ratio), (place - 1, place))
        if np.isnan(y[there]).any():
            continue
        seen = np.flatnonzero(columns[:, place]) / ratio
        assert seen[0] <= y[there].min() + 1
        assert seen[-1] >= y[there].max() - 1
    assert not columns[:, round(82 * ratio) : round(88 * ratio)].any()
