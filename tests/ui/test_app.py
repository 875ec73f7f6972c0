from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from textual.app import App
from textual.binding import Binding
from textual.color import Color
from textual.message_pump import MessagePump

import tutor.ui
from tests.ui.driving import on_screen, running, sees, shows, until
from tests.ui.fakes import World
from tutor.errors import StoreError
from tutor.ui import faults, themes
from tutor.ui.app import make_app
from tutor.ui.jobs import Jobs
from tutor.ui.screens.help import HelpScreen
from tutor.ui.screens.home import HomeScreen
from tutor.ui.screens.study import StudyScreen
from tutor.ui.services import Services

MODULES = [
    module.name
    for module in pkgutil.walk_packages(tutor.ui.__path__, "tutor.ui.")
    if not module.name.endswith((".bench", ".pictures"))
]
MAX_LINES = 400
OVERRIDDEN = {"_handle_exception"}
"""Textual's own, on purpose."""


def pumps() -> list[type[MessagePump]]:
    """Every app, screen and widget of ours."""
    classes = [
        value for name in MODULES for value in vars(importlib.import_module(name)).values() if inspect.isclass(value)
    ]
    ours = [kind for kind in classes if kind.__module__.startswith("tutor.ui") and issubclass(kind, MessagePump)]
    return list(dict.fromkeys(ours))


@pytest.mark.parametrize("kind", pumps(), ids=lambda kind: kind.__name__)
def test_every_binding_has_an_id_and_a_tooltip(kind: type[MessagePump]) -> None:
    for binding in vars(kind).get("BINDINGS", []):
        assert isinstance(binding, Binding)
        assert binding.id and binding.id == binding.id.lower() and binding.tooltip.endswith("."), binding


def test_ids_of_bindings_are_unique() -> None:
    ids = [binding.id for kind in pumps() for binding in vars(kind).get("BINDINGS", [])]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", pumps(), ids=lambda kind: kind.__name__)
def test_no_private_name_shadows_one_of_textual(kind: type[MessagePump]) -> None:
    theirs = {name for base in kind.__mro__ if base.__module__.startswith("textual") for name in vars(base)}
    theirs |= {
        name
        for base in kind.__mro__
        if base.__module__.startswith("textual") and "__init__" in vars(base)
        for name in base.__init__.__code__.co_names
    }
    mine = {name for name in vars(kind) if name.startswith("_") and not name.startswith("__")}
    if "__init__" in vars(kind):
        mine |= {name for name in kind.__init__.__code__.co_names if name.startswith("_") and not name.startswith("__")}
    made_by_textual = {name for name in vars(App) | vars(MessagePump) if name.startswith("_") and name in mine}
    made_by_textual |= {
        "_decorated_handlers",
        "_merged_bindings",
        "_css_bases",
        "_inherit_bindings",
        "_reactives",
        "_computes",
    }
    assert not (mine & theirs) - OVERRIDDEN - {name for name in made_by_textual if name not in own_source(kind)}


def own_source(kind: type[MessagePump]) -> str:
    return inspect.getsource(kind)


@pytest.mark.parametrize("file", sorted(Path(tutor.ui.__file__).parent.rglob("*.py")), ids=lambda file: file.name)
def test_files_stay_small(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) < MAX_LINES


async def test_help_shows_the_keys_that_work_now() -> None:
    async with running(World()) as pilot:
        await pilot.press("question_mark")
        await on_screen(pilot, HelpScreen)
        await sees(pilot, "Do what comes next", "The scenarios, with your best score")
        await pilot.press("j", "k", "escape")
        await on_screen(pilot, HomeScreen)


async def test_help_while_typing_is_about_the_answer() -> None:
    async with running(World()) as pilot:
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await until(pilot, lambda: pilot.app.focused is not None)
        await pilot.press("f1")
        await sees(pilot, "Your answer, as you would say it", "Have the answer graded.")


async def test_the_palette_goes_to_scenarios_and_labs() -> None:
    async with running(World()) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "palette" in type(pilot.app.screen).__name__.lower())
        await pilot.press(*"scenario 4")
        await sees(pilot, "Answer scenario 4: Rebalance storm")
        await pilot.press("enter")
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await sees(pilot, "Rebalance storm")


async def test_the_palette_offers_light_and_dark() -> None:
    async with running(World()) as pilot:
        titles = [command.title for command in pilot.app.get_system_commands(pilot.app.screen)]
        assert titles == ["Switch light/dark", "Theme …", "Help", "Quit"]


async def test_the_theme_is_switched_by_a_key_and_kept() -> None:
    world = World()
    async with running(world) as pilot:
        assert pilot.app.theme == themes.DARK
        await pilot.press("t")
        await until(pilot, lambda: world.store.settings.get("theme") == themes.LIGHT)
    async with running(world) as pilot:
        assert pilot.app.theme == themes.LIGHT


async def test_a_kept_theme_that_is_gone_is_ignored() -> None:
    world = World()
    world.store.settings["theme"] = "no-such-theme"
    async with running(world) as pilot:
        assert pilot.app.theme == themes.DARK


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda theme: theme.name)
def test_both_themes_keep_their_contrast(theme: themes.Theme) -> None:
    paper = Color.parse(theme.background or "")
    for name in ("foreground", "success", "warning", "error", "accent"):
        assert contrast(luminance(Color.parse(getattr(theme, name))), luminance(paper)) >= 4.5, name


def luminance(color: Color) -> float:
    """Relative luminance, WCAG 2."""
    parts = (part / 255 for part in color.rgb)
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("size", [(60, 20), (63, 30), (30, 8)])
async def test_a_window_that_is_too_small_says_so_and_keeps_everything(size: tuple[int, int]) -> None:
    async with running(World()) as pilot:
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await until(pilot, lambda: pilot.app.focused is not None and not pilot.app.focused.disabled)
        await pilot.press(*"abc")
        await pilot.resize_terminal(*size)
        await sees(pilot, f"has {size[0]} columns and {size[1]} lines", "needs 64 and 21")
        await pilot.press("d")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not shows(pilot, "columns and"))
        await sees(pilot, "abcd")


@pytest.mark.parametrize("size", [(64, 21), (80, 24), (200, 60)])
async def test_home_shows_all_it_has_at_any_size(size: tuple[int, int]) -> None:
    world = World()
    world.attempt(1)
    async with running(world, size) as pilot:
        await sees(
            pilot, "Next: Run lab 1", "A running consumer", "weak 4.6", "lab open", "Kafka or RabbitMQ", "grader ready"
        )


async def test_services_that_cannot_be_made_are_explained_and_tried_again() -> None:
    world, faults = (
        World(),
        [StoreError("Your data is from a newer version", "It has format 9.", "Update kafka-tutor.")],
    )

    def fail() -> Services:
        if faults:
            raise faults.pop()
        return world.services()

    app = make_app(fail)
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, "from a newer version", "Next: Update kafka-tutor.")
        await pilot.press("enter")
        await sees(pilot, "could not start")
        await pilot.press("r")
        await sees(pilot, "answered", "Next:")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)


@pytest.mark.parametrize(("start", "seen"), [("study:3", "One slow consumer"), ("lab:6", "Locked.")])
async def test_the_app_can_be_opened_at_a_place(start: str, seen: str) -> None:
    app = make_app(World().services, start=start)
    async with app.run_test(size=(80, 24)) as pilot:
        await sees(pilot, seen)
        await pilot.press("escape")
        await sees(pilot, "Next:")


async def test_an_unexpected_fault_in_the_background_is_explained_and_logged(own_home: Path) -> None:
    world = World()
    async with running(world) as pilot:

        def explode(*_: object) -> None:
            raise ZeroDivisionError("a fault of ours")

        world.store.attempts = explode  # type: ignore[method-assign,assignment]
        await pilot.press("enter")
        await on_screen(pilot, StudyScreen)
        await pilot.press("escape")
        await sees(pilot, "Something unexpected happened", "ZeroDivisionError: a fault of ours", "faults.log")
        assert "explode" in faults.log_file().read_text()
        assert not shows(pilot, "Traceback")


async def test_an_unexpected_fault_on_the_interfaces_thread_ends_with_a_message(own_home: Path) -> None:
    app = make_app(World().services)
    with pytest.raises(ZeroDivisionError):
        async with app.run_test(size=(80, 24)) as pilot:
            await sees(pilot, "answered")
            app.call_later(lambda: 1 / 0)
            await until(pilot, lambda: not app.is_running)
    assert app.return_code == 70 and "ZeroDivisionError" in faults.log_file().read_text()


def test_the_log_is_cut_back(tmp_path: Path) -> None:
    from tests.ui.fakes import NOW

    file = tmp_path / "faults.log"
    file.write_text("x" * (faults.MAX_LOG_BYTES + 1))
    assert faults.log_fault(ValueError("now"), NOW, file) == file
    assert "now" in file.read_text() and file.stat().st_size < 1000


def test_a_log_that_cannot_be_written_is_no_second_fault(tmp_path: Path) -> None:
    from tests.ui.fakes import NOW

    (tmp_path / "file").write_text("")
    assert faults.log_fault(ValueError("now"), NOW, tmp_path / "file" / "faults.log") is None
    assert "could not be written" in faults.explained(ValueError("now"), None).cause


def test_jobs_run_in_order_and_stop_taking_calls() -> None:
    jobs, seen = Jobs("test"), []
    for number in range(50):
        jobs.run(None, lambda number=number: seen.append(number))  # type: ignore[arg-type,misc]
    assert jobs.close(wait=20)
    jobs.run(None, lambda: seen.append(99))  # type: ignore[arg-type,misc]
    assert seen == list(range(50))


async def test_markup_from_packs_and_faults_stays_text() -> None:
    async with running(World()) as pilot:
        pilot.app.show_fault(StoreError("[red]title[/red]", "[b]cause[/b]", "[nope"))
        await sees(pilot, "[red]title[/red]", "[b]cause[/b]", "[nope")
