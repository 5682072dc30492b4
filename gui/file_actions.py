"""The commands of the table that bring projects in and out, in the order of the menu."""

from __future__ import annotations

from gui.command import Command
from gui.tab_actions import NEW_WINDOW

FILES: tuple[Command, ...] = (
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
        "add_data",
        "Add data from a file or folder…",
        "File",
        ("Ctrl+Shift+D",),
        "data",
        "Bring in a table, arrays or whatever else is data of your own.",
        "always",
        short="Add data",
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
)
