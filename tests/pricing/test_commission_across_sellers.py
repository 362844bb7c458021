"""What a seller pays beside others. Source: docs/spec/commission.md#what-a-rate-charges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.quote import Quote
from tests.pricing.books import book_of, priced
from tests.pricing.laws import laws

AT = "2025-01-18T16:00:00Z"
A, B, C = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
#: A seller, a price in minor units, a quantity and whether the line is of the category that some rates name.
Line = tuple[str, int, int, bool]
CATEGORY = "00000000-0000-4000-8000-0000000000c0"


def quoted(lines: Sequence[Line], *rates: dict[str, Any]) -> Quote:
    ids = [{"id": str(UUID(int=place)), "currency": "TRY", **rate} for place, rate in enumerate(rates, 1)]
    items = [
        {
            "product_id": str(UUID(int=place)),
            "seller_id": seller,
            "unit_price": price / 100,
            "quantity": quantity,
            **({"category_id": CATEGORY} if has_category else {}),
        }
        for place, (seller, price, quantity, has_category) in enumerate(lines, 1)
    ]
    request = {
        "customer_id": C,
        "seller_id": A,
        "items": items,
        "delivery_address": {"city": "Istanbul", "country": "TR"},
        "currency": "TRY",
    }
    return priced(book_of({"commission_rates": ids}), request, AT)


def paid_by(seller: str, quote: Quote) -> int:
    return next(payout.commission_minor for payout in quote.payouts if payout.seller_id == seller)


@pytest.mark.parametrize(
    ("rate", "others", "alone", "together"),
    [
        ({"commission_type": "PERCENTAGE", "rate": 1, "min_amount": 15}, 150_00, 15_00, 6_00),
        ({"commission_type": "FLAT", "rate": 0.40}, 10_000_00, 40, 0),
        ({"commission_type": "PERCENTAGE", "rate": 100, "max_amount": 50}, 9_900_00, 50_00, 50),
        ({"commission_type": "TIERED", "tiers": [{"up_to": 50, "rate": 20}, {"rate": 10}]}, 900_00, 15_00, 10_50),
    ],
)
def test_what_others_sell_changes_a_commission_only_where_the_rate_says_quote(
    rate: dict[str, Any], others: int, alone: int, together: int
) -> None:
    mine, theirs = (A, 100_00, 1, False), (B, others, 1, False)
    found = {
        scope: [paid_by(A, quoted(lines, {**rate, "scope": scope})) for lines in ([mine], [mine, theirs])]
        for scope in ("ORDER", "QUOTE")
    }
    assert found == {"ORDER": [alone, alone], "QUOTE": [alone, together]}


def test_brackets_count_for_each_seller_where_a_rate_names_no_scope() -> None:
    """Lines of one seller are charged together wherever they stand."""
    tiers = {"commission_type": "TIERED", "tiers": [{"up_to": 100, "rate": 10}, {"rate": 5}]}
    lines = [(A, 50_00, 1, False), (B, 900_00, 1, False), (A, 100_00, 1, False)]
    by_scope = {scope: quoted(lines, {**tiers, "scope": scope}) for scope in (None, "QUOTE")}
    assert [paid_by(seller, by_scope[None]) for seller in (A, B)] == [12_50, 50_00]
    assert [paid_by(seller, by_scope["QUOTE"]) for seller in (A, B)] == [8_22, 49_28]
    assert [detail.amount_minor for detail in by_scope[None].commission.details] == [4_17, 50_00, 8_33]


AMOUNTS = st.integers(0, 3000).map(lambda minor: minor / 100)
PERCENTS = st.integers(0, 10_000).map(lambda hundredths: hundredths / 100)
LINES = st.lists(
    st.tuples(st.sampled_from([A, B, C]), st.integers(1, 200_00), st.integers(1, 5), st.booleans()),
    min_size=1,
    max_size=8,
)


@st.composite
def rates(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["PERCENTAGE", "FLAT", "TIERED"]))
    low, high = sorted([draw(AMOUNTS), draw(AMOUNTS)])
    rate: dict[str, Any] = {"commission_type": kind, "scope": draw(st.sampled_from([None, "UNIT", "LINE", "ORDER"]))}
    if kind == "TIERED":
        rate["tiers"] = [{"up_to": draw(st.integers(1, 100)), "rate": draw(PERCENTS)}, {"rate": draw(PERCENTS)}]
    else:
        rate["rate"] = draw(AMOUNTS if kind == "FLAT" else PERCENTS)
    bounds = {"min_amount": low, "max_amount": high}
    rate |= {name: bound for name, bound in bounds.items() if draw(st.booleans())}
    named = {"category_id": CATEGORY, "seller_id": A}
    return rate | {name: value for name, value in named.items() if draw(st.booleans())}


@laws(200)
@given(LINES, st.lists(rates(), min_size=1, max_size=3))
def test_what_a_seller_pays_does_not_depend_on_other_sellers(lines: list[Line], given: list[dict[str, Any]]) -> None:
    together = quoted(lines, *given)
    for seller in {line[0] for line in lines}:
        own = quoted([line for line in lines if line[0] == seller], *given)
        among = [each for each in together.commission.details if each.line.seller_id == seller]
        assert [(each.rate.id, each.amount_minor, each.clamped) for each in among] == [
            (each.rate.id, each.amount_minor, each.clamped) for each in own.commission.details
        ]
        assert paid_by(seller, together) == paid_by(seller, own)
