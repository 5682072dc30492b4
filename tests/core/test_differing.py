"""The quick way to see which entries differ sees what the plain one does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.differing import differing, gone

VALUES = [object() for _ in range(4)]
TABLES = st.dictionaries(st.integers(0, 8), st.sampled_from(VALUES))


@given(TABLES, TABLES)
def test_the_keys_are_those_that_are_new_or_have_another_value(old, new):
    assert differing(old, new) == [key for key, value in new.items() if old.get(key) is not value]


@given(TABLES, st.lists(st.tuples(st.integers(0, 12), st.sampled_from(VALUES))))
def test_so_they_are_after_exchanging_values_and_adding(old, entries):
    new = {**old, **dict(entries)}
    assert differing(old, new) == [key for key, value in new.items() if old.get(key) is not value]


@given(TABLES, TABLES)
def test_what_only_the_old_table_has_is_gone(old, new):
    assert gone(old, new, differing(old, new)) == {key for key in old if key not in new}
