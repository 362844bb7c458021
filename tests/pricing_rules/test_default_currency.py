"""Rules and rates with amounts that name no currency: refused, or in the one that the operator has set.

Source: docs/spec/pricing-rules.md#amounts-and-currency.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.fixtures.serve import Served, a_basket, served
from tests.pricing_rules.drafts import new_name, pointers

RULES, RATES = "/api/v1/pricing-rules", "/api/v1/commission-rates"
# The original's examples, as they are.
EXPRESS = {"base_fee": 15.00, "multiplier": 1.5, "max_fee": 50.00, "distance_factor": 2.0}
AMOUNTS: list[dict[str, Any]] = [
    {"type": "EXPRESS_FEE", "region": "Istanbul", "configuration": EXPRESS},
    {"type": "TAX", "configuration": {"rate": 18}, "conditions": {"min_subtotal": 5}},
    {"type": "PROMOTION", "configuration": {"kind": "amount", "value": 5}},
    {"type": "PROMOTION", "configuration": {"kind": "bundle", "value": 5, "items": [{"tags_any": ["a"]}]}},
    {"type": "PROMOTION", "configuration": {"kind": "tiered_percent", "tiers": [{"from": 5, "percent": 1}]}},
]
MONEY_RATES: list[dict[str, Any]] = [
    {"commission_type": "FLAT", "rate": 1},
    {"commission_type": "PERCENTAGE", "rate": 5, "min_amount": 1},
    {"commission_type": "TIERED", "tiers": [{"up_to": 100, "rate": 5}, {"up_to": None, "rate": 4}]},
]


@pytest.fixture(scope="module", params=["", "TRY"])
def running(
    request: pytest.FixtureRequest, server_folder: Path, new_database_url: Any, redis_url: str
) -> Iterator[tuple[Served, str]]:
    settings = {"default_currency": request.param} if request.param else {}
    with served(server_folder, new_database_url(), redis_url, **settings) as service:
        yield service, request.param


def check(answer: httpx.Response, default: str, pointer: str) -> dict[str, Any] | None:
    """What was written, in the default currency; None where it was refused for want of one."""
    if not default:
        assert (answer.status_code, pointers(answer)) == (422, [pointer])
        return None
    assert answer.status_code in (200, 201), answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def test_written_rules_and_rates_name_it(running: tuple[Served, str]) -> None:
    service, default = running
    with service.admin() as admin:
        for draft in AMOUNTS:
            made = check(admin.post(RULES, json={**draft, "name": new_name()}), default, "/currency")
            if made is not None:
                assert admin.get(f"{RULES}/{made['id']}").json()["data"]["currency"] == default
                again = admin.put(f"{RULES}/{made['id']}", json={**draft, "name": made["name"]})
                assert again.json()["data"]["currency"] == default
        for rate in MONEY_RATES:
            made = check(admin.post(RATES, json={"seller_id": str(uuid4()), **rate}), default, "/currency")
            if made is not None:
                assert admin.get(f"{RATES}/{made['id']}").json()["data"]["currency"] == default


def test_what_holds_no_amount_stays_open_to_every_currency(running: tuple[Served, str]) -> None:
    service, _ = running
    with service.admin() as admin:
        tax = admin.post(RULES, json={"name": new_name(), "type": "TAX", "configuration": {"rate": 18}})
        rate = admin.post(RATES, json={"seller_id": str(uuid4()), "commission_type": "PERCENTAGE", "rate": 5})
        named = admin.post(RULES, json={**AMOUNTS[2], "name": new_name(), "currency": "EUR"})
    assert [each.json()["data"]["currency"] for each in (tax, rate, named)] == [None, None, "EUR"]


def test_imports_name_it_too(running: tuple[Served, str]) -> None:
    service, default = running
    seller, other = str(uuid4()), str(uuid4())
    with service.admin() as admin:
        rows = [{"seller_id": seller, **MONEY_RATES[0]}]
        csv = f"seller_id,commission_type,rate\n{other},FLAT,2\n"
        for content, kind in ((json.dumps(rows), "application/json"), (csv, "text/csv")):
            answer = admin.put(f"{RATES}/bulk", content=content, headers={"Content-Type": kind})
            check(answer, default, "/0/currency")
        if default:
            for each in (seller, other):
                (row,) = admin.get(RATES, params={"seller_id": each}).json()["data"]
                assert row["currency"] == default


def test_drafts_are_in_it(running: tuple[Served, str]) -> None:
    service, default = running
    fee = {"name": new_name(), "type": "DELIVERY_FEE", "configuration": {"base_fee": 12.34}, "priority": 999}
    drafts = {"draft_rules": [fee], "draft_rates": [{"seller_id": str(uuid4()), **MONEY_RATES[0]}]}
    wanted = ["/draft_rates/0/currency", "/draft_rules/0/currency"]
    with service.admin() as admin:
        simulated = admin.post("/api/v1/quotes/simulate", json={**a_basket(), **drafts})
        checked = admin.post("/api/v1/rulebook/check", json=drafts)
    if not default:
        assert [sorted(pointers(each)) for each in (simulated, checked)] == [wanted, wanted]
    else:
        assert (simulated.status_code, checked.status_code) == (200, 200), simulated.text
        assert simulated.json()["data"]["simulated"]["delivery_fee"] == 12.34
