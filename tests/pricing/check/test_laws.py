"""What the check says never happens does not happen, whatever the basket."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.pricing.commission.stored_rate import StoredRate
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.stored import StoredRule
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.check.rulebooks import CATEGORY, NOW_US, OTHER_SELLER, SELLER, book, findings, rate, rule

REGIONS = [None, "TR", "TR/Istanbul", "TR/Istanbul/Kadikoy", "istanbul", "kadikoy", "DE"]
OTHER_CATEGORY = "22222222-2222-4222-8222-222222222222"
DAY_US = 86_400_000_000
STARTS = [None, "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z", "2026-03-04T00:00:00Z"]
ENDS = [None, None, "2026-03-03T00:00:00Z", "2026-03-06T00:00:00Z"]

conditions = st.fixed_dictionaries(
    {},
    optional={
        "min_subtotal": st.sampled_from([0, 50, 100]),
        "max_subtotal": st.sampled_from([100, 150]),
        "category_ids": st.sampled_from([[CATEGORY], [CATEGORY, OTHER_CATEGORY]]),
        "express": st.booleans(),
        "customer_tiers": st.sampled_from([["gold"], ["gold", "silver"]]),
        "weekdays": st.sampled_from([["mon"], ["mon", "tue", "wed"]]),
    },
)
kinds = st.sampled_from(
    [
        ("DELIVERY_FEE", {"base_fee": 10}),
        ("DELIVERY_FEE", {"base_fee": 12}),
        ("EXPRESS_FEE", {"base_fee": 20}),
        ("TAX", {"rate": 18}),
        ("PROMOTION", {"kind": "percent", "value": 50, "exclusive": True}),
        ("PROMOTION", {"kind": "percent", "value": 10}),
        ("PROMOTION", {"kind": "amount", "value": 5, "exclusive": True}),
        ("PROMOTION", {"kind": "amount", "value": 5, "applies_to": "delivery", "exclusive": True}),
    ]
)
scopes = {"region": st.sampled_from(REGIONS), "priority": st.sampled_from([0, 0, 1])}
periods = {"effective_from": st.sampled_from(STARTS[1:]), "effective_to": st.sampled_from(ENDS)}


@st.composite
def rules(draw: Any) -> list[StoredRule]:
    """Up to eight rules in up to two versions."""
    made = []
    for name in "abcd"[: draw(st.integers(1, 4))]:
        kind, configuration = draw(kinds)
        for version in range(1, draw(st.integers(1, 2)) + 1):
            fields = draw(st.fixed_dictionaries({**scopes, **periods, "conditions": conditions}))
            currency = draw(st.sampled_from(["TRY", "TRY", "EUR"]))
            made.append(rule(name, kind, configuration, version=version, currency=currency, **_sound(fields)))
    return made


@st.composite
def rates(draw: Any) -> list[StoredRate]:
    """Up to six percentages with some dimensions."""
    made = []
    for percent in range(5, 5 + draw(st.integers(1, 6))):
        named = {
            "seller_id": draw(st.sampled_from([None, SELLER, OTHER_SELLER])),
            "category_id": draw(st.sampled_from([None, CATEGORY])),
            "logistics_provider": draw(st.sampled_from([None, "swift"])),
        }
        fields = draw(st.fixed_dictionaries({**scopes, **periods}))
        made.append(rate(percent, currency=draw(st.sampled_from([None, "TRY"])), **named, **_sound(fields)))
    return made


def _sound(fields: dict[str, Any]) -> dict[str, Any]:
    """No end before the start, no bounds that exclude each other."""
    if fields["effective_to"] is not None and fields["effective_to"] <= fields["effective_from"]:
        fields = {**fields, "effective_to": None}
    return fields


baskets = st.fixed_dictionaries(
    {
        "customer_id": st.just("3f1c2f5e-8a41-4b7e-9c52-1d2f6a3b4c5d"),
        "seller_id": st.sampled_from([SELLER, OTHER_SELLER]),
        "items": st.lists(
            st.fixed_dictionaries(
                {
                    "product_id": st.just("b1c2d3e4-f5a6-4b7c-8d9e-0f1a2b3c4d5e"),
                    "quantity": st.integers(1, 3),
                    "unit_price": st.sampled_from([1, 20, 50, 75, 100, 160]),
                },
                optional={"category_id": st.sampled_from([CATEGORY, OTHER_CATEGORY])},
            ),
            min_size=1,
            max_size=3,
        ),
        "delivery_address": st.sampled_from(
            [
                {"country": "TR", "city": "Istanbul", "district": "Kadıköy"},
                {"country": "TR", "city": "İstanbul"},
                {"country": "TR", "city": "Kadikoy", "district": "Kadikoy"},
                {"country": "TR", "city": "Izmir", "district": "Istanbul"},
                {"country": "DE", "city": "Istanbul"},
            ]
        ),
        "currency": st.sampled_from(["TRY", "EUR"]),
    },
    optional={
        "is_express_delivery": st.booleans(),
        "customer_tier": st.sampled_from(["gold", "silver", "tin"]),
        "logistics_provider": st.just("swift"),
    },
)


@pytest.mark.long("150 drawn rulebooks, each with many baskets")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rules(), rates(), st.lists(baskets, min_size=12, max_size=12), st.lists(st.integers(0, 8), min_size=1, max_size=4)
)
def test_what_never_wins_never_does(
    some_rules: list[StoredRule], some_rates: list[StoredRate], some_baskets: list[dict[str, Any]], days: list[int]
) -> None:
    rulebook = book(*some_rules, *some_rates)
    never = {
        each.rows[0].id
        for each in findings(rulebook)
        if each.code in ("rule-never-chosen", "rule-never-counts", "version-never-counts", "rate-never-taken")
    }
    for day in days:
        for basket in some_baskets:
            quote = price_quote(QuoteBasis(rulebook, decode_basket(write_document(basket)), NOW_US + day * DAY_US))
            assert never.isdisjoint(applied.id for applied in quote.applied_rules)
            assert never.isdisjoint(detail.rate.id for detail in quote.commission.details)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules(), rates())
def test_the_check_around_one_row_says_no_more_than_the_whole(
    some_rules: list[StoredRule], some_rates: list[StoredRate]
) -> None:
    rulebook = book(*some_rules, *some_rates)
    whole = {(each.code, each.rows[0].id) for each in findings(rulebook)}
    for row in (some_rules[0], some_rates[0]):
        around = {(each.code, each.rows[0].id) for each in findings(rulebook, row)}
        proved = {
            each for each in around if each[0] in ("rule-never-chosen", "version-never-counts", "rate-never-taken")
        }
        assert proved <= whole
