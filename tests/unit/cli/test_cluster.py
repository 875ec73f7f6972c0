"""The options that name a cluster: what is wrong with them is told before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.dirs import Dirs
from labs.external.connection import Chosen, Connection
from tutor.cli.main import main
from tutor.labs_bridge import LabsBridge
from tutor.wiring import Wiring


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["-b", "nonsense"], "no address of a broker"),
        (["-X", "sasl.password=hunter2secret"], "would show a secret"),
        (["--command-config", "/nowhere"], "/nowhere cannot be read"),
        (["--broker", "paper"], "There is no broker 'paper'"),
        (["--broker", "external"], "Which cluster?"),
        (["lab", "list", "-b", "192.0.2.1:9092"], "--allow-remote"),
        (["-b", "192.0.2.1:1", "lab", "list", "-b", "127.0.0.1:1"], "127.0.0.1:1: Connection refused"),
        (["-b", "127.0.0.1:1", "tools", "-X", "acks=all", "kafka-topics", "--list"], "no setting of a connection"),
    ],
)
def test_a_wrong_cluster_is_told_with_status_2(args: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(args if args[0] in ("lab", "-b") and len(args) > 2 else [*args, "lab", "list"])
    said = capsys.readouterr().err
    assert (status, told in said) == (2, True), said
    assert "hunter2secret" not in said


def test_the_app_opens_over_the_cluster_that_was_named(tmp_path: Path) -> None:
    with Wiring(Chosen("external", Connection("127.0.0.1:1,127.0.0.1:2"))) as wiring:
        assert wiring.services().labs.where() == "127.0.0.1:1,127.0.0.1:2"
    home = Dirs(tmp_path / "data", tmp_path / "cache", tmp_path / "state")
    assert LabsBridge(home).where() == ""
