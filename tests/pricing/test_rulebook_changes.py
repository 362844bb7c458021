"""A rulebook is the same however it came to be, and whatever instants it has been asked about before."""

from random import Random
from typing import Any

import pytest
from hypothesis import given

from quote_service.pricing.rulebook.rulebook import Rulebook, apply_changes, empty_rulebook
from quote_service.pricing.rulebook.stored import CouponExhaustion, RulebookChanges
from tests.pricing import oracle
from tests.pricing.books import answer_text, book_of, instant_us, priced, read_answer, stored_rates, stored_rules
from tests.pricing.figures import figures_of_answer, figures_of_opinion
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT, WORLDS, World

MOMENTS = [
    "2020-01-01T00:00:00Z",
    "2025-05-31T20:59:59.999999Z",
    "2025-05-31T21:00:00Z",
    "2025-06-11T10:29:59.999999Z",
    AT,
    "2025-06-11T10:30:00.000001Z",
    "2025-06-11T10:30:59.999999Z",
    "2025-06-11T10:31:00Z",
    "2025-06-11T21:59:59Z",
    "2025-06-11T22:00:00Z",
    "2025-06-14T00:00:00Z",
    "2025-06-30T23:59:59.999999Z",
    "2025-07-01T00:00:00Z",
    "2030-10-26T23:30:00Z",
]


def changes(**rows: Any) -> RulebookChanges:
    """A change of nothing but what is given."""
    nothing: dict[str, Any] = {name: [] for name in ("rates", "ended_rate_ids", "rules", "flags", "exhaustions")}
    return RulebookChanges(**{"version": 2, "is_complete": False, **nothing, **rows})


@laws(150)
@given(WORLDS)
def test_a_book_answers_for_each_instant_as_if_it_were_the_first(world: World) -> None:
    setup, request = world.setup(), world.request()
    book = book_of(setup)
    moments = MOMENTS * 2
    world.random.shuffle(moments)
    for at in moments[:8]:
        figures = figures_of_answer(read_answer(answer_text(priced(book, request, at), at)))
        assert figures == figures_of_opinion(oracle.price(setup, request, at)), at


@laws(150)
@given(WORLDS)
def test_a_book_changed_row_by_row_is_the_book_loaded_at_once(world: World) -> None:
    setup, request = world.setup(), world.request()
    whole = book_of(setup)
    grown = book_of({**setup, "commission_rates": [], "pricing_rules": []})
    # Rows come in pieces, some of them twice and some at first as something else.
    pieces: list[RulebookChanges] = []
    for rate in setup["commission_rates"]:
        stranger = {**rate, "seller_id": "a0000000-0000-4000-8000-00000000000f", "split": None}
        pieces.append(changes(rates=stored_rates([stranger])))
        pieces.append(changes(ended_rate_ids=[rate["id"]]))
        pieces.append(changes(rates=stored_rates([rate])))
    pieces += [changes(rules=stored_rules([{**rule, "is_active": False}])) for rule in setup["pricing_rules"]]
    pieces += [changes(rules=stored_rules([rule])) for rule in setup["pricing_rules"]]
    for piece in pieces:
        grown = apply_changes(grown, piece)
    assert grown.rates.count == whole.rates.count
    for at in MOMENTS[3:6]:
        assert answer_text(priced(grown, request, at), at) == answer_text(priced(whole, request, at), at)


def test_a_change_leaves_the_book_before_it_as_it_was() -> None:
    setup = World(7).setup()
    setup["commission_rates"] = [
        {
            "id": f"rate {n}",
            "seller_id": f"a0000000-0000-4000-8000-0000000000{n:02d}",
            "commission_type": "PERCENTAGE",
            "rate": n,
        }
        for n in range(50)
    ]
    book = book_of(setup)
    held = {rate.id: rate.charge for rate in book.rates.all_rates()}
    later = apply_changes(
        book, changes(ended_rate_ids=["rate 3"], rates=stored_rates([{**setup["commission_rates"][4], "rate": 99}]))
    )
    assert {rate.id: rate.charge for rate in book.rates.all_rates()} == held
    assert later.rates.rate("rate 3") is None
    after = later.rates.rate("rate 4")
    assert after is not None
    assert after.charge == 99_000_000
    assert (book.rates.count, later.rates.count) == (50, 49)


def test_many_rates_of_one_seller_are_found_by_region_as_few_are() -> None:
    seller = "a0000000-0000-4000-8000-000000000000"
    rates = [
        {"id": f"rate {n:03d}", "seller_id": seller, "commission_type": "PERCENTAGE", "rate": n % 100, "region": region}
        for n, region in enumerate([f"TR/City{n}" for n in range(60)] + ["TR", None, "TR/Istanbul", "Kadıköy"])
    ]
    request = World(1).request() | {
        "seller_id": seller,
        "items": [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 1, "unit_price": 100}],
        "currency": "TRY",
        "coupon_codes": [],
    }
    for city, district, wanted in (
        ("City5", None, 5),
        ("İstanbul", None, 62),
        ("Istanbul", "KADIKÖY", 63),
        ("Van", None, 60),
    ):
        request["delivery_address"] = {"country": "TR", "city": city, "district": district}
        for held in (rates, rates[-4:] + rates[5:6]):
            quote = priced(book_of({"commission_rates": Random(1).sample(held, len(held))}), request, AT)
            assert [detail.rate.id for detail in quote.commission.details] == [f"rate {wanted:03d}"]


def coupon(name: str, code: str, version: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"{name} {version}",
        "name": name,
        "version": version,
        "type": "COUPON",
        "configuration": {"kind": "percent", "value": 10, "code": code},
        **fields,
    }


PAST: dict[str, Any] = {"effective_to": "2025-01-01T00:00:00Z"}
FUTURE: dict[str, Any] = {"effective_from": "2026-01-01T00:00:00Z"}
SHUT: dict[str, Any] = {"conditions": {"time_of_day": {"from": "20:00", "to": "21:00"}}}


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ([], "unknown"),
        ([coupon("a", "CODE")], None),
        ([coupon("a", "CODE", is_active=False)], "unknown"),
        ([coupon("a", "CODE", **PAST)], "expired"),
        ([coupon("a", "CODE", **FUTURE)], "not_started"),
        ([coupon("a", "CODE", **SHUT)], "conditions_not_met"),
        ([coupon("a", "CODE", **PAST), coupon("a", "CODE", 2, **FUTURE)], "not_started"),
        ([coupon("a", "CODE", **PAST), coupon("b", "CODE", **SHUT)], "conditions_not_met"),
        ([coupon("a", "CODE", **FUTURE), coupon("b", "CODE", **SHUT)], "not_started"),
        ([coupon("a", "CODE", **FUTURE), coupon("b", "CODE")], None),
        # The higher version hides the lower, code and hours and all.
        ([coupon("a", "CODE"), coupon("a", "OTHER", 2)], "unknown"),
        ([coupon("a", "CODE", **SHUT), coupon("a", "OTHER", 2)], "unknown"),
        ([coupon("a", "CODE"), coupon("a", "CODE", 2, **SHUT)], "conditions_not_met"),
        ([coupon("a", "CODE"), coupon("a", "OTHER", 2, **FUTURE)], None),
    ],
)
def test_why_a_coupon_does_not_count_says_the_same_in_any_order_of_rules(rules: list[Any], reason: str | None) -> None:
    request = World(1).request() | {"coupon_codes": [" code "]}
    request["items"] = [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 1, "unit_price": 100}]
    for ordered in (rules, rules[::-1]):
        quote = priced(book_of({"pricing_rules": ordered}), request, AT)
        assert [outcome.reason for outcome in quote.coupons] == [reason]


def test_a_coupon_is_exhausted_by_the_limit_of_the_version_that_counts() -> None:
    def rule(version: int, limit: int | None, **fields: Any) -> dict[str, Any]:
        document = coupon("a", "CODE", version, **fields)
        document["configuration"]["usage_limit"] = limit
        return document

    request = World(1).request() | {"coupon_codes": ["CODE"]}
    request["items"] = [{"product_id": "b0000000-0000-4000-8000-000000000000", "quantity": 1, "unit_price": 100}]

    def reason(*rules: Any) -> str | None:
        setup = {"pricing_rules": list(rules), "coupon_uses": [{"rule_name": "a", "customer_id": None, "uses": 5}]}
        return priced(book_of(setup), request, AT).coupons[0].reason

    assert reason(rule(1, 5)) == "exhausted"
    assert reason(rule(1, 6)) is None
    assert reason(rule(1, 5), rule(2, None)) is None
    assert reason(rule(1, None), rule(2, 5)) == "exhausted"
    assert reason(rule(1, 6), rule(2, 5, **FUTURE)) is None


def test_an_exhaustion_comes_and_its_count_is_replaced() -> None:
    book: Rulebook = apply_changes(empty_rulebook(), changes(exhaustions=[CouponExhaustion("a", None, 5)]))
    book = apply_changes(book, changes(exhaustions=[CouponExhaustion("a", None, 4)]))
    assert book.coupon_uses == {("a", None): 4}


def test_an_era_ends_where_the_next_thing_happens() -> None:
    rules = [coupon("a", "A", effective_to="2025-06-11T10:31:00Z"), coupon("b", "B", **FUTURE)]
    period = book_of({"pricing_rules": rules}).period_at(instant_us(AT))
    assert period.from_us <= instant_us(AT) < period.until_us == instant_us("2025-06-11T10:31:00Z")
