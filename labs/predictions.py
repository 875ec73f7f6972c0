"""Predictions: from what the learner typed to a value, and from a value to predicted | observed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from labs.contract import Choice, Comparison, Observation, Prediction, Question, Value
from labs.errors import BadPrediction

_NUMBER = re.compile(r"[~≈]?\s*(?P<digits>\d{1,3}(?:[, _]\d{3})+|\d+)(?P<fraction>\.\d+)?\s*(?P<unit>\D*)")
_SEPARATORS = re.compile(r"[\s,;>→]+")
_MAX_TYPED = 200


def parse(question: Question, typed: str) -> Prediction:
    """The prediction in a line of text. Raises BadPrediction, which says what is accepted."""
    text = typed.strip()
    if not text:
        raise _refused(question, "Nothing was typed.")
    if len(text) > _MAX_TYPED:
        raise _refused(question, "That is far too long.")
    return Prediction(question.id, _PARSERS[question.kind](question, text))


def parse_all(questions: Sequence[Question], answers: Mapping[str, str]) -> tuple[Prediction, ...]:
    """Every question's prediction, in order. Raises BadPrediction for the first that is none."""
    known = {question.id for question in questions}
    for name in answers:
        if name not in known:
            raise BadPrediction(
                name,
                f"There is no question `{name}`",
                f"The questions are {', '.join(sorted(known))}.",
                "Use one of these.",
            )
    return tuple(parse(question, answers.get(question.id, "")) for question in questions)


def accepted(question: Question) -> str:
    """What may be typed, in one sentence."""
    if question.kind == "number":
        unit = f", in {question.unit}" if question.unit else ""
        return f"A number of 0 or more{unit}: 300, 1,000 or ~300."
    letters = ", ".join(f"{letter} = {choice.text}" for letter, choice in lettered(question))
    if question.kind == "order":
        return f"All {len(question.choices)} letters, first one first, e.g. {_example_order(question)}: {letters}."
    return f"One letter: {letters}."


def lettered(question: Question) -> list[tuple[str, Choice]]:
    """a, b, c … for the choices."""
    return [(chr(ord("a") + i), choice) for i, choice in enumerate(question.choices)]


def compare(question: Question, prediction: Prediction | None, observed: Observation) -> Comparison:
    """Predicted | observed for one question."""
    right = None if prediction is None else is_right(question, prediction.value, observed.value)
    return Comparison(question, prediction, observed, right)


def is_right(question: Question, predicted: Value, observed: Value) -> bool:
    """Whether a prediction holds; a number may be off by the question's tolerance."""
    if isinstance(predicted, (int, float)) and isinstance(observed, (int, float)):
        return abs(predicted - observed) <= question.tolerance * abs(observed) + 1e-9
    return predicted == observed


def show(question: Question, value: Value) -> str:
    """A value as the learner should see it."""
    texts = {choice.id: choice.text for choice in question.choices}
    if isinstance(value, tuple):
        return " > ".join(texts.get(item, item) for item in value)
    if isinstance(value, str):
        return texts.get(value, value)
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0")
    return f"{number} {question.unit}".rstrip()


def _number(question: Question, text: str) -> float:
    if text.startswith(("-", "−")):
        raise _refused(question, f"`{text}` is negative.")
    match = _NUMBER.fullmatch(text)
    if match is None or match["unit"].strip().lower() not in _unit_words(question):
        raise _refused(question, f"`{text}` is not a number.")
    return float(re.sub(r"[, _]", "", match["digits"]) + (match["fraction"] or ""))


def _unit_words(question: Question) -> set[str]:
    unit = question.unit.lower()
    return {"", unit, unit.removesuffix("s")}


def _choice(question: Question, text: str) -> str:
    return _pick(question, text.rstrip(".)"))


def _order(question: Question, text: str) -> tuple[str, ...]:
    parts = [part for part in _SEPARATORS.split(text) if part]
    if len(parts) == 1 and len(text) == len(question.choices) and text not in _ids(question):
        parts = list(text)
    chosen = tuple(_pick(question, part) for part in parts)
    if sorted(chosen) != sorted(_ids(question)):
        raise _refused(question, f"`{text}` does not name each of the {len(question.choices)} once.")
    return chosen


def _pick(question: Question, text: str) -> str:
    low = text.lower()
    for letter, choice in lettered(question):
        if low in (letter, choice.id, choice.text.lower()):
            return choice.id
    raise _refused(question, f"`{text}` is none of the outcomes.")


def _ids(question: Question) -> list[str]:
    return [choice.id for choice in question.choices]


def _example_order(question: Question) -> str:
    return " ".join(reversed([letter for letter, _ in lettered(question)]))


def _refused(question: Question, cause: str) -> BadPrediction:
    return BadPrediction(
        question.id, f"That is no prediction for: {question.text}", cause, f"Accepted: {accepted(question)}"
    )


_PARSERS: dict[str, Callable[[Question, str], Value]] = {"number": _number, "choice": _choice, "order": _order}
