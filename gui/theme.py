"""The look as a value: colours, fonts and icons from resources/themes/tokens.json; and which one is in use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

import resources

FOLDER = Path(resources.__file__).parent
"""Where icons, themes and fonts lie."""
NAMES = ("dark", "light")
MIN_SCALE, MAX_SCALE = 0.9, 2.0
UI_FAMILY = "Inter Chainrule"
MONO_FAMILY = "JetBrains Mono Chainrule"
Made = TypeVar("Made")
_HEADER_SHARE = {"dark": 0.26, "light": 0.17}
_ICON_RATIOS = (1.0, 1.5, 2.0, 3.0)


class Theme:
    """One look at one text scale; immutable, only its pictures of icons are kept as they are first asked for."""

    def __init__(self, name: str, tokens: Mapping[str, Any], scale: float = 1.0) -> None:
        self.name = name
        self.scale = scale
        self._tokens = MappingProxyType({key: color_of(value) for key, value in tokens[name].items()})
        self._categories = MappingProxyType({key: QColor(value) for key, value in tokens["category"][name].items()})
        self._classes = MappingProxyType({key: QColor(value) for key, value in tokens["classes"].items()})
        self._series = tuple(QColor(value) for value in tokens["series"][name])
        self._ramp = tuple(QColor(value) for value in tokens["depthRamp"][name])
        fathom = tokens["fathom"]
        self._low, self._high = float(fathom["log10Lo"]), float(fathom["log10Hi"])
        self.lut: tuple[tuple[int, int, int], ...] = tuple(_rgb(value) for value in fathom["lut"])
        self._pixmaps: dict[tuple[str, int, int, float], QPixmap] = {}
        self._icons: dict[tuple[str, int, int], QIcon] = {}

    @property
    def dark(self) -> bool:
        """Whether light text stands on a dark ground."""
        return self.name == "dark"

    def color(self, token: str) -> QColor:
        """The colour of a token of section 2 of the design (panel, text2, accent...); KeyError where there is none."""
        return QColor(self._tokens[token])

    def hex(self, token: str) -> str:
        """The token's colour for a stylesheet or rich text: #RRGGBB."""
        return self._tokens[token].name()

    def category(self, category: str) -> QColor:
        """The full colour of a category of layers."""
        return QColor(self._categories[category])

    def header(self, category: str) -> QColor:
        """The fill of a card's header: the card mixed with a share of the category's colour."""
        return mix(self._tokens["raised"], self._categories[category], _HEADER_SHARE[self.name])

    def series(self, index: int) -> QColor:
        """The colour of the curve of this index; six differ, then they come again."""
        return QColor(self._series[index % len(self._series)])

    def class_color(self, index: int) -> QColor:
        """The colour of the first class of two, or of the second; of less and of more."""
        return QColor(self._classes["AB"[index]])

    @property
    def class_middle(self) -> QColor:
        """The colour between the two."""
        return self.color("inset") if self.dark else QColor(self._classes["mid"])

    def depth_ramp(self, count: int) -> list[QColor]:
        """So many colours from the network's input to its output, for more curves than `series` can tell apart."""
        if count == 1:
            return [QColor(self._ramp[-1])]
        return [self._on_ramp(index / (count - 1)) for index in range(count)]

    def gradient(self, log10: float) -> QColor:
        """The colour of a gradient size; over the scale's end it is that of exploding, under it the darkest."""
        if log10 > self._high:
            return self.color("explode")
        share = min(max((log10 - self._low) / (self._high - self._low), 0.0), 1.0)
        return QColor(*self.lut[round(share * (len(self.lut) - 1))])

    def on_map(self, share: float) -> QColor:
        """The colour at a share of the map of gradients, 0 at its dark end and 1 at its bright one."""
        return QColor(*self.lut[round(min(max(share, 0.0), 1.0) * (len(self.lut) - 1))])

    def px(self, pixels: float) -> int:
        """A length of the design at this text scale, in whole logical pixels."""
        return round(pixels * self.scale)

    def ui(self, px: int = 12, weight: int = 400) -> QFont:
        """The interface font, in logical pixels at 100 %."""
        return _font((UI_FAMILY, "Inter"), self.px(px), weight)

    def mono(self, px: int = 11, weight: int = 400) -> QFont:
        """The font of shapes, numbers and code."""
        return _font((MONO_FAMILY, "JetBrains Mono", UI_FAMILY), self.px(px), weight)

    def pixmap(self, name: str, color: str | QColor = "text2", size: int = 16, ratio: float = 1.0) -> QPixmap:
        """The icon in one colour, `size` logical pixels wide at this device pixel ratio (text scale left out)."""
        ink = self.color(color) if isinstance(color, str) else color
        key = (name, ink.rgba(), size, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = _drawn(_svg(name, ink), size, ratio)
        return self._pixmaps[key]

    def paint_icon(self, painter: QPainter, room: QRectF, name: str, color: QColor) -> None:
        """Draw the icon's lines into the room, for a picture that keeps lines."""
        QSvgRenderer(_svg(name, color)).render(painter, room)

    def icon(self, name: str, color: str | QColor = "text2", size: int = 16) -> QIcon:
        """The icon for buttons and menus, sharp at every ratio, at this text scale; greyed where disabled."""
        ink = self.color(color) if isinstance(color, str) else color
        key = (name, ink.rgba(), size)
        if key not in self._icons:
            self._icons[key] = self._made_icon(name, ink, self.px(size))
        return self._icons[key]

    @cached_property
    def palette(self) -> QPalette:
        """The colours for Qt's own widgets."""
        palette = QPalette()
        for role, token in _ROLES.items():
            palette.setColor(role, self._tokens[token])
            palette.setColor(QPalette.ColorGroup.Disabled, role, self._tokens[_DISABLED.get(role, token)])
        return palette

    def _on_ramp(self, place: float) -> QColor:
        at = place * (len(self._ramp) - 1)
        left = min(int(at), len(self._ramp) - 2)
        return mix(self._ramp[left], self._ramp[left + 1], at - left)

    def _made_icon(self, name: str, ink: QColor, size: int) -> QIcon:
        icon = QIcon()
        screen = QGuiApplication.primaryScreen()
        ratios = {1.0, screen.devicePixelRatio()} if screen else set(_ICON_RATIOS)
        for ratio in sorted(ratios):
            icon.addPixmap(self.pixmap(name, ink, size, ratio))
            icon.addPixmap(self.pixmap(name, "disabled", size, ratio), QIcon.Mode.Disabled)
        return icon


class Themes(QObject):
    """The theme in use; widgets take this object and follow `changed`."""

    changed = Signal(object)
    """With the new Theme, whenever another look or text scale is chosen."""

    def __init__(self, name: str = "dark", scale: float = 1.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current = load_theme(name, scale)
        self._kept: dict[object, tuple[Theme, Any]] = {}

    def kept(self, make: Callable[[Theme], Made]) -> Made:
        """What `make` gives for the theme in use: made once, and shared by all who ask for it."""
        of, found = self._kept.get(make, (None, None))
        if of is not self.current:
            found = make(self.current)
            self._kept[make] = self.current, found
        return cast("Made", found)

    def use(self, name: str) -> None:
        """Change to the look of this name, dark or light."""
        self._become(name, self.current.scale)

    def scale(self, factor: float) -> None:
        """Change the text scale: 0.9 to 2.0."""
        self._become(self.current.name, factor)

    def _become(self, name: str, scale: float) -> None:
        if (name, scale) != (self.current.name, self.current.scale):
            self.current = load_theme(name, scale)
            self.changed.emit(self.current)


def load_theme(name: str, scale: float = 1.0) -> Theme:
    """The look of this name at this text scale, which is kept within 0.9 to 2.0."""
    text = FOLDER.joinpath("themes", "tokens.json").read_text("utf-8")
    return Theme(name if name in NAMES else NAMES[0], json.loads(text), min(max(scale, MIN_SCALE), MAX_SCALE))


def mix(a: QColor, b: QColor, share: float) -> QColor:
    """From `a` (share 0) to `b` (share 1), channel by channel, so that nothing has to be blended when painted."""
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * share,
        a.greenF() + (b.greenF() - a.greenF()) * share,
        a.blueF() + (b.blueF() - a.blueF()) * share,
    )


def color_of(text: str) -> QColor:
    """The colour of a token's text: #RRGGBB or rgba(R,G,B,A) with A from 0 to 1."""
    if not text.startswith("rgba("):
        return QColor(text)
    red, green, blue, alpha = text.removeprefix("rgba(").removesuffix(")").split(",")
    color = QColor(int(red), int(green), int(blue))
    color.setAlphaF(float(alpha))
    return color


def _rgb(text: str) -> tuple[int, int, int]:
    color = QColor(text)
    return color.red(), color.green(), color.blue()


def _font(families: tuple[str, ...], px: int, weight: int) -> QFont:
    font = QFont(list(families))
    font.setPixelSize(px)
    font.setWeight(QFont.Weight(weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _svg(name: str, ink: QColor) -> QByteArray:
    text = FOLDER.joinpath("icons", f"{name}.svg").read_text("utf-8")
    return QByteArray(text.replace("currentColor", ink.name()).encode())


def _drawn(svg: QByteArray, size: int, ratio: float) -> QPixmap:
    pixels = round(size * ratio)
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(svg).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


_Role = QPalette.ColorRole
_ROLES = MappingProxyType(
    {
        _Role.Window: "panel",
        _Role.WindowText: "text",
        _Role.Base: "inset",
        _Role.AlternateBase: "panel",
        _Role.Text: "text",
        _Role.PlaceholderText: "text3",
        _Role.Button: "control",
        _Role.ButtonText: "text",
        _Role.BrightText: "error",
        _Role.ToolTipBase: "raised",
        _Role.ToolTipText: "text",
        _Role.Highlight: "accentBg",
        _Role.HighlightedText: "text",
        _Role.Link: "accent",
        _Role.LinkVisited: "accent",
        _Role.Light: "hover",
        _Role.Midlight: "control",
        _Role.Mid: "line2",
        _Role.Dark: "line1",
        _Role.Shadow: "window",
    }
)
_DISABLED = MappingProxyType(
    {_Role.WindowText: "disabled", _Role.Text: "disabled", _Role.ButtonText: "disabled", _Role.HighlightedText: "text3"}
)
