from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labs.errors import EnvironmentFault
from labs.evidence import Evidence
from tutor.errors import StoreError
from tutor.sessions.lab import lab_record
from tutor.sessions.ports import DebriefRow
from tutor.wiring import NO_WARM_UP, Wiring, export

AT = datetime(2026, 3, 1, 9, 30, 5, tzinfo=UTC)


def test_the_parts_are_there_and_nothing_runs_before_it_is_asked_for(own_home: Path) -> None:
    with Wiring() as wiring:
        services = wiring.services()
        assert len(services.packs.packs) == 10 and not services.packs.faults
        assert (services.grader.state(), services.labs.warm_state()) == ("cold", "cold")
        assert [info.number for info in services.labs.infos()] != []
        assert list(services.store.attempts()) == []


def test_what_failed_once_can_be_made_again(own_home: Path) -> None:
    data = own_home / "data"
    data.parent.mkdir(parents=True)
    data.write_text("a file where a directory belongs")
    with Wiring() as wiring:
        with pytest.raises((StoreError, EnvironmentFault)):
            wiring.services()
        data.unlink()
        assert list(wiring.services().store.attempts()) == []


def test_warming_up_can_be_switched_off(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NO_WARM_UP, "1")
    with Wiring() as wiring:
        labs = wiring.services().labs
        labs.warm_up()
        assert labs.warm_state() == "cold"


def test_closing_twice_is_fine(own_home: Path) -> None:
    wiring = Wiring()
    wiring.services()
    wiring.close()
    wiring.close()


EVIDENCE = Evidence(5, "Order", 1, AT.isoformat(), "verified", 0, "embedded, 1 node", (), (), (), (), ())
ROW = DebriefRow("I | said", "keys", "Keys keep the order.", "0 of 40 orders broke", True)
RECORD = lab_record(EVIDENCE, (ROW,), AT, 61.0)


def test_evidence_goes_to_files_of_its_own(tmp_path: Path) -> None:
    file = export(RECORD, tmp_path / "evidence")
    assert file == tmp_path / "evidence" / "lab-05-20260301-093005.md"
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# Lab 5: Order")
    assert "| agrees | I \\| said | Keys keep the order. | 0 of 40 orders broke |" in text
    assert json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))["debrief"][0]["point"] == "keys"


def test_evidence_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(EnvironmentFault) as caught:
        export(RECORD, tmp_path / "data")
    assert "lab-05" in caught.value.cause and caught.value.next_step
