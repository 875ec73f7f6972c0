"""Measure the grader and write its card: `python -m tutor.grading.card`, some minutes on two cores.

With --only, sections that cost less are measured again and the others kept, as long as the grader is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from tutor.errors import UsageError
from tutor.grading import bench, resources
from tutor.grading.card import measure, values
from tutor.grading.card.render import render
from tutor.grading.corpus import Corpus, read
from tutor.grading.graders import load_grader

SECTIONS = ("speed", "agreement", "attacks", "metamorphic")
DOCS = Path(__file__).parents[3] / "docs"


@click.command()
@click.option("--only", multiple=True, type=click.Choice(SECTIONS), help="Measure this again and keep the rest.")
@click.option("--render", "render_only", is_flag=True, help="Write the page again from the data; measure nothing.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=DOCS, help="Folder; docs without it.")
def main(only: tuple[str, ...], render_only: bool, out: Path) -> None:
    """Write grader-card.json and grader-card.md."""
    data, page = out / "grader-card.json", out / "grader-card.md"
    if not render_only:
        old = _kept(data) if only else None
        card = _measure(only or SECTIONS, read(resources.shipped().data), old)
        values.save(card, data)
    page.write_text(render(values.load(data)), encoding="utf-8")
    click.echo(f"written: {data}, {page}")


def _kept(file: Path) -> values.Card:
    """The card as it is. Raises UsageError where another grader made it."""
    card, now = values.load(file), load_grader("model").id
    if card.grader != now:
        raise UsageError(
            "The other sections are of another grader",
            f"The card is of {card.grader.name} {card.grader.version}, this is {now.name} {now.version}.",
            values.COMMAND,
        )
    return card


def _measure(sections: tuple[str, ...], corpus: Corpus, old: values.Card | None) -> values.Card:
    fields: dict[str, Any] = {} if old is None else {f: getattr(old, f) for f in old.__struct_fields__}
    fields.update(format=values.FORMAT, grader=load_grader("model").id, data=measure.data_of(corpus))
    for section in sections:
        click.echo(f"{section} …")
        fields.update(_MEASURES[section](corpus))
    return msgspec.convert(fields, values.Card)


def _agreement(corpus: Corpus) -> dict[str, Any]:
    return dict(zip(("views", "apart", "other_seeds", "baselines"), measure.agreement_of(corpus), strict=True))


_MEASURES: dict[str, Callable[[Corpus], dict[str, Any]]] = {
    "agreement": _agreement,
    "attacks": lambda corpus: {"attacks": measure.attacked(corpus)},
    "metamorphic": lambda corpus: {"metamorphic": measure.varied(corpus)},
    "speed": lambda _: {"speed": bench.run(bench.ANSWERS)},
}


if __name__ == "__main__":
    main()
