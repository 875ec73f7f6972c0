"""Evidence as JSON and Markdown."""

import json

from labs.contract import Check, Choice, Comparison, Observation, Prediction, Question, Step
from labs.evidence import Evidence, commands, to_dict, to_json, to_markdown

CHOICE = Question(
    "where", "Where does it go on?", "choice", choices=(Choice("start", "at the start"), Choice("end", "at the end"))
)
SEEN = Observation(
    "went", "It went on at 80 | 80.", "start", "at 80", "The policy decides.", ("offset_expiry",), ("m_x",), "where"
)
EVIDENCE = Evidence(
    1,
    "A lab",
    1,
    "2026-11-23T10:00:00+00:00",
    "verified",
    2,
    "embedded, 1 node",
    (("7 days", "3 s"),),
    (Comparison(CHOICE, Prediction("where", "end"), SEEN, False),),
    (SEEN,),
    (Check("c", "It works", True, "this", "that"),),
    (Step("arrange", "A topic", "kafka-topics.sh --bootstrap-server $BOOTSTRAP --create"),),
)


def test_json_holds_values_and_words() -> None:
    row = json.loads(to_json(EVIDENCE))
    assert row["format"] == 1
    (comparison,) = row["comparisons"]
    assert (comparison["predicted"], comparison["predicted_display"]) == ("end", "at the end")
    assert (comparison["observed"], comparison["right"], comparison["observation"]) == ("start", False, "went")
    assert row["observations"][0]["points"] == ["offset_expiry"]
    assert row["steps"] == [{"text": "A topic", "command": "kafka-topics.sh --bootstrap-server $BOOTSTRAP --create"}]


def test_markdown_has_every_part() -> None:
    text = to_markdown(json.loads(to_json(EVIDENCE)))
    assert text.startswith("# Lab 1: A lab\n")
    assert "| Where does it go on? | at the end | at 80 | wrong | The policy decides. |" in text
    assert (
        "- **went** (at 80): It went on at 80 | 80. The policy decides. Rubric points: offset_expiry. Refutes: m_x."
        in text
    )
    assert "- ok: It works. Expected this; found that." in text
    assert "in production: 7 days; here: 3 s" in text
    assert "# A topic\nkafka-topics.sh" in text
    assert "BOOTSTRAP=localhost:9092" in text


def test_a_bar_in_a_cell_breaks_no_table() -> None:
    row = to_dict(EVIDENCE)
    row["comparisons"][0]["why"] = "a|b\nc"
    assert "| a\\|b c |" in to_markdown(row)


def test_empty_parts_are_left_out() -> None:
    row = {**to_dict(EVIDENCE), "comparisons": [], "observations": [], "checks": [], "scaling": [], "steps": []}
    assert "##" not in to_markdown(row)


def test_only_steps_with_a_command_once_in_a_row() -> None:
    steps = [Step("arrange", "a", "x"), Step("arrange", "b"), Step("symptom", "c", "x"), Step("fix", "d", "y")]
    assert [step.command for step in commands(steps)] == ["x", "y"]
    again = [Step("fix", "a", "x"), Step("fix", "b", "y"), Step("fix", "c", "x")]
    assert [step.command for step in commands(again)] == ["x", "y", "x"]
