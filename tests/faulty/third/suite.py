"""The third suite as a whole."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.third.data import DATA
from tests.faulty.third.flow import FLOW
from tests.faulty.third.hard import HARD
from tests.faulty.third.healthy import HEALTHY
from tests.faulty.third.healthy_hard import SOUND
from tests.faulty.third.model import MODEL
from tests.faulty.third.settings import SETTINGS

CASES: tuple[Case, ...] = (*FLOW, *SETTINGS, *DATA, *MODEL, *HEALTHY, *HARD, *SOUND)
"""A third suite of faulty and healthy networks, written without a look at the rules that are judged by it."""
