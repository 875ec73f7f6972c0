"""What may be typed as a prediction, and when it was right."""

import pytest

from labs import predictions
from labs.contract import Choice, Observation, Prediction, Question
from labs.errors import BadPrediction

CHOICES = (Choice("none", "no key"), Choice("linger", "linger 20 ms"), Choice("gzip", "compressed"))
NUMBER = Question("n", "How many?", "number", "records", tolerance=0.2)
CHOICE = Question("c", "Which?", "choice", choices=CHOICES)
ORDER = Question("o", "In what order?", "order", choices=CHOICES)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("300", 300),
        ("1,000", 1000),
        ("~300", 300),
        ("≈ 300", 300),
        ("1 000 000", 1_000_000),
        ("12_500", 12500),
        ("0", 0),
        ("2.5", 2.5),
        ("  7 ", 7),
        ("300 records", 300),
        ("1 Record", 1),
        ("٣", 3),
    ],
)
def test_numbers(typed: str, value: float) -> None:
    assert predictions.parse(NUMBER, typed) == Prediction("n", value)


@pytest.mark.parametrize(
    "typed", ["", "   ", "-1", "−3", "many", "1,00", "3 4 5 6", "1e3", "nan", "inf", "300 MiB", "9" * 500, "0x10"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(BadPrediction) as caught:
        predictions.parse(NUMBER, typed)
    assert caught.value.question_id == "n"
    assert "300, 1,000 or ~300" in caught.value.next_step


@pytest.mark.parametrize("typed", ["b", "B", "b)", "b.", "linger", "Linger 20 ms"])
def test_a_choice_by_letter_id_or_text(typed: str) -> None:
    assert predictions.parse(CHOICE, typed).value == "linger"


@pytest.mark.parametrize("typed", ["d", "a b", "1", ""])
def test_what_is_no_choice_is_refused_with_all_outcomes(typed: str) -> None:
    with pytest.raises(BadPrediction) as caught:
        predictions.parse(CHOICE, typed)
    assert "a = no key, b = linger 20 ms, c = compressed" in caught.value.next_step


@pytest.mark.parametrize("typed", ["c a b", "c,a,b", "c > a > b", "cab", "C A B", "gzip none linger", "c; a → b"])
def test_an_order(typed: str) -> None:
    assert predictions.parse(ORDER, typed).value == ("gzip", "none", "linger")


@pytest.mark.parametrize("typed", ["c a", "c a a", "c a b b", "x a b", ""])
def test_an_order_names_each_once(typed: str) -> None:
    with pytest.raises(BadPrediction):
        predictions.parse(ORDER, typed)


def test_all_questions_in_their_order() -> None:
    made = predictions.parse_all([NUMBER, CHOICE], {"c": "a", "n": "5"})
    assert [prediction.question for prediction in made] == ["n", "c"]


def test_the_first_that_is_missing_is_named() -> None:
    with pytest.raises(BadPrediction) as caught:
        predictions.parse_all([NUMBER, CHOICE, ORDER], {"n": "5"})
    assert caught.value.question_id == "c"


def test_a_question_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(BadPrediction) as caught:
        predictions.parse_all([NUMBER], {"n": "5", "nn": "6"})
    assert "nn" in caught.value.title
    assert "n" in caught.value.cause


@pytest.mark.parametrize(("predicted", "right"), [(100, True), (80, True), (120, True), (79, False), (121, False)])
def test_a_number_within_its_tolerance_is_right(predicted: float, right: bool) -> None:
    assert predictions.is_right(NUMBER, predicted, 100.0) is right


def test_nothing_but_zero_is_right_for_zero() -> None:
    assert predictions.is_right(NUMBER, 0, 0.0)
    assert not predictions.is_right(NUMBER, 1, 0.0)


def test_a_choice_and_an_order_must_be_the_same() -> None:
    assert predictions.is_right(CHOICE, "gzip", "gzip")
    assert not predictions.is_right(CHOICE, "gzip", "none")
    assert not predictions.is_right(ORDER, ("a", "b"), ("b", "a"))


def test_without_a_prediction_nothing_is_right_or_wrong() -> None:
    seen = Observation("x", "text", 3.0, "3 records", "why", question="n")
    assert predictions.compare(NUMBER, None, seen).right is None


@pytest.mark.parametrize(
    ("question", "value", "shown"),
    [
        (NUMBER, 1000.0, "1,000 records"),
        (NUMBER, 2.5, "2.5 records"),
        (CHOICE, "gzip", "compressed"),
        (ORDER, ("gzip", "none"), "compressed > no key"),
    ],
)
def test_values_are_shown_in_the_learners_words(question: Question, value: object, shown: str) -> None:
    assert predictions.show(question, value) == shown  # type: ignore[arg-type]
