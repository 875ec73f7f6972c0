"""Home: where the learner stands with every scenario, and the one next step with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from labs.contract import LabInfo
from tutor.grading.types import PASS_SCORE
from tutor.scenarios.model import Dimension, Scenario
from tutor.sessions.mock import Unfinished, unfinished
from tutor.sessions.placement import asked
from tutor.sessions.ports import Attempt, Draft, LabRecord, Store
from tutor.sessions.unlock import LabState, LabStateKind, missing, state_of

STRONG_SCORE = 8.0
"""`strong: trade-offs, debugging or limits` on the scale in `grading/points.yaml`."""
WEAK_DIMENSIONS = 2
"""So many dimensions are named as weak."""

ScenarioState = Literal["new", "draft", "weak", "passed", "strong"]
"""`draft`: begun and never graded. `weak`: the last answer would not pass."""
StepKind = Literal["review", "mock", "resume", "lab", "retry", "study", "improve", "none"]


class WeakSpot(msgspec.Struct, frozen=True):
    """A dimension below the pass mark in the last answer."""

    dimension: Dimension
    score: float
    """0 to 10."""


class ScenarioView(msgspec.Struct, frozen=True):
    """One line of Home."""

    scenario: int
    slug: str
    title: str
    summary: str
    minutes: int
    """Time an interview gives it."""
    state: ScenarioState
    has_draft: bool
    draft_words: int
    attempts: int
    """Graded answers to the scenario's own question."""
    best: float | None
    """0 to 10; None where nothing was graded."""
    last: float | None
    last_at: datetime | None
    weak: tuple[WeakSpot, ...]
    """Weakest dimensions of the last answer, weakest first."""
    lab: int | None
    """Number of its lab; None where the scenario has none."""
    lab_title: str
    lab_state: LabState
    known: bool = False
    """Its key point was known in the placement round."""


class HomeView(msgspec.Struct, frozen=True):
    """Home as values."""

    scenarios: tuple[ScenarioView, ...]
    """In the order of the track."""
    drafts: tuple[Draft, ...]
    """The latest first; those of follow-up questions too."""
    passed: int
    """Scenarios whose last answer would pass."""
    labs_verified: int
    """Verified after an honest attempt."""
    labs: int
    """Labs in this release."""
    due: int = 0
    """Cards to repeat today, within the daily limit."""
    mock: Unfinished | None = None
    """The mock interview to go on with."""


class NextStep(msgspec.Struct, frozen=True):
    """What to do next."""

    kind: StepKind
    scenario: int | None
    lab: int | None
    """Only where `kind` is `lab`."""
    action: str
    """What the key does: `Go on with scenario 3`."""
    reason: str
    """Why, as a sentence."""
    follow_up_to: int | None = None
    """Only for `resume`: the draft answers the follow-up of this attempt."""


def overview(scenarios: Iterable[Scenario], store: Store, infos: Iterable[LabInfo], due: int = 0) -> HomeView:
    """Where the learner stands. `due`: cards to repeat today (`sessions.review.queue`). `scenarios` in the order of the track; reads the store, so call it in a worker."""
    scenarios, history = tuple(scenarios), _History(store)
    labs = {info.number: info for info in infos}
    views = tuple(_scenario_view(scenario, history, labs) for scenario in scenarios)
    return HomeView(
        scenarios=views,
        drafts=tuple(history.drafts),
        passed=sum(view.state in ("passed", "strong") for view in views),
        labs_verified=sum(view.lab_state.kind == "verified" and view.lab_state.counts for view in views),
        labs=len(labs),
        due=due,
        mock=unfinished(store, scenarios),
    )


class _History:
    """Everything the store knows, read once and sorted by scenario and lab."""

    def __init__(self, store: Store) -> None:
        self.drafts: Sequence[Draft] = store.drafts()
        self._attempts: dict[int, list[Attempt]] = {}
        self._records: dict[int, list[LabRecord]] = {}
        for attempt in store.attempts():
            self._attempts.setdefault(attempt.scenario, []).append(attempt)
        for record in store.lab_records():
            self._records.setdefault(record.lab, []).append(record)
        self._skipped = store.lab_lock_skipped
        self._store = store

    def attempts(self, scenario: int) -> list[Attempt]:
        return self._attempts.get(scenario, [])

    def known(self, scenario: Scenario) -> bool:
        return asked(self._store, scenario).state == "known"

    def lab_state(self, lab: int | None, labs: dict[int, LabInfo], scenario: int) -> LabState:
        if lab is None:
            return LabState("missing", f"This release has no lab for scenario {scenario}.")
        if lab not in labs:
            return missing(lab)
        return state_of(lab, self.attempts(scenario), self._records.get(lab, []), skipped=self._skipped(lab))


def _scenario_view(scenario: Scenario, history: _History, labs: dict[int, LabInfo]) -> ScenarioView:
    own = [attempt for attempt in history.attempts(scenario.id) if attempt.follow_up_to is None]
    drafts = [draft for draft in history.drafts if draft.scenario == scenario.id]
    last = own[-1] if own else None
    info = labs.get(scenario.lab) if scenario.lab is not None else None
    return ScenarioView(
        scenario=scenario.id,
        slug=scenario.slug,
        title=scenario.title,
        summary=scenario.summary,
        minutes=scenario.minutes,
        state=_state(last, bool(drafts)),
        has_draft=bool(drafts),
        draft_words=len(drafts[0].text.split()) if drafts else 0,
        attempts=len(own),
        best=max((attempt.grade.score for attempt in own), default=None),
        last=last.grade.score if last else None,
        last_at=last.at if last else None,
        weak=_weak_spots(last),
        lab=scenario.lab,
        lab_title=info.title if info else "",
        lab_state=history.lab_state(scenario.lab, labs, scenario.id),
        known=history.known(scenario),
    )


def _state(last: Attempt | None, has_draft: bool) -> ScenarioState:
    if last is None:
        return "draft" if has_draft else "new"
    if last.grade.score >= STRONG_SCORE:
        return "strong"
    return "passed" if last.grade.score >= PASS_SCORE else "weak"


def _weak_spots(last: Attempt | None) -> tuple[WeakSpot, ...]:
    if last is None:
        return ()
    below = [WeakSpot(name, score) for name, score in last.grade.dimensions.items() if score < PASS_SCORE]
    return tuple(sorted(below, key=lambda spot: spot.score)[:WEAK_DIMENSIONS])


def next_step(view: HomeView) -> NextStep:
    """The one next step: what is due, a mock interview, draft, lab, weakest answer, next new scenario, then what could still be stronger."""
    steps = (_review, _mock, _resume, _lab, _retry, _study, _improve)
    return next((step for find in steps if (step := find(view))), _NOTHING)


_NOTHING = NextStep("none", None, None, "Check the question packs", "No scenario could be read: kafka-tutor check.")


def _review(view: HomeView) -> NextStep | None:
    if not view.due:
        return None
    cards = "1 card" if view.due == 1 else f"{view.due} cards"
    reason = "What you missed fades unless it comes back in time; a minute or two each."
    return NextStep("review", None, None, f"Review {cards}", reason)


def _mock(view: HomeView) -> NextStep | None:
    if view.mock is None:
        return None
    action = f"Go on with your mock interview ({view.mock.level}, {view.mock.minutes} min)"
    return NextStep("mock", None, None, action, view.mock.where)


def _resume(view: HomeView) -> NextStep | None:
    known = {row.scenario for row in view.scenarios}
    draft = next((draft for draft in view.drafts if draft.scenario in known), None)
    if draft is None:
        return None
    what = "follow-up" if draft.follow_up_to else "answer"
    words = len(draft.text.split())
    return NextStep(
        "resume",
        draft.scenario,
        None,
        f"Go on with the {what} to scenario {draft.scenario}",
        f"You left an unfinished {what} of {words} {'word' if words == 1 else 'words'}.",
        draft.follow_up_to,
    )


def _first(view: HomeView, kind: LabStateKind) -> ScenarioView | None:
    return next((row for row in view.scenarios if row.lab_state.kind == kind), None)


def _lab(view: HomeView) -> NextStep | None:
    row = _first(view, "unlocked")
    if row is None:
        return None
    reason = "Your answer opened this lab and it has not been run to its end: see whether Kafka agrees with you."
    return NextStep("lab", row.scenario, row.lab, f"Run lab {row.lab}: {row.lab_title}", reason)


def _weakest(rows: Iterable[ScenarioView]) -> ScenarioView | None:
    return min(rows, key=lambda row: row.last if row.last is not None else 0.0, default=None)


def _retry(view: HomeView) -> NextStep | None:
    row = _weakest(row for row in view.scenarios if row.state == "weak")
    if row is None:
        return None
    reason = f"Your last answer scored {row.last:.1f} of 10, the lowest of all, and would not pass{_in_what(row)}."
    return NextStep("retry", row.scenario, None, f"Answer scenario {row.scenario} again: {row.title}", reason)


def _study(view: HomeView) -> NextStep | None:
    new = [row for row in view.scenarios if row.state == "new"]
    row = next((row for row in new if not row.known), new[0] if new else None)
    if row is None:
        return None
    reason = "It is the next scenario of the track that you have not answered."
    if row.known:
        reason = "You knew its key point in the placement round; see whether the whole answer holds."
    elif any(other.known for other in new):
        reason = "It is the next scenario of the track that you have not answered; those you know already come last."
    return NextStep("study", row.scenario, None, f"Answer scenario {row.scenario}: {row.title}", reason)


def _improve(view: HomeView) -> NextStep | None:
    row = _weakest(row for row in view.scenarios if row.last is not None)
    if row is None:
        return None
    reason = f"Every answer passes; this one has the lowest score, {row.last:.1f} of 10{_in_what(row)}."
    return NextStep("improve", row.scenario, None, f"Answer scenario {row.scenario} again: {row.title}", reason)


def _in_what(row: ScenarioView) -> str:
    names = " and ".join(spot.dimension for spot in row.weak)
    return f", weakest in {names}" if names else ""
