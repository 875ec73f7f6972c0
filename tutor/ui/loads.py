"""What screens load, as values. Every function reads the store: call it on the io thread."""

from __future__ import annotations

from dataclasses import dataclass

from labs.contract import LabInfo
from labs.errors import UnknownLab
from tutor.errors import UsageError
from tutor.scenarios.model import Scenario
from tutor.scenarios.packs import Pack, find
from tutor.sessions.follow_up import FollowUp, asked_of, follow_up
from tutor.sessions.placement import PlacementSession, Round, placement
from tutor.sessions.ports import Attempt
from tutor.sessions.result import ResultView, result_view
from tutor.sessions.review import CardSession, Queue, due_card, queue
from tutor.sessions.study import StudySession
from tutor.sessions.unlock import LabState, lab_state
from tutor.ui.services import Services


@dataclass(frozen=True, slots=True)
class ResultData:
    """A graded answer with all that its screen shows."""

    attempt: Attempt
    view: ResultView
    pack: Pack
    lab: LabState | None
    """None where the scenario has no lab."""
    root: int
    """The attempt at the scenario's own question; follow-ups hang on it."""
    next_follow_up: FollowUp | None


@dataclass(frozen=True, slots=True)
class LabData:
    """A lab with what the learner brings to it."""

    info: LabInfo
    state: LabState
    scenario: Scenario | None
    """None where its pack cannot be read."""
    attempt: Attempt | None
    """The latest honest answer: its claims meet the facts in the debrief."""


def load_lab(services: Services, lab: int) -> LabData:
    """A lab. Raises UnknownLab, StoreError."""
    infos = {info.number: info for info in services.labs.infos()}
    if lab not in infos:
        raise UnknownLab(
            f"There is no lab {lab}", f"This release has the labs {', '.join(map(str, infos))}.", "Pick one."
        )
    pack = next((pack for pack in services.packs.packs if pack.scenario.lab == lab), None)
    answers = [] if pack is None else services.store.attempts(pack.id)
    honest = [answer for answer in answers if answer.grade.honest and answer.follow_up_to is None]
    return LabData(
        infos[lab],
        lab_state(services.store, lab, list(infos)),
        pack.scenario if pack else None,
        honest[-1] if honest else None,
    )


@dataclass(frozen=True, slots=True)
class ReviewData:
    """What is due, and the card that comes first."""

    queue: Queue
    session: CardSession | None
    """None where nothing is due."""


def load_review(services: Services, card: int | None = None) -> ReviewData:
    """The queue of today; `card`: this one first, due or not. Raises StoreError, UsageError."""
    scenarios = [pack.scenario for pack in services.packs.packs]
    found = queue(services.store, scenarios, services.clock.now())
    first = found.due[0] if found.due else None
    if card is not None:
        first = due_card(services.store, card, scenarios)
    return ReviewData(found, CardSession.start(first, services.store, services.clock) if first else None)


@dataclass(frozen=True, slots=True)
class PlacementData:
    """The placement round, and the question that comes next."""

    round: Round
    session: PlacementSession | None
    """None at its end."""


def load_placement(services: Services) -> PlacementData:
    """The round as it stands. Raises StoreError."""
    found = placement(services.store, [pack.scenario for pack in services.packs.packs])
    first = found.left[0] if found.left else None
    return PlacementData(found, PlacementSession(first, services.store, services.clock) if first else None)


def load_study(services: Services, scenario: int, follow_up_to: int | None) -> StudySession:
    """Begin or resume an answer. Raises UnknownScenario, UsageError, StoreError."""
    pack = find(services.packs, scenario)
    if follow_up_to is None:
        return StudySession.start(pack.scenario, services.store, services.clock)
    parent = _attempt(services, follow_up_to)
    question = _next_follow_up(services, pack, parent)
    if question is None:
        raise UsageError(
            "There is no follow-up question left",
            "Every point of this answer had its turn.",
            "Answer the scenario again.",
        )
    return StudySession.start_follow_up(pack.scenario, parent, question, services.store, services.clock)


def load_result(services: Services, attempt_id: int) -> ResultData:
    """A graded answer. Raises UsageError where it does not exist, UnknownScenario where its pack is gone."""
    attempt = _attempt(services, attempt_id)
    pack = find(services.packs, attempt.scenario)
    store = services.store
    root = attempt if attempt.follow_up_to is None else _attempt(services, attempt.follow_up_to)
    asked = asked_of(store.attempts(attempt.scenario), root.id)
    view = result_view(pack.scenario, attempt, store.overrules(attempt.id), asked)
    numbers = [info.number for info in services.labs.infos()]
    lab = lab_state(store, pack.scenario.lab, numbers) if pack.scenario.lab is not None else None
    return ResultData(attempt, view, pack, lab, root.id, _next_follow_up(services, pack, root))


def _attempt(services: Services, attempt_id: int) -> Attempt:
    attempt = services.store.attempt(attempt_id)
    if attempt is None:
        raise UsageError(f"There is no answer {attempt_id}", "It may have been reset.", "Go back to Home.")
    return attempt


def _next_follow_up(services: Services, pack: Pack, root: Attempt) -> FollowUp | None:
    store = services.store
    asked = asked_of(store.attempts(pack.id), root.id)
    return follow_up(pack.scenario, root.grade, store.overrules(root.id), asked)
