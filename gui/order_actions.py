"""The commands of the table that put layers and wires in order; none has keys of its own."""

from __future__ import annotations

from gui.command import Command

ARRANGING = tuple(
    Command(name, title, "Graph", help=told, when="selection", before=name == "arrange_left")
    for name, title, told in (
        ("layout_before", "Lay out what leads here", "Put in order, left of it, what leads to the selected layer."),
        ("layout_behind", "Lay out what follows", "Put in order, right of it, what the selected layer leads to."),
        ("reroute", "Add point to wire", "Lead the selected wires through a point."),
        ("arrange_left", "Align left", "Bring the left edges of the selected layers in line."),
        ("arrange_centre", "Align centres", "Put the selected layers on one vertical line."),
        ("arrange_right", "Align right", "Bring the right edges of the selected layers in line."),
        ("arrange_top", "Align top", "Bring the upper edges of the selected layers in line."),
        ("arrange_middle", "Align middles", "Put the selected layers on one horizontal line."),
        ("arrange_bottom", "Align bottom", "Bring the lower edges of the selected layers in line."),
        ("arrange_across", "Distribute horizontally", "Make the gaps equal from left to right."),
        ("arrange_down", "Distribute vertically", "Make the gaps equal from top to bottom."),
    )
)
