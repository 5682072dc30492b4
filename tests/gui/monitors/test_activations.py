import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from core.engine.features import Featured, Maps
from gui.monitors.activations import ActivationMonitor
from gui.monitors.feature_plot import mosaic
from gui.shades import diverging
from tests.gui.monitors.conftest import colors_at, picture


def packed(numbers):
    return Maps(
        count=len(numbers), height=numbers.shape[1], width=numbers.shape[2], numbers=numbers.astype("<f4").tobytes()
    )


def told(numbers, filters=None, channels=0):
    return Featured(
        step=10, number=77, shape=list(numbers.shape), maps=packed(numbers), channels=channels, seconds=0.01,
        filters=packed(filters) if filters is not None else None,
    )  # fmt: skip


@pytest.fixture
def maps():
    return np.random.default_rng(0).standard_normal((6, 8, 8)).astype(np.float32)


def test_every_pixel_has_the_colour_of_its_number(shown, maps, themes):
    monitor = shown(ActivationMonitor)
    monitor.maps.take("conv1", told(maps))
    plot, image = monitor.maps, picture(monitor.maps)
    table, edge = diverging(themes.current), np.abs(maps).max()
    for index, room in enumerate(plot.places()):
        for row, column in ((0, 0), (3, 5), (7, 7)):
            x = room.left() + (column + 0.5) / 8 * room.width()
            y = room.top() + (row + 0.5) / 8 * room.height()
            color = QColor(table[round(128 + 127 * float(maps[index, row, column]) / edge)])
            assert colors_at(image, x, y) == (color.red(), color.green(), color.blue())


def test_a_drawing_shows_the_same_colours(shown, maps, tmp_path):
    monitor = shown(ActivationMonitor)
    monitor.maps.take("conv1", told(maps))
    screen = picture(monitor.maps)
    monitor.save(tmp_path / "maps.svg")
    drawn = QImage(monitor.maps.size(), QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    QSvgRenderer(str(tmp_path / "maps.svg")).render(painter)
    painter.end()
    for room in monitor.maps.places():
        for row, column in ((0, 0), (3, 5), (7, 7)):
            x = room.left() + (column + 0.5) / 8 * room.width()
            y = room.top() + (row + 0.5) / 8 * room.height()
            assert colors_at(drawn, x, y) == pytest.approx(colors_at(screen, x, y), abs=3)


def test_pointing_reads_channel_place_and_value(shown, maps):
    monitor = shown(ActivationMonitor)
    monitor.maps.take("conv1", told(maps))
    picture(monitor.maps)
    room = monitor.maps.places()[4]
    cell = monitor.maps.cell_at(QPointF(room.left() + room.width() * 0.45, room.top() + room.height() * 0.95))
    assert cell == (4, 7, 3)
    name, value = monitor.maps.reading(*cell)
    assert (name.name, value.name) == ("channel 4", "row 7, column 3")
    assert float(value.value.replace("−", "-")) == pytest.approx(maps[4, 7, 3], abs=1e-3)


def test_a_vector_is_bars_as_high_as_its_numbers(shown, themes):
    monitor = shown(ActivationMonitor)
    line = np.array([0.5, -1.0, 0.25, 0.0, 1.0], np.float32)
    monitor.maps.take("fc1", told(line.reshape(1, 1, 5)))
    plot, image = monitor.maps, picture(monitor.maps)
    area, values = plot.area(), plot.values()
    for index, number in enumerate(line):
        x = area.left() + (index + 0.5) / 5 * area.width()
        color = themes.current.class_color(1 if number > 0 else 0).getRgb()[:3]
        column = [colors_at(image, x, y) == color for y in range(plot.height())]
        assert sum(column) == pytest.approx(abs(values.pixel(number) - values.pixel(0)), abs=1.5)


def test_filters_are_a_choice_and_what_has_none_says_so(shown, maps, qtbot):
    monitor = shown(ActivationMonitor)
    filters = np.arange(8 * 9, dtype=np.float32).reshape(8, 3, 3)
    monitor.maps.take("conv1", told(maps, filters, channels=2))
    qtbot.mouseClick(monitor.modes.button("Filters"), Qt.MouseButton.LeftButton)
    picture(monitor)
    np.testing.assert_array_equal(monitor.maps.numbers, filters)
    assert monitor.maps.reading(5, 1, 1)[0].name == "filter 2, input 1"
    monitor.maps.take("fc1", told(maps))
    picture(monitor)
    assert monitor.maps.sheet() is None
    assert monitor.sentence.startswith("The patterns")


def test_another_sample_is_asked_for_by_key_and_menu(shown, maps, qtbot):
    monitor = shown(ActivationMonitor)
    monitor.maps.take("conv1", told(maps))
    asked = []
    monitor.looked_at.connect(lambda: asked.append(monitor.maps.sample))
    qtbot.keyClick(monitor.maps, Qt.Key.Key_Right)
    next(action for action in monitor.header.menu.actions() if action.text() == "Next sample").trigger()
    qtbot.keyClick(monitor.maps, Qt.Key.Key_Left)
    assert asked == [1, 2, 1]


def test_the_numbers_are_saved_to_the_last_digit(shown, maps, tmp_path):
    monitor = shown(ActivationMonitor)
    monitor.maps.take("conv1", told(maps))
    picture(monitor)
    monitor.save(tmp_path / "maps.csv")
    names, *rows = [line.split(",") for line in (tmp_path / "maps.csv").read_text().splitlines()]
    assert names == ["map", "row", "column", "value"]
    assert [np.float32(row[3]) for row in rows] == maps.ravel().tolist()
    assert rows[8 * 8 + 9][:3] == ["1", "1", "1"]


def test_cells_of_a_mosaic_fit_and_do_not_touch():
    room = QRectF(10, 20, 300, 200)
    for count, aspect in ((1, 1.0), (6, 1.0), (16, 0.5), (64, 2.0)):
        cells = mosaic(count, aspect, room)
        assert len(cells) == count
        assert all(room.adjusted(-1, -1, 1, 1).contains(cell) for cell in cells)
        assert not any(a.intersects(b) for a in cells for b in cells if a is not b)


def test_before_a_run_it_says_how_to_get_one(shown):
    monitor = shown(ActivationMonitor)
    picture(monitor)
    assert monitor.maps.sheet() is None
    assert monitor.maps.words == "Nothing yet."
