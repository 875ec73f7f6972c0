"""Documents and what an index of them must hold."""

from __future__ import annotations

import json
import random

from labs.documents import Tally, bodies, digest_of, draw, tally, values


def test_documents_come_back_from_json_as_they_were_drawn() -> None:
    rng = random.Random(1)
    known = bodies(20, rng)
    drawn = draw(50, rng)
    for number, value in enumerate(values(drawn, known)):
        document = json.loads(value)
        assert document["id"] == number
        assert len(document["words"]) == 20
        assert all(len(word) == 3 for word in document["words"])
        assert digest_of(document["words"]) == known[drawn[number]].digest
    assert len({body.digest for body in known}) == len(known)


def test_the_same_seed_gives_the_same_documents() -> None:
    assert bodies(5, random.Random(3)) == bodies(5, random.Random(3))
    assert draw(9, random.Random(3)) == draw(9, random.Random(3))


def test_an_index_is_complete_when_it_has_each_document_once() -> None:
    digests = ["aa", "bb", "cc"]
    assert tally("0 aa\n1 bb\n2 cc\n", digests) == Tally(3, 3, 0, 0)
    assert tally("2 cc\n0 aa\n1 bb\n", digests).complete
    assert not tally("", digests).complete
    assert not tally("0 aa\n1 bb\n", digests).complete


def test_what_is_wrong_or_twice_is_counted_apart() -> None:
    digests = ["aa", "bb", "cc"]
    assert tally("0 aa\n0 aa\n1 xx\n2 cc\n7 aa\nnonsense\n-1 cc\n", digests) == Tally(3, 1, 4, 1)
    assert not tally("0 aa\n1 bb\n2 cc\n2 cc\n", digests).complete
    assert not tally("0 aa\n1 bb\n2 cc\n3 dd\n", digests).complete
