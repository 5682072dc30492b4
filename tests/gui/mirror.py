"""Whether the window shows what the document says: all worked out afresh, nothing taken from the window's panels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from PySide6.QtCore import QPointF

from core.blocklib import Shelved, shelf
from core.files import from_text, to_text
from core.grouping import unused
from core.instances import PORTS
from core.ports import input_ports, output_ports
from core.problems import Problem
from core.project import Project
from core.reading import Reading, read
from core.trail import block_of, crumbs, existing
from gui.app import App
from gui.canvas.canvas import Canvas
from gui.canvas.known import known
from gui.canvas.look import Look
from gui.canvas.scene import Scene
from gui.inspector_block import BlockPage
from gui.inspector_data import DataPage
from gui.inspector_node import NodePage
from gui.inspector_project import ProjectPage
from gui.inspector_several import SeveralPage
from gui.palette_entries import block_entries
from gui.workspace import Workspace
from tests.gui.canvas.hands import assert_mirror

NEAR = 1.0
"""Pixels by which the end of a wire may miss its port."""


def assert_window_mirrors(app: App) -> None:
    """Canvas, panels, menus and lines of the window show this document, and the document is sound."""
    work = app.workspace
    assert work is not None
    project = work.document.project
    reading = read(project)
    assert_sound(project)
    assert_mirror(work.canvas)
    assert_canvas_mirrors(work.canvas, reading)
    assert_panels_mirror(work, reading)
    assert_commands_mirror(app, reading)


def assert_sound(project: Project) -> None:
    """Ids and names are unique, wires end at ports that are there, places are those of nodes, the file holds it all."""
    seen: set[str] = set()
    for scope in ("", *project.blocks):
        graph = project.scope(scope)
        assert not seen & graph.nodes.keys(), "an id stands for one node in the whole project"
        seen |= graph.nodes.keys()
        names = [node.name for node in graph.nodes.values()]
        assert len(set(names)) == len(names), f"names are unique in {scope or 'the main graph'}"
        assert all(key == node.id for key, node in graph.nodes.items()), "a node stands under its id"
        for key, edge in graph.edges.items():
            assert key == edge.key, "a wire stands under its end"
            source, target = graph.nodes[edge.source], graph.nodes[edge.target]
            assert edge.output in {port.name for port in output_ports(project, source)}, edge
            assert edge.input in {port.name for port in input_ports(project, target)}, edge
        for node in graph.nodes.values():
            assert not node.block or node.block in project.blocks, f"the block of {node.name} is there"
            assert scope or node.kind not in PORTS, f"{node.name} lies in a block"
    assert project.positions.keys() <= seen, "places are those of nodes"
    assert project.bodies.keys() <= seen, "bodies are those of nodes"
    homes = {item.block for item in project.annotations.values()}
    assert homes <= {"", *project.blocks}, "frames and notes lie in graphs that are there"
    text = to_text(project)
    assert from_text(text) == project, "the file holds the whole project"
    assert to_text(from_text(text)) == text, "what was opened is saved the same"


def assert_canvas_mirrors(canvas: Canvas, reading: Reading) -> None:
    """The canvas looks as one that is made anew for this document."""
    scene, project = canvas.scene, canvas.document.project
    trail = existing(project, canvas.trail)
    assert canvas.trail == trail
    facts = known(project, reading.plan, reading.analysis, reading.problems, trail)
    fresh = Scene(Look(canvas.themes.current), project, block_of(project, trail))
    fresh.set_wire_style(scene.wiring.style)
    for node_id, item in scene.nodes.items():
        fresh.set_preview(node_id, item.preview)
    fresh.set_facts(facts)
    for node_id, item in scene.nodes.items():
        same(f"the card of {item.card.name}", item.card, fresh.nodes[node_id].card)
        assert item.isVisible()
        assert item.is_selected == (node_id in scene.selection), f"{item.card.name} is marked as selected"
    assert_wires_mirror(canvas, fresh)
    fresh.take_down()
    lit = scene.wiring.at(scene.selection)
    assert {key for key, item in scene.edges.items() if item.is_lit} == lit
    assert {key for key, item in scene.edges.items() if item.is_selected} == set(scene.selected_edges)
    marked = {key for key, item in scene.annotations.items.items() if item.is_selected}
    assert marked == set(scene.annotations.selection)
    way = " › ".join(("Main graph", *(crumb.title for crumb in crumbs(project, trail)[1:])))
    assert canvas.furniture.breadcrumb.text == way
    assert canvas.furniture.invitation.isHidden() == bool(scene.nodes)
    if not canvas.view.busy and canvas.popup.isHidden():
        assert_at_rest(canvas)


def assert_wires_mirror(canvas: Canvas, fresh: Scene) -> None:
    """Every wire says what a new one would say, and its ends lie on its ports."""
    for key, item in canvas.scene.edges.items():
        same(f"the wire into {key}", item.wire, fresh.edges[key].wire)
        path, edge = item.route.path, item.edge
        nodes = canvas.scene.nodes
        ends = (nodes[edge.source].port_at("output", edge.output), nodes[edge.target].port_at("input", edge.input))
        shown = (path.pointAtPercent(0), path.pointAtPercent(1))
        for end, port in zip(shown, ends, strict=True):
            assert _distance(end, port) <= NEAR, f"the wire into {key} ends at its port"


def assert_at_rest(canvas: Canvas) -> None:
    """Nothing is left over of a gesture."""
    scene = canvas.scene
    assert scene.fits is None
    assert canvas.stage.trace.boundingRect().isEmpty(), "nothing is drawn over the graph"
    for key, item in scene.edges.items():
        assert item.isVisible(), f"the wire into {key} is seen"
        assert not item.is_target, f"the wire into {key} waits for nothing"
        assert not item.is_cut, f"the wire into {key} is not being cut"
    for node_id, item in scene.nodes.items():
        at = canvas.document.project.positions.get(node_id)
        assert at is None or (item.x(), item.y()) == at, f"{item.card.name} stands where the document says"


def assert_panels_mirror(work: Workspace, reading: Reading) -> None:
    """Selection, inspector, problems and palette are those of the document."""
    editor, scene = work.editor, work.canvas.scene
    assert editor.trail == work.canvas.trail
    assert editor.selection == scene.selection
    assert set(scene.selection) <= editor.graph.nodes.keys()
    assert editor.reading.project is work.document.project
    same("the problems", told(editor.reading.problems), told(reading.problems))
    chosen = work.problems.filters.current
    listed = tuple(found for found in reading.problems if chosen in ("all", found.severity))
    same("the list of problems", told(work.problems.shown), told(listed))
    assert_inspector_mirrors(work)
    blocks = block_entries(work.document.project, editor.scope, _library())
    same("the palette's blocks", work.palette._blocks, blocks)


def assert_inspector_mirrors(work: Workspace) -> None:
    """The inspector is about what is selected, else about the opened block, else about the project."""
    editor, page, project = work.editor, work.inspector.page, work.document.project
    opened = (editor.trail[-1].node,) if editor.trail else ()
    subject = editor.selection or opened
    if len(subject) > 1:
        assert isinstance(page, SeveralPage)
        return
    if not subject:
        assert isinstance(page, ProjectPage)
        return
    assert isinstance(page, NodePage | BlockPage | DataPage)
    assert isinstance(page, DataPage) or page.node == subject[0]
    node = project.all_nodes()[subject[0]]
    if not page.head.name.isModified():  # a name that will not do stays there, with the reason below
        assert page.head.name.text() == node.name
    if isinstance(page, BlockPage):
        assert page.head.kind.text() == project.blocks[node.block].name


def assert_commands_mirror(app: App, reading: Reading) -> None:
    """Menus can do what can be done, and the lines of the window say what is there."""
    work = app.workspace
    assert work is not None
    document, scene, actions = work.document, work.canvas.scene, app.window.actions_
    graph, blocks = document.project.scope(scene.block), document.project.blocks
    able = {
        "undo": bool(document.past),
        "redo": bool(document.future),
        "delete": bool(
            scene.selection or scene.selected_edges or scene.annotations.selection or scene.points.selection
        ),
        "select_all": bool(graph.nodes),
        "enter_block": any(graph.nodes[key].block in blocks for key in scene.selection),
        "leave_block": bool(scene.block),
        "delete_unused_blocks": bool(unused(document.project)),
        "next_problem": bool(reading.problems),
    }
    same("what can be done", {name: actions[name].isEnabled() for name in able}, able)
    same("whether it is edited", app.window.top.state.text(), "edited" if document.modified else "")
    names = [graph.nodes[key].name for key in scene.selection]
    said = f"Selected: {names[0] if len(names) == 1 else f'{len(names)} layers'}" if names else ""
    assert app.window.status._selection.text() == said
    count = app.window.workbench.docks["problems"]
    assert count is not None


def told(problems: Iterable[Problem]) -> tuple[object, ...]:
    """Problems with their errors in words, as no error is equal to another."""
    return tuple((str(found.error), replace(found, error=None)) for found in problems)  # type: ignore[arg-type]


def same(what: str, shown: object, wanted: object) -> None:
    """Fail where these differ, telling where."""
    if shown == wanted:
        return
    pairs: Iterable[tuple[object, object]] = ()
    if isinstance(shown, tuple) and isinstance(wanted, tuple):
        pairs = zip(shown, wanted, strict=False)
    elif isinstance(shown, dict) and isinstance(wanted, dict):
        pairs = ((item, pair) for item, pair in zip(shown.items(), wanted.items(), strict=True))
    elif hasattr(shown, "__slots__") and not isinstance(shown, tuple):
        fields = [name for name in shown.__slots__ if hasattr(wanted, name)]
        pairs = (((name, getattr(shown, name)), (name, getattr(wanted, name))) for name in fields)
    wrong = [f"{one!r} for {other!r}" for one, other in pairs if one != other] or [f"{shown!r} for {wanted!r}"]
    raise AssertionError(f"{what}: {'; '.join(wrong)}")


@cache
def _library() -> tuple[Shelved, ...]:
    """The blocks of the library, which no test changes whose window is looked at here."""
    return shelf()[0]


def _distance(one: QPointF, other: QPointF) -> float:
    away = one - other
    return float((away.x() ** 2 + away.y() ** 2) ** 0.5)
