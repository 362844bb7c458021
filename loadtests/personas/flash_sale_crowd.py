"""A crowd that buys in flash sales: an admin opens one, all buy at one instant, and at its end the sale is audited.

Round after round. Buyers repeat their keys, some wait for the confirmation, some ask for more than they may or at another
price; where units are held some confirm and some give up. Every answer is checked at once, and all of them together
against the sale's own figures and the customers' summaries.
"""

import json
import os
import random
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import gevent
from gevent.event import Event
from locust import constant, task
from locust.contrib.fasthttp import FastHttpUser

from loadtests.personas.price_admin import ADMIN_TOKEN_VARIABLE
from loadtests.personas.quoting import API_KEY_VARIABLE
from loadtests.purchases import Kept, Order, audit_faults, figures_faults, purchase_faults

SALES, PURCHASES = "/api/v1/flash-sales", "/api/v1/purchases"
PRICE, OTHER_PRICE = Decimal("19.99"), Decimal("1.00")
LIMIT = 2
HOLD_SECONDS = 600
_ROUND_SECONDS = 20.0
_GATHER_SECONDS = 1.0
_POLL_SECONDS = 0.05
_SUMMARIES = 5


class Round:
    """One sale, and what its buyers have come to."""

    def __init__(self, number: int, sale_id: str, product_id: str, allocated: int, *, holds: bool) -> None:
        self.number = number
        self.sale_id, self.product_id = sale_id, product_id
        self.allocated = allocated
        self.holds = holds
        self.released = Event()
        self.joined = 0
        self.kept: list[Kept] = []


class Market:
    """Where admin and crowd meet; there is one in a process."""

    def __init__(self) -> None:
        self.round: Round | None = None

    def join_after(self, number: int) -> Round | None:
        """The round that is open and later than that one; None where there is none yet."""
        if self.round is None or self.round.number <= number or self.round.released.is_set():
            return None
        self.round.joined += 1
        return self.round


MARKET = Market()


class SaleUser(FastHttpUser):
    """Sends requests that know their credentials, and counts checks."""

    abstract = True
    network_timeout = 15.0
    connection_timeout = 10.0

    def on_start(self) -> None:
        self.headers = {"X-API-Key": os.environ[API_KEY_VARIABLE], "Content-Type": "application/json"}

    @contextmanager
    def asked(self, method: str, path: str, name: str, **given: Any) -> Iterator[Any]:
        """An answer, which counts as a success unless it is said to be a failure."""
        given.setdefault("headers", self.headers)
        with self.client.request(method, path, name=name, catch_response=True, **given) as response:
            yield response

    def check(self, name: str, faults: list[str]) -> None:
        """Count a check that is no request of its own."""
        self.environment.events.request.fire(
            request_type="CHECK",
            name=name,
            response_time=0,
            response_length=0,
            exception=AssertionError("; ".join(faults)) if faults else None,
            context={},
        )


class FlashSaleAdmin(SaleUser):
    """Opens a sale for fewer units than the crowd wants, watches it, and audits it."""

    fixed_count = 1
    wait_time = constant(0)

    def on_start(self) -> None:
        super().on_start()
        self.admin = {**self.headers, "Authorization": f"Bearer {os.environ[ADMIN_TOKEN_VARIABLE]}"}
        self.admin.pop("X-API-Key")
        self.number = 0

    @task
    def hold_a_sale(self) -> None:
        self.number += 1
        crowd = max(self.environment.runner.user_count - 1, 1) if self.environment.runner else 1
        opened = self._open(max(1, crowd // 2), holds=self.number % 2 == 0)
        if opened is None:
            gevent.sleep(_GATHER_SECONDS)
            return
        MARKET.round = opened
        gathered = time.monotonic() + _GATHER_SECONDS
        while opened.joined < crowd and time.monotonic() < gathered:
            gevent.sleep(0.01)
        opened.released.set()
        over = time.monotonic() + _ROUND_SECONDS
        while len(opened.kept) < opened.joined and time.monotonic() < over:
            figures = self._figures(opened)
            if figures is not None:
                self.check("flash_sale_audit: while it is sold", figures_faults(figures, opened.allocated))
            gevent.sleep(_POLL_SECONDS)
        self._audit(opened)

    def _open(self, units: int, *, holds: bool) -> Round | None:
        now = datetime.now(UTC)
        product_id = str(uuid.uuid4())
        sale: dict[str, Any] = {
            "name": f"loadtest {uuid.uuid4().hex[:8]}",
            "starts_at": (now + timedelta(hours=1)).isoformat(),
            "ends_at": (now + timedelta(hours=2)).isoformat(),
            "items": [
                {
                    "product_id": product_id,
                    "sale_price": float(PRICE),
                    "currency": "TRY",
                    "allocated_stock": units,
                    "per_customer_limit": LIMIT,
                }
            ],
        }
        if holds:
            sale["hold_seconds"] = HOLD_SECONDS
        with self.asked("POST", SALES, "flash_sale_admin: create", data=_text(sale), headers=self.admin) as answer:
            if answer.status_code != 201:
                answer.failure(f"answered with {answer.status_code}: {answer.text[:300]}")
                return None
            sale_id = _data(answer)["id"]
        with self.asked(
            "POST", f"{SALES}/{sale_id}/activate", "flash_sale_admin: activate", headers=self.admin
        ) as begun:
            if begun.status_code != 200:
                begun.failure(f"answered with {begun.status_code}: {begun.text[:300]}")
                return None
        return Round(self.number, sale_id, product_id, units, holds=holds)

    def _figures(self, held: Round) -> dict[str, Any] | None:
        path = f"{SALES}/{held.sale_id}/figures"
        with self.asked("GET", path, "flash_sale_admin: figures", headers=self.admin) as answer:
            if answer.status_code != 200:
                answer.failure(f"answered with {answer.status_code}: {answer.text[:300]}")
                return None
            item: dict[str, Any] = _data(answer)["items"][0]
            return item

    def _audit(self, held: Round) -> None:
        """Once nothing is under way, every buyer's story agrees with the figures, and some with their summaries."""
        deadline = time.monotonic() + _ROUND_SECONDS
        faults = ["there are no figures"]
        while faults and time.monotonic() < deadline:
            figures = self._figures(held)
            if figures is not None:
                waiting = [f"{figures['waiting']} reservations wait"] if figures["waiting"] else []
                faults = [*waiting, *audit_faults(figures, held.kept, held.allocated, LIMIT)]
            if len(held.kept) < held.joined:
                faults.append(f"{held.joined - len(held.kept)} buyers have not finished")
            gevent.sleep(_POLL_SECONDS)
        self.check("flash_sale_audit: figures", faults)
        known = [buyer for buyer in held.kept if buyer.is_known]
        for buyer in random.sample(known, min(_SUMMARIES, len(known))):
            self._compare_summary(held, buyer)

    def _compare_summary(self, held: Round, buyer: Kept) -> None:
        path = f"{SALES}/{held.sale_id}/customers/{buyer.customer_id}/summary"
        with self.asked("GET", path, "flash_sale_admin: summary", headers=self.admin) as answer:
            if answer.status_code != 200:
                answer.failure(f"answered with {answer.status_code}: {answer.text[:300]}")
                return
            item = _data(answer)["items"][0]
        wanted = (buyer.units, buyer.units * PRICE)
        found = (item["bought"], item["spent"])
        self.check("flash_sale_audit: summary", [] if found == wanted else [f"{found} instead of {wanted}"])


class FlashSaleCrowd(SaleUser):
    """Buys once in each round, at the instant of its release."""

    weight = 1
    wait_time = constant(0)
    seen = 0

    @task
    def buy_when_released(self) -> None:
        held = MARKET.join_after(self.seen)
        if held is None:
            gevent.sleep(0.01)
            return
        self.seen = held.number
        customer_id, units, is_known = str(uuid.uuid4()), 0, True
        try:
            held.released.wait(_ROUND_SECONDS)
            purchase, is_known = self._buy(held, Order(customer_id, held.product_id, random.choice((1, 1, 2)), PRICE))
            if purchase is not None:
                units = self._decide(held, purchase) if held.holds else purchase["quantity"]
        finally:
            held.kept.append(Kept(customer_id, units, is_known))

    def _buy(self, held: Round, order: Order) -> tuple[dict[str, Any] | None, bool]:
        """The purchase, if there is one, and whether that is known for certain."""
        key = uuid.uuid4().hex
        waits = random.random() < 0.3
        answer = self._order(held, order, key, "wait" if waits else "buy", wait_seconds=10 if waits else 0)
        if random.random() < 0.5:
            again = self._order(held, order, key, "repeat")
            if answer is not None and again is not None:
                same = again["purchase_id"] == answer["purchase_id"]
                self.check("flash_sale_audit: one purchase for a key", [] if same else ["a key bought twice"])
            elif answer is not None:
                self.check("flash_sale_audit: one purchase for a key", ["a repeat was refused"])
            else:
                answer = again  # units had come back between the two, or none had
        if random.random() < 0.2:
            self._order(held, order._replace(price=OTHER_PRICE), uuid.uuid4().hex, "another price")
        if answer is None:
            return None, True
        if random.random() < 0.3:
            more = order._replace(quantity=LIMIT - order.quantity + 1)
            if self._order(held, more, uuid.uuid4().hex, "past the limit") is not None:
                self.check("flash_sale_audit: limit", ["a customer has more than the limit"])
        return self._once_recorded(held, order, key, answer["purchase_id"])

    def _order(self, held: Round, order: Order, key: str, what: str, *, wait_seconds: int = 0) -> dict[str, Any] | None:
        """A purchase, or None where the sale refuses; anything else is a failure."""
        prefer = {"Prefer": f"wait={wait_seconds}"} if wait_seconds else {}
        body = {
            "product_id": order.product_id,
            "customer_id": order.customer_id,
            "quantity": order.quantity,
            "expected_price": float(order.price),
        }
        path, name = f"{SALES}/{held.sale_id}/purchases", f"flash_sale_crowd: {what}"
        headers = {**self.headers, "Idempotency-Key": key, **prefer}
        with self.asked("POST", path, name, data=_text(body), headers=headers) as answer:
            if answer.status_code == 202:
                purchase: dict[str, Any] = _data(answer)
                faults = purchase_faults(purchase, order, ("reserved",) if held.holds else ("reserved", "confirmed"))
                if order.price != PRICE:
                    faults.append("it was sold at another price")
                if faults:
                    answer.failure("; ".join(faults))
                return purchase
            problem = json.loads(answer.text or "{}", parse_float=Decimal)
            code = problem.get("type", "").removeprefix("/problems/")
            if answer.status_code != 409 or code not in ("sold-out", "limit-reached", "price-changed"):
                answer.failure(f"answered with {answer.status_code}: {answer.text[:300]}")
            elif order.price != PRICE and (code, problem.get("unit_price")) != ("price-changed", PRICE):
                answer.failure(f"another price is answered with {code}")
            else:
                answer.success()
            return None

    def _once_recorded(
        self, held: Round, order: Order, key: str, purchase_id: str
    ) -> tuple[dict[str, Any] | None, bool]:
        """The purchase once PostgreSQL has decided: confirmed, or held."""
        paths = (
            (f"{PURCHASES}/{purchase_id}", "flash_sale_crowd: by its id"),
            (f"{PURCHASES}/by-key/{key}?customer_id={order.customer_id}", "flash_sale_crowd: by its key"),
        )
        deadline = time.monotonic() + _ROUND_SECONDS
        while time.monotonic() < deadline:
            path, name = random.choice(paths)
            with self.asked("GET", path, name) as answer:
                if answer.status_code != 200:
                    answer.failure(f"answered with {answer.status_code}: {answer.text[:300]}")
                    return None, False
                purchase: dict[str, Any] = _data(answer)
                if faults := purchase_faults(purchase, order, ("reserved", "confirmed")):
                    answer.failure("; ".join(faults))
                if held.holds or purchase["status"] == "confirmed":
                    return purchase, True
            gevent.sleep(_POLL_SECONDS)
        self.check("flash_sale_audit: recorded in time", ["a purchase is not confirmed"])
        return None, False

    def _decide(self, held: Round, purchase: dict[str, Any]) -> int:
        """Confirm what is held, or give it up; the units kept."""
        path = f"{PURCHASES}/{purchase['purchase_id']}"
        confirms = random.random() < 0.7
        method, path, status = ("POST", f"{path}/confirm", "confirmed") if confirms else ("DELETE", path, "cancelled")
        for what in (status, f"{status} again"):
            with self.asked(method, path, f"flash_sale_crowd: {what}") as answer:
                if answer.status_code != 200 or _data(answer)["status"] != status:
                    answer.failure(f"answered with {answer.status_code}: {answer.text[:300]}")
        return int(purchase["quantity"]) if confirms else 0


def _text(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def _data(answer: Any) -> Any:
    return json.loads(answer.content, parse_float=Decimal)["data"]
