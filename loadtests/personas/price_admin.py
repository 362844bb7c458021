"""A price admin who edits a rate and a rule while quotes run, and looks how soon new quotes show it.

Each has a seller and a tax rule of its own, so that what is edited is seen in its own quotes alone; but every edit makes a
new rulebook for everybody.
"""

import json
import os
import random
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import gevent
from locust import constant, task
from locust.exception import StopUser

from loadtests.bench.baskets import basket_format, item_total_cents, write_basket
from loadtests.personas.quoting import QuotingUser

ADMIN_TOKEN_VARIABLE = "LOADTEST_ADMIN_TOKEN"  # noqa: S105 (the variable's name)
VISIBLE_SECONDS = 1.0
_POLL_SECONDS = 0.01
_GIVE_UP_SECONDS = 5.0
_RATES, _RULES = "/api/v1/commission-rates", "/api/v1/pricing-rules"
_CITY = "Ankara"
_BASKETS = 10**9


class TooLate(Exception):
    """An edit was not visible in time."""


class PriceAdmin(QuotingUser):
    """Edits every second or two."""

    fixed_count = 1
    wait_time = constant(1.5)

    def on_start(self) -> None:
        super().on_start()
        self.admin_headers = {
            "Authorization": f"Bearer {os.environ[ADMIN_TOKEN_VARIABLE]}",
            "Content-Type": "application/json",
        }
        self.seller_id = str(uuid.uuid4())
        self.rule_name = f"loadtest-{uuid.uuid4().hex[:12]}"
        rate = self._write("POST", _RATES, self._rate("10.00"), "price_admin: make a rate")
        rule = self._write("POST", _RULES, self._rule("8"), "price_admin: make a rule")
        if rate is None or rule is None:
            raise StopUser
        self.rate_id, self.rule_id = rate["id"], rule["id"]

    @task
    def edit_the_rate(self) -> None:
        percent = f"{random.randrange(1, 3000) / 100:.2f}"
        if self._write("PUT", f"{_RATES}/{self.rate_id}", self._rate(percent), "price_admin: edit the rate") is None:
            return

        def is_visible(quote: dict[str, Any]) -> bool:
            return any(
                detail["rate_id"] == self.rate_id and detail["rate"] == Decimal(percent)
                for detail in quote["commission_breakdown"]["details"]
            )

        self._time_until(is_visible, "visibility: edited rate")

    @task
    def edit_the_rule(self) -> None:
        percent = f"{random.randrange(1, 3000) / 100:.2f}"
        rule = self._write("PUT", f"{_RULES}/{self.rule_id}", self._rule(percent), "price_admin: edit the rule")
        if rule is None:
            return
        self.rule_id = rule["id"]
        self._time_until(
            lambda quote: any(each["id"] == self.rule_id for each in quote["applied_rules"]), "visibility: edited rule"
        )

    def _rate(self, percent: str) -> str:
        return f'{{"seller_id": "{self.seller_id}", "commission_type": "PERCENTAGE", "rate": {percent}}}'

    def _rule(self, percent: str) -> str:
        configuration = f'{{"rate": {percent}}}'
        return (
            f'{{"name": "{self.rule_name}", "type": "TAX", "region": "TR/{_CITY}", "configuration": {configuration}}}'
        )

    def _write(self, method: str, path: str, body: str, name: str) -> dict[str, Any] | None:
        with self.client.request(
            method, path, data=body, headers=self.admin_headers, name=name, catch_response=True
        ) as response:
            if response.status_code not in (200, 201):
                response.failure(f"answered with {response.status_code}: {response.text[:300]}")
                return None
            response.success()
            record: dict[str, Any] = json.loads(response.content)["data"]
            return record

    def _time_until(self, is_visible: Callable[[dict[str, Any]], bool], name: str) -> None:
        """Ask for ever other quotes until one shows the edit, and count how long that took from here on."""
        edited_at = time.perf_counter()
        while True:
            asked_seconds = time.perf_counter() - edited_at
            quote = self._own_quote()
            if quote is not None and is_visible(quote):
                break
            if asked_seconds > _GIVE_UP_SECONDS:
                break
            gevent.sleep(_POLL_SECONDS)
        # Counted when asked: how long the answer took is another figure.
        self.environment.events.request.fire(
            request_type="CHECK",
            name=name,
            response_time=asked_seconds * 1000,
            response_length=0,
            exception=TooLate(f"not within {VISIBLE_SECONDS} s") if asked_seconds > VISIBLE_SECONDS else None,
            context={},
        )

    def _own_quote(self) -> dict[str, Any] | None:
        number = random.randrange(_BASKETS)
        basket = json.loads(write_basket(basket_format(), number, 1))
        basket["seller_id"] = self.seller_id
        basket["delivery_address"]["city"] = _CITY
        body = json.dumps(basket).encode()
        return self.quote_body("price_admin: quote after an edit", body, item_total_cents(number, 1))
