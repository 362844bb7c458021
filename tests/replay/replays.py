"""Replays over HTTP, done by the running service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from tests.orders.market import Market
from tests.quotes.lifecycle.shop import until

REPLAYS = "/api/v1/analytics/replay"


def now() -> str:
    return datetime.now(UTC).isoformat()


def accepted(market: Market, count: int = 1, **fields: Any) -> list[str]:
    """Quotes that are accepted, by id."""
    quotes = [market.quote(**fields)["quote_id"] for _ in range(count)]
    for quote_id in quotes:
        answer = market.accept(quote_id)
        assert answer.status_code == 200, answer.text
    return quotes


def start(market: Market, since: str, **fields: Any) -> httpx.Response:
    return market.admin.post(REPLAYS, json={"from": since, **fields})


def shown(market: Market, place: str) -> dict[str, Any]:
    answer = market.admin.get(place)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["data"])


def replayed(market: Market, since: str, **fields: Any) -> dict[str, Any]:
    """A replay that has ended."""
    answer = start(market, since, **fields)
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]
    until(lambda: shown(market, place)["finished_at"] is not None, "the replay has ended")
    return shown(market, place)


def result(market: Market, since: str, **fields: Any) -> dict[str, Any]:
    """The result of a replay that is done, whose quotes were all met."""
    replay = replayed(market, since, **fields)
    assert replay["status"] == "done", replay
    found = dict(replay["result"])
    assert found["proof"]["not_reproduced"] == {}, found["proof"]
    assert found["proof"]["reproduced"] == found["quotes"]
    return found


def block(found: dict[str, Any], currency: str = "TRY") -> dict[str, Any]:
    """The quotes of one currency."""
    (of_currency,) = [each for each in found["currencies"] if each["currency"] == currency]
    return dict(of_currency)


def group(groups: list[dict[str, Any]], key: str) -> dict[str, Any]:
    (found,) = [each for each in groups if each["key"] == key]
    return found
