"""Time makes another quote of a basket where it changes an answer, and nowhere else.

Source: docs/spec/quotes.md#caching.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.fingerprint import fingerprint_bits
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import book_of, instant_us
from tests.pricing.laws import laws

SELLER = "a0000000-0000-4000-8000-000000000000"
OTHER = "c0000000-0000-4000-8000-000000000000"
CUSTOMER = "d0000000-0000-4000-8000-000000000000"
BEFORE, AFTER = "2025-06-11T10:14:59Z", "2025-06-11T10:15:00Z"
WINDOW = {"time_of_day": {"from": "10:15", "to": "11:00"}}
TAX_BASE = re.compile(r'("inputs":\{"rate":18),"base_amount":[0-9.]+')
PROMOTION = {"type": "PROMOTION", "configuration": {"kind": "percent", "value": 10}}
FIELDS: dict[str, Any] = {
    "customer_id": CUSTOMER,
    "seller_id": SELLER,
    "items": [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 2, "unit_price": 25}],
    "delivery_address": {"city": "Istanbul", "country": "TR"},
    "currency": "TRY",
}


def rule(name: str = "promotion", **fields: Any) -> dict[str, Any]:
    return {"id": f"{name} {fields.get('version', 1)}", "name": name, "currency": "TRY", **PROMOTION, **fields}


def windowed(**conditions: Any) -> dict[str, Any]:
    return rule(conditions={**WINDOW, **conditions})


def flag(**fields: Any) -> dict[str, Any]:
    rollout = {"starts_at": AFTER, **fields.pop("rollout", {})}
    return {"key": "f", "type": "BOOLEAN", "value": True, "is_enabled": True, "rollout": rollout, **fields}


def rate(name: str = "rate", **fields: Any) -> dict[str, Any]:
    return {"id": name, "commission_type": "PERCENTAGE", "rate": 5, "priority": 1, **fields}


def book(
    *rules: dict[str, Any], flags: tuple[dict[str, Any], ...] = (), rates: tuple[dict[str, Any], ...] = ()
) -> Rulebook:
    return book_of({"pricing_rules": list(rules), "feature_flags": list(flags), "commission_rates": list(rates)})


def bits(rulebook: Rulebook, at: str | int, **fields: Any) -> int:
    checked = decode_basket(json.dumps({**FIELDS, **fields}).encode())
    return fingerprint_bits(QuoteBasis(rulebook, checked, instant_us(at) if isinstance(at, str) else at), b"s" * 32)


def answer(rulebook: Rulebook, at: str | int, **fields: Any) -> str:
    checked = decode_basket(json.dumps({**FIELDS, **fields}).encode())
    at_us = instant_us(at) if isinstance(at, str) else at
    text = write_quote(price_quote(QuoteBasis(rulebook, checked, at_us)), "id", 0, 0)
    return f"{text.head}{text.flags}{text.tail}"


def without_tax_base(text: str) -> str:
    """An answer without the base of a tax, which is shown only where there are rules for some lines too."""
    return TAX_BASE.sub(r"\1", text)


EXPRESS: dict[str, Any] = {"type": "EXPRESS_FEE", "configuration": {"base_fee": 5}}
ELSEWHERE: dict[str, tuple[Rulebook, dict[str, Any]]] = {
    "a window in another region": (book(windowed() | {"region": "DE"}), {}),
    "a window of another currency": (book(windowed() | {"currency": "EUR"}), {}),
    "a window of another seller": (book(windowed(seller_ids=[OTHER])), {}),
    "a window of another product": (book(windowed(product_ids=[OTHER])), {}),
    "a window of another tier": (book(windowed(customer_tiers=["gold"])), {"customer_tier": "silver"}),
    "a window of dearer baskets": (book(windowed(min_subtotal=51)), {}),
    "a window for express deliveries": (book(rule(**EXPRESS, conditions=WINDOW)), {}),
    "a window of a coupon that is not brought": (
        book(windowed() | {"type": "COUPON", "configuration": {"kind": "percent", "value": 10, "code": "X"}}),
        {"coupon_codes": ["Y"]},
    ),
    "a window that is closed all the while": (
        book(rule(conditions={"time_of_day": {"from": "20:00", "to": "21:00"}})),
        {},
    ),
    "a window that is open all the while": (
        book(rule(conditions={"time_of_day": {"from": "09:00", "to": "21:00"}})),
        {},
    ),
    "a start for another seller": (book(rule(effective_from=AFTER, conditions={"seller_ids": [OTHER]})), {}),
    "an end for another seller": (book(rule(effective_to=AFTER, conditions={"seller_ids": [OTHER]})), {}),
    "a window of a fee that another always comes before": (
        book(
            rule("usual", type="DELIVERY_FEE", configuration={"base_fee": 10}, priority=2),
            rule(type="DELIVERY_FEE", configuration={"base_fee": 20}, conditions=WINDOW),
        ),
        {},
    ),
    "a rate for another seller starts": (book(rates=(rate(seller_id=OTHER, effective_from=AFTER),)), {}),
    "a rate elsewhere ends": (book(rates=(rate(region="DE", effective_to=AFTER),)), {}),
    "a rate starts that another comes before": (
        book(rates=(rate(seller_id=SELLER, priority=2), rate("other", seller_id=SELLER, effective_from=AFTER))),
        {},
    ),
    "a rate of a provider that delivers nothing starts": (
        book(rates=(rate(logistics_provider="swift", effective_from=AFTER),)),
        {"logistics_provider": "slow"},
    ),
    "a flag that no quote shows": (book(flags=(flag(expose_in_quote=False),)), {}),
    "a flag for another tier": (book(flags=(flag(rollout={"customer_tiers": ["gold"]}),)), {}),
    "a flag of a rule for another seller": (
        book(rule(conditions={"flag": "f", "seller_ids": [OTHER]}), flags=(flag(expose_in_quote=False),)),
        {},
    ),
}
HERE: dict[str, tuple[Rulebook, dict[str, Any]]] = {
    "a window opens": (book(windowed()), {}),
    "a window opens for one of two lines": (
        book(windowed(seller_ids=[OTHER])),
        {"items": [*FIELDS["items"], {**FIELDS["items"][0], "seller_id": OTHER}]},
    ),
    "a window closes": (book(rule(conditions={"time_of_day": {"from": "09:00", "to": "10:15"}})), {}),
    "a window opens for its dearer baskets": (book(windowed(min_subtotal=50)), {}),
    "a rule starts": (book(rule(effective_from=AFTER)), {}),
    "a rule ends": (book(rule(effective_to=AFTER)), {}),
    "a rule for express deliveries starts": (
        book(rule(**EXPRESS, effective_from=AFTER)),
        {"is_express_delivery": True},
    ),
    "a window opens for a fee that comes before another": (
        book(
            rule("usual", type="DELIVERY_FEE", configuration={"base_fee": 10}),
            rule(type="DELIVERY_FEE", configuration={"base_fee": 20}, conditions=WINDOW, priority=2),
        ),
        {},
    ),
    "a rate starts": (book(rates=(rate(seller_id=SELLER, effective_from=AFTER),)), {}),
    "a rate ends": (book(rates=(rate(effective_to=AFTER),)), {}),
    "a rate takes the place of another": (
        book(rates=(rate(seller_id=SELLER), rate("other", rate=7, seller_id=SELLER, effective_from=AFTER, priority=2))),
        {},
    ),
    "a rate for the seller of one of two lines starts": (
        book(rates=(rate(seller_id=OTHER, effective_from=AFTER),)),
        {"items": [*FIELDS["items"], {**FIELDS["items"][0], "seller_id": OTHER}]},
    ),
    "a rate of the provider that a fee names starts": (
        book(
            rule(type="DELIVERY_FEE", configuration={"base_fee": 10, "provider": "swift"}),
            rates=(rate(logistics_provider="swift", effective_from=AFTER),),
        ),
        {},
    ),
    "the next version is for another seller": (
        book(rule(), rule(version=2, effective_from=AFTER, conditions={"seller_ids": [OTHER]})),
        {},
    ),
    "a version for another seller ends": (
        book(rule(), rule(version=2, effective_to=AFTER, conditions={"seller_ids": [OTHER]})),
        {},
    ),
    "a coupon that is brought starts": (
        book(rule(type="COUPON", configuration={"kind": "percent", "value": 10, "code": "X"}, effective_from=AFTER)),
        {"coupon_codes": ["x"]},
    ),
    "a flag that is shown starts": (book(flags=(flag(),)), {}),
    "a flag of a rule starts": (book(rule(conditions={"flag": "f"}), flags=(flag(expose_in_quote=False),)), {}),
    "a flag of a coupon starts": (
        book(
            rule(
                type="COUPON",
                configuration={"kind": "percent", "value": 10, "code": "X"},
                conditions={"flag": "f"},
            ),
            flags=(flag(expose_in_quote=False),),
        ),
        {"coupon_codes": ["x"]},
    ),
    "the flag of express fees starts": (
        book(
            rule(type="DELIVERY_FEE", configuration={"base_fee": 10}),
            flags=(flag(key="express_delivery_multiplier", type="NUMBER", value=3, expose_in_quote=False),),
        ),
        {"is_express_delivery": True},
    ),
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_what_changes_nothing_makes_no_other_quote(what: str) -> None:
    rulebook, fields = ELSEWHERE[what]
    assert answer(rulebook, BEFORE, **fields) == answer(rulebook, AFTER, **fields)
    assert bits(rulebook, BEFORE, **fields) == bits(rulebook, AFTER, **fields)


@pytest.mark.parametrize("what", HERE)
def test_what_changes_an_answer_makes_another_quote(what: str) -> None:
    rulebook, fields = HERE[what]
    assert answer(rulebook, BEFORE, **fields) != answer(rulebook, AFTER, **fields)
    assert bits(rulebook, BEFORE, **fields) != bits(rulebook, AFTER, **fields)


TIMES = st.sampled_from(["10:00", "10:07", "10:15", "10:22", "10:30", "10:45"])
MOMENTS = TIMES.map(lambda time: f"2025-06-11T{time}:00Z")
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={
        "time_of_day": st.tuples(TIMES, TIMES)
        .filter(lambda pair: pair[0] != pair[1])
        .map(lambda pair: {"from": pair[0], "to": pair[1]}),
        "seller_ids": st.sampled_from([[SELLER], [OTHER]]),
        "customer_tiers": st.sampled_from([["gold"], ["silver"]]),
        "express": st.booleans(),
        "flag": st.just("f"),
        "min_subtotal": st.sampled_from([49, 50, 51]),
    },
)
KINDS = st.sampled_from(
    [
        PROMOTION,
        EXPRESS,
        {"type": "DELIVERY_FEE", "configuration": {"base_fee": 10}},
        {"type": "DELIVERY_FEE", "configuration": {"base_fee": 10, "provider": "swift"}},
        {"type": "TAX", "configuration": {"rate": 18}},
        {"type": "SMALL_BASKET_FEE", "configuration": {"threshold": 60, "fee": 7, "mode": "fixed"}},
        {"type": "COUPON", "configuration": {"kind": "percent", "value": 10, "code": "X"}},
    ]
)
RANGES = st.sampled_from(["effective_from", "effective_to", None])
# `swift` delivers by a rule, if there is one, and otherwise where the request says so.
SCOPES = st.sampled_from([{}, {"seller_id": SELLER}, {"seller_id": OTHER}, {"logistics_provider": "swift"}])


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    rules = []
    for number in range(draw(st.integers(1, 4))):
        fields = {**draw(KINDS), "conditions": draw(CONDITIONS)}
        if (edge := draw(RANGES)) is not None:
            fields[edge] = draw(MOMENTS)
        rules.append(rule(f"rule {number}", **fields))
    rates = []
    for number in range(draw(st.integers(0, 3))):
        fields = {**draw(SCOPES), "rate": number + 1, "priority": draw(st.integers(1, 3))}
        if (edge := draw(RANGES)) is not None:
            fields[edge] = draw(MOMENTS)
        rates.append(rate(f"rate {number}", **fields))
    flags = (flag(rollout={"starts_at": draw(MOMENTS)}, expose_in_quote=draw(st.booleans())),)
    return book(*rules, flags=flags, rates=tuple(rates))


@laws(400)
@given(
    rulebooks(),
    st.lists(st.integers(0, 50 * 60), min_size=2, max_size=6),
    st.fixed_dictionaries(
        {},
        optional={
            "is_express_delivery": st.booleans(),
            "customer_tier": st.sampled_from(["gold", "silver"]),
            "coupon_codes": st.just(["x"]),
            "logistics_provider": st.sampled_from(["swift", "slow"]),
        },
    ),
)
def test_the_same_bits_are_the_same_answer(rulebook: Rulebook, seconds: list[int], fields: dict[str, Any]) -> None:
    start = instant_us("2025-06-11T09:59:00Z")
    answers: dict[int, set[str]] = {}
    for second in seconds:
        at_us = start + second * 1_000_000
        answers.setdefault(bits(rulebook, at_us, **fields), set()).add(
            without_tax_base(answer(rulebook, at_us, **fields))
        )
    assert all(len(each) == 1 for each in answers.values())
