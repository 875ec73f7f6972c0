"""`python -m tutor.site`: write the generated pages; `--check` only says which are not up to date."""

from __future__ import annotations

from pathlib import Path

import click

from tutor.site import pages


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 where a page is not up to date.")
@click.pass_context
def main(ctx: click.Context, check: bool) -> None:
    """Write the pages of the documentation that are generated from the program."""
    stale = pages.stale(pages.DOCS)
    for name in stale:
        click.echo(f"{'stale' if check else 'written'}: {Path('docs') / name}")
    if not check:
        pages.write(pages.DOCS, stale)
    ctx.exit(1 if check and stale else 0)


if __name__ == "__main__":
    main()
