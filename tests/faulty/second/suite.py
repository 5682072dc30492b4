"""The second suite as a whole."""

from __future__ import annotations

from tests.faulty.case import Case
from tests.faulty.second.data import DATA
from tests.faulty.second.flow import FLOW
from tests.faulty.second.hard import HARD
from tests.faulty.second.healthy import HEALTHY
from tests.faulty.second.healthy_hard import SOUND
from tests.faulty.second.healthy_shaped import SHAPED
from tests.faulty.second.model import MODEL
from tests.faulty.second.settings import SETTINGS

CASES: tuple[Case, ...] = (*FLOW, *SETTINGS, *DATA, *MODEL, *HEALTHY, *SHAPED, *HARD, *SOUND)
