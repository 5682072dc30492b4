"""What follows when a run ends: its weights become the project's, or a message says why and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.engine.client import EngineDied
from core.engine.messages import Failed, Finished, Problem
from core.errors import ChainruleError, CodeError
from core.plan import Step
from core.project import Weights
from core.python.questions import code_of
from gui.held import Held
from gui.training.checkpoints import checkpoint_step
from gui.workspace import Workspace

Offers = list[tuple[str, Callable[[], object]]]


class Outcomes(QObject):
    """Listens to the runs of one workspace, and goes with it."""

    logged = Signal(str, str)
    """The level and text of a line for the log."""

    def __init__(self, workspace: Workspace, held: Held) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._held = held
        workspace.run.ended.connect(self._ended)
        workspace.run.lost.connect(self._lost)

    def _ended(self, event: Finished | Failed) -> None:
        if isinstance(event, Failed):
            self._failed(event)
            return
        project, trained = self._workspace.document.project, self._workspace.run.trained
        same = trained is not None and (trained.graph, trained.blocks) == (project.graph, project.blocks)
        if event.weights and same:
            accuracy = event.validation_metric if self._workspace.run.state.metric_name == "accuracy" else None
            weights = Weights(event.sha256, float(event.epoch), event.validation_loss, accuracy)
            self._held.trained(weights, Path(event.weights))
        elif event.weights:
            self.logged.emit("info", "The graph was changed during the run, so the run's weights were not taken over.")
        self.logged.emit("info", f"Training {event.state} at step {event.step} after {event.seconds:.1f} s.")

    def _failed(self, event: Failed) -> None:
        workspace, problem = self._workspace, event.problem
        error = ChainruleError(problem.wanted, problem.came, problem.where, problem.fix)
        at = f" at step {event.step}" if event.step else ""
        offers: Offers = []
        node = workspace.editor.node(problem.node) if problem.node else None
        step = workspace.editor.reading.plan.by_path.get(problem.where)
        if step is not None and problem.line:
            self._note(step, problem)
            call = partial(workspace.show_line, step.node, step.path, problem.line)
            offers.append((f"Show line {problem.line} of {step.path}", call))
        elif node is not None:
            offers.append((f"Show {node.name}", lambda: workspace.canvas.select((problem.node,))))
        if event.is_bad_step and event.step > 1:
            before = event.step - 1
            offers.append((f"Look at step {before:,}", lambda: workspace.travel.go(before)))
            offers.append((f"Stand at step {before:,}, before it", lambda: workspace.travel.stand_at(before)))
        workspace.message.say_error(f"Training ended{at}.", error, offers)
        self.logged.emit("error", f"Training ended{at}. {error}")
        if problem.details:
            self.logged.emit("info", problem.details)

    def _note(self, step: Step, problem: Problem) -> None:
        """Mark the line of a Python block that raised, until it is changed or asked again."""
        blocks, trained = self._workspace.editor.block_shapes, self._workspace.run.trained
        node = trained.all_nodes().get(step.node) if trained is not None else None
        if blocks is not None and node is not None:
            error = CodeError(problem.wanted, problem.came, problem.where, problem.fix)
            blocks.note(code_of(node.params), CodeError.at_line(error, problem.line))

    def _lost(self, death: EngineDied) -> None:
        run = self._workspace.run
        offers: Offers = []
        place = run.checkpoint
        step = checkpoint_step(place) if place is not None else None
        if place is not None and step is not None:
            offers.append((f"Resume from step {step:,}", lambda: run.train(resume=place)))
        offers.append(("Train again", run.train))
        text = f"The process {death.reason} at step {run.state.step:,}. The document and all that was drawn are kept."
        self._workspace.message.say("error", "The training process ended.", text, offers)
