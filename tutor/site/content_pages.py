"""A page for each scenario, without answers, and one for the labs, without results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labs import catalog
from labs.contract import LabInfo
from tutor.scenarios.model import DIMENSIONS, Scenario
from tutor.scenarios.packs import Pack, load_all

SPOILER = (
    "The rubric, the model answer and the debrief are in the app: they are shown after an attempt, because you learn more "
    "from an answer of your own, right or wrong."
)


def scenario_pages() -> Iterator[tuple[str, str]]:
    """(file, text) of the overview and of each shipped scenario."""
    packs = load_all().packs
    yield "scenarios/index.md", _overview(packs)
    for pack in packs:
        yield f"scenarios/{pack.folder.name}.md", scenario_page(pack.scenario)


def _overview(packs: Sequence[Pack]) -> str:
    lines = ["# Scenarios", "", "| | scenario | what happens | minutes |", "|---|---|---|---|"]
    for pack in packs:
        it = pack.scenario
        lines.append(f"| {it.id} | [{it.title}]({pack.folder.name}.md) | {it.summary} | {it.minutes} |")
    return "\n".join([*lines, "", SPOILER, ""])


def scenario_page(scenario: Scenario) -> str:
    """Situation and question; of the rubric only how it weighs."""
    lines = [f"# {scenario.id}. {scenario.title}", "", scenario.situation.rstrip(), "", "## The question", ""]
    lines += [f"> {scenario.question}", "", "## How it is graded", ""]
    lines += [f"{len(scenario.points)} points, {scenario.minutes} minutes in an interview.", ""]
    lines += ["| dimension | share of the weight |", "|---|---|"]
    total = sum(point.weight for point in scenario.points)
    for dimension in DIMENSIONS:
        weight = sum(point.weight for point in scenario.points if point.dimension == dimension)
        if weight:
            lines.append(f"| {dimension} | {100 * weight / total:.0f} % |")
    if scenario.out_of_scope:
        lines += ["", "Not asked here:", "", *(f"- {text}" for text in scenario.out_of_scope)]
    lines += ["", SPOILER, "", f"Answer it: `kafka-tutor study {scenario.id}`"]
    if scenario.lab is not None:
        lines.append(f"· its lab: [lab {scenario.lab}](../labs.md#lab-{scenario.lab})")
    return "\n".join([*lines, ""])


def lab_page() -> str:
    """What each lab does, asks and wants mended; not what it measures."""
    lines = [
        "# Labs",
        "",
        "Every lab runs on a real Kafka broker on your machine: you predict, watch, mend, and have it verified. It reads the "
        "state of the cluster, so any fix that works is right. Times and sizes are scaled down, and the screen says by how "
        "much. An honest attempt at the scenario opens its lab.",
        "",
    ]
    for number in catalog.shipped():
        lines += _lab(catalog.info(number))
    return "\n".join(lines)


def _lab(info: LabInfo) -> Iterator[str]:
    yield from (f"## Lab {info.number}", "", f"**{info.title}.** {info.summary}", "")
    yield from (f"About {info.seconds} seconds from the start to the facts.", "", "You predict:", "")
    yield from (f"- {question.text}" for question in info.questions)
    yield from ("", f"To be mended: {info.task.goal}", "")
    if info.task.files:
        yield from (f"In your editor: {', '.join(f'`{name}`' for name in info.task.files)}.", "")
    if info.scaling:
        yield from ("| in production | in the lab |", "|---|---|")
        yield from (f"| {scale.production} | {scale.lab} |" for scale in info.scaling)
        yield ""
    yield from (f"Run it: `kafka-tutor lab run {info.number}`", "")
