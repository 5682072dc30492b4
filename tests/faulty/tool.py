"""The Doctor as a tool that is shown a view: trains it in the app's own loop, says what is wrong and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.diagnosis.doctor import diagnose as look
from core.diagnosis.facts import Facts
from core.diagnosis.finding import Finding
from core.diagnosis.remedies import offering
from core.engine.messages import Event, Started
from core.lowering import lower
from core.plan import Plan
from core.shapes import Analysis, analyse
from core.training.facts import facts_of
from tests.faulty.graphs import Imported, imported
from tests.faulty.patching import patch
from tests.faulty.running import events, recorded
from tests.faulty.scoring import Patch, Said
from tests.faulty.view import View

KNOWN_AS = {"CONSTANT_TARGET": "LABEL_NOISE", "MISSING_SOFTMAX": "WRONG_LOSS"}
"""Findings that go by a wider label among the cases."""
MOMENTS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8)
"""Shares of a run after which it is looked at once more, to learn when a fault is named."""


@dataclass(frozen=True)
class Watched:
    """A view that was trained, and what its run told."""

    case: Imported
    told: Sequence[Event]
    facts: Facts
    plan: Plan
    analysis: Analysis

    @classmethod
    def of(cls, view: View, seed: int = 0) -> Watched:
        """The view after its training."""
        case = imported(view, seed)
        plan = lower(case.project)
        return cls(case, events(case), facts_of(case.data, case.project.training), plan, analyse(plan))

    def findings(self, share: float = 1.0) -> tuple[Finding, ...]:
        """What the Doctor shows after this share of the run, hints left out."""
        total = next(event.total_steps for event in self.told if isinstance(event, Started))
        ran = recorded(self.told, None if share >= 1 else max(round(share * total), 1))
        found = look(self.case.project, self.facts, ran.record, self.plan, self.analysis, ran.failed)
        return tuple(finding for finding in found if finding.shown)

    def labels(self, share: float = 1.0) -> tuple[str, ...]:
        """The labels of these."""
        return tuple(label(finding) for finding in self.findings(share))

    def said(self) -> list[Said]:
        """The labels at the end, each with the first remedy that can be said as a patch."""
        found = self.findings()
        return [(label(finding), self._patch(finding, found)) for finding in found]

    def _patch(self, finding: Finding, found: Sequence[Finding]) -> Patch | None:
        for remedy in offering(self.case.project, finding, self.facts, others=found):
            found = patch(self.case.project, remedy.apply(self.case.project))
            if found is not None:
                return found
        return None

    def named_after(self, right: frozenset[str]) -> float:
        """The share of the run after which a right label stands first, and stays there; NaN where it never does."""
        after = float("nan")
        for share in reversed((*MOMENTS, 1.0)):
            if not right & set(self.labels(share)[:1]):
                break
            after = share
        return after


def label(finding: Finding) -> str:
    """The label of a finding among those of the cases."""
    return KNOWN_AS.get(finding.code, finding.code)


def diagnose(view: View) -> list[Said]:
    """What the Doctor says of a view, most important first, each with a patch that is to cure it, or None."""
    return Watched.of(view).said()
