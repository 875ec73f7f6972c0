from __future__ import annotations

import re

from tests.ui.driving import running
from tests.ui.fakes import World
from tutor.scenarios.packs import load_all
from tutor.ui.pictures import SCENARIO, example, without_fonts


async def test_the_picture_needs_nothing_from_the_network() -> None:
    async with running(World()) as pilot:
        svg = without_fonts(pilot.app.export_screenshot())
    hosts = set(re.findall(r"https?://[^/\"' ]+", svg))
    assert hosts == {"http://www.w3.org"} and "@font-face" not in svg and "monospace" in svg


def test_the_answer_in_the_picture_is_an_example_of_the_pack() -> None:
    packs = load_all()
    examples = next(pack for pack in packs.packs if pack.id == SCENARIO).examples
    assert example(packs) in [one.text for one in examples]
