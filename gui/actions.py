"""The one table of commands, from which menus, toolbar, shortcuts and the command palette are made."""

from __future__ import annotations

from gui.command import Command
from gui.tab_actions import CLOSING, NEW_WINDOW, QUIT, TABS

MENUS = ("File", "Edit", "View", "Graph", "Train", "Window", "Help")

_ARRANGING = tuple(
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

ACTIONS: tuple[Command, ...] = (
    Command("new", "New graph", "File", ("Ctrl+N", "Ctrl+T"), "plus", "Begin with an empty graph, in a tab.", "always"),
    NEW_WINDOW,
    Command("open", "Open…", "File", ("Ctrl+O",), "folder", "Open a .chain file.", "always"),
    Command("welcome", "Start page", "File", ("Ctrl+Shift+H",), "", "Templates and recent files.", "always"),
    Command(
        "save",
        "Save",
        "File",
        ("Ctrl+S",),
        "file",
        "Write the graph, and its trained weights, to its file.",
        before=True,
    ),
    Command("save_as", "Save as…", "File", ("Ctrl+Shift+S",), "", "Write the graph to another file."),
    Command(
        "import",
        "Import…",
        "File",
        ("Ctrl+Shift+I",),
        "down",
        "Bring in a PyTorch module, a .pt2 or an ONNX file.",
        "always",
    ),
    Command(
        "export",
        "Export…",
        "File",
        ("Ctrl+Shift+E",),
        "export",
        "Write code, ONNX, weights, a picture or a model card.",
        before=True,
    ),
    Command("copy_picture", "Copy picture", "File", ("Ctrl+Shift+C",), "", "Copy a picture of this graph.", "nodes"),
    Command(
        "settings",
        "Settings…",
        "File",
        ("Ctrl+,",),
        "gear",
        "Theme, text size, threads, autosave.",
        "always",
        before=True,
    ),
    *CLOSING,
    QUIT,
    Command("undo", "Undo", "Edit", ("Ctrl+Z",), "undo", "Take back the last change.", "undo"),
    Command("redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "Make the change again.", "redo"),
    Command("history", "History…", "Edit", help="Every step, to walk back and forth with a click."),
    Command(
        "cut",
        "Cut",
        "Edit",
        ("Ctrl+X",),
        "",
        "Copy the selected layers and remove them.",
        "selection",
        on_canvas=True,
        before=True,
    ),
    Command("copy", "Copy", "Edit", ("Ctrl+C",), "", "Copy the selected layers.", "selection", on_canvas=True),
    Command("paste", "Paste", "Edit", ("Ctrl+V",), "", "Put the copied layers at the pointer.", on_canvas=True),
    Command(
        "paste_wired",
        "Paste with incoming wires",
        "Edit",
        ("Ctrl+Shift+V",),
        "",
        "Put the copied layers at the pointer, fed by what feeds their originals.",
        on_canvas=True,
    ),
    Command(
        "duplicate",
        "Duplicate",
        "Edit",
        ("Ctrl+D",),
        "",
        "Copy the selected layers beside themselves.",
        "selection",
        on_canvas=True,
    ),
    Command(
        "delete",
        "Delete",
        "Edit",
        ("Del", "Backspace"),
        "close",
        "Remove the selected layers and their wires.",
        "selection",
        on_canvas=True,
    ),
    Command(
        "dissolve",
        "Delete and heal the wire",
        "Edit",
        ("Ctrl+Del",),
        "",
        "Remove the layer and join what it stood between.",
        "selection",
        on_canvas=True,
    ),
    Command(
        "select_all",
        "Select all",
        "Edit",
        ("Ctrl+A",),
        "",
        "Select every layer of this graph.",
        "nodes",
        on_canvas=True,
        before=True,
    ),
    Command(
        "select_alike",
        "Select all of this kind",
        "Edit",
        ("Shift+G",),
        "",
        "Select every layer of the kinds that are selected.",
        "selection",
        on_canvas=True,
    ),
    Command(
        "view_gradients",
        "Gradients",
        "View",
        ("1",),
        "",
        "Colour layers and wires by the size of their gradient.",
        checkable=True,
        on_canvas=True,
    ),
    Command(
        "view_plain",
        "Plain",
        "View",
        ("3",),
        "",
        "Show the graph without colours of the run.",
        checkable=True,
        on_canvas=True,
    ),
    Command(
        "wires_spline",
        "Curved wires",
        "View",
        (),
        "",
        "Draw wires that lead forward as curves.",
        checkable=True,
        before=True,
    ),
    Command(
        "wires_straight", "Straight wires", "View", (), "", "Draw wires that lead forward as lines.", checkable=True
    ),
    Command(
        "wires_orthogonal", "Right-angled wires", "View", (), "", "Draw all wires with right angles.", checkable=True
    ),
    Command("zoom_in", "Zoom in", "View", ("Ctrl++", "Ctrl+="), "plus", "Make the graph larger.", before=True),
    Command("zoom_out", "Zoom out", "View", ("Ctrl+-",), "minus", "Make the graph smaller."),
    Command("zoom_reset", "Zoom to 100 %", "View", ("Ctrl+0",), "", "Show the graph in its own size."),
    Command("fit", "Fit all", "View", ("A", "Home"), "fit", "Show the whole graph.", "nodes", on_canvas=True),
    Command(
        "fit_selection",
        "Zoom to selection",
        "View",
        ("F", "."),
        "",
        "Show the selected layers.",
        "selection",
        on_canvas=True,
    ),
    Command(
        "snap",
        "Snap to grid",
        "View",
        (),
        "",
        "Let what is dragged stand on the grid.",
        checkable=True,
        before=True,
    ),
    Command("minimap", "Minimap", "View", (), "map", "The small picture of the whole graph.", checkable=True),
    Command(
        "quick_add",
        "Add layer…",
        "Graph",
        ("Shift+A",),
        "plus",
        "Search for a layer and put it at the pointer.",
        on_canvas=True,
    ),
    Command(
        "find", "Find node…", "Edit", ("Ctrl+F",), "search", "Go to a node by its name or kind.", "nodes", before=True
    ),
    Command("find_next", "Find next", "Edit", ("F3",), "", "Go to the next node that was found.", "nodes"),
    Command(
        "wire",
        "Wire by keyboard",
        "Graph",
        ("W",),
        "",
        "Draw a wire from the selected layer with the arrow keys and Enter.",
        "selection",
        on_canvas=True,
    ),
    Command("rename", "Rename", "Graph", ("F2",), "", "Give the selected layer another name.", "selection"),
    Command(
        "layout",
        "Auto layout",
        "Graph",
        ("Ctrl+L",),
        "layout",
        "Put all layers, or several selected, in order.",
        "nodes",
    ),
    Command(
        "group",
        "Make block",
        "Graph",
        ("Ctrl+G",),
        "block",
        "Fold the selected layers into a block.",
        "selection",
        on_canvas=True,
        before=True,
    ),
    Command(
        "ungroup",
        "Ungroup block",
        "Graph",
        ("Ctrl+Shift+G",),
        "",
        "Unfold the selected block into its layers.",
        "block",
        on_canvas=True,
    ),
    *_ARRANGING,
    Command(
        "freeze",
        "Freeze or unfreeze",
        "Graph",
        ("L",),
        "lock",
        "Keep the weights of the selected layers as they are while training, or let them learn again.",
        "selection",
        on_canvas=True,
        before=True,
    ),
    Command(
        "bypass",
        "Bypass or run again",
        "Graph",
        ("B",),
        "bypass",
        "Let what comes into the selected layers go on as it is, where that keeps the shape, or let them run again.",
        "selection",
        on_canvas=True,
    ),
    Command(
        "frame",
        "Frame around selection",
        "Graph",
        ("Ctrl+Alt+G",),
        "",
        "Put a titled frame around the selected layers; dragging its title moves them with it.",
        "selection",
        on_canvas=True,
        before=True,
    ),
    Command("note", "Add note", "Graph", (), "", "Write a note in Markdown on the canvas."),
    Command(
        "annotation_color",
        "Next colour of frame or note",
        "Graph",
        (),
        "",
        "Give the selected frames and notes the next colour.",
        "selection",
    ),
    Command("enter_block", "Open block", "Graph", (), "right", "Show the layers of the selected block.", "block"),
    Command("leave_block", "Leave block", "Graph", (), "", "Show the graph around this block.", "inside"),
    Command(
        "save_block",
        "Save block to library",
        "Graph",
        (),
        "book",
        "Keep the block in your library, for other projects.",
        "block",
    ),
    Command(
        "delete_unused_blocks",
        "Delete unused blocks",
        "Graph",
        (),
        "",
        "Take the blocks that nothing stands for out of the project.",
        "unused",
    ),
    Command(
        "next_problem", "Next problem", "Graph", ("F8",), "warn", "Go to the next problem.", "problems", before=True
    ),
    Command(
        "previous_problem", "Previous problem", "Graph", ("Shift+F8",), "", "Go to the problem before.", "problems"
    ),
    Command(
        "fix_problem",
        "Apply quick fix",
        "Graph",
        ("Alt+Return",),
        "wand",
        "Apply the first fix of the chosen problem.",
        "problems",
    ),
    Command(
        "train", "Train or pause", "Train", ("Ctrl+Return",), "play", "Begin, pause or go on with training.", "train"
    ),
    Command("step", "One step", "Train", ("Ctrl+.",), "step", "Train one step and stand still.", "step"),
    Command("epoch", "One epoch", "Train", (), "", "Train to the end of the epoch and stand still.", "step"),
    Command("stop", "Stop", "Train", ("Ctrl+Shift+.",), "stop", "End the run; its weights are kept.", "stop"),
    Command(
        "source", "Generated PyTorch", "Window", ("Ctrl+E",), "code", "Show the network as Python.", short="PyTorch"
    ),
    Command(
        "preset_build", "Build layout", "Window", ("Ctrl+Alt+1",), "", "Canvas large, problems below.", before=True
    ),
    Command("preset_train", "Train layout", "Window", ("Ctrl+Alt+2",), "", "Canvas above, monitors below."),
    *TABS,
    Command("next_dock", "Next panel", "Window", ("F6",), "", "Move the keyboard to the next panel.", before=True),
    Command("previous_dock", "Previous panel", "Window", ("Shift+F6",), "", "Move the keyboard to the panel before."),
    Command(
        "theme", "Light theme", "Window", (), "", "Dark text on a light ground.", "always", checkable=True, before=True
    ),
    Command(
        "commands",
        "Search commands…",
        "Help",
        ("Ctrl+K", "Ctrl+Shift+P"),
        "search",
        "Find a command by its words and do it.",
        "always",
    ),
    Command("help", "Help", "Help", ("F1",), "", "What the selected layer does, or the window in short.", "always"),
    Command(
        "shortcuts", "Keyboard shortcuts…", "Help", ("Ctrl+/", "?"), "", "Every key, to read and to change.", "always"
    ),
    Command("about", "About Chainrule", "Help", (), "info", "Version and licences.", "always"),
)
"""Every command, in the order of the menus."""


def keys_text(keys: str) -> str:
    """Keys as a person writes them: Ctrl Enter."""
    return keys.replace("Return", "Enter").replace("+", " ").replace("  ", " +").strip() or keys


def command(name: str) -> Command:
    """The command of this id."""
    return next(known for known in ACTIONS if known.id == name)
