import csv
import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication, QImage

from core.errors import FileError
from gui.monitors.confusion import ConfusionMonitor
from gui.monitors.gradients import GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.loss import LossMonitor
from gui.monitors.metrics import MetricMonitor
from tests.core.telemetry.runs import random_rows, sample_rows, started, step_rows, validated
from tests.gui.monitors.conftest import picture

ALL = (LossMonitor, GradientMonitor, HeatmapMonitor, MetricMonitor, ConfusionMonitor)


@pytest.fixture
def rows(feed):
    begun = started()
    rows = random_rows(200, len(begun.step_columns))
    samples = random_rows(100, len(begun.sample_columns), seed=5)
    validation = validated(100, 0.123456789)
    validation.metrics, validation.table, validation.task = {"accuracy": 0.5}, [[3, 1], [0, 4]], "classes"
    feed.take([begun, step_rows(1, rows), sample_rows(np.arange(1, 200, 2), samples), validation])
    return rows, samples


def table(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_the_numbers_of_the_loss_are_those_of_the_record_to_the_last_digit(shown, rows, tmp_path):
    monitor = shown(LossMonitor)
    picture(monitor)
    monitor.save(tmp_path / "loss.csv")
    names, *lines = table(tmp_path / "loss.csv")
    assert names == ["step", "loss", "validation"]
    assert [int(line[0]) for line in lines] == list(range(1, 201))
    assert [np.float32(line[1]) for line in lines] == rows[0][:, 0].tolist()
    assert [line[2] for line in lines if line[2]] == ["0.123456789"]
    assert lines[99][2] == "0.123456789"


def test_the_numbers_of_a_heatmap_are_those_of_the_rows_and_steps_in_view(shown, rows, tmp_path):
    monitor = shown(HeatmapMonitor)
    picture(monitor)
    monitor.cells.time = monitor.cells.time.showing(0, 199, 40, 80)
    monitor.cells.refresh()
    picture(monitor)
    monitor.save(tmp_path / "heat.csv")
    names, *lines = table(tmp_path / "heat.csv")
    assert names == ["step", "fc1", "fc2", "fc3"]
    assert [int(line[0]) for line in lines] == list(range(41, 81, 2))
    assert [[np.float32(cell) for cell in line[1:]] for line in lines] == rows[1][20:40, ::2].tolist()


def test_the_clipboard_has_the_same_numbers_as_a_file(shown, rows, tmp_path):
    for kind in ALL:
        monitor = shown(kind)
        picture(monitor)
        monitor.save(tmp_path / "numbers.csv")
        actions = {action.text(): action for action in monitor.header.menu.actions()}
        actions["Copy numbers"].trigger()
        found = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
        assert found == table(tmp_path / "numbers.csv")
        assert len(found) > 1
        actions["Copy picture"].trigger()
        assert QGuiApplication.clipboard().image().width() == 2 * monitor.plot.width()


def test_a_confusion_table_is_saved_with_its_names(shown, rows, tmp_path):
    monitor = shown(ConfusionMonitor)
    picture(monitor)
    monitor.save(tmp_path / "table.csv")
    assert [line[1:] for line in table(tmp_path / "table.csv")[1:]] == [["3", "1"], ["0", "4"]]


@pytest.mark.parametrize("kind", ALL)
def test_pictures_have_what_the_screen_has(shown, rows, tmp_path, kind, themes):
    monitor = shown(kind)
    picture(monitor)
    monitor.save(tmp_path / "plot.png")
    image = QImage(str(tmp_path / "plot.png"))
    assert (image.width(), image.height()) == (2 * monitor.plot.width(), 2 * monitor.plot.height())
    assert image.pixelColor(1, 1) == themes.current.color("panel")
    monitor.save(tmp_path / "plot.svg")
    root = ElementTree.parse(tmp_path / "plot.svg").getroot()
    words = {"".join(element.itertext()).strip() for element in root.iter() if element.tag.endswith("text")}
    said = {LossMonitor: "train", GradientMonitor: "fc1", HeatmapMonitor: "fc1", MetricMonitor: "accuracy"}
    assert any(said.get(kind, "answers").lower() in word.lower() for word in words), words


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(shown, rows, tmp_path):
    monitor = shown(LossMonitor)
    with pytest.raises(FileError):
        monitor.save(tmp_path / "nowhere" / "loss.csv")
    with pytest.raises(FileError, match=r"\.gif"):
        monitor.save(tmp_path / "loss.gif")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_monitor_has_no_numbers(shown, tmp_path):
    for kind in ALL:
        with pytest.raises(FileError, match="empty"):
            shown(kind).save(tmp_path / "none.csv")


@pytest.mark.parametrize("kind", ALL)
def test_every_monitor_says_in_one_sentence_what_it_shows(shown, kind):
    monitor = shown(kind)
    assert not monitor.words.isVisible()
    monitor.explains.trigger()
    assert monitor.words.isVisible()
    said = monitor.words.text()
    assert said.endswith(".")
    assert ". " not in said
    assert monitor.plot.accessibleDescription() == said
