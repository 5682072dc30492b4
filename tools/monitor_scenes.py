"""What the pictures of monitors show: which project is trained how far, and how each monitor is set."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.files import load
from core.project import Project
from core.walk import Direction
from gui.app import App
from gui.landscape.dialog import LandscapeDialog
from gui.shot import wait, wait_until
from gui.workbench import Preset
from tools.monitor_settings import (
    PATIENCE,
    Setting,
    along,
    enlarged,
    gradients,
    heatmap,
    histograms,
    logarithmic,
    nothing,
    pointing,
    restored,
    reviewed,
    timings,
)
from tools.picture_projects import TEMPLATES

SIZE, TALL, SIDE = (560, 340), (480, 420), (352, 820)
"""Points of a monitor that is torn off, of one that is square, and of a panel at the window's side."""


@dataclass(frozen=True)
class View:
    """A picture: the monitor, how it is set, and what the hand does meanwhile."""

    name: str
    dock: str = ""
    """Which dock is seen; the window where there is none."""
    told: str = ""
    """What the picture shows, for the page beside it."""
    setting: Setting = nothing
    size: tuple[int, int] = SIZE
    hand: Callable[[App], AbstractContextManager[None]] = lambda _app: nullcontext()
    is_sharp: bool = False
    """Whether it is taken at two pixels a point too."""

    def of(self, app: App) -> QWidget:
        """What is taken."""
        if self.dock == "landscape":
            found = app.window.findChild(LandscapeDialog)
            assert isinstance(found, LandscapeDialog)
            return found
        return app.window.workbench.docks[self.dock] if self.dock else app.window


@dataclass(frozen=True)
class Scene:
    """A project, how far it is trained, and what is seen of it."""

    views: tuple[View, ...]
    template: str = "lenet5"
    steps: int = 620
    select: str = ""
    preset: Preset = "train"
    edited: Callable[[Project], Project] = lambda project: project

    def source(self) -> Project:
        """What is opened."""
        return self.edited(load(TEMPLATES / f"{self.template}.chain"))

    def torn_off(self, app: App) -> None:
        """Tear the docks off that are to be seen: some are measured only while somebody looks."""
        docks = app.window.workbench.docks
        for view in self.views:
            if view.dock in docks:
                docks[view.dock].setFloating(True)
                docks[view.dock].resize(*view.size)
                docks[view.dock].show()

    def bring(self, app: App, view: View) -> None:
        """Set what the view shows."""
        docks = app.window.workbench.docks
        if view.dock in docks:
            docks[view.dock].resize(*view.size)
        elif not view.dock:
            app.window.resize(*view.size)
        view.setting(app)


def trained_again(app: App) -> None:
    """Train a second time, at three times the rate, so that the run before is there to compare with."""
    assert app.workspace is not None
    run, document = app.workspace.run, app.workspace.document
    settings = document.project.training
    phase = settings.phases[0]
    optimizer = replace(phase.optimizer, learning_rate=3 * phase.optimizer.learning_rate)
    phases = (replace(phase, optimizer=optimizer), *settings.phases[1:])
    document.edit("Rate", replace(document.project, training=replace(settings, phases=phases)))
    run.stop()
    wait_until(lambda: not run.state.active, PATIENCE)
    run.train_steps(450)
    wait_until(lambda: run.state.phase == "paused" and run.state.step >= 450, PATIENCE)


def explained(app: App) -> None:
    """The Doctor's first finding, opened, with its reasons."""
    assert app.workspace is not None
    doctor = app.workspace.doctor
    assert doctor is not None
    wait_until(lambda: bool(doctor.panel.cards) and bool(doctor.panel.cards[0].rows), PATIENCE)
    doctor.panel.cards[0].set_open(True)
    doctor.panel.cards[0].explain(True)


def found(app: App) -> None:
    """The Doctor's first finding, opened."""
    explained(app)
    assert app.workspace is not None
    assert app.workspace.doctor is not None
    app.workspace.doctor.panel.cards[0].explain(False)


def tried(app: App) -> None:
    """The first remedy, tried beside the network as it is."""
    found(app)
    assert app.workspace is not None
    doctor = app.workspace.doctor
    assert doctor is not None
    card = doctor.panel.cards[0]
    doctor.trying.begin(card.finding, card.remedies[0])
    wait_until(lambda: doctor.trying.tried is not None and not doctor.trying.tried.is_running, PATIENCE)
    doctor.panel.view.ensureWidgetVisible(card.trial)


def surveyed(app: App) -> None:
    """The dialog of the loss landscape, measured."""
    app.do("landscape")
    wait_until(lambda: app.window.findChild(LandscapeDialog) is not None, PATIENCE)
    dialog = app.window.findChild(LandscapeDialog)
    assert isinstance(dialog, LandscapeDialog)
    wait_until(lambda: dialog.plot.found is not None and bool(dialog.sharpness.text()), PATIENCE)
    wait_until(lambda: not dialog.curving.is_busy, PATIENCE)


def walked(path: str, direction: Direction) -> Setting:
    """The walk through a batch, standing at this step."""

    def walk(app: App) -> None:
        app.do("tracing")
        assert app.workspace is not None
        panel = app.workspace.tracing
        assert panel is not None
        wait_until(lambda: panel.walk is not None, PATIENCE)
        assert panel.walk is not None
        place = panel.walk.place(path, direction)
        assert place is not None
        panel.go(place)

    return walk


def checked(app: App) -> None:
    """A weight's gradient beside its difference."""
    walked("fc3", "backward")(app)
    assert app.workspace is not None
    panel = app.workspace.tracing
    assert panel is not None
    panel.page.fold.set_open(True)
    QTest.mouseClick(panel.page.button, Qt.MouseButton.LeftButton)
    wait_until(lambda: "Autograd" in panel.page.verdict.text(), PATIENCE)


def looked_back(app: App) -> None:
    """A moment of the run that is past."""
    assert app.workspace is not None
    app.workspace.travel.go(140)


def failed(app: App) -> None:
    """A run that came upon a number that is not finite."""
    assert app.workspace is not None
    run = app.workspace.run
    run.train()
    wait_until(lambda: run.state.phase == "failed", PATIENCE)
    wait(2.0)


def hurried(project: Project) -> Project:
    """The same at a learning rate at which it cannot but fail."""
    settings = project.training
    phase = settings.phases[0]
    optimizer = replace(phase.optimizer, name="SGD", learning_rate=80.0)
    return replace(
        project, training=replace(settings, phases=(replace(phase, optimizer=optimizer), *settings.phases[1:]))
    )


WINDOW = (1440, 900)
DIGITS = Scene(
    (
        View("loss", "loss", "loss of every step, its moving average, validation dashed", is_sharp=True),
        View("loss-pointed", "loss", "what the cursor reads", hand=pointing("loss", 0.45, 0.4)),
        View("metrics", "metrics", "metrics with their newest and best values"),
        View("confusion", "confusion", "classes taken for one another", size=TALL),
        View("gradients-weights", "gradients", "norms of weight gradients", gradients("Weights"), is_sharp=True),
        View("gradients-outputs", "gradients", "gradients of layer outputs", gradients("Outputs")),
        View("gradients-updates", "gradients", "how far each step moves the weights", gradients("Update ratio")),
        View("heatmap-nodes", "heatmap", "a healthy network, all nodes", heatmap("output", None, "all_nodes")),
        View("heatmap-saturated", "heatmap", "shares of saturated units", heatmap("saturated")),
        View("heatmap-spread", "heatmap", "another quantity: the spread of activations", heatmap("std")),
        View("network-norm", "network", "gradient norm of the whole network"),
        View("network-alpha", "network", "where steps end in their valley", restored("network", quantity="alpha")),
        View("timings", "timings", "time of each layer", timings("Layers")),
        View("throughput", "timings", "samples a second", timings("Throughput")),
        View("histograms", "histograms", "weights of a layer over the steps", histograms("Weights")),
        View("histograms-outlines", "histograms", "gradients as outlines", histograms("Gradients", True)),
        View("activations", "activations", "maps of a convolution", restored("activations", mode="Maps")),
        View("filters", "activations", "its filters", restored("activations", mode="Filters")),
        View("embedding", "embedding", "samples as the layer sees them", size=TALL, is_sharp=True),
        View("predictions", "predictions", "samples, the most wrong first", reviewed, is_sharp=True),
        View("prediction", "predictions", "one of them with all its probabilities", enlarged),
    ),
    select="conv2",
)
AGAIN = Scene((View("loss-earlier", "loss", "the run before, pale", trained_again),), steps=620)
DEEP = Scene(
    (
        View("heatmap", "heatmap", "gradients that vanish, with the depth profile", heatmap(), is_sharp=True),
        View("heatmap-relative", "heatmap", "shares of the last layer's", heatmap("output", None, "relative")),
        View("heatmap-log-time", "heatmap", "logarithmic time", heatmap("output", None, "log_time")),
        View(
            "heatmap-zoomed",
            "heatmap",
            "a part of the run, all of it above",
            heatmap("output", (300, 420)),
            hand=pointing("heatmap", 0.4, 0.3),
        ),
        View("gradients-vanishing", "gradients", "lines of twelve layers", gradients("Outputs")),
        View("doctor", "doctor", "a finding with its evidence and remedies", found, SIDE, is_sharp=True),
        View("doctor-why", "doctor", "why it happens", explained, (352, 1100)),
        View("doctor-trial", "doctor", "a remedy tried beside the network as it is", tried, (352, 1100)),
        View("walk-forward", "tracing", "a batch on its way forward", walked("sigmoid4", "forward"), SIDE),
        View("walk-back", "tracing", "and back: where the gradient dies", walked("fc3", "backward"), SIDE),
        View("walk-check", "tracing", "a gradient checked by differences", checked, (352, 1000)),
    ),
    "mlp12-sigmoid",
    900,
    preset="diagnose",
)
SENTENCES = Scene(
    (
        View("predictions-texts", "predictions", "translations", reviewed),
        View("attention", "attention", "where the positions of a sentence look", size=(560, 420), is_sharp=True),
        View("attention-pointed", "attention", "one cell", size=(560, 420), hand=pointing("attention", 0.15, 0.3)),
        View("schedule", "schedule", "a rate that warms up and falls"),
        View("schedule-log", "schedule", "the same, logarithmic", logarithmic),
    ),
    "seq2seq",
    400,
)
MANY = Scene((View("loss-several", "loss", "several losses", size=(620, 340)),), "learning-rate", 200)
LONG = Scene(
    (
        View("heatmap-through-time", "heatmap", "what is left of a gradient through time", heatmap("through_time")),
        View("heatmap-sequence", "heatmap", "where along the sequence it vanishes", heatmap("time")),
    ),
    "memory-rnn",
    300,
)
PLANE = Scene(
    (
        View("landscape", "landscape", "the loss around the weights", surveyed),
        View("boundary", "boundary", "what is said over the plane, wrong samples ringed", size=TALL, is_sharp=True),
        View("boundary-pointed", "boundary", "what is said at a place", size=TALL, hand=pointing("boundary", 0.4, 0.4)),
    ),
    "spiral",
    600,
)
PETALS = Scene((View("boundary-chosen", "boundary", "two of four numbers", along(2, 3), TALL),), "iris", 100)
VALUES = Scene((View("predictions-values", "predictions", "values and errors", reviewed),), "linear-regression", 100)
PIXELS = Scene(
    (
        View("predictions-masks", "predictions", "the class of every pixel", reviewed),
        View("prediction-mask", "predictions", "one of them", enlarged),
    ),
    "unet",
    60,
)
BACK = Scene((View("time-travel", "", "step 140 of 620", looked_back, WINDOW),), select="conv2")
BAD = Scene(
    (View("bad-step", "", "the first step that is not finite", failed, WINDOW),),
    "temperature-rnn",
    0,
    edited=hurried,
)
SCENES = (DIGITS, AGAIN, DEEP, SENTENCES, MANY, LONG, PLANE, PETALS, VALUES, PIXELS, BACK, BAD)
