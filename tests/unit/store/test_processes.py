"""Several processes at one file: killed, side by side, and with no room left."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.sessions.make import FakeClock
from tests.unit.store import kill
from tutor.store.sqlite import SqliteStore

KILLS = 25


def test_killed_again_and_again_nothing_acknowledged_is_lost(path: Path) -> None:
    tally = kill.run(path, KILLS, seed=11)
    assert (tally.lost, tally.torn, tally.damaged) == ([], [], [])
    assert tally.kills == KILLS and tally.acknowledged > KILLS and tally.inside > 0


@pytest.mark.parametrize(
    ("harm", "seen"),
    [
        ("DELETE FROM attempts WHERE id = (SELECT max(id) FROM attempts WHERE scenario = 3)", "lost"),
        ("DELETE FROM lab_records", "lost"),
        ("UPDATE settings SET value = x'30'", "lost"),
        ("DELETE FROM reviews WHERE id = (SELECT max(id) FROM reviews)", "lost"),
        ("DELETE FROM undone", "lost"),
        ("DELETE FROM mock_answers WHERE id = 1", "lost"),
        ("DELETE FROM mock_assessments", "lost"),
        ("DELETE FROM mock_marks WHERE mark = 'debriefed'", "torn"),
        ("DELETE FROM cards WHERE scenario = 4", "torn"),
        (
            "INSERT INTO mock_drafts SELECT mock, position, turn, redo, answer, 1, at FROM mock_answers LIMIT 1",
            "torn",
        ),
        ("UPDATE cards SET answered = 0", "torn"),
        ("DELETE FROM cards WHERE id = 1", "torn"),
        ("DELETE FROM predictions WHERE position = 7", "torn"),
        ("UPDATE attempts SET answer = substr(answer, 1, 20)", "torn"),
        (
            "INSERT INTO drafts (scenario, answer, seconds, at) SELECT scenario, answer, 1, at FROM attempts LIMIT 1",
            "torn",
        ),
    ],
)
def test_the_comparison_sees_what_is_lost_and_what_is_torn(path: Path, clock: FakeClock, harm: str, seen: str) -> None:
    acknowledged = [(number, kind) for number in (1, 2) for kind in kill.KINDS]
    with SqliteStore.open(path, clock) as store:
        for number, kind in acknowledged:
            kill.write(store, kind, number)
    sound = kill.Tally()
    kill.compare(path, acknowledged, sound)
    assert not sound.lost and not sound.torn
    with SqliteStore.open(path, clock) as store, store._database.write() as connection:
        connection.execute(harm)
    tally = kill.Tally()
    kill.compare(path, acknowledged, tally)
    assert getattr(tally, seen)


SIDE_BY_SIDE = """
import sys
from pathlib import Path
from tests.unit.sessions.make import START, attempt
from tutor.sessions.ports import Draft
from tutor.store.sqlite import SqliteStore
with SqliteStore.open(Path(sys.argv[1])) as store:
    for count in range(40):
        store.save_draft(Draft(int(sys.argv[2]), str(count), 1.0, START))
        store.add_attempt(attempt(int(sys.argv[2]), str(count)))
"""


def test_two_instances_that_start_together_write_side_by_side(path: Path, clock: FakeClock) -> None:
    both = [
        subprocess.Popen([sys.executable, "-c", SIDE_BY_SIDE, str(path), str(number)], stderr=subprocess.PIPE)
        for number in (1, 2)
    ]
    errors = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    with SqliteStore.open(path, clock) as store:
        for number in (1, 2):
            assert [a.answer for a in store.attempts(number)] == [str(count) for count in range(40)]
        assert store.drafts() == []


NO_ROOM = """
import resource, sys
from pathlib import Path
from tests.unit.sessions.make import START
from tutor.errors import EnvironmentFault
from tutor.sessions.ports import Draft
from tutor.store.sqlite import SqliteStore
store = SqliteStore.open(Path(sys.argv[1]))
written, faults = 0, []
try:
    while True:
        store.save_draft(Draft(written + 1, "x" * 20_000, 1.0, START))
        written += 1
except EnvironmentFault as fault:
    print(written, fault.exit_code, fault.title)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.save_draft(Draft(written + 1, "the retry", 1.0, START))
store.close()
"""


@pytest.mark.parametrize("room", [250_000, 500_000, 1_000_000])
def test_no_room_for_the_file_then_room_again(path: Path, clock: FakeClock, room: int) -> None:
    """A limit on file size makes the system refuse writes in mid-file, as a full disk or a quota does."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    command = [sys.executable, "-c", NO_ROOM, str(path)]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    written, code, title = done.stdout.split(maxsplit=2)
    assert int(written) > 0 and code == "2" and "disk" in title
    with SqliteStore.open(path, clock) as store:
        assert [d.text for d in store.drafts()] == ["the retry", *["x" * 20_000] * int(written)]
