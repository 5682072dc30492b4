"""The commands of the table that have to do with the Doctor."""

from __future__ import annotations

from gui.command import Command

PRESET = Command(
    "preset_diagnose",
    "Diagnose layout",
    "Window",
    ("Ctrl+Alt+3",),
    "",
    "Canvas above, monitors below, the Doctor beside them.",
)
DOCTOR = (
    Command(
        "doctor",
        "Doctor",
        "Train",
        ("D",),
        "doctor",
        "What is wrong with the network or its run, why, and what can be done about it.",
        on_canvas=True,
        before=True,
    ),
    Command(
        "apply_remedy",
        "Apply first remedy",
        "Train",
        ("Alt+Shift+Return",),
        "wand",
        "Make the edit that the Doctor thinks best; one step of undo takes it back.",
        "finding",
    ),
    Command(
        "show_finding",
        "Show finding on canvas",
        "Train",
        (),
        "",
        "Select the layers of the Doctor's first finding and bring them into view.",
        "finding",
    ),
)
