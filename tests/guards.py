"""What fails any test, whatever it asserts: something left behind, or a write outside the temporary folder.

Unexpected warnings fail a test through `filterwarnings` and `qt_log_level_fail` of pyproject.toml; the rest is here.
What a session fixture started before the test is not the test's own; what one must start later is named through the
`outlives_tests` fixture.
"""

from __future__ import annotations

import gc
import itertools
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEMPORARY = Path(tempfile.gettempdir()).resolve()
CACHES = frozenset({".pytest_cache", ".hypothesis", "__pycache__"})
GRACE_SECONDS = 2.0
WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# Audit events that change files: where the paths stand in the arguments, and where the folder handle of a relative one.
CHANGES: Mapping[str, tuple[tuple[int, int | None], ...]] = {
    "os.remove": ((0, 1),),
    "os.mkdir": ((0, 2),),
    "os.rmdir": ((0, 1),),
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
}


def may_be_written(path: Path, temporary: Path = TEMPORARY, root: Path = ROOT) -> bool:
    """Whether a test may write there: caches, devices, and the temporary folder less the project in it."""
    if CACHES.intersection(path.parts):
        return True
    if path.is_relative_to(root):
        return False
    return path.is_relative_to(temporary) or path.is_relative_to("/dev") or path.is_relative_to("/proc")


def written_paths(event: str, arguments: tuple[Any, ...]) -> tuple[str, ...]:
    """The paths that an audit event is about to change, those relative to an open folder left out."""
    if event == "open":
        path, mode, flags = arguments
        writes = set(mode or "") & set("wax+") or (flags or 0) & WRITING_FLAGS
        return (os.fsdecode(path),) if writes and isinstance(path, str | bytes | os.PathLike) else ()
    return tuple(
        os.fsdecode(arguments[index])
        for index, folder in CHANGES[event]
        if not isinstance(arguments[index], int) and (folder is None or arguments[folder] in (-1, None))
    )


class WriteGuard:
    """Refuses writes outside the temporary folder while a test runs, and remembers them."""

    def __init__(self) -> None:
        self.active = False
        self.offences: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at one audit event of the interpreter; raises PermissionError for a write that may not be."""
        if not self.active or (event != "open" and event not in CHANGES):
            return
        for path in written_paths(event, arguments):
            if not may_be_written(Path(os.path.abspath(path))):
                self.offences.append(f"{event} {path}")
                raise PermissionError(f"a test may write only in the temporary folder, not {path}")


@pytest.fixture(scope="session")
def write_guard() -> WriteGuard:
    """The one guard of this process: an audit hook can never be taken off again."""
    guard = WriteGuard()
    sys.addaudithook(guard)
    return guard


class Survivors:
    """Threads and processes that may outlive the test that started them."""

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()
        self.processes: set[int] = set()

    def __call__(self, *started: threading.Thread | int) -> None:
        """Let these live on: threads, or the ids of child processes."""
        self.threads.update(item for item in started if isinstance(item, threading.Thread))
        self.processes.update(item for item in started if isinstance(item, int))


@pytest.fixture(scope="session")
def outlives_tests() -> Survivors:
    """Call it with threads and process ids that a session fixture keeps beyond one test."""
    return Survivors()


def running_threads() -> set[threading.Thread]:
    """Python's own threads; those that Qt or torch made and Python merely met are not ours to end."""
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


def child_processes() -> set[int]:
    """The ids of this process's children, zombies included; empty where the system does not tell."""
    found: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(int(pid) for pid in task.read_text().split())
        except OSError:  # a thread that ended while we looked
            continue
    return found


def open_files() -> set[tuple[int, str]]:
    """The files that are open below the temporary folder or the project, as (handle, path)."""
    found = set()
    for handle in Path("/proc/self/fd").glob("*"):
        try:
            target = os.readlink(handle)
        except OSError:  # the handle of the folder we are reading
            continue
        if Path(target).is_relative_to(TEMPORARY) or Path(target).is_relative_to(ROOT):
            found.add((int(handle.name), target))
    return found


def qt_widgets() -> dict[int, str]:
    """The top-level widgets on display, by identity."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    application = widgets.QApplication.instance() if widgets else None
    if not isinstance(application, widgets.QApplication if widgets else ()):
        return {}
    shown = [widget for widget in application.topLevelWidgets() if widget.isVisible()]
    return {id(widget): f"{type(widget).__name__} {widget.windowTitle()!r}" for widget in shown}


def qt_timers() -> dict[int, str]:
    """The timers that Python made and that still tick, by identity."""
    core = sys.modules.get("PySide6.QtCore")
    if not core:
        return {}
    from shiboken6 import isValid

    timers = [item for item in gc.get_objects() if type(item) is core.QTimer]
    return {id(item): f"QTimer of {item.parent()!r}" for item in timers if isValid(item) and item.isActive()}


def settle_qt() -> None:
    """Let Qt delete what was asked to be deleted later."""
    core = sys.modules.get("PySide6.QtCore")
    if core and core.QCoreApplication.instance():
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)


def remaining(look: Callable[[], set[Any]], before: set[Any]) -> set[Any]:
    """What is new since `before` and does not go away by itself within the grace."""
    left = look() - before
    if left:
        gc.collect()
        deadline = time.monotonic() + GRACE_SECONDS
        while (left := look() - before) and time.monotonic() < deadline:
            time.sleep(0.01)
    return left


def reap(pid: int) -> None:
    """End a forgotten child, so that it troubles no further test."""
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):  # it ended, or its owner has waited for it, in the meantime
        return


@pytest.fixture(autouse=True)
def nothing_is_left_behind(
    request: pytest.FixtureRequest, write_guard: WriteGuard, outlives_tests: Survivors, own_home: Path
) -> Iterator[None]:
    """Fail a test that leaves a thread, a process, an open file, a window or a timer, or wrote where it may not."""
    uses_qt = not {"qapp", "qtbot"}.isdisjoint(request.fixturenames)
    threads, processes, files = running_threads(), child_processes(), open_files()
    widgets, timers = (qt_widgets(), qt_timers()) if uses_qt else ({}, {})
    write_guard.offences.clear()
    write_guard.active = True
    yield
    write_guard.active = False
    found = [f"a write outside the temporary folder: {offence}" for offence in write_guard.offences]
    if uses_qt:
        settle_qt()
        if qt_timers().keys() - timers.keys():
            gc.collect()  # what waits for the collector alone is not left behind
        found += [f"a window left open: {text}" for key, text in qt_widgets().items() if key not in widgets]
        found += [f"a timer left running: {text}" for key, text in qt_timers().items() if key not in timers]
    children = remaining(child_processes, processes | outlives_tests.processes) - outlives_tests.processes
    found += [f"a process left running: {pid}" for pid in children]
    for pid in children:
        reap(pid)
    left = remaining(running_threads, threads | outlives_tests.threads) - outlives_tests.threads
    found += [f"a thread left running: {thread.name}" for thread in left]
    found += [f"a file left open: {path}" for _, path in remaining(open_files, files)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """New home folders, one a test."""
    root = tmp_path_factory.mktemp("homes")
    return (root / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_home(homes: Iterator[Path]) -> Iterator[Path]:
    """A home of the test's own: settings, recent files and caches of one test are not seen by another, nor by us."""
    home = next(homes)
    runtime = home / "runtime"
    runtime.mkdir(parents=True, mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("USERPROFILE", str(home))
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        for name in ("CONFIG", "DATA", "CACHE", "STATE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        redirect_qsettings(home / "config")
        yield home


def redirect_qsettings(folder: Path) -> None:
    """Send QSettings there too: Qt reads the environment only once."""
    core = sys.modules.get("PySide6.QtCore")
    if core:
        for form in (core.QSettings.Format.NativeFormat, core.QSettings.Format.IniFormat):
            core.QSettings.setPath(form, core.QSettings.Scope.UserScope, str(folder))
