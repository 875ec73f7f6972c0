"""`kafka-tutor serve`: the app in a browser."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--host", default="localhost", show_default=True, help="Where to listen. Others than this machine need a token."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--learner", "names", multiple=True, metavar="NAME", help="Somebody with data and a link of their own; repeat it."
)
@click.option(
    "--max-sessions", "most", default=8, show_default=True, type=click.IntRange(1, 500), help="Open pages at once."
)
@click.option("--new-links", is_flag=True, help="Make new tokens: old links end.")
@click.option("--public-url", default="", metavar="URL", help="What a proxy in front of it is called from outside.")
def serve(host: str, port: int, names: tuple[str, ...], most: int, new_links: bool, public_url: str) -> None:
    """Study in a browser, on this machine or from another one.

    Without --learner the page shows what the terminal shows: your own answers and labs. Every --learner has data of
    their own. On any address but this machine's own, a page opens only with the link that is printed here; who has the
    link can run labs on this machine, so pass it on with care, and put TLS in front of it on a network you don't trust.
    """
    import asyncio

    from labs.dirs import dirs
    from tutor.web import gate
    from tutor.web.learners import learners
    from tutor.web.server import Terms
    from tutor.web.server import serve as run

    _check(host, names, public_url)
    places = dirs()
    locked = not gate.is_loopback(host) or bool(public_url)
    known = learners(places, names, locked=locked, renew=new_links)
    terms = Terms(host, port, known, places.cache, most, public_url)
    asyncio.run(run(terms, click.echo))


def _check(host: str, names: tuple[str, ...], public_url: str) -> None:
    from tutor.web import gate

    if not host.strip():
        raise click.BadParameter("name an address, such as localhost or 0.0.0.0", param_hint="--host")
    if bad := gate.bad_names(names):
        raise click.BadParameter(f"{bad[0]!r}: letters, digits, - and _ only, 40 at most", param_hint="--learner")
    if public_url and not public_url.startswith(("http://", "https://")):
        raise click.BadParameter("begins with http:// or https://", param_hint="--public-url")
