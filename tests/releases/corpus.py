"""What a release has issued, as it is kept for those that follow it.

Source: docs/spec/quotes.md#forms.
"""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import redis

from quote_service.lab.embedded.binaries import postgres_install
from quote_service.platform.documents.exact_documents import parse_exact
from tests.releases.cases import CASES, DELIVERY, PICKUP, Case, Draft
from tests.releases.installation import KEYS, Installation, until

FOLDER = Path(__file__).parent / "corpora"
QUOTES, QUOTE, ORDERS = "/api/v1/quotes", "/api/v1/quote", "/api/v1/orders"
# What is worked out from the rest, or belongs to requests that are over.
_LEFT_OUT = ("applied_migrations", "analytics_*", "idempotency_keys", "audit_log", "login_attempts")
_SINCE = "2025-01-01T00:00:00Z"


class IssuedQuote(msgspec.Struct, omit_defaults=True):
    """A quote: what asked for it, its data byte for byte, and what Redis keeps of it (base64).

    `accepted_at` and `receipt` are of those that were accepted, and are in the database; `order` of those that were ordered.
    """

    name: str
    request: dict[str, Any]
    data: str
    kept: str
    accepted_at: str | None = None
    receipt: str | None = None
    order: str | None = None

    @property
    def quote_id(self) -> str:
        return str(parse_exact(self.data)["quote_id"])


class Corpus(msgspec.Struct):
    """The quotes of a release, its database as SQL for its own migrations, and what it does not know of `cases.py`."""

    release: str
    keys: dict[str, str]
    migrations: list[str]
    quotes: list[IssuedQuote]
    left_out: dict[str, str]
    database: str

    def quote(self, name: str) -> IssuedQuote:
        return next(each for each in self.quotes if each.name == name)


def read_corpora() -> list[Corpus]:
    """Those of every release, by their names."""
    return [msgspec.json.decode(path.read_bytes(), type=Corpus) for path in sorted(FOLDER.glob("*.json"))]


def issue_case(running: Installation, case: Case) -> IssuedQuote | str:
    """A quote of a kind; where the release does not know what it needs, what it says."""
    seller, others = str(uuid4()), str(uuid4())
    code = f"C{uuid4().hex[:10]}".upper()
    currency = case.basket.get("currency", "TRY")
    written = [_draft(*rule, seller=seller, code=code, currency=currency) for rule in case.rules]
    ids = []
    for draft in written:
        answer = running.admin.post("/api/v1/pricing-rules", json=draft)
        if answer.status_code != 201:
            return answer.text
        ids.append(answer.json()["data"]["id"])
    for rate in case.rates:
        draft = {**rate, "seller_id": seller, "effective_from": _SINCE}
        answer = running.admin.post("/api/v1/commission-rates", json=draft)
        if answer.status_code != 201:
            return answer.text
        ids.append(answer.json()["data"]["id"])
    request = {
        "customer_id": str(uuid4()),
        "seller_id": seller,
        "items": [{"product_id": str(uuid4()), **line} for line in case.lines],
        "delivery_address": DELIVERY,
        "pickup_address": PICKUP,
        "currency": "TRY",
        **_filled(case.basket, code),
    }
    if case.second_seller:
        request["items"][1]["seller_id"] = others
    if case.sale_price is not None:
        _sell(running.admin, request["items"][0]["product_id"], case.sale_price)
    shown = ids if case.name != "coupon that is excluded" else ids[:1]
    if case.name == "hints":
        shown = ids[1:]
    answers: list[httpx.Response] = []

    def is_issued() -> bool:
        answers[:] = [running.checkout.post(QUOTE, json=request, headers={"Cache-Control": "no-cache"})]
        text = answers[0].text
        return answers[0].status_code != 200 or (
            all(each in text for each in shown) and (case.sale_price is None or "flash_sale" in text)
        )

    until(is_issued, f"quotes show {case.name}")
    if answers[0].status_code != 200:
        return answers[0].text
    content = answers[0].text
    if "unknown_field" in content:
        return "it does not know a field of the request"
    data = content[content.index('"data":') + len('"data":') : content.rindex(',"processing_time_ms"')]
    return IssuedQuote(case.name, request, data, kept_of(running.redis_url, str(parse_exact(data)["quote_id"])))


def issue_all(running: Installation) -> tuple[list[IssuedQuote], dict[str, str]]:
    """A quote of every kind that a release knows, and why not the others."""
    outcomes = {case.name: issue_case(running, case) for case in CASES}
    left_out = {name: each for name, each in outcomes.items() if isinstance(each, str)}
    return [each for each in outcomes.values() if isinstance(each, IssuedQuote)], left_out


def make_corpus(running: Installation, release: str) -> Corpus:
    """Quotes of every kind, each twice: one that stays as it is, and one that is accepted, and ordered where that can be."""
    issued, left_out = issue_all(running)
    quotes = list(issued)
    for each in issued:
        again = issue_again(running, each)
        answer = running.checkout.post(f"{QUOTES}/{again.quote_id}/accept")
        assert answer.status_code == 200, (each.name, answer.text)
        accepted = answer.json()["data"]
        again.name, again.kept = f"{each.name}, accepted", ""
        again.accepted_at, again.receipt = accepted["accepted_at"], accepted["receipt"]
        order = running.checkout.post(
            ORDERS, json={"quote_id": again.quote_id}, headers={"Idempotency-Key": uuid4().hex}
        )
        if order.status_code == 201:
            again.order = order.json()["data"]["id"]
        quotes.append(again)
    migrations = sorted(path.name for path in (running.code / "migrations").glob("*.sql"))
    return Corpus(release, KEYS, migrations, quotes, left_out, dump_of(running.database_url))


def issue_again(running: Installation, quote: IssuedQuote) -> IssuedQuote:
    """The same basket, of another customer: another quote."""
    request = {**quote.request, "customer_id": str(uuid4())}
    content = running.checkout.post(QUOTE, json=request, headers={"Cache-Control": "no-cache"}).text
    data = content[content.index('"data":') + len('"data":') : content.rindex(',"processing_time_ms"')]
    return IssuedQuote(quote.name, request, data, kept_of(running.redis_url, str(parse_exact(data)["quote_id"])))


def kept_of(redis_url: str, quote_id: str) -> str:
    """What Redis keeps of a quote."""
    bits = int(quote_id.replace("-", ""), 16)
    key = b"qs:q:%019x" % ((bits >> 64 & 0xFFF) << 62 | bits & (1 << 62) - 1)
    with redis.Redis.from_url(redis_url) as client:
        until(lambda: client.exists(key), "the quote is kept")
        packed = client.get(key)
    assert isinstance(packed, bytes)
    return base64.b64encode(packed).decode()


def dump_of(database_url: str) -> str:
    """The rows of a database, as statements."""
    done = subprocess.run(
        [
            str(postgres_install() / "bin" / "pg_dump"),
            "--data-only",
            "--inserts",
            "--rows-per-insert=200",
            "--disable-triggers",
            "--no-owner",
            *(f"--exclude-table=public.{name}" for name in _LEFT_OUT),
            f"--dbname={database_url}",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return "".join(
        line for line in done.stdout.splitlines(keepends=True) if not line.startswith(("--", "\\")) and line.strip()
    )


def _draft(
    kind: str, configuration: Draft, conditions: Draft | None = None, *, seller: str, code: str, currency: str
) -> dict[str, Any]:
    return {
        "name": f"{kind} {uuid4().hex[:12]}",
        "type": kind,
        "configuration": _filled(configuration, code),
        "currency": currency,
        "effective_from": _SINCE,
        "conditions": {"seller_ids": [seller], **(conditions or {})},
    }


def _filled(value: Any, code: str) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value).replace(b"{code}", code.encode()))


def _sell(admin: httpx.Client, product_id: str, sale_price: float) -> None:
    item = {"product_id": product_id, "sale_price": sale_price, "currency": "TRY", "allocated_stock": 10}
    sale = {
        "name": uuid4().hex,
        "starts_at": "2090-01-01T00:00:00Z",
        "ends_at": "2090-02-01T00:00:00Z",
        "items": [{**item, "per_customer_limit": 5}],
    }
    made = admin.post("/api/v1/flash-sales", json=sale)
    assert made.status_code == 201, made.text
    assert admin.post(f"/api/v1/flash-sales/{made.json()['data']['id']}/activate").status_code == 200
