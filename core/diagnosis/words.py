"""By code what is said of every finding."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.diagnosis.before_words import BEFORE
from core.diagnosis.running_words import RUNNING
from core.diagnosis.wording import Words

WORDS: Mapping[str, Words] = MappingProxyType({**BEFORE, **RUNNING})
