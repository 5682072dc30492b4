"""Every guard can fail: tests that misbehave are run in a pytest of their own, and each must fail for its reason."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards import ROOT, may_be_written, written_paths

MISBEHAVIOUR = """
import os, subprocess, sys, tempfile, threading, time, warnings
from pathlib import Path
import pytest
from PySide6.QtCore import QSettings, QTimer, qWarning
from PySide6.QtWidgets import QWidget

kept = []

def test_writes_into_the_project():
    try:
        Path({root!r}, "left_by_a_test.txt").write_text("x")
    except OSError:
        pass

def test_renames_into_the_project(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(OSError):
        os.rename(tmp_path / "a", Path({root!r}, "left_by_a_test.txt"))

def test_writes_into_the_real_home():
    with pytest.raises(OSError):
        os.open({home!r} + "/left_by_a_test.txt", os.O_CREAT | os.O_WRONLY)

def test_leaves_a_thread():
    threading.Thread(target=time.sleep, args=(30,), daemon=True, name="forgotten").start()

def test_leaves_a_process():
    kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]))

def test_leaves_a_file_open(tmp_path):
    kept.append(open(tmp_path / "forgotten.txt", "w"))

def test_leaves_a_window(qapp):
    kept.append(QWidget(windowTitle="forgotten"))
    kept[-1].show()

def test_leaves_a_timer(qapp):
    kept.append(QTimer())
    kept[-1].start(1000)

def test_warns():
    warnings.warn("unexpected")

def test_warns_in_a_destructor():
    open(os.devnull)

def test_qt_warns(qapp):
    qWarning("unexpected")

def test_remembers_a_setting(qapp):
    QSettings("Chainrule", "guards").setValue("seen", 1)

def test_behaves(tmp_path, qtbot, own_home):
    assert QSettings("Chainrule", "guards").value("seen") is None
    assert Path.home() == own_home and not list(own_home.rglob("*.conf"))
    (tmp_path / "a").write_text("x")
    with tempfile.TemporaryDirectory() as folder:
        os.rename(tmp_path / "a", Path(folder, "b"))
    thread = threading.Thread(target=time.sleep, args=(0.2,))
    thread.start()
    subprocess.run([sys.executable, "-c", ""], check=True)
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    QTimer(widget).start(1000)

def test_may_keep_what_it_names(outlives_tests):
    thread = threading.Thread(target=time.sleep, args=(30,), daemon=True)
    thread.start()
    kept.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]))
    outlives_tests(thread, kept[-1].pid)

def test_after_it():
    kept[-1].kill()
    kept[-1].wait()
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, str]:
    """What became of each misbehaving test: its error text, empty if it passed."""
    folder = tmp_path_factory.mktemp("misbehaviour")
    home = os.path.expanduser("~")
    (folder / "test_it.py").write_text(MISBEHAVIOUR.format(root=str(ROOT), home=home if home != "/" else "/var"))
    command = [sys.executable, "-m", "pytest", "-p", "tests.guards", "-c", str(ROOT / "pyproject.toml"), "-v", "-rA"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    told = subprocess.run(
        [*command, "-p", "no:cacheprovider", f"--rootdir={folder}", "test_it.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    found = dict.fromkeys(re.findall(r"::(test_\w+)", told.stdout), "")
    for name, text in re.findall(
        r"_{3,} (?:ERROR at teardown of )?(test_\w+) _{3,}\n(.*?)(?=\n[_=]{5})", told.stdout, re.S
    ):
        found[name] += text
    assert found, told.stdout + told.stderr
    return found


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("test_writes_into_the_project", "left_by_a_test.txt"),
        ("test_renames_into_the_project", "os.rename"),
        ("test_writes_into_the_real_home", "left_by_a_test.txt"),
        ("test_leaves_a_thread", "a thread left running: forgotten"),
        ("test_leaves_a_process", "a process left running"),
        ("test_leaves_a_file_open", "forgotten.txt"),
        ("test_leaves_a_window", "a window left open: QWidget 'forgotten'"),
        ("test_leaves_a_timer", "a timer left running"),
        ("test_warns", "UserWarning: unexpected"),
        ("test_warns_in_a_destructor", "unclosed file"),
        ("test_qt_warns", "unexpected"),
    ],
)
def test_a_misbehaving_test_fails(outcomes, name, reason):
    assert reason in outcomes[name]


@pytest.mark.parametrize(
    "name", ["test_remembers_a_setting", "test_behaves", "test_may_keep_what_it_names", "test_after_it"]
)
def test_a_well_behaved_test_passes(outcomes, name):
    assert outcomes[name] == ""


def test_the_refused_write_did_not_happen(outcomes):
    assert outcomes
    assert not (ROOT / "left_by_a_test.txt").exists()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/tmp/x/a.chain", True),
        ("/tmp/clone/core/graph.py", False),
        ("/tmp/clone/.hypothesis/examples/1", True),
        ("/tmp/clone/core/__pycache__/graph.pyc", True),
        ("/home/ada/.config/chainrule.conf", False),
        ("/dev/null", True),
        ("/var/lib/x", False),
    ],
)
def test_only_the_temporary_folder_may_be_written(path, allowed):
    assert may_be_written(Path(path), Path("/tmp"), Path("/tmp/clone")) is allowed


@pytest.mark.parametrize(
    ("event", "arguments", "paths"),
    [
        ("open", ("a", "r", os.O_RDONLY), ()),
        ("open", ("a", "r+", os.O_RDWR), ("a",)),
        ("open", (b"a", None, os.O_WRONLY), ("a",)),
        ("open", (3, "w", os.O_WRONLY), ()),
        ("os.rename", ("a", "b", -1, -1), ("a", "b")),
        ("os.rename", ("a", "b", 7, -1), ("b",)),
        ("os.remove", ("a", 7), ()),
        ("os.mkdir", ("a", 511, -1), ("a",)),
        ("os.truncate", (5, 0), ()),
    ],
)
def test_the_paths_of_an_audit_event(event, arguments, paths):
    assert written_paths(event, arguments) == paths
