"""`python -m tutor.ui.pictures`: draws the README's picture (docs/app.svg) from the app itself.

The real app over real parts, in a home of its own: an example answer is pasted, graded, and its result drawn.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
from textual import events
from textual.pilot import Pilot

from labs.dirs import HOME_VARIABLE
from tutor.scenarios.packs import PackSet
from tutor.ui.app import TutorApp, make_app
from tutor.ui.screens.dialogs import FaultScreen
from tutor.ui.screens.result import ResultScreen
from tutor.ui.screens.study import StudyScreen
from tutor.ui.widgets.answer_area import AnswerArea
from tutor.ui.widgets.findings import OVERALL, Findings

OUT = Path("docs/app.svg")
SIZE = (104, 28)
SCENARIO = 1
PATIENCE = 180.0
"""Seconds: the grader loads its model first."""


def example(packs: PackSet) -> str:
    """The middling example answer: its result shows every kind of finding."""
    pack = next(pack for pack in packs.packs if pack.id == SCENARIO)
    return next(example.text for example in pack.examples if example.front.band == "middling")


async def _until(pilot: Pilot[None], predicate: Callable[[], bool]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE
    while not predicate():
        if isinstance(pilot.app.screen, FaultScreen):
            raise pilot.app.screen.fault
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError("the app did not come so far")
        await pilot.pause(0.05)
    await pilot.pause()


async def draw(app: TutorApp) -> str:
    """Drive the app to a result and draw it."""
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: isinstance(app.screen, StudyScreen) and bool(app.screen.query("#answer:enabled")))
        app.post_message(events.Paste(example(app.kit.services.packs)))
        await _until(pilot, lambda: bool(app.screen.query_one(AnswerArea).text))
        await pilot.press("f5")
        await _until(pilot, lambda: isinstance(app.screen, ResultScreen))
        findings = app.screen.query_one(Findings)
        await _until(pilot, lambda: findings.option_count > 1)
        await _to_evidence(pilot, findings)
        return without_fonts(app.export_screenshot(title="kafka-tutor"))


async def _to_evidence(pilot: Pilot[None], findings: Findings) -> None:
    """Move to a finding with the learner's own words: the last ones are covered points."""
    await pilot.press("G")
    await _until(pilot, lambda: findings.highlighted_option is not None and findings.highlighted_option.id != OVERALL)


def without_fonts(svg: str) -> str:
    """The picture without fonts from the network: viewers use the monospaced font they have."""
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace(
        "font-family: Fira Code, monospace", "font-family: Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    )
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def main() -> None:
    """Draw the picture into a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory(prefix="kafka-tutor-picture-") as home:
        os.environ |= {HOME_VARIABLE: home, "KAFKA_TUTOR_NO_WARM_UP": "1"}
        from tutor.wiring import Wiring

        with Wiring() as wiring:
            svg = asyncio.run(draw(make_app(wiring.services, start=f"study:{SCENARIO}")))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(svg, encoding="utf-8")
    click.echo(f"{out}: {len(svg):,} bytes")


if __name__ == "__main__":
    main()
