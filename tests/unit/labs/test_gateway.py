"""The payment gateway of lab 9, without Kafka: what it charges once, and what twice."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs import handouts, payments
from labs.program import Limits, Program
from labs.waits import StopFlag, wait_until

PAYMENT = {"payment_id": "TXN-1", "account": "A-1", "amount": 5000}


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    said: list[str] = []
    script = handouts.path(9, "gateway.py")
    arguments = [str(tmp_path / "gateway.db")]
    with Program(
        script, arguments, cwd=tmp_path, limits=Limits(60), on_line=lambda line, _: said.append(line)
    ) as program:
        wait_until(lambda: bool(said) or not program.running, StopFlag(), 20, "the gateway")
        yield f"http://127.0.0.1:{said[0].split()[1]}"


def ask(url: str, body: bytes | None = None, key: str = "") -> tuple[int, object]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, body, {"Idempotency-Key": key} if key else {})
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def charge(address: str, who: str = "me", key: str = "", **other: object) -> tuple[int, object]:
    return ask(f"{address}/{who}/charges", json.dumps({**PAYMENT, **other}).encode(), key)


def test_without_a_key_every_request_charges(address: str) -> None:
    assert charge(address) == (201, {"charge_id": 1})
    assert charge(address) == (201, {"charge_id": 2})
    assert ask(f"{address}/me/charges?payment_id=TXN-1") == (200, [{"charge_id": 1}, {"charge_id": 2}])


def test_a_key_charges_once_for_each_customer(address: str, tmp_path: Path) -> None:
    assert charge(address, key="k") == (201, {"charge_id": 1})
    assert charge(address, key="k", amount=7) == (200, {"charge_id": 1})
    assert charge(address, key="other") == (201, {"charge_id": 2})
    assert charge(address, who="you", key="k") == (201, {"charge_id": 3})
    reader = payments.Reader(tmp_path / "gateway.db")
    assert reader.rows("SELECT who, SUM(amount) FROM charges GROUP BY who") == [("me", 10000), ("you", 5000)]
    reader.close()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"not json", b'{"account": "A-1", "amount": "much"}'])
def test_what_is_no_payment_is_refused_and_harms_nothing(address: str, body: bytes) -> None:
    status, _ = ask(f"{address}/me/charges", body)
    assert status == 400
    assert charge(address) == (201, {"charge_id": 1})
    assert ask(f"{address}/me/charges") == (200, [])
