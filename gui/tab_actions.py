"""The commands of the table that are about tabs and windows."""

from __future__ import annotations

from gui.command import Command

NEW_WINDOW = Command(
    "new_window", "New window", "File", ("Ctrl+Shift+N",), "", "Open a further window, with tabs of its own.", "always"
)
CLOSING = (
    Command(
        "close_tab",
        "Close tab",
        "File",
        ("Ctrl+W", "Ctrl+F4"),
        "",
        "Close this project; what is not saved is asked about.",
        before=True,
    ),
    Command("close_other_tabs", "Close other tabs", "File", (), "", "Close every project but this one.", "tabs"),
    Command("close_window", "Close window", "File", ("Ctrl+Shift+W",), "", "Close this window's projects.", "always"),
)
QUIT = Command("quit", "Quit", "File", ("Ctrl+Q",), "", "Close every window.", "always")
TABS = (
    Command(
        "next_tab",
        "Next tab",
        "Window",
        ("Ctrl+Tab", "Ctrl+PgDown"),
        "",
        "Show the project of the next tab.",
        "tabs",
        before=True,
    ),
    Command(
        "previous_tab",
        "Previous tab",
        "Window",
        ("Ctrl+Shift+Tab", "Ctrl+PgUp"),
        "",
        "Show the project of the tab before.",
        "tabs",
    ),
    Command("tab_left", "Move tab left", "Window", ("Ctrl+Shift+PgUp",), "", "Put it before its neighbour.", "tabs"),
    Command(
        "tab_right", "Move tab right", "Window", ("Ctrl+Shift+PgDown",), "", "Put it behind its neighbour.", "tabs"
    ),
    Command(
        "move_to_window",
        "Move tab to new window",
        "Window",
        (),
        "",
        "Let this project go on in a window of its own; its run too.",
        "tabs",
    ),
    Command("copy_path", "Copy path of file", "File", (), "", "Put the path of the project's file on the clipboard."),
)
