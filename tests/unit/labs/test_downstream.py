"""The tax service of lab 4, without Kafka: slow, with a log, and silent towards some."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labs import handouts
from labs.downstream import Book
from labs.program import Limits, Program
from labs.waits import StopFlag, wait_until


@dataclass
class Service:
    port: int
    log: Path
    hanging: Path

    def ask(self, caller: str, invoice: bytes) -> int:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(
            urllib.request.Request(f"http://127.0.0.1:{self.port}/{caller}", invoice), timeout=10
        ) as answer:
            return int(answer.status)

    def book(self) -> Book:
        book = Book()
        for line in self.log.read_text().splitlines():
            book.line(line)
        return book


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    said: list[str] = []
    log, hanging = tmp_path / "service.log", tmp_path / "hanging.txt"
    hanging.write_text("")
    script, arguments = handouts.path(4, "service.py"), [str(log), "0.01", str(hanging)]
    with Program(
        script, arguments, cwd=tmp_path, limits=Limits(60), on_line=lambda line, _: said.append(line)
    ) as program:
        wait_until(lambda: bool(said) or not program.running, StopFlag(), 20, "the service")
        yield Service(int(said[0].split()[1]), log, hanging)


def test_every_call_is_in_its_log(service: Service) -> None:
    for caller, invoice in (("crew/member-1", b"INV-1"), ("crew/member-2", b"INV-1"), ("other/member-1", b"INV-2")):
        assert service.ask(caller, invoice) == 204
    assert service.book().done("crew") == {"INV-1": 2}
    assert service.book().done("other") == {"INV-2": 1}
    assert service.book().done("nobody") == {}


def test_strange_invoices_and_callers_do_no_harm(service: Service) -> None:
    for caller, invoice in (("", b""), ("crew/member-1", b"two\nlines \xff"), ("crew/a/b", b"INV-1")):
        assert service.ask(caller, invoice) == 204
    assert set(service.book().done("crew")) == {"twolines�", "INV-1"}


def test_who_is_named_gets_no_answer_until_it_is_not(service: Service) -> None:
    service.hanging.write_text("crew/member-1\n")
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as call:
        call.sendall(b"POST /crew/member-1 HTTP/1.0\r\nContent-Length: 5\r\n\r\nINV-1")
        wait_until(lambda: bool(service.book().hung("crew/member-1")), StopFlag(), 20, "the call to hang")
        assert service.ask("crew/member-2", b"INV-2") == 204
        assert service.book().done("crew") == {"INV-2": 1}
        service.hanging.write_text("")
        assert b"204" in call.recv(100)
    assert service.book().done("crew") == {"INV-1": 1, "INV-2": 1}
    assert service.book().hung("crew/member-1") == {"INV-1"}


@pytest.mark.parametrize("line", ["", "done", "done crew", "nonsense crew/m INV", "hangs"])
def test_broken_lines_are_no_invoices(line: str) -> None:
    book = Book()
    book.line(line)
    assert book.done("crew") == {}
    assert book.hung("crew/m") == frozenset()
