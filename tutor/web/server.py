"""The server: pages and sessions for those whom the gate lets in."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.server import Server, to_int

from tutor.errors import EnvironmentFault
from tutor.web import gate
from tutor.web.learners import Learner
from tutor.web.session import Session

log = logging.getLogger("kafka-tutor.web")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HERE = Path(__file__).parent
LARGEST_MESSAGE = 4 * 1024 * 1024
"""Bytes that a page may send at once: an answer of a megabyte is pasted in one."""
LARGEST_TERMINAL = 1_000
CLOSED = WSCloseCode.TRY_AGAIN_LATER
HEADERS = {
    # The terminal styles itself from script, and asks `new Function` for nothing that it needs.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self' {socket}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How the app is served."""

    host: str
    port: int
    """0: a free one."""
    learners: Sequence[Learner]
    cache: Path
    """Where jars and caches are, for everybody."""
    most: int
    """Sessions at once."""
    public_url: str = ""
    """What a proxy in front is called from outside."""


class TutorServer(Server):
    """textual-serve's server behind a gate, with a process a page."""

    def __init__(self, terms: Terms, told: Callable[[str], None]) -> None:
        super().__init__("kafka-tutor", terms.host, terms.port, "kafka-tutor", templates_path=HERE / "templates")
        self._terms = terms
        self._told = told
        self._names = gate.names_of(terms.host, terms.public_url)
        self._tokens = {learner.name: learner.token for learner in terms.learners if learner.token}
        self._by_name = {learner.name: learner for learner in terms.learners}
        self._open: dict[Session, web.WebSocketResponse] = {}

    @property
    def sessions(self) -> int:
        """Sessions that are open."""
        return len(self._open)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.router.add_static("/page", HERE / "static")
        app.middlewares.append(self._guard)
        return app

    async def on_startup(self, app: web.Application) -> None:
        """The links are told once the port is known."""

    async def on_shutdown(self, app: web.Application) -> None:
        """Close every page, then wait for every app."""
        sockets, sessions = list(self._open.values()), list(self._open)
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in sockets), return_exceptions=True)
        await asyncio.gather(*(session.stop() for session in sessions), return_exceptions=True)

    # --- the gate ----------------------------------------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not gate.host_known(request.headers.get("Host", ""), self._names):
            return self._refuse(
                request, 421, "Not the name of this server", "The request was meant for another server."
            )
        if self._tokens and (given := request.query.get("token")) is not None:
            return self._let_in(request, given)
        if self._learner(request) is None:
            return self._refuse(
                request, 403, "A link is needed", "This page opens with the link that the server printed."
            )
        response = await handler(request)
        if not isinstance(response, web.WebSocketResponse):
            response.headers.update(self._headers(request))
        return response

    def _learner(self, request: web.Request) -> Learner | None:
        if not self._tokens:
            return self._by_name[""]
        name = gate.learner_of(request.cookies.get(gate.COOKIE), self._tokens)
        return None if name is None else self._by_name[name]

    def _let_in(self, request: web.Request, token: str) -> web.StreamResponse:
        """Take the token out of the address and into a cookie that no script can read. Raises HTTPSeeOther."""
        if gate.learner_of(token, self._tokens) is None:
            return self._refuse(request, 403, "This link does not open", "It was renewed, or is not whole.")
        response = web.HTTPSeeOther("/")
        secure = self._terms.public_url.startswith("https")
        response.set_cookie(gate.COOKIE, token, httponly=True, samesite="Strict", secure=secure, path="/")
        raise response

    def _refuse(self, request: web.Request, status: int, title: str, cause: str) -> web.StreamResponse:
        text = {"title": title, "cause": cause, "next_step": "Open the link that `kafka-tutor serve` printed."}
        response = aiohttp_jinja2.render_template("refused.html", request, text)
        response.set_status(status)
        response.headers.update(self._headers(request))
        return response

    def _headers(self, request: web.Request) -> dict[str, str]:
        return {name: value.replace("{socket}", self._socket_base(request)) for name, value in HEADERS.items()}

    # --- pages and sessions ------------------------------------------------------------------------------------------

    @aiohttp_jinja2.template("app_index.html")
    async def handle_index(self, request: web.Request) -> dict[str, Any]:
        """The page with the terminal."""
        return {
            "font_size": max(8, min(40, to_int(request.query.get("fontsize", "16"), 16))),
            "app_websocket_url": f"{self._socket_base(request)}/ws",
            "application": {"name": self.title},
        }

    def _socket_base(self, request: web.Request) -> str:
        """Where the page's WebSocket goes: to the name under which the page itself was called."""
        if self._terms.public_url:
            return "ws" + self._terms.public_url.removeprefix("http").rstrip("/")
        return f"ws://{request.headers['Host']}"

    async def handle_websocket(self, request: web.Request) -> web.StreamResponse:  # type: ignore[override]
        """A session, from the opening of a page to its end."""
        host = request.headers.get("Host", "")
        if not gate.same_origin(request.headers.get("Origin"), host, self._terms.public_url):
            raise web.HTTPForbidden(text="A page of another site may not open a session here.")
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=LARGEST_MESSAGE)
        await socket.prepare(request)
        if len(self._open) >= self._terms.most:
            await self._full(socket)
            return socket
        learner = self._learner(request)
        assert learner is not None  # the gate has let them in
        session = self._session(socket, learner)
        self._open[session] = socket
        try:
            await session.start(_cells(request, "width", 80), _cells(request, "height", 24))
            await self._process_messages(socket, session)
        finally:
            await session.stop()
            del self._open[session]
        return socket

    def _session(self, socket: web.WebSocketResponse, learner: Learner) -> Session:
        return Session(
            environment=learner.environment(self._terms.cache),
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            download_manager=self.download_manager,
        )

    async def _full(self, socket: web.WebSocketResponse) -> None:
        most = self._terms.most
        text = (
            f"\r\n  {most} of {most} sessions are open. Close one of them, or serve with a larger --max-sessions.\r\n"
        )
        await socket.send_bytes(text.encode())
        await socket.close(code=CLOSED, message=b"too many sessions")

    async def _process_messages(self, websocket: web.WebSocketResponse, app_service: Any) -> None:
        """Hand on what the page sends; what is no message of the page's is left out."""
        async for message in websocket:
            if message.type == WSMsgType.TEXT:
                await _hand_on(message.data, websocket, app_service)


async def _hand_on(text: str, socket: web.WebSocketResponse, session: Session) -> None:
    match _parsed(text):
        case ["stdin", str(data)]:
            await session.send_bytes(data.encode("utf-8", "replace"))
        case ["resize", {"width": int(width), "height": int(height)}]:
            await session.set_terminal_size(_bounded(width), _bounded(height))
        case ["ping", data]:
            await socket.send_json(["pong", data])
        case ["blur", *_]:
            await session.blur()
        case ["focus", *_]:
            await session.focus()


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _cells(request: web.Request, name: str, otherwise: int) -> int:
    return _bounded(to_int(request.query.get(name, ""), otherwise))


def _bounded(cells: int) -> int:
    return max(1, min(LARGEST_TERMINAL, cells))


async def serve(terms: Terms, told: Callable[[str], None], stop: asyncio.Event | None = None) -> None:
    """Serve until SIGINT or SIGTERM, or `stop`. `told` gets the links, a line each. Raises EnvironmentFault."""
    end = asyncio.Event() if stop is None else stop
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    server = TutorServer(terms, told)
    runner = web.AppRunner(await server._make_app(), handle_signals=False, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await _listen(runner, terms)
        for line in links(terms, runner.addresses[0][1]):
            told(line)
        await end.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, terms: Terms) -> None:
    try:
        await web.TCPSite(runner, terms.host, terms.port).start()
    except OSError as error:
        raise EnvironmentFault(
            f"Cannot listen on {terms.host}, port {terms.port}",
            error.strerror or str(error),
            "Name another port: `kafka-tutor serve --port 0` takes a free one.",
        ) from error


def links(terms: Terms, port: int) -> list[str]:
    """What each learner opens."""
    host = "localhost" if gate.is_loopback(terms.host) else terms.host
    shown = f"[{host}]" if ":" in host else host
    base = terms.public_url.rstrip("/") or f"http://{shown}:{port}"
    return [f"{learner.name or 'you'}: {gate.link(base, learner.token)}" for learner in terms.learners]
