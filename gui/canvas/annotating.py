"""What menu, keys and pointer do to frames and notes: each command is one edit of the document."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, QSizeF
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from core import annotating
from core.annotations import COLORS, HEAD, Color, Rect
from core.errors import ChainruleError
from core.project import Position, Project
from gui.canvas.annotation_field import AnnotationField
from gui.canvas.annotation_item import ink
from gui.canvas.annotations import plain
from gui.canvas.gestures import held_nodes
from gui.canvas.stage import Stage
from gui.canvas.view import View
from gui.theme import Themes


class Annotating(QObject):
    """The commands for the frames and notes of one canvas."""

    def __init__(self, stage: Stage, view: View, themes: Themes) -> None:
        super().__init__(view)
        self._stage, self._scene, self._view = stage, stage.scene, view
        self.field = AnnotationField(themes, view)
        self.menu = QMenu(view)
        self.field.written.connect(self._write)
        view.moved.connect(self.field.finish)
        stage.note_wanted.connect(self.add_note)
        view.written_on.connect(self.edit)
        view.menu_wanted.connect(self._open_menu)

    def frame_selection(self) -> None:
        """Put a frame around the selected nodes and notes, and ask for its title."""
        items = self._scene.annotations.items
        rects = [plain(self._scene.nodes[key].rect) for key in self._scene.selection]
        rects += [plain(items[key].rect) for key in self._scene.annotations.selection]
        try:
            project, key = annotating.frame_around(self._stage.project, rects, self._scene.block)
        except ChainruleError as error:
            self._stage.refuse(error)
            return
        self._stage.edit("Frame the selection", project)
        self._scene.select((), (), (key,))
        self.edit(key)

    def add_note(self, at: QPointF) -> None:
        """Put a note here and ask for its text."""
        corner = float(round(at.x())), float(round(at.y()))
        project, key = annotating.add_note(self._stage.project, corner, self._scene.block)
        self._stage.edit("Add note", project)
        self._scene.select((), (), (key,))
        self.edit(key)

    def edit_selected(self) -> bool:
        """Ask for the text of the selected frame or note; says whether there is one."""
        selection = self._scene.annotations.selection
        if selection:
            self.edit(selection[-1])
        return bool(selection)

    def edit(self, key: str) -> None:
        """Ask for the title of this frame or the text of this note, where it stands."""
        item = self._scene.annotations.items[key]
        tall = HEAD if item.annotation.role == "frame" else item.rect.height()
        area = QRectF(item.rect.topLeft(), QSizeF(item.rect.width(), tall))
        self.field.open_on(item.annotation, self._view.mapFromScene(area).boundingRect().adjusted(0, -2, 0, 2))

    def recolor(self, color: Color | None = None) -> None:
        """Give the selected frames and notes this colour, or the next of the palette."""
        selection = self._scene.annotations.selection
        if selection:
            wanted = color or annotating.next_color(self._stage.project.annotations[selection[-1]].color)
            project = annotating.recolored(self._stage.project, selection, wanted)
            self._stage.edit(f"Colour {self._named()} {wanted}", project)

    def refitted(self, project: Project, places: Mapping[str, Position]) -> Project:
        """With every frame around the nodes that it holds now, when these stand in other places."""
        contents: dict[str, list[Rect]] = {}
        for key in self._scene.annotations.items:
            held = [node for node in held_nodes(self._scene, (key,)) if node in places]
            sizes = [self._scene.nodes[node].rect for node in held]
            contents[key] = [(*places[n], size.width(), size.height()) for n, size in zip(held, sizes, strict=True)]
        return annotating.refitted(project, contents)

    def delete(self) -> None:
        """Remove the selected frames and notes; what stands in a frame stays."""
        selection = self._scene.annotations.selection
        if selection:
            self._stage.edit(f"Delete {self._named()}", annotating.removed(self._stage.project, selection))

    def _named(self) -> str:
        selection = self._scene.annotations.selection
        one = self._stage.project.annotations[selection[0]].noun
        return one if len(selection) == 1 else f"{len(selection)} frames and notes"

    def _write(self, key: str, text: str) -> None:
        if key in self._stage.project.annotations:
            verb = "Rename" if self._stage.project.annotations[key].role == "frame" else "Write"
            self._stage.edit(f"{verb} {self._named_one(key)}", annotating.reworded(self._stage.project, key, text))

    def _named_one(self, key: str) -> str:
        return self._stage.project.annotations[key].noun

    def _open_menu(self, at: QPointF, place: QPoint) -> None:
        """The commands of the frame or note under the pointer."""
        grip = self._scene.annotations.grip(at, self._stage.scale)
        if grip is None or self._scene.node_at(at) is not None:
            return
        if grip.key not in self._scene.annotations.selection:
            self._scene.select((), (), (grip.key,))
        role = self._stage.project.annotations[grip.key].role
        self.menu.clear()
        self.menu.addAction("Rename frame" if role == "frame" else "Write note", lambda: self.edit(grip.key))
        self.menu.addSeparator()
        for color in COLORS:
            swatch = QPixmap(14, 14)
            swatch.fill(ink(color, self._scene.look))
            action = self.menu.addAction(QIcon(swatch), color.capitalize())
            action.triggered.connect(lambda _checked=False, color=color: self.recolor(color))
        self.menu.addSeparator()
        self.menu.addAction(f"Delete {role}", self.delete)
        self.menu.popup(place)
