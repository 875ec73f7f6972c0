"""What a line of the lab's prompt asks for."""

import pytest

from labs.prompt import Nothing, RunTool, Say, Wrong, help_lines, parse, variable_lines

NAMES = {"TOPIC": "kt-1-ab-payments", "GROUP": "kt-1-ab-service", "BOOTSTRAP": "127.0.0.1:1"}


@pytest.mark.parametrize("line", ["", "   ", "# a remark", "$ "])
def test_nothing(line: str) -> None:
    assert parse(line, NAMES) == Nothing()


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("verify", "verify"),
        (" HINT ", "hint"),
        ("give up", "give up"),
        ("Give  Up", "give up"),
        ("giveup", "give up"),
        ("?", "help"),
        ("exit", "quit"),
        ("env", "vars"),
        ("ls", "files"),
        ("reset", "reset"),
    ],
)
def test_words(line: str, word: str) -> None:
    assert parse(line, NAMES) == Say(word)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("edit", Say("edit")),
        ("edit consumer.py", Say("edit", "consumer.py")),
        ("Edit 'my file.py'", Say("edit", "my file.py")),
        ("reset --yes", Say("reset", "--yes")),
        ("give up --yes", Say("give up", "--yes")),
        ("watch", Say("watch")),
        ("solution", Say("solution")),
    ],
)
def test_words_with_an_argument(line: str, said: Say) -> None:
    assert parse(line, NAMES) == said
    assert isinstance(said, Say)
    assert said.sure == line.endswith("--yes")


@pytest.mark.parametrize("line", ["edit a.py b.py", "edit 'a", "verify --yes", "reset now"])
def test_words_with_a_wrong_argument(line: str) -> None:
    assert isinstance(parse(line, NAMES), Wrong)


@pytest.mark.parametrize("name", ["kafka-topics", "kafka-topics.sh", "./bin/kafka-topics.sh", "$ kafka-topics"])
def test_a_tool_by_any_of_its_names(name: str) -> None:
    assert parse(f"{name} --list", NAMES) == RunTool(("kafka-topics", "--list"))


def test_variables_are_substituted_outside_single_quotes() -> None:
    line = """kafka-topics $TOPIC "${GROUP}-x" '$TOPIC' a\\$b"""
    assert parse(line.replace("a\\$b", ""), NAMES) == RunTool(
        ("kafka-topics", "kt-1-ab-payments", "kt-1-ab-service-x", "$TOPIC")
    )


def test_an_apostrophe_in_double_quotes_is_no_quote() -> None:
    assert parse('kafka-topics "it\'s $TOPIC"', NAMES) == RunTool(("kafka-topics", "it's kt-1-ab-payments"))


def test_an_unknown_variable_is_named_with_those_that_exist() -> None:
    found = parse("kafka-topics --topic $TOPIK", NAMES)
    assert isinstance(found, Wrong)
    assert "$TOPIK" in found.message
    assert "$TOPIC" in found.next_step


@pytest.mark.parametrize("line", ["kafka-topics 'x", 'kafka-topics "x', "kafka-topics x\\"])
def test_quotes_that_do_not_match(line: str) -> None:
    found = parse(line, NAMES)
    assert isinstance(found, Wrong)
    assert "quotes" in found.message


@pytest.mark.parametrize("sign", ["|", ">", ">>", ";", "&", "&&", "<<"])
def test_a_shells_signs_are_refused_by_name(sign: str) -> None:
    found = parse(f"kafka-topics --list {sign} wc", NAMES)
    assert isinstance(found, Wrong)
    assert f"`{sign}`" in found.message


def test_a_shells_signs_within_quotes_are_text() -> None:
    assert parse("kafka-topics 'a|b' \"c > d\"", NAMES) == RunTool(("kafka-topics", "a|b", "c > d"))


def test_a_file_for_standard_input() -> None:
    found = parse("kafka-console-producer --topic $TOPIC < rest.txt", NAMES)
    assert found == RunTool(("kafka-console-producer", "--topic", "kt-1-ab-payments"), "rest.txt")


@pytest.mark.parametrize("line", ["kafka-topics <", "kafka-topics < a b", "< a"])
def test_a_file_in_the_wrong_place(line: str) -> None:
    assert isinstance(parse(line, NAMES), Wrong)


def test_an_unknown_command_names_what_is_near() -> None:
    found = parse("kafka-consumer-group --list", NAMES)
    assert isinstance(found, Wrong)
    assert "kafka-consumer-groups" in found.next_step
    assert parse("verfy", NAMES).next_step.startswith("Did you mean verify")  # type: ignore[union-attr]


@pytest.mark.parametrize("line", ["rm -rf /", "python3 x.py", "cat /etc/passwd", "sh -c ls"])
def test_nothing_but_kafkas_tools_runs(line: str) -> None:
    assert isinstance(parse(line, NAMES), Wrong)


def test_a_pasted_command_of_several_lines() -> None:
    assert parse("kafka-topics \\\n  --list \\\n  --topic $TOPIC", NAMES) == RunTool(
        ("kafka-topics", "--list", "--topic", "kt-1-ab-payments")
    )


@pytest.mark.parametrize("line", ["kafka-topics \x1b[31m", "x" * 20_000, "a\nb"])
def test_what_cannot_be_typed(line: str) -> None:
    assert isinstance(parse(line, NAMES), Wrong)


def test_shortcuts_are_real_tools() -> None:
    assert parse("groups", NAMES) == RunTool(("kafka-consumer-groups", "--describe", "--all-groups"))


def test_help_shows_words_shortcuts_and_variables() -> None:
    text = "\n".join(help_lines(NAMES))
    assert all(word in text for word in ("verify", "give up", "topics", "kafka-topics --describe", "$GROUP"))
    assert variable_lines({}) == []
