from __future__ import annotations

from tutor.sessions.tour import PAGES, seen, wanted
from tutor.store.sqlite import SqliteStore

WORDS_A_MINUTE = 200
"""Of a slow reader of instructions."""


def test_it_is_read_in_under_a_minute_and_every_page_fits_a_small_window() -> None:
    words = sum(len(f"{page.title} {page.text} {page.keys}".split()) for page in PAGES)
    assert words < WORDS_A_MINUTE
    assert all(len(page.text) <= 4 * 58 and len(page.keys) <= 3 for page in PAGES)


def test_it_comes_by_itself_once_and_only_to_who_is_new(store: SqliteStore) -> None:
    assert wanted(store, fresh=True) and not wanted(store, fresh=False)
    seen(store)
    assert not wanted(store, fresh=True)
