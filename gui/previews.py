"""Pictures of data sets for the cards on the canvas; each is made once and kept while its settings stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from core.catalog.sources import DATASET
from core.data.settings import DatasetSettings, dataset_kind, plain
from core.data.tokens import is_spelled
from core.errors import ChainruleError
from core.project import Project
from gui.data_drawing import draw_curves, draw_texts, sheet
from gui.theme import Theme

if TYPE_CHECKING:
    from core.data.preview import Preview

    Own = Callable[[DatasetSettings], Preview | ChainruleError | None]

ACROSS, DOWN = 5, 2
SIDE, GAP = 48, 4
"""Of one picture, in pixels of the image, which is drawn at about half its size."""
PLANE = (252, 168)
SERIES = (252, 112)
TEXT = 17
"""Height of letters, in pixels of the image."""


class Previews:
    """The images by settings; an owner a document."""

    def __init__(self) -> None:
        self._images: dict[tuple[DatasetSettings, str], QImage | None] = {}

    def of(self, project: Project, theme: Theme, own: Own | None = None) -> dict[str, QImage | None]:
        """An image, or None where there is nothing to see, for every data node of the main graph by its id.

        `own` tells of files of the user's own, which are read elsewhere: what is not known yet has no image yet.
        """
        nodes = [node for node in project.graph.nodes.values() if node.kind == DATASET]
        found: dict[str, QImage | None] = {}
        for node in nodes:
            settings = project.data.get(str(node.param("dataset", "")))
            if settings is not None:
                found[node.id] = self._image(plain(settings), theme, own)
        return found

    def _image(self, settings: DatasetSettings, theme: Theme, own: Own | None) -> QImage | None:
        key = (settings, theme.name)
        if key not in self._images:
            if settings.found is None:
                self._images[key] = drawn(settings, theme)
            else:
                seen = own(settings) if own is not None and _is_drawn(settings) else None
                if seen is None or isinstance(seen, ChainruleError):
                    return None
                self._images[key] = painted(seen, theme)
        return self._images[key]


def drawn(settings: DatasetSettings, theme: Theme) -> QImage | None:
    """The first samples of each class, the plane's points, series, texts; None for tables and what cannot be read."""
    from core.data.preview import preview

    if not _is_drawn(settings):
        return None
    field = dataset_kind(settings).fields[0]
    try:
        found = preview(settings, field.name, ACROSS * DOWN if len(field.shape) == 3 else 300)
    except ChainruleError:
        return None  # the inspector and the start of training tell of it, in their own words
    return painted(found, theme)


def _is_drawn(settings: DatasetSettings) -> bool:
    kind = dataset_kind(settings)
    return (
        len(kind.fields[0].shape) == 3
        or kind.fields[0].name == "point"
        or kind.group in ("Series", "Text")
        or bool(kind.fields[0].classes)
    )


def painted(found: Preview, theme: Theme) -> QImage | None:
    """The image of what was seen."""
    if found.pictures is not None:
        return _sheet(sheet(found, ACROSS, DOWN, theme), theme)
    if found.curves is not None or found.texts:
        return _strip(found, theme)
    labels = found.labels.tolist() if found.labels is not None else []
    points = found.points.tolist() if found.points is not None else []
    return _plane(points, labels, theme)


def _sheet(pictures: list[QImage], theme: Theme) -> QImage:
    width = ACROSS * SIDE + (ACROSS + 1) * GAP
    image = QImage(width, DOWN * SIDE + (DOWN + 1) * GAP, QImage.Format.Format_RGB32)
    image.fill(theme.color("inset"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for index, picture in enumerate(pictures):
        line, place = divmod(index, ACROSS)
        corner = QPointF(GAP + place * (SIDE + GAP), GAP + line * (SIDE + GAP))
        painter.drawImage(QRectF(corner, corner + QPointF(SIDE, SIDE)), picture)
    painter.end()
    return image


def _strip(found: Preview, theme: Theme) -> QImage:
    """A series, or the beginnings of some texts."""
    image = QImage(*SERIES, QImage.Format.Format_RGB32)
    image.fill(theme.color("inset"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if found.curves is None:
        font = theme.mono(TEXT) if is_spelled(found.field.classes) else theme.ui(TEXT)
        font.setPixelSize(TEXT)  # of the image, whatever the scale of the interface
        painter.setFont(font)
        draw_texts(painter, QRectF(image.rect()), found.texts, TEXT * 1.45, theme)
        painter.end()
        return image
    draw_curves(painter, QRectF(image.rect()), found.curves, found.cut, theme)
    painter.end()
    return image


def _plane(points: list[list[float]], labels: list[int], theme: Theme) -> QImage | None:
    if not points:
        return None
    image = QImage(*PLANE, QImage.Format.Format_RGB32)
    image.fill(theme.color("inset"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    scale = (PLANE[1] - 20) / max(max(xs) - min(xs), max(ys) - min(ys), 1e-9)
    for index, (x, y) in enumerate(points):
        label = labels[index] if labels else 0
        painter.setBrush(theme.series(label % 2))
        place = QPointF(PLANE[0] / 2 + (x - middle[0]) * scale, PLANE[1] / 2 - (y - middle[1]) * scale)
        if label % 2:
            painter.drawRect(QRectF(place.x() - 3, place.y() - 3, 6, 6))
        else:
            painter.drawEllipse(place, 3.3, 3.3)
    painter.end()
    return image
