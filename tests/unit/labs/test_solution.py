"""The reference solution: closed at first, then beside what the learner had."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs import catalog, handouts, prompt
from labs.commands import variables
from labs.contract import Measured, Step
from labs.errors import SolutionLocked
from labs.evidence import to_markdown, without_prefix
from labs.figures import Figures, cells, shown
from labs.solution import Pair, Solutions, difference, lines, side_by_side, texts_of, whose
from tests.unit.labs.test_evidence import EVIDENCE, to_dict

PAIR = Pair("a.py", "one\ntwo\nthree", "one\n2\nthree\nfour")


def test_it_is_closed_and_says_how_to_open_it() -> None:
    with pytest.raises(SolutionLocked) as caught:
        Solutions(catalog.info(2)).pairs()
    assert "every check passes" in caught.value.cause
    assert "give up" in caught.value.next_step


def test_the_first_opening_counts() -> None:
    found = Solutions(catalog.info(2))
    found.unlock({"consumer.py": "mine"})
    found.unlock({"consumer.py": "later"})
    (pair,) = found.pairs()
    assert (pair.name, pair.yours) == ("consumer.py", "mine")
    assert pair.reference == handouts.text(2, "reference/consumer.py")


def test_where_commands_mend_it_they_are_compared() -> None:
    found = Solutions(catalog.info(1))
    found.typed("kafka-topics --list")
    found.begin_anew()
    found.typed(" kafka-consumer-groups --reset-offsets ")
    found.unlock({})
    (pair,) = found.pairs()
    assert (pair.name, pair.yours) == ("commands", "kafka-consumer-groups --reset-offsets")
    assert "--to-earliest" in pair.reference


@pytest.mark.parametrize("number", catalog.shipped())
def test_every_lab_has_a_solution_to_show(number: int) -> None:
    found = Solutions(catalog.info(number))
    found.unlock({})
    assert found.pairs()
    names = variables(catalog.info(number).names, "kt-1-x", "host:1", Path("/w"))
    for line in catalog.info(number).task.solution:
        assert isinstance(prompt.parse(line, names), prompt.RunTool), line


def test_a_diff_has_every_line() -> None:
    assert difference(PAIR)[3:] == [" one", "-two", "+2", " three", "+four"]


def test_side_by_side_marks_what_differs_and_keeps_long_lines() -> None:
    rows = side_by_side(Pair("a", "same\n" + "x" * 60, "same\nshort\nmore"), 103)
    assert rows[2].split() == ["same", "|", "same"]
    assert rows[3].split() == ["x" * 50, "≠", "short"]
    assert rows[4].split() == ["x" * 10]
    assert rows[5].split() == ["≠", "more"]
    assert all(len(row) <= 103 for row in rows)


def test_the_width_decides_and_equal_texts_need_no_columns() -> None:
    assert lines(PAIR, 80) == difference(PAIR)
    assert lines(PAIR, 120) == side_by_side(PAIR, 120)
    assert lines(Pair("a", "x\n", "x"), 80) == ["a: yours is the reference's.", "x"]


def test_whose_file_it_is(tmp_path: Path) -> None:
    info = catalog.info(2)
    handouts.hand_out(2, tmp_path, "consumer.py")
    assert whose(info, texts_of(info, tmp_path)) == "template"
    handouts.hand_out_reference(2, tmp_path, "consumer.py")
    assert whose(info, texts_of(info, tmp_path)) == "reference"
    (tmp_path / "consumer.py").write_text("mine")
    assert whose(info, texts_of(info, tmp_path)) == "yours"
    assert whose(catalog.info(1), {}) == "yours"


def test_figures_before_and_after() -> None:
    found = Figures()
    found.take(Measured("peak memory", 115.0, "MB", "template"), "template")
    found.take(Measured("peak memory", 48.04, "MB", "reference"), "template")
    found.take(Measured("peak memory", 99.0, "MB"), "yours")
    found.take(Measured("peak memory", 1053.6, "MB"), "yours")
    found.take(Measured("lost", 2.0), "template")
    peak, lost = found.all()
    assert (peak.template, peak.yours, peak.reference) == (115.0, 1053.6, 48.04)
    assert (lost.template, lost.yours) == (2.0, None)
    assert [shown(value) for value in (115.0, 1053.6, 48.04, 0.0, None)] == ["115", "1,054", "48.0", "0", "–"]


def test_commands_can_be_repeated_under_other_names() -> None:
    step = Step("arrange", "A topic", "kafka-topics.sh --create --topic kt-1-ab-x")
    assert without_prefix(step, "kt-1-ab").command == "kafka-topics.sh --create --topic $PREFIX-x"
    quoted = Step("arrange", "A topic", "kafka-topics.sh --topic 'kt-1-ab x'")
    assert without_prefix(quoted, "kt-1-ab") == quoted
    assert without_prefix(step, "") == step


def test_figures_and_files_are_exported() -> None:
    row = to_dict(EVIDENCE) | {
        "figures": [{"label": "peak", "unit": "MB", "template": 115.0, "yours": 53.6, "reference": None}],
        "files": [["consumer.py", "print(1)\n"]],
        "names": [["TOPIC", "kt-1-x"], ["GROUP", "a b"], ["BOOTSTRAP", "127.0.0.1:1"], ["PREFIX", "kt-1"]],
    }
    text = to_markdown(row)
    assert cells(row["figures"][0]) == ("peak, MB", "115", "53.6", "–")
    assert "| peak, MB | 115 | 53.6 | – |" in text
    assert "## Your consumer.py, as it was checked\n\n```python\nprint(1)\n```" in text
    assert "PREFIX=lab-1   # of all names\nTOPIC=$PREFIX-x\nGROUP='a b'\n" in text
    assert 'GROUP="$GROUP" python consumer.py' in text
    assert "127.0.0.1" not in text
