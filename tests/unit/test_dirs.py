"""Where things live."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from labs.dirs import dirs
from labs.errors import EnvironmentFault


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    found = dirs({"KAFKA_TUTOR_HOME": str(tmp_path)})
    assert (found.data, found.cache, found.state) == (tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    assert not found.data.exists()


def test_relative_names_become_full_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert dirs({"KAFKA_TUTOR_HOME": "here"}).data == tmp_path / "here" / "data"


def test_a_home_of_nobody() -> None:
    with pytest.raises(EnvironmentFault) as caught:
        dirs({"KAFKA_TUTOR_HOME": "~no-such-user-anywhere/x"})
    assert "KAFKA_TUTOR_HOME=" in caught.value.next_step and caught.value.exit_code == 2


def nobody(_: int) -> None:
    raise KeyError("uid not found")


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """No HOME, and no entry in the user database: as in a container with a number for a user."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    with pytest.raises(EnvironmentFault, match="no directory for your data") as caught:
        dirs({})
    assert "KAFKA_TUTOR_HOME=" in caught.value.next_step


def test_without_the_variable_the_systems_places() -> None:
    assert all(
        place.is_absolute() and place.name == "kafka-tutor" for place in (dirs({}).data, dirs({}).cache, dirs({}).state)
    )
