"""Project to JSON and back (.chain): one node a line, a version, a stable order, layout apart from meaning.

Reading runs nothing of the file's: types are checked first, then kinds, parameters and wires, and only then is there a
project. Writing is atomic: a full disk or a crash leaves the old file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from core.annotations import Annotation
from core.bodies import body_of
from core.catalog import find
from core.catalog.python_block import PYTHON
from core.errors import ChainruleError, FileError
from core.filedata import anchored, data_line, dataset_of, told_from
from core.fileformat import (
    VERSION,
    ChainFile,
    FileAnnotation,
    FileNode,
    Version,
)
from core.filelayout import annotation_lines, bodies_text, layout_text, reroute_lines
from core.filelimits import ensure_modest, ensure_short, readable, rect_within, within
from core.filetext import json_text, listed
from core.filetraining import training_lines, training_of
from core.graph import BLOCK, Block, Edge, Graph, Node, Value
from core.ports import input_port, output_port
from core.project import Project, Weights
from core.reroutes import pruned
from core.unfolding import MAX_REPEAT

SUFFIX = ".chain"
UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MappingProxyType({})
"""By version, what makes its content that of the next; none so far."""


def load(path: Path) -> Project:
    """The project in the file; raises FileError."""
    try:
        content = readable(path)
    except OSError as error:
        raise FileError("a readable project file was wanted", _reason(error), str(path), "Choose another.") from error
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise FileError(
            "a project file (JSON text) was wanted", "it is binary", str(path), "Choose another."
        ) from error
    return anchored(from_text(text, str(path)), path.parent)


def save(project: Project, path: Path, weights: Path | None = None) -> Project:
    """Write the project, and copy the trained weights beside it; the project as it was written. Raises FileError."""
    path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
    if weights is not None:
        target = weights_path(path)
        if not (target.exists() and weights.exists() and target.samefile(weights)):
            replaced(target, lambda aside: _copy(weights, aside))
        project = replace(project, weights=_hashed(project.weights, target))
    write_atomically(path, to_text(told_from(project, path.parent)))
    return project


def weights_path(path: Path) -> Path:
    """Where the trained weights of a project file stand."""
    return path.with_suffix(".safetensors")


def trained_weights(project: Project, path: Path | None) -> Path | None:
    """The weights beside the file, if they are there and the ones the project names; else it counts as untrained."""
    if path is None or project.weights is None:
        return None
    found = weights_path(path)
    return found if found.is_file() and file_hash(found) == project.weights.sha256 else None


def file_hash(path: Path) -> str:
    """The file's sha256."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while part := stream.read(2**20):
            digest.update(part)
    return digest.hexdigest()


def write_atomically(path: Path, text: str) -> None:
    """Put the text into the file as one act; raises FileError and leaves the old file whole."""
    replaced(path, lambda aside: aside.write_text(text, encoding="utf-8"))


def to_text(project: Project) -> str:
    """The file's text."""
    parts: list[tuple[str, str]] = [("chainrule", str(VERSION)), ("name", json_text(project.name))]
    if project.description:
        parts.append(("description", json_text(project.description)))
    parts.append(("nodes", listed(_node_line(node) for node in project.graph.nodes.values())))
    parts.append(("edges", listed(_edge_line(edge) for edge in project.graph.edges.values())))
    if project.blocks:
        parts.append(("blocks", listed(_block_lines(block) for block in project.blocks.values())))
    parts.append(("data", listed(data_line(key, item) for key, item in project.data.items())))
    parts.append(("training", training_lines(project.training)))
    if project.weights is not None:
        parts.append(("weights", json_text(asdict(project.weights))))
    parts.append(("layout", layout_text(project)))
    for key, lines in (("annotations", annotation_lines(project)), ("reroutes", reroute_lines(project))):
        parts += [(key, text)] if (text := listed(lines)) != "[]" else []
    if bodies := bodies_text(project):
        parts.append(("bodies", bodies))
    return "{\n" + ",\n".join(f' "{key}": {value}' for key, value in parts) + "\n}\n"


def from_text(text: str, where: str = "") -> Project:
    """The project that the text holds; raises FileError."""
    try:
        ensure_short(text)
        version = msgspec.json.decode(text, type=Version).chainrule
        if version > VERSION:
            raise FileError(
                f"a file of version {VERSION} or older was wanted",
                f"it is of version {version}",
                "",
                "Open it with a newer Chainrule.",
            )
        content = msgspec.json.decode(_upgraded(text, version), type=ChainFile)
        ensure_modest(content)
        return _project(content)
    except RecursionError as error:
        raise FileError("a project file was wanted", "it is nested too deeply", where, "Choose another.") from error
    except msgspec.MsgspecError as error:
        fix = "Choose another file, or restore this one from a backup."
        raise FileError("a whole project file was wanted", _told(text, error), where, fix) from error
    except ChainruleError as error:
        place = f"{where}, {error.where}" if where and error.where else where or error.where
        fix = error.fix or "Mend that line, or choose another file."
        raise FileError(error.wanted, error.came, place, fix) from error


def _upgraded(text: str, version: int) -> bytes | str:
    if version == VERSION:
        return text
    content = msgspec.json.decode(text, type=dict[str, Any])
    for old in range(version, VERSION):
        if old not in UPGRADES:
            raise FileError(
                f"a file of version {VERSION} was wanted", f"it is of version {version}", fix="Choose another."
            )
        content = UPGRADES[old](content)
    return msgspec.json.encode(content)


def _project(content: ChainFile) -> Project:
    blocks = {item.id: Block(item.id, item.name, _graph(item.nodes, item.edges)) for item in content.blocks}
    project = Project(
        content.name,
        _graph(content.nodes, content.edges),
        MappingProxyType(blocks),
        MappingProxyType({key: within(place) for key, place in content.layout.items()}),
        MappingProxyType({item.id: dataset_of(item) for item in content.data}),
        training_of(content.training),
        Weights(**msgspec.structs.asdict(content.weights)) if content.weights else None,
        content.description,
        MappingProxyType({item.id: _annotation(item) for item in content.annotations}),
        MappingProxyType({_edge(item.wire): tuple(map(within, item.points)) for item in content.reroutes}),
    )
    known = project.all_nodes()
    project = project.with_bodies({key: body_of(marks) for key, marks in content.bodies.items() if key in known})
    _check_ids(project)
    _check_annotations(content.annotations, project)
    for graph in (project.graph, *(block.graph for block in blocks.values())):
        _check_nodes(project, graph)
    return pruned(project)


def _graph(nodes: list[FileNode], edges: list[list[str | int]]) -> Graph:
    return Graph.of((_node(item) for item in nodes), (_edge(item) for item in edges))


def _node(item: FileNode) -> Node:
    params = tuple(sorted((name, _joined(item.kind, name, _frozen(value))) for name, value in item.params.items()))
    if not 1 <= item.repeat <= MAX_REPEAT:
        raise FileError(
            f"a repeat from 1 to {MAX_REPEAT:,} was wanted", f"{item.repeat} came", item.name, "Set repeat to 1."
        )
    return Node(item.id, item.kind, item.name, params, item.block, item.link, item.repeat, item.bypassed)


def _frozen(value: Any) -> Value:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _joined(kind: str, name: str, value: Value) -> Value:
    """A source text, which stands in the file as a list of its lines, as one text."""
    if kind != PYTHON or name != "source" or not isinstance(value, tuple):
        return value
    lines = [line for line in value if isinstance(line, str)]
    return "\n".join(lines) if len(lines) == len(value) else value


def _edge(item: list[str | int]) -> Edge:
    texts = [part for part in item[:4] if isinstance(part, str)]
    order = item[4] if len(item) == 5 else 0
    if len(texts) != 4 or len(item) > 5 or not isinstance(order, int) or not 0 <= order < 2**31:
        raise FileError(
            "a wire [source, output, target, input] was wanted", f"{item} came", "edges", "Remove the line."
        )
    return Edge(texts[0], texts[1], texts[2], texts[3], order)


def _check_ids(project: Project) -> None:
    graphs = (project.graph, *(block.graph for block in project.blocks.values()))
    count = sum(len(graph.nodes) for graph in graphs)
    if len(project.all_nodes()) != count:
        raise FileError("node ids that are new in the whole project were wanted", "some stand twice", "nodes")


def _annotation(item: FileAnnotation) -> Annotation:
    return Annotation(item.id, item.role, rect_within(item.rect), item.text, item.color, item.block)


def _check_annotations(items: list[FileAnnotation], project: Project) -> None:
    if len(project.annotations) != len(items):
        raise FileError("ids of frames and notes that are new were wanted", "some stand twice", "annotations")
    for item in items:
        if item.block and item.block not in project.blocks:
            fix = "Remove the line."
            raise FileError("a block of this file was wanted", f"“{item.block}” came", item.id, fix)


def _check_nodes(project: Project, graph: Graph) -> None:
    for node in graph.nodes.values():
        kind = find(node.kind)
        for name, value in node.params:
            kind.param(name).check(value, node.name)
        if node.kind == BLOCK and node.block not in project.blocks:
            raise FileError("a block of this file was wanted", f"“{node.block}” came", node.name, "Remove the node.")
    for edge in graph.edges.values():
        # The ports of a Python block follow from its source: a wire that has lost its port is told by the checks.
        if graph.nodes[edge.source].kind != PYTHON:
            output_port(project, graph.nodes[edge.source], edge.output)
        if graph.nodes[edge.target].kind != PYTHON:
            input_port(project, graph.nodes[edge.target], edge.input)


def _node_line(node: Node) -> str:
    content: dict[str, Any] = {"id": node.id, "kind": node.kind, "name": node.name}
    if node.params:
        content["params"] = dict(node.params)
    content |= {"block": node.block} if node.block else {}
    content |= {"link": node.link} if node.link else {}
    content |= {"repeat": node.repeat} if node.repeat != 1 else {}
    content |= {"bypassed": True} if node.bypassed else {}
    return _code_line(content) if node.kind == PYTHON and "source" in dict(node.params) else json_text(content)


def _code_line(content: dict[str, Any]) -> str:
    """The node with its source as a list, a line of code a line, so that changes of it can be read in a difference."""
    others = {name: value for name, value in content["params"].items() if name != "source"}
    head = json_text({**content, "params": others})
    place = head.index('"params": {') + len('"params": {')
    lines = ",\n".join(f"    {json_text(line)}" for line in content["params"]["source"].split("\n"))
    comma = ", " if others else ""
    return f'{head[:place]}"source": [\n{lines}\n   ]{comma}{head[place:]}'


def _edge_line(edge: Edge) -> str:
    return json_text(list(edge if edge.order else edge[:4]))


def _block_lines(block: Block) -> str:
    nodes = listed((_node_line(node) for node in block.graph.nodes.values()), 3)
    edges = listed((_edge_line(edge) for edge in block.graph.edges.values()), 3)
    return (
        f'{{"id": {json_text(block.id)}, "name": {json_text(block.name)},\n   "nodes": {nodes},\n   "edges": {edges}}}'
    )


def _told(text: str, error: msgspec.MsgspecError) -> str:
    return "it is empty" if not text.strip() else f"{error}"


def _hashed(weights: Weights | None, path: Path) -> Weights:
    digest = file_hash(path)
    return replace(weights, sha256=digest) if weights is not None else Weights(digest)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def replaced(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a file aside, and put it in this place as one act; raises FileError, the old file whole."""
    aside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        aside = Path(name)
        write(aside)
        with aside.open("rb") as stream:
            os.fsync(stream.fileno())
        _keep_mode(path, aside)
        aside.replace(path)
    except OSError as error:
        fix = "Save it in another folder; the file that was there is as it was."
        raise FileError("a place to write to was wanted", _reason(error), str(path), fix) from error
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def _keep_mode(path: Path, aside: Path) -> None:
    umask = os.umask(0)
    os.umask(umask)
    aside.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
