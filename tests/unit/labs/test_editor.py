"""Which editor is opened, what becomes of it, and that the file is named whatever happens."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labs import editor
from labs.errors import EnvironmentFault

FILE = Path("/work/consumer.py")


def have(*names: str) -> Callable[[str], str | None]:
    return lambda name: f"/bin/{name}" if name in names else None


@pytest.mark.parametrize(
    ("environ", "there", "expected"),
    [
        ({"VISUAL": "code --wait", "EDITOR": "vim"}, ["code", "vim"], ["code", "--wait"]),
        ({"EDITOR": "emacs -nw"}, ["emacs"], ["emacs", "-nw"]),
        ({"VISUAL": " ", "EDITOR": "vim"}, ["vim"], ["vim"]),
        ({"EDITOR": "'my editor' -x"}, ["my editor"], ["my editor", "-x"]),
        ({}, ["vi", "nano"], ["nano"]),
        ({}, ["vi"], ["vi"]),
    ],
)
def test_the_learners_choice_comes_first(environ: dict[str, str], there: list[str], expected: list[str]) -> None:
    assert editor.command(FILE, environ, have(*there)) == [*expected, str(FILE)]


@pytest.mark.parametrize(
    ("environ", "there", "said"),
    [
        ({}, [], "No editor was found"),
        ({"EDITOR": "nowhere"}, ["vim"], "`nowhere` was not found"),
        ({"VISUAL": "'open"}, ["vim"], "$VISUAL is no command"),
        ({"EDITOR": "''"}, ["vim"], "was not found"),
    ],
)
def test_without_an_editor_the_file_is_named(environ: dict[str, str], there: list[str], said: str) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        editor.command(FILE, environ, have(*there))
    assert said in caught.value.title
    assert str(FILE) in caught.value.next_step
    assert editor.name(environ, have(*there)) == ""


def script(tmp_path: Path, body: str) -> dict[str, str]:
    path = tmp_path / "ed.py"
    path.write_text(f"import os, signal, sys\n{body}")
    return {**os.environ, "VISUAL": f"{sys.executable} {path}"}


def test_what_the_editor_writes_is_there(tmp_path: Path) -> None:
    target = tmp_path / "gone" / "new.py"
    editor.edit(target, script(tmp_path, "open(sys.argv[1], 'w').write('saved')"))
    assert target.read_text() == "saved"


@pytest.mark.parametrize(("body", "how"), [("sys.exit(3)", "status 3"), ("os.kill(os.getpid(), 9)", "signal 9")])
def test_an_editor_that_fails_is_told_with_the_file(tmp_path: Path, body: str, how: str) -> None:
    with pytest.raises(EnvironmentFault, match=how) as caught:
        editor.edit(tmp_path / "a.py", script(tmp_path, body))
    assert str(tmp_path / "a.py") in caught.value.next_step


def test_an_editor_that_cannot_be_started(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/nowhere/at/all\n")
    broken.chmod(0o755)
    with pytest.raises(EnvironmentFault, match="could not be started"):
        editor.edit(tmp_path / "a.py", {**os.environ, "VISUAL": str(broken)})


def test_ctrl_c_in_the_editor_is_the_editors(tmp_path: Path) -> None:
    body = "os.kill(os.getppid(), signal.SIGINT)\nsys.exit(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    before = signal.getsignal(signal.SIGINT)
    editor.edit(tmp_path / "a.py", script(tmp_path, body))
    assert signal.getsignal(signal.SIGINT) is before
