"""`kafka-tutor tour`: what there is, in the app or as text."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option("--plain", is_flag=True, help="As text, without the app.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.pass_context
def tour(ctx: click.Context, plain: bool, as_json: bool) -> None:
    """Look around in under a minute. Without a terminal it is printed as text."""
    if as_json:
        import msgspec

        from tutor.cli.study import as_json_text
        from tutor.sessions.tour import PAGES

        click.echo(as_json_text({"pages": msgspec.to_builtins(PAGES)}))
    elif plain or not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo("\n".join(_lines()))
    else:
        from tutor.ui.app import run_app

        ctx.exit(run_app(debug=bool((ctx.obj or {}).get("debug")), start="tour"))


def _lines() -> list[str]:
    from tutor.cli.plain import wrapped
    from tutor.sessions.tour import PAGES

    lines: list[str] = []
    for page in PAGES:
        keys = [f"    {key:<8} {what}" for key, what in page.keys]
        lines += [page.title, *wrapped(page.text, "  "), *keys, ""]
    return lines[:-1]
