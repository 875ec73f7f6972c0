"""Every shipped pack proves itself, and keeps the form that the app and the graders count on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tutor.scenarios.model import DIMENSIONS
from tutor.scenarios.packs import Pack, load_all, load_pack
from tutor.scenarios.rubric import read_rubric, rubric_faults
from tutor.scenarios.rules import plain
from tutor.scenarios.track import pack_folders, questions_root, read_track

FOLDERS = pack_folders(questions_root())
MUST = range(3, 6)
"""How many points an interviewer insists on."""
SITUATION_WORDS = range(70, 190)
MODEL_ANSWER_WORDS = range(230, 421)
DEBRIEF_WORDS = range(180, 371)


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def pack(request: pytest.FixtureRequest) -> Pack:
    folder: Path = request.param
    return load_pack(folder)


def words(text: str) -> int:
    return len(text.split())


def test_all_ten_are_there() -> None:
    packset = load_all()
    assert packset.faults == ()
    assert [pack.id for pack in packset.packs] == list(range(1, 11))
    assert [entry.folder for entry in read_track(questions_root())] == [pack.folder.name for pack in packset.packs]


def test_the_rubric_is_word_for_word(pack: Pack) -> None:
    assert list(rubric_faults(pack, read_rubric(questions_root())[pack.id])) == []


def test_texts_have_the_length_of_an_interview(pack: Pack) -> None:
    assert words(pack.scenario.situation) in SITUATION_WORDS
    assert words(pack.scenario.question) <= 50
    assert words(pack.model_answer) in MODEL_ANSWER_WORDS
    assert words(pack.debrief) in DEBRIEF_WORDS


def test_the_situation_gives_no_point_away(pack: Pack) -> None:
    situation = plain(pack.scenario.situation + " " + pack.scenario.question)
    given = [point.id for point in pack.scenario.points if plain(point.definition) in situation]
    given += [wrong.id for wrong in pack.scenario.misconceptions if plain(wrong.definition) in situation]
    assert given == []


def test_the_rubric_weighs_all_dimensions(pack: Pack) -> None:
    points = pack.scenario.points
    assert sum(point.must for point in points) in MUST
    assert {point.dimension for point in points} == set(DIMENSIONS)


def test_every_point_can_be_shown_and_taught(pack: Pack) -> None:
    for point in pack.scenario.points:
        assert 5 <= len(point.keywords) <= 14, point.id
        assert len(point.accept) >= 2, point.id
        assert point.reject, point.id
        assert words(point.missed) >= 8, point.id
        assert point.follow_up.rstrip().endswith(("?", ".")), point.id


def test_every_misconception_is_corrected(pack: Pack) -> None:
    for wrong in pack.scenario.misconceptions:
        assert words(wrong.correction) >= 8, wrong.id
        assert wrong.keywords, wrong.id
        assert wrong.accept, wrong.id
        assert wrong.reject, wrong.id


def test_a_statement_speaks_for_one_thing_only(pack: Pack) -> None:
    entries = [*pack.scenario.points, *pack.scenario.misconceptions]
    accepted = Counter(plain(text) for entry in entries for text in entry.accept)
    assert [text for text, times in accepted.items() if times > 1] == []


def test_examples_of_every_band(pack: Pack) -> None:
    assert {example.front.band for example in pack.examples} == {"strong", "middling", "weak"}
    weak = [example for example in pack.examples if example.front.band == "weak"]
    assert any(example.front.holds for example in weak), "a weak answer holds a misconception"
    texts = [plain(example.text) for example in pack.examples]
    assert len(set(texts)) == len(texts)
    assert plain(pack.model_answer) not in texts
