"""Who may import whom, as docs/architecture.md draws it: one rule a room, read from the sources."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MUTATORS = frozenset({"add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem"})
MUTATORS |= {"remove", "reverse", "setdefault", "sort", "update"}
MUTABLE_CALLS = frozenset({"dict", "list", "set", "defaultdict", "deque", "OrderedDict", "Counter", "bytearray"})


@dataclass(frozen=True)
class Module:
    """One source file of the project."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every module it imports anywhere, inside functions too."""
        return frozenset(name for node in ast.walk(self.tree) for name in imported(node))

    @cached_property
    def imports_when_run(self) -> frozenset[str]:
        """What it may import at some time: inside functions too, but not for the type checker alone."""
        return frozenset(name for node in statements(self.tree, inside_functions=True) for name in imported(node))

    @cached_property
    def changes(self) -> frozenset[str]:
        """The names whose content it changes somewhere, the last word of each."""
        return frozenset(name.split(".")[-1] for node in ast.walk(self.tree) for name in changed_names(node))

    @cached_property
    def imports_at_once(self) -> frozenset[str]:
        """What is imported when this module is: not inside a function, not for the type checker alone."""
        return frozenset(name for node in statements(self.tree, inside_functions=False) for name in imported(node))

    def is_in(self, *rooms: str) -> bool:
        """Whether it is one of these modules or lies in one of these packages."""
        return within(self.name, rooms)


def imported(node: ast.AST) -> Iterator[str]:
    """The modules an import statement may load; `from a import b` counts as a and as a.b."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def statements(tree: ast.AST, inside_functions: bool) -> Iterator[ast.AST]:
    """Everything below a node that runs, what is meant for the type checker alone left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not inside_functions:
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from statements(node, inside_functions)


def within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def read_modules() -> dict[str, Module]:
    files = [path for room in ("core", "gui", "chainrule") for path in sorted((ROOT / room).rglob("*.py"))]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files]
    return {name: Module(name, path) for name, path in zip(names, files, strict=True)}


MODULES: Mapping[str, Module] = read_modules()


def files_in(room: str) -> list[str]:
    """The modules of a room that is a folder."""
    return [name for name in MODULES if name.startswith(f"{room}.")]


def importers(package: str, *allowed: str) -> list[str]:
    """The modules outside the allowed rooms that import a package."""
    return [
        module.name
        for module in MODULES.values()
        if not module.is_in(*allowed) and any(within(name, (package,)) for name in module.imports)
    ]


def seen_by(room: str, *others: str) -> list[str]:
    """Which of the other rooms the modules of a room import."""
    return [
        f"{module.name} imports {name}"
        for module in MODULES.values()
        if module.is_in(room)
        for name in sorted(module.imports)
        if within(name, others)
    ]


def test_the_sources_are_found():
    assert {"core.graph", "core.errors", "core.catalog.kind", "gui"} <= MODULES.keys()


def test_core_knows_no_qt_because_everything_must_work_without_a_window():
    assert importers("PySide6", "gui") == []
    assert importers("shiboken6", "gui") == []


def test_core_knows_no_gui_because_the_window_is_one_of_its_users():
    assert seen_by("core", "gui") == []


def test_pyqtgraph_is_for_monitors_and_runs_because_it_costs_a_second_to_load():
    assert importers("pyqtgraph", "gui.monitors", "gui.runs") == []


def test_torch_stays_in_the_rooms_that_compute_because_the_window_must_not_load_it():
    rooms = (
        "core.build",
        "core.parts",
        "core.python.execution",
        "core.python.probing",
        "core.data",
        "core.training",
        "core.exchange",
        "core.engine.worker",
    )
    assert importers("torch", *rooms, "chainrule") == []


def test_the_public_package_needs_torch_and_numpy_only_because_others_have_packages_named_core():
    assert seen_by("chainrule", "core", "gui", "resources") == []
    ours = [module for module in MODULES.values() if module.is_in("chainrule")]
    needed = {name.split(".")[0] for module in ours for name in module.imports} - sys.stdlib_module_names
    assert needed <= {"torch", "numpy", "chainrule"}


def test_columns_load_no_torch_because_the_window_reads_them():
    assert loaded_by("import chainrule.columns", "torch", "core") == []


@pytest.mark.parametrize("room", ["core.graph", "core.catalog", "core.signal", "core.errors"])
def test_the_values_need_the_standard_library_only_because_everything_stands_on_them(room):
    ours = ("core.graph", "core.catalog", "core.signal", "core.errors")
    allowed = sys.stdlib_module_names | {"msgspec"}
    foreign = [
        f"{module.name} imports {name}"
        for module in MODULES.values()
        if module.is_in(room)
        for name in sorted(module.imports)
        if name.split(".")[0] not in allowed and name != "core" and not within(name, ours)
    ]
    assert foreign == []


@pytest.mark.parametrize("reader", ["core.shapes", "core.build", "core.codegen", *sorted(files_in("core.code"))])
def test_the_readers_of_the_plan_do_not_know_one_another_because_each_must_be_true_alone(reader):
    others = {"core.shapes", "core.build", "core.codegen"} - {reader}
    others -= {"core.codegen"} if within(reader, ("core.code",)) else set()
    values = {"core.shapes", "core.shapes.Analysis"}  # the finished result is a value that anybody may be handed
    imports = [node for node in ast.walk(MODULES[reader].tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    taken = {name for node in imports for name in imported(node) if within(name, tuple(others))}
    assert taken <= values
    assert "core.shapes" not in {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}


ROOMS = ("palette", "inspector", "monitors", "canvas", "predict", "tracing", "doctor")


@pytest.mark.parametrize("room", ROOMS)
def test_the_docks_do_not_know_one_another_because_only_the_root_joins_them(room):
    rooms = {name: files_of(name) for name in ROOMS}
    # what a category is called and looks like, and what every plot is drawn with: no widgets, anybody may read them
    ground = tuple(f"gui.monitors.{name}" for name in ("axes", "ink", "lines", "scale", "ticks"))
    tables = ("gui.palette_entries", "gui.monitors", *ground)  # the package itself is empty
    others = tuple(name for other, names in rooms.items() if other != room for name in names if name not in tables)
    assert [found for name in rooms[room] for found in seen_by(name, *others)] == []


def files_of(dock: str) -> tuple[str, ...]:
    """The modules of a dock: gui/palette.py and its parts gui/palette_tree.py, or all that lie in gui/canvas/."""
    return tuple(name for name in MODULES if re.match(rf"gui\.{dock}([._]|$)", name))


SHOWN = (
    "loss",
    "metrics",
    "confusion",
    "gradients",
    "heatmap",
    "network",
    "schedule",
    "timings",
    "histograms",
    "activations",
    "boundary",
    "doctor",
)


@pytest.mark.parametrize("monitor", SHOWN)
def test_monitors_do_not_know_one_another_because_each_opens_alone(monitor):
    others = set(SHOWN) - {monitor}
    assert seen_by(f"gui.monitors.{monitor}", *(f"gui.monitors.{other}" for other in others)) == []


def test_only_the_root_is_above_the_window_because_parts_must_not_reach_up():
    roots = ("gui.app", "gui.__main__", "gui.shot")
    reaching = [module.name for module in MODULES.values() if "gui.app" in module.imports_when_run]
    assert set(reaching) <= set(roots)


def test_imports_make_no_circle_because_then_no_room_could_be_read_alone():
    edges = {module.name: module.imports_at_once & MODULES.keys() - {module.name} for module in MODULES.values()}
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(reversed(error.args[1]))}")


def test_packages_pass_nothing_on_because_a_name_has_one_home():
    inits = [
        module
        for module in MODULES.values()
        if module.path.name == "__init__.py" and module.name not in ("core.catalog", "chainrule")
    ]
    full = [module.name for module in inits if any(not is_docstring(node) for node in module.tree.body)]
    assert full == []


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_modules_keep_no_state_because_two_documents_live_in_one_process():
    changed = frozenset().union(*(module.changes for module in MODULES.values()))
    assert [found for module in MODULES.values() for found in module_state(module, changed)] == []


def module_state(module: Module, changed: frozenset[str]) -> Iterator[str]:
    """What can change in a module: a table is constant if its name is in capitals and nobody changes it."""
    yield from (f"{module.name}: {ast.unparse(node)}" for node in ast.walk(module.tree) if isinstance(node, ast.Global))
    for node in module.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and is_mutable(node.value):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                name = ast.unparse(target)
                if not name.isupper() or name in changed:
                    yield f"{module.name}: {name}"


def is_mutable(value: ast.expr) -> bool:
    """Whether an expression makes something that can be changed: a display, a comprehension, dict(), deque()..."""
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).split(".")[-1] in MUTABLE_CALLS
    return isinstance(value, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp)


def changed_names(node: ast.AST) -> Iterator[str]:
    """The names whose content a node changes: `x[...] = 1`, `del x[...]`, `x += y`, `x.append(y)`."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        yield ast.unparse(node.value)
    elif isinstance(node, ast.AugAssign):
        yield ast.unparse(node.target)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        yield ast.unparse(node.func.value)


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("registry = {}", True),
        ("TABLE: Mapping[str, int] = {'a': 1}", False),
        ("_TABLE = {'a': 1}", False),
        ("TABLE = {}\ndef f(): TABLE['b'] = 2", True),
        ("_TABLE = {'a': 1}\ndef f(): _TABLE['b'] = 2", True),
        ("_TABLE = ['a']\ndef f(): _TABLE.append('b')", True),
        ("_count = 0\ndef f():\n    global _count", True),
        ("_waiting = deque()", True),
        ("TABLE = ('a', 'b')\nKINDS = MappingProxyType({})", False),
        ("def f():\n    found = []\n    found.append(1)", False),
    ],
)
def test_what_counts_as_state(tmp_path, source, kept):
    (tmp_path / "m.py").write_text(source)
    module = Module("m", tmp_path / "m.py")
    assert bool(list(module_state(module, module.changes))) is kept


def loaded_by(statement: str, *packages: str) -> list[str]:
    """Which of these packages a fresh interpreter has loaded after a statement."""
    code = f"{statement}; import sys; print(*[name for name in {packages!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout.split()


def test_the_window_loads_neither_torch_nor_pyqtgraph_because_it_must_be_up_before_them():
    assert loaded_by("import gui.app", "torch", "pyqtgraph", "PySide6") == ["PySide6"]


def test_the_first_frame_loads_nothing_of_the_network_because_it_is_painted_before_all_else():
    loaded = loaded_by("import gui.front, gui.preferences", "core.catalog", "core.graph", "msgspec", "numpy")
    assert loaded == []


def test_shapes_and_checks_load_no_torch_because_they_answer_in_the_window():
    assert loaded_by("import core.shapes, core.checks, core.files, core.planning", "torch", "PySide6") == []


def test_the_doctor_loads_no_torch_because_its_findings_are_shown_in_the_window():
    assert loaded_by("import core.diagnosis.doctor, core.diagnosis.remedies", "torch", "PySide6") == []


def source_files() -> Iterator[Path]:
    folders = ("chainrule", "core", "gui", "resources", "tests", "tools", "benchmarks", "docs", ".ci")
    texts = {".py", ".md", ".toml", ".txt", ".json", ".chain", ".svg", ".yaml", ".yml", ""}
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*"))] + sorted(ROOT.glob("*.*"))
    found += [ROOT / "Makefile", ROOT / ".pre-commit-config.yaml"]
    return (path for path in found if path.is_file() and path.suffix in texts and "__pycache__" not in path.parts)


def test_no_file_names_this_machine_because_the_project_must_live_anywhere():
    places = (f"{ROOT}/", f"{Path.home()}/", *(f"../{path.name}/" for path in ROOT.parent.iterdir() if path != ROOT))
    pattern = re.compile("|".join(re.escape(place) for place in places))
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in source_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert named == []
