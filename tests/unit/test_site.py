"""The documentation says what the program says, its site builds without a dead link, and loads nothing from elsewhere."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from labs.broker.lock import committed_lock
from tutor.scenarios.packs import load_all
from tutor.site import licences, pages

ROOT = Path(__file__).resolve().parents[2]


def test_generated_pages_are_up_to_date() -> None:
    assert list(pages.stale(pages.DOCS)) == [], "run: make pages"


def test_scenario_pages_give_no_answer_away() -> None:
    for pack in load_all().packs:
        text = (ROOT / "docs" / "scenarios" / f"{pack.folder.name}.md").read_text(encoding="utf-8")
        entries = [*pack.scenario.points, *pack.scenario.misconceptions]
        given = [entry.id for entry in entries if entry.definition in text]
        given += [point.id for point in pack.scenario.points if point.missed in text]
        assert given == []


def test_every_part_has_a_licence() -> None:
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    for part in licences.packages():
        assert part.licence, f"{part.name} states no licence: add it to licences.STATED"
        assert f"| {part.name} | {part.licence} |" in text
    for jar in committed_lock().jars:
        assert f"| {jar.group}:{jar.artifact} {jar.version} |" in text
    assert len(licences.jars()) == len(committed_lock().jars)


def test_packages_are_followed_to_the_end() -> None:
    found = {part.name for part in licences.packages()}
    direct = {re.split(r"[\[><=; ]", line)[0].lower() for line in licences.dependencies()}
    assert direct - found <= {"onnxruntime"}  # has no packages for Intel Macs
    assert {"rich", "certifi", "cramjam", "numpy", "attrs"} <= found
    assert "pytest" not in found
    assert all(importlib.metadata.version(name) for name in found)


class _Loads(HTMLParser):
    """What a page has a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and values.get("rel") not in ("canonical", "next", "prev"):
            self.found.append(values.get("href", ""))
        if tag in ("script", "img", "iframe", "source", "object", "embed", "video", "audio"):
            self.found.append(values.get("src", values.get("data", "")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    place = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    htmls = list(site.rglob("*.html"))
    assert len(htmls) > 20
    for html in htmls:
        text = html.read_text(encoding="utf-8")
        page = _Loads()
        page.feed(text)
        assert [url for url in page.found if re.match(r"(\w+:)?//", url)] == [], html
        assert 'http-equiv="Content-Security-Policy" content="default-src \'self\' file:;' in text, html
    for css in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", css.read_text(encoding="utf-8")), css
