"""Keeps a monitor of a whole network fresh: asks the engine while it is seen, seldom enough to cost next to nothing."""

from __future__ import annotations

from PySide6.QtCore import QObject

from core.engine.messages import Problem
from core.engine.predictions import Trained
from gui.engines import Line
from gui.monitors.seen_monitor import SeenMonitor
from gui.network_asking import Asking
from gui.network_followed import STARTING, FollowedNetwork
from gui.session import Editor
from gui.subject import Subject
from gui.training.control import RunControl
from gui.training.run import RunState

SHARE = 0.02
"""The part of the training's time that looking may take."""
GRAPH_CHANGED = "The graph has changed since."


class NetworkLooks(QObject):
    """Subclasses say what is asked of a network, and what is shown of the answers."""

    def __init__(self, monitor: SeenMonitor, line: Line, editor: Editor, run: RunControl) -> None:
        super().__init__(monitor)
        self._monitor, self._line, self._run = monitor, line, run
        self.network = FollowedNetwork(editor, run)
        self.asking = Asking(line, self, SHARE)
        self.asking.is_seen = lambda: monitor.is_shown
        self.asking.trusted = editor.trusted
        self.asking.answered.connect(self.take)
        self.asking.answered.connect(monitor.show_moment)
        self.asking.refused.connect(self._refused)
        monitor.looked_at.connect(self.refresh)
        run.changed.connect(self._follow_run)
        editor.read.connect(self._read)
        editor.own.allowed.connect(self.refresh)
        line.ready.connect(self.refresh)
        line.died.connect(self._lose)

    def begin(self, subject: Subject) -> None:
        """Ask about another network."""
        raise NotImplementedError

    def learn(self) -> None:
        """Ask again all that depends on the weights."""
        raise NotImplementedError

    def take(self, question: Trained, told: object) -> None:
        """Show an answer."""
        raise NotImplementedError

    def say(self, title: str, hint: str) -> None:
        """Say why there is nothing to show."""
        raise NotImplementedError

    def refresh(self, *_news: object) -> None:
        """Follow what is known of the network, while somebody looks."""
        if not self._monitor.is_shown:
            return
        subject = self.network.subject(self.asking.subject)
        if subject is None or not subject.outputs or not subject.inputs:
            reason = self.network.reason(subject)
            self.asking.about(None)
            self.say(reason.title, reason.hint)
        elif subject is not self.asking.subject:
            self.asking.about(subject)
            if not self._line.is_ready:
                self.say(*STARTING)
            self.begin(subject)
        else:
            self.learn()
        self.asking.wake()

    def grown(self) -> None:
        """The network has learnt since."""
        if self._monitor.is_shown and self.asking.subject is not None:
            self.learn()

    def marked(self) -> None:
        """Say anew whether the graph is still that of the network."""

    def moved(self) -> None:
        """Another engine is spoken to."""
        self.asking.forget()
        self.refresh()

    @property
    def remark(self) -> str:
        """What has to be said beside the answers: that the graph is another one by now."""
        subject = self.asking.subject
        return GRAPH_CHANGED if subject is not None and self.network.has_changed(subject) else ""

    def _follow_run(self, state: RunState) -> None:
        self.asking.is_training = state.phase == "training"
        if self.network.has_moved_on(state):
            if state.phase == "starting":
                self.asking.about(None)
            self.refresh()

    def _read(self, _reading: object) -> None:
        """Look at an edited graph: what the network of a run says is none the newer for it."""
        known = self.asking.subject
        if known is None or self.network.subject(known) is not known:
            self.refresh()
        elif self._monitor.is_shown:
            self.marked()

    def _lose(self, _death: object) -> None:
        self.network.is_lost = True
        self.refresh()

    def _refused(self, _question: Trained, problem: Problem) -> None:
        wanted = f"{problem.wanted}, but {problem.came}." if problem.came else f"{problem.wanted}."
        self.say("The network could not answer.", f"{wanted[:1].upper()}{wanted[1:]} {problem.fix}".strip())
