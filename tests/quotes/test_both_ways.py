"""On the protocol or through the framework: the same bytes, whatever was asked.

A query, which means nothing to the route, sends a request through the framework.

Source: `quote_service/quotes/routes/quote_endpoint.py`.
"""

from __future__ import annotations

import re

import httpx
import msgspec
import pytest

from tests.fixtures.serve import QUOTE, a_basket
from tests.quotes.bad_bodies import BAD_BODIES, Bad

FRAMEWORK = f"{QUOTE}?way=ordinary"
JSON = {"Content-Type": "application/json", "X-Request-ID": "both-ways"}
MOMENT = re.compile(rb'"processing_time_ms":[0-9.]+')
NEW = re.compile(rb'"(quote_id|valid_from|valid_until|signature)":"[^"]*"')


def both(checkout: httpx.Client, body: bytes, **headers: str) -> tuple[httpx.Response, httpx.Response]:
    """The answers of both ways, whose heads are the same."""
    fast, ordinary = (checkout.post(path, content=body, headers={**JSON, **headers}) for path in (QUOTE, FRAMEWORK))
    assert fast.status_code == ordinary.status_code
    differing = {
        name
        for name in fast.headers.keys() | ordinary.headers.keys()
        if fast.headers.get(name) != ordinary.headers.get(name)
    }
    # What is too large ends the connection on the protocol, which does not read it.
    assert differing <= {"date", "content-length"} | ({"connection"} if fast.status_code == 413 else set())
    assert fast.headers["x-request-id"] == "both-ways"
    return fast, ordinary


def test_a_quote_that_is_known(checkout: httpx.Client) -> None:
    body = msgspec.json.encode(a_basket())
    assert checkout.post(QUOTE, content=body, headers=JSON).status_code == 200
    fast, ordinary = both(checkout, body)
    assert MOMENT.sub(b"", fast.content) == MOMENT.sub(b"", ordinary.content)
    assert fast.json()["data"]["cache"] == "local"


def test_a_quote_that_is_new(checkout: httpx.Client) -> None:
    body = msgspec.json.encode(a_basket(external_ref="order 7 ğ", coupon_codes=["none"]))
    fast, ordinary = both(checkout, body, **{"Cache-Control": "no-cache"})
    assert NEW.findall(fast.content) == NEW.findall(ordinary.content) != []
    assert fast.json()["data"]["quote_id"] != ordinary.json()["data"]["quote_id"]
    assert NEW.sub(b"", MOMENT.sub(b"", fast.content)) == NEW.sub(b"", MOMENT.sub(b"", ordinary.content))


@pytest.mark.parametrize("bad", BAD_BODIES, ids=[bad.name for bad in BAD_BODIES])
def test_what_is_refused(checkout: httpx.Client, bad: Bad) -> None:
    fast, ordinary = both(checkout, bad.body)
    assert fast.content == ordinary.content
    assert fast.status_code == bad.status
    problem = fast.json()
    assert (problem["status"], problem["instance"]) == (bad.status, QUOTE)
    assert [fault["pointer"] for fault in problem.get("errors", [])] == bad.pointers
    assert checkout.get(problem["type"]).status_code == 200, "its type is a page"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": ""},
        {"X-API-Key": "nobody's"},
        {"Authorization": "Bearer nobody's"},
        {"Content-Type": "text/plain"},
        {"Content-Encoding": "gzip"},
    ],
    ids=str,
)
def test_who_is_refused(checkout: httpx.Client, headers: dict[str, str]) -> None:
    fast, ordinary = both(checkout, msgspec.json.encode(a_basket()), **headers)
    assert fast.status_code in (400, 401, 415)  # 400: a bearer token beside the client's key
    assert fast.content == ordinary.content
