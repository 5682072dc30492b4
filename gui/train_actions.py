"""The commands of the table that train."""

from __future__ import annotations

from gui.command import Command

TRAINING = (
    Command(
        "train",
        "Train or pause",
        "Train",
        ("Ctrl+Return", "F5"),
        "play",
        "Begin, pause or go on with training.",
        "train",
    ),
    Command("step", "One step", "Train", ("Ctrl+.",), "step", "Train one step and stand still.", "step"),
    Command("epoch", "One epoch", "Train", (), "", "Train to the end of the epoch and stand still.", "step"),
    Command(
        "stop",
        "Stop",
        "Train",
        ("Ctrl+Shift+.", "Shift+F5"),
        "stop",
        "End the run; its weights are kept.",
        "stop",
    ),
    Command(
        "rewind",
        "Rewind and train",
        "Train",
        ("Ctrl+Shift+Return",),
        "",
        "Train again from the same first weights; the run before stays in the loss as a pale line.",
        "rewind",
    ),
    Command(
        "predict",
        "Predict",
        "Train",
        ("Ctrl+P",),
        "eye",
        "Try the network out: draw a digit, drop a picture, move a slider.",
        before=True,
    ),
    Command(
        "tracing",
        "Step through a batch",
        "Train",
        ("Ctrl+Alt+B",),
        "eye",
        "Go through one batch step by step: every value forward, then the gradient back along the wires.",
    ),
    Command(
        "travel",
        "Look back in time",
        "Train",
        ("Ctrl+Alt+T",),
        "clock",
        "Show canvas, monitors and weights as they were at an earlier step; again or Esc shows what is now.",
    ),
    Command(
        "checkpoints",
        "Checkpoints…",
        "Train",
        ("Ctrl+Alt+K",),
        "",
        "List the checkpoints of the newest run, use the weights of one, or go on from it.",
    ),
    Command(
        "landscape",
        "Loss landscape…",
        "Train",
        ("Ctrl+Alt+Y",),
        "",
        "Measure the loss around the weights as they are, over a plane of two random directions.",
    ),
    Command(
        "find_rate",
        "Find learning rate…",
        "Train",
        ("Ctrl+Alt+R",),
        "",
        "Try rising learning rates in a short run of its own, and see where the loss falls fastest.",
        "step",
    ),
)
