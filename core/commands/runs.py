"""Which run is meant on the command line: a folder, or the newest one that a script has made here."""

from __future__ import annotations

from pathlib import Path

from core.errors import FileError
from core.runs.layout import RUN
from core.runs.reading import runs_in

SCRIPTS = "chainrule-runs"
"""Where the runs of scripts are kept, in the folder in which they were started (`chainrule.folder.ROOT`)."""
RUN_HELP = f"the folder of a run; without it the newest in {SCRIPTS}, where scripts keep theirs"


def is_run(path: Path) -> bool:
    """Whether this is the folder of a run."""
    return (path / RUN).is_file()


def run_folder(name: str | None) -> Path:
    """The folder of the run that is meant; raises FileError where there is none."""
    if name is None:
        newest = next(iter(runs_in(Path(SCRIPTS))), None)
        if newest is None:
            raise FileError("a run was wanted", f"there is none in {SCRIPTS}", fix="Name its folder.")
        return newest
    path = Path(name)
    if is_run(path):
        return path
    came = f"it has no {RUN}" if path.is_dir() else "there is no such folder"
    raise FileError("the folder of a run was wanted", came, name, "A script's run is there after its first step.")
