"""Where sales do not say how demand answers to a price, a test of it is proposed, which can be started as it is.

Source: docs/spec/price-decisions.md#proposed-tests.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from quote_service.intelligence.price_decisions.model.facts import Facts, Family, FamilyMember
from quote_service.intelligence.price_decisions.model.proposed_tests import propose_test
from tests.fixtures.service import Service
from tests.price_decisions.shop import DECISIONS, POLICIES, a_policy, elastic, made, sold_at
from tests.price_decisions.test_decide import plain
from tests.price_decisions.test_decisions_api import kept_model
from tests.price_experiments.test_experiments_api import EXPERIMENTS


def doubtful(**changes: Any) -> Facts:
    """A product of 100.00 of whose demand too little is known."""
    facts = plain(**changes)
    assert facts.learned is not None
    return msgspec.structs.replace(
        facts, learned=msgspec.structs.replace(facts.learned, elasticity=elastic(-2.0, ("too_few_prices",)))
    )


@pytest.mark.parametrize(
    ("changes", "change", "price"),
    [
        ({}, 5, 105),
        ({"ceiling_minor": 104_00}, -5, 95),
        ({"ceiling_minor": 104_00, "floor_minor": 96_00}, 3, 103),
        ({"ceiling_minor": 102_00, "floor_minor": 96_00}, -3, 97),
    ],
    ids=["up", "down", "a little up", "a little down"],
)
def test_the_first_change_that_the_bounds_allow_is_proposed(changes: dict[str, Any], change: int, price: int) -> None:
    test = propose_test(doubtful(**changes))
    assert test is not None
    assert (int(test.test_price), int(test.experiment.change_percent)) == (price, change)


@pytest.mark.parametrize(
    "changes",
    [
        {"ceiling_minor": 102_00, "floor_minor": 98_00},
        {"floor_minor": None},
        {"cost_minor": None},
        {"obstacles": ("flash_sale",)},
    ],
    ids=["narrow", "no floor", "no cost", "flash sale"],
)
def test_where_no_test_could_start_none_is_proposed(changes: dict[str, Any]) -> None:
    assert propose_test(doubtful(**changes)) is None


def test_what_is_known_needs_no_test() -> None:
    assert propose_test(plain()) is None
    assert propose_test(plain(learned=None)) is None


def test_sizes_are_tested_together_where_they_can_be() -> None:
    plain_size, held_size = plain(), plain(obstacles=("campaign",))
    members = (
        FamilyMember(plain_size.product_id, 6 * 10**6, 500 * 10**6, plain_size),
        FamilyMember(uuid4(), 12 * 10**6, 900 * 10**6, held_size),
        FamilyMember(uuid4(), 24 * 10**6, 1700 * 10**6, None),
    )
    facts = doubtful(family=Family("juice", 10**6, members))
    test = propose_test(facts)
    assert test is not None
    assert [each.product_ids for each in test.experiment.clusters] == [[facts.product_id, plain_size.product_id]]


def test_what_is_proposed_starts_as_it_is(admin: httpx.Client, service: Service) -> None:
    product = sold_at(admin)
    made(admin, POLICIES, a_policy(product, mode="auto"))
    kept_model(service, (product, -2.0, 10_000), doubts=("too_few_prices",))
    asked = made(admin, f"{DECISIONS}/what-if", {"product_id": product, "currency": "EUR"}, 200)
    assert asked["held_by"] == ["not_identified"]
    test = asked["proposed_test"]
    assert (test["test_price"], test["experiment"]["change_percent"]) == (105, 5)
    by_hand = made(admin, DECISIONS, {"product_id": product, "currency": "EUR", "price": 101})
    assert by_hand["proposed_test"] is None
    made(admin, DECISIONS, {"product_id": product, "currency": "EUR", "price": 100})
    drafted = made(admin, EXPERIMENTS, test["experiment"])
    started = admin.post(f"{EXPERIMENTS}/{drafted['id']}/start")
    assert started.status_code == 200, started.text
    (cluster,) = started.json()["data"]["clusters"]
    assert [(each["control_price"], each["treated_price"]) for each in cluster["products"]] == [(100, 105)]
    report = admin.get(f"{EXPERIMENTS}/{drafted['id']}/report").json()["data"]
    assert (report["design"], report["metric"]) == ("switchback", "profit")
    admin.post(f"{EXPERIMENTS}/{drafted['id']}/stop", json={"reason": "enough"})
