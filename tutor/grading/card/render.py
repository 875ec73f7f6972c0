"""The grader card for people: `docs/grader-card.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tutor.grading.bootstrap import Interval
from tutor.grading.card.values import COMMAND, Baseline, Card, Finds, ItemRow, Scores, View

_SCORES_HEAD = ("", "answers", "QWK", "Spearman", "mean error", "bias", "wrong passes", "wrong fails")
_FINDS_HEAD = ("", "F1", "precision", "recall")


def render(card: Card) -> str:
    """The whole page."""
    parts = (
        _head(card),
        _agreement(card),
        _found(card),
        _attacks(card),
        _metamorphic(card),
        _speed(card),
        _limits(card),
        _items(card),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(['---', *('---:' for _ in head[1:])])}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _within(value: float, interval: Interval, digits: int = 2) -> str:
    return f"{value:.{digits}f} ({interval.low:.{digits}f}–{interval.high:.{digits}f})"


def _head(card: Card) -> Iterator[str]:
    data = card.data
    yield "# Grader card"
    yield ""
    yield f"Grader **{card.grader.name} {card.grader.version}**. Made by `{COMMAND}` (`make card`); the same as data: `grader-card.json`."
    yield ""
    yield (
        f"Measured on {data.answers} whole answers that people scored from 0 to 10 (hash `{data.scored}`). The models have "
        f"learnt from {data.texts:,} other labelled texts (hash `{data.corpus}`) and never saw these answers; weights, thresholds "
        "and the score are fitted on them and therefore cross-validated below, in two ways:"
    )
    yield ""
    for view in card.views:
        yield f"- **{view.name}**: {view.how}."
    yield ""
    yield f"Rubrics: hash `{data.rubrics}`. In parentheses: 95 % of 1,000 bootstrap samples."
    yield ""


def _agreement(card: Card) -> Iterator[str]:
    yield "## Agreement with people"
    yield ""
    yield "QWK: quadratic weighted kappa of whole scores. Bias: grader minus person. A wrong pass: ≥ 6 where the person says ≤ 3; a wrong fail: the reverse."
    yield ""
    yield from _table(_SCORES_HEAD, ((view.name, *_scores(view.scores)) for view in card.views))
    if card.other_seeds:
        said = ", ".join(f"QWK {value.qwk:.2f}, Spearman {value.spearman:.2f}" for value in card.other_seeds.values())
        yield f"Over answers with other folds: {said}."
        yield ""
    for title, parts in (("kind of answer", "kinds"), ("scenario", "scenarios")):
        for view in card.views:
            yield f"### By {title}, {view.name}"
            yield ""
            yield from _table((title, *_SCORES_HEAD[1:]), _score_rows(getattr(view, parts)))
    yield "QWK and Spearman within one kind say little where a person's scores hardly differ; look at the mean error there."
    yield ""
    yield from _misses(card.views)
    yield from _apart(card)
    yield "### Simpler ways, on the same answers"
    yield ""
    yield from _table(
        ("", "QWK", "Spearman", "mean error", "wrong passes", "wrong fails", "points F1", "misconceptions F1"),
        map(_baseline, card.baselines),
    )


def _apart(card: Card) -> Iterator[str]:
    """The answers of which nothing was taken: a line each for all of them and for each kind."""
    view = card.apart
    yield "### Answers kept apart"
    yield ""
    yield (
        f"{view.scores.figures.answers} more answers (hash `{card.data.apart}`), in other voices and scored by the same scale, on which nothing "
        "was fitted, and by which nothing was chosen, but for the gates' limits, which were set with the notes in view: the grader as it ships."
    )
    yield ""
    yield from _table(_SCORES_HEAD, _score_rows({"all": view.scores, **view.kinds}))
    yield from _table(_FINDS_HEAD, _found_rows(view))
    yield from _misses([view])


def _score_rows(rows: Mapping[str, Scores]) -> Iterator[tuple[str, ...]]:
    for name, scores in rows.items():
        yield (name.replace("_", " "), *_scores(scores))


def _scores(scores: Scores) -> tuple[str, ...]:
    figures, intervals = scores.figures, scores.intervals
    return (
        str(figures.answers),
        _within(figures.qwk, intervals.qwk),
        _within(figures.spearman, intervals.spearman),
        _within(figures.mean_error, intervals.mean_error),
        f"{figures.bias:+.2f}",
        str(figures.wrong_passes),
        str(figures.wrong_fails),
    )


def _misses(views: Sequence[View]) -> Iterator[str]:
    for view in views:
        for title, rows in (("Wrong passes", view.wrong_passes), ("Wrong fails", view.wrong_fails)):
            named = ", ".join(f"{row.answer} ({row.score:.1f}, the person {row.human:g})" for row in rows) or "none"
            yield f"- {title}, {view.name}: {named}."
    yield ""


def _baseline(row: Baseline) -> tuple[str, ...]:
    figures = row.figures
    return (
        row.name,
        f"{figures.qwk:.2f}",
        f"{figures.spearman:.2f}",
        f"{figures.mean_error:.2f}",
        str(figures.wrong_passes),
        str(figures.wrong_fails),
        "–" if row.points_f1 is None else f"{row.points_f1:.2f}",
        "–" if row.misconceptions_f1 is None else f"{row.misconceptions_f1:.2f}",
    )


def _found(card: Card) -> Iterator[str]:
    yield "## Points and misconceptions found"
    yield ""
    yield from _table(_FINDS_HEAD, (row for view in card.views for row in _found_rows(view)))


def _found_rows(view: View) -> Iterator[tuple[str, ...]]:
    for name, finds in (
        ("points", view.points),
        ("misconceptions", view.misconceptions),
        ("misconceptions said without a question mark", view.certain_misconceptions),
    ):
        yield (f"{name}, {view.name}", *_finds(finds))


def _finds(finds: Finds) -> tuple[str, ...]:
    figures, intervals = finds.figures, finds.intervals
    return (
        _within(figures.f1, intervals.f1),
        _within(figures.precision, intervals.precision),
        _within(figures.recall, intervals.recall),
    )


def _attacks(card: Card) -> Iterator[str]:
    total, passes = sum(row.answers for row in card.attacks), sum(row.passes for row in card.attacks)
    yield "## Attacks"
    yield ""
    yield f"{total:,} answers that must not pass, {passes} pass (`python -m tutor.grading.attacks`). Unlocked: no attempt at all, and taken for one."
    yield ""
    rows = (
        (row.kind, str(row.answers), str(row.passes), f"{row.highest:.1f}", f"{row.mean:.1f}", str(row.unlocked))
        for row in card.attacks
    )
    yield from _table(("class", "answers", "pass", "highest", "mean", "unlocked"), rows)


def _metamorphic(card: Card) -> Iterator[str]:
    yield "## Small changes"
    yield ""
    yield "The same answer said differently must keep its score within a point, 19 times in 20; the last two rows hold always (`python -m tutor.grading.metamorphic`)."
    yield ""
    rows = (
        (
            row.kind,
            str(row.answers),
            f"{1 - row.broken / row.answers:.1%}",
            f"{row.largest:.1f}",
            "yes" if row.held else "**no**",
        )
        for row in card.metamorphic
    )
    yield from _table(("change", "answers", "hold", "largest wrong move", "reached"), rows)


def _speed(card: Card) -> Iterator[str]:
    speed = card.speed
    yield "## Time and memory"
    yield ""
    yield (
        f"{speed.answers} answers, both graders in turn in one process on {speed.cores} cores; load average of the machine at "
        f"the start: {speed.load_average}. CPU time is what the process itself used, so it does not grow with other work on the machine."
    )
    yield ""
    rows = (
        (
            name,
            f"{times.median:.3f} s",
            f"{times.p95:.3f} s",
            f"{times.longest:.3f} s",
            f"{cpu.median:.3f} s",
            f"{cpu.p95:.3f} s",
            f"{rss} MB",
        )
        for name, times, cpu, rss in (
            ("model", speed.model, speed.model_cpu, speed.model_rss_mb),
            ("keywords", speed.keywords, speed.keywords_cpu, speed.keywords_rss_mb),
        )
    )
    yield from _table(("grader", "median", "95 %", "longest", "CPU median", "CPU 95 %", "memory"), rows)
    yield (
        f"Model to keywords, CPU median: {speed.ratio:.0f} : 1. First grade after process start: {speed.first_grade:.2f} s. "
        f"One megabyte of text: {speed.megabyte:.2f} s."
    )
    yield ""


def _limits(card: Card) -> Iterator[str]:
    first = card.views[0]
    prose = first.kinds.get("real_world")
    yield "## Known limits"
    yield ""
    if prose is not None:
        yield (
            f"- Prose restated from documentation and forums is graded less well: Spearman {prose.figures.spearman:.2f}, mean error "
            f"{prose.figures.mean_error:.2f}. Claims spread over several sentences are missed most often."
        )
    figures = first.misconceptions.figures
    yield (
        f"- Misconceptions: of ten that an answer holds {10 * figures.recall:.0f} are found, and of ten that are named "
        f"{10 * figures.precision:.0f} are held. A doubtful one is put as a question and the learner's word stands beside the grade."
    )
    yield (
        "- One `not` too many or too few in a single sentence is often overlooked: the cross-encoder's probabilities hardly change. "
        "An answer that is turned round throughout is caught."
    )
    yield (
        "- The limits of the gates were set with these classes of attack in view, and the five weights that tell an answer from its "
        "opposite are fitted on all scored answers, so for new kinds of attack the figures above are a best case."
    )
    yield (
        "- Very terse notes, which look like keywords with marks between them, may stay just below a pass although they are right, or be taken "
        "for shuffled words and earn next to nothing; the result says so and asks for sentences."
    )
    yield "- Only English is graded. Code is read as text; diagrams are not read."
    yield "- It knows the rubric, not Kafka: a right and relevant remark that no rubric point covers earns nothing."
    yield "- A false statement that no misconception of the rubric names costs nothing."
    yield "- At most 1,500 words (12,000 characters) are read; more than 1,000,000 characters are refused."
    yield "- A scenario that the model was not trained on is graded from its definitions and authored statements alone, and the result says so."
    yield "- All scored answers are of the ten scenarios that ship, and one group of people wrote and scored them."
    for row in (row for row in card.metamorphic if not row.held):
        yield f"- Not reached: {row.kind}: {row.broken} of {row.answers} answers move too far, by {row.largest:.1f} at most."
    for attack in (row for row in card.attacks if row.passes):
        yield f"- Not reached: {attack.passes} of {attack.answers} attacks pass: {attack.kind}."
    yield ""


def _items(card: Card) -> Iterator[str]:
    view = card.views[0]
    yield f"## Each point and misconception, {view.name}"
    yield ""
    yield "How many answers have it, in how many it was found, and how many of these rightly."
    yield ""
    for number in dict.fromkeys(row.scenario for row in view.items):
        own = [row for row in view.items if row.scenario == number]
        yield f"### Scenario {number}"
        yield ""
        yield from _table(("", "have it", "found in", "rightly", "precision", "recall"), map(_item, own))


def _item(row: ItemRow) -> tuple[str, ...]:
    shares = ("–" if share is None else f"{share:.2f}" for share in (row.precision, row.recall))
    return (f"`{row.id}`", str(row.there), str(row.said), str(row.right), *shares)
