"""What was counted adds up to the quotes that were issued, to the minor unit. Source: docs/spec/analytics.md#quotes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from quote_service.platform.documents.documents import write_document
from quote_service.platform.system.instants import to_micros
from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.catalog.complete_basket import complete_basket
from quote_service.pricing.price_quote import price_quote
from quote_service.pricing.quote import Quote
from quote_service.pricing.quote_basis import QuoteBasis
from quote_service.pricing.regions import region_name
from quote_service.pricing.rulebook.rulebook import Rulebook
from quote_service.quotes.answer.write_quote import write_quote
from quote_service.quotes.model.quote_cells import COLUMNS, OTHER, QuoteCell
from quote_service.quotes.operations.count_quotes import REGIONS_MAX, TIERS_MAX, QuoteCounts, flag_text
from quote_service.quotes.reading.decode_basket import decode_basket
from tests.pricing.books import book_of
from tests.pricing.catalog.products import a_price
from tests.pricing.laws import laws
from tests.pricing.rulebooks import AT, CATEGORIES, SELLERS, World

AT_US = to_micros(datetime.fromisoformat(AT))


def counted(counts: QuoteCounts, hour: int = 1) -> list[dict[str, Any]]:
    """Everything that was counted since last time."""
    rows = counts.drain(hour)
    while not counts.is_drained:
        rows += counts.drain(hour)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def book(world: World) -> Rulebook:
    """The rulebook of a world whose catalog knows every second product."""
    held = book_of(world.setup())
    prices = [
        a_price(
            product_id=f"b0000000-0000-4000-8000-{place:012d}",
            currency=world.currency,
            category_id=CATEGORIES[place % 3],
            seller_id=SELLERS[place % 3],
        )
        for place in range(0, 8, 2)
    ]
    return held.with_catalog(CatalogSnapshot(prices), held.customers)


def quoted(rulebook: Rulebook, request: dict[str, Any]) -> Quote:
    checked = complete_basket(QuoteBasis(rulebook, decode_basket(write_document(request)), AT_US)).checked
    return price_quote(QuoteBasis(rulebook, checked, AT_US))


def cell_of(counts: QuoteCounts, quote: Quote) -> QuoteCell:
    """As the issuer asks for it."""
    return counts.cell_of(quote, write_quote(quote, str(UUID(int=7)), AT_US, AT_US + 1).flags)


@laws(300)
@given(st.integers(0, 10**9))
def test_sums_of_rows_are_those_of_the_quotes(seed: int) -> None:
    world = World(seed)
    rulebook, counts = book(world), QuoteCounts()
    quotes = [quoted(rulebook, {**world.request(), "currency": world.currency}) for _ in range(4)]
    answers: Counter[str] = Counter()
    for quote in quotes:
        cell = cell_of(counts, quote)
        counts.issued(counts.sum_up(quote, cell))
        for tier in ("miss", world.random.choice(["local", "redis"])):
            counts.answered(cell, tier, 0.0005)
            answers[tier] += 1
    rows = counted(counts)
    whole, lines = [[row for row in rows if row["is_line"] is is_line] for is_line in (False, True)]

    assert sum(row["quotes"] for row in whole) == sum(row["latency_1ms"] for row in whole) == 8
    assert [sum(row[tier] for row in whole) for tier in ("local", "redis")] == [answers["local"], answers["redis"]]
    for row in whole:
        mine = [quote for quote in quotes if kind_of(quote) == (row["region"], row["tier"], tuple(row["flags"]))]
        assert row["priced"] == len(mine) > 0
        assert row["express"] == sum(quote.basket.is_express_delivery for quote in mine)
        for name, read in FIGURES.items():
            assert row[name] == sum(read(quote) for quote in mine), name
        rules = dict(zip(row["rules"], zip(*(row[name] for name in RULES), strict=True), strict=True))
        assert rules == {name: sums for name in rules_of(mine) if (sums := of_rule(name, mine))}
    of_lines = [(quote, line) for quote in quotes for line in quote.lines]
    for row in lines:
        key = tuple(row[name] for name in ("region", "tier", "seller", "category", "product"))
        own = [
            (quote, line)
            for quote, line in of_lines
            if key == (*kind_of(quote)[:2], *line_key(line)) and tuple(row["flags"]) == kind_of(quote)[2]
        ]
        assert row["lines"] == len(own) > 0
        assert row["units"] == sum(line.item.quantity for _, line in own)
        assert row["gross_minor"] == sum(line.total_minor for _, line in own)
        assert row["seller_discount_minor"] == sum(line.seller_discount_minor for _, line in own)
        assert row["total_minor"] == sum(
            line.net_minor + (0 if line.is_tax_included else line.tax_minor) for _, line in own
        )
        assert row["commission_minor"] == sum(
            detail.amount_minor for quote, line in own for detail in quote.commission.details if detail.line is line
        )
    assert sum(row["lines"] for row in lines) == len(of_lines)
    for name in (
        "lines",
        "units",
        "gross_minor",
        "seller_discount_minor",
        "platform_discount_minor",
        "commission_minor",
    ):
        assert sum(row[name] for row in lines) == sum(row[name] for row in whole), name
    for name in ("rule_seller_minor", "rule_platform_minor"):
        assert sum(sum(row[name]) for row in lines) == sum(sum(row[name]) for row in whole), name
    assert counted(counts) == []


FIGURES: dict[str, Any] = {
    "lines": lambda quote: len(quote.lines),
    "units": lambda quote: sum(line.item.quantity for line in quote.lines),
    "lines_catalog": lambda quote: sum(line.price_source == "catalog" for line in quote.lines),
    "lines_request": lambda quote: sum(line.price_source == "request" for line in quote.lines),
    "gross_minor": lambda quote: quote.item_total_minor,
    "seller_discount_minor": lambda quote: quote.seller_discount_minor,
    "platform_discount_minor": lambda quote: quote.platform_discount_minor,
    "delivery_fee_minor": lambda quote: quote.delivery_fee_minor,
    "small_basket_fee_minor": lambda quote: quote.small_basket_fee_minor,
    "exclusive_tax_minor": lambda quote: quote.exclusive_tax_minor,
    "inclusive_tax_minor": lambda quote: quote.inclusive_tax_minor,
    "total_minor": lambda quote: quote.total_minor,
    "commission_minor": lambda quote: quote.commission.total_minor,
}
RULES = ("rule_counts", "rule_gross_minor", "rule_total_minor", "rule_seller_minor", "rule_platform_minor")


def kind_of(quote: Quote) -> tuple[str, str, tuple[str, ...]]:
    address = quote.basket.delivery_address
    flags = tuple(flag_text(decision) for decision in quote.feature_flags)
    return region_name(address.country, address.city), quote.basket.customer_tier or "", flags


def line_key(line: Any) -> tuple[str, str, str]:
    if line.price_source == "request":
        return "", "", ""
    return line.seller_id, line.item.category_id, line.product_id


def rules_of(quotes: list[Quote]) -> list[str]:
    return list(dict.fromkeys(rule.name for quote in quotes for rule in quote.applied_rules))


def of_rule(name: str, quotes: list[Quote]) -> tuple[int, ...]:
    acted = [quote for quote in quotes if any(rule.name == name for rule in quote.applied_rules)]
    details = [detail for quote in acted for detail in quote.discount_details if detail.rule.name == name]
    return (
        len(acted),
        sum(quote.item_total_minor for quote in acted),
        sum(quote.total_minor for quote in acted),
        sum(detail.seller_minor for detail in details),
        sum(detail.platform_minor for detail in details),
    )


def plain(city: str = "Istanbul", product: int = 0, **fields: Any) -> dict[str, Any]:
    world = World(3)
    item = {"product_id": f"b0000000-0000-4000-8000-{product:012d}", "quantity": 1, "unit_price": 5}
    address = {"country": "TR", "city": city}
    return {**world.request(), "currency": "TRY", "items": [item], "delivery_address": address, **fields}


def count(counts: QuoteCounts, rulebook: Rulebook, **fields: Any) -> None:
    quote = quoted(rulebook, plain(**fields))
    cell = cell_of(counts, quote)
    counts.issued(counts.sum_up(quote, cell))
    counts.answered(cell, "miss", 3.0)


def test_all_spellings_of_a_city_are_one_region() -> None:
    counts, rulebook = QuoteCounts(), book_of({})
    for city in ("Istanbul", "İSTANBUL", " istanbul"):
        count(counts, rulebook, city=city)
    whole = [row for row in counted(counts) if not row["is_line"]]
    assert [(row["region"], row["priced"]) for row in whole] == [("TR/Istanbul", 3)]


def test_a_quote_is_counted_where_the_rulebook_of_its_time_puts_it() -> None:
    counts = QuoteCounts()
    flag = {"key": "fee", "type": "STRING", "is_enabled": True, "expose_in_quote": True}
    for value in ("a", "b", "a"):
        count(counts, book_of({"feature_flags": [{**flag, "value": value}]}))
    rows = [row for row in counted(counts) if not row["is_line"]]
    assert sorted((tuple(row["flags"]), row["priced"]) for row in rows) == [(('fee="a"',), 2), (('fee="b"',), 1)]


def test_a_product_is_distinguished_by_its_seller_and_category() -> None:
    counts, held = QuoteCounts(), book_of({})
    for seller in SELLERS[:2]:
        for category in CATEGORIES[:2]:
            price = a_price(product_id=plain()["items"][0]["product_id"], seller_id=seller, category_id=category)
            for _ in range(2):
                count(counts, held.with_catalog(CatalogSnapshot([price]), held.customers))
    rows = [row for row in counted(counts) if row["is_line"]]
    assert {(row["seller"], row["category"]): row["lines"] for row in rows} == {
        (seller, category): 2 for seller in SELLERS[:2] for category in CATEGORIES[:2]
    }


def test_regions_and_tiers_of_one_hour_are_bounded() -> None:
    counts, rulebook = QuoteCounts(), book_of({})
    counted(counts, hour=1)
    for number in range(REGIONS_MAX + 20):
        count(counts, rulebook, city=f"Town {number}", customer_tier=f"tier {number}")
    rows = [row for row in counted(counts) if not row["is_line"]]
    assert len({row["region"] for row in rows}) == REGIONS_MAX + 1
    assert sum(row["priced"] for row in rows if row["region"] == OTHER) == 20
    assert len({row["tier"] for row in rows}) == TIERS_MAX + 1
    count(counts, rulebook, city="Town 1", customer_tier="tier 1")
    count(counts, rulebook, city="Another town")
    rows = [row for row in counted(counts, hour=1) if not row["is_line"]]
    assert {row["region"] for row in rows} == {"TR/Town 1", OTHER}
    counted(counts, hour=2)
    count(counts, rulebook, city="Another town")
    assert counted(counts, hour=2)[0]["region"] == "TR/Another Town"


def test_kinds_of_quotes_that_there_is_no_room_for_are_counted_together() -> None:
    counts, rulebook = QuoteCounts(cells_max=10), book_of({})
    for number in range(25):
        count(counts, rulebook, city=f"Town {number}")
    rows = [row for row in counted(counts) if not row["is_line"]]
    assert sorted(row["priced"] for row in rows) == [*[1] * 10, 15]
    assert {row["region"] for row in rows if row["priced"] == 15} == {OTHER}
    for number in range(25):  # there is room again
        count(counts, rulebook, city=f"Town {number}")
    assert [row["priced"] for row in counted(counts) if row["region"] == "TR/Town 1" and not row["is_line"]] == [1]


def test_products_that_there_is_no_room_for_are_counted_together() -> None:
    counts, held = QuoteCounts(line_cells_max=10), book_of({})
    prices = [a_price(product_id=plain(product=place)["items"][0]["product_id"]) for place in range(25)]
    rulebook = held.with_catalog(CatalogSnapshot(prices), held.customers)
    for product in range(25):
        count(counts, rulebook, product=product)
    rows = [row for row in counted(counts) if row["is_line"]]
    assert sorted(row["lines"] for row in rows) == [*[1] * 10, 15]
    assert [(row["seller"], row["category"], row["product"]) for row in rows if row["lines"] == 15] == [(OTHER,) * 3]


def test_a_drain_takes_so_many_rows_and_the_next_one_the_others() -> None:
    counts, rulebook = QuoteCounts(), book_of({})
    for number in range(8):
        count(counts, rulebook, city=f"Town {number}")
    drained = [counts.drain(1, 3) for _ in range(6)]
    assert [len(rows) for rows in drained] == [3, 3, 3, 3, 3, 1]
    assert counts.is_drained
    regions = [(row[COLUMNS.index("is_line")], row[COLUMNS.index("region")]) for rows in drained for row in rows]
    assert len(set(regions)) == len(regions) == 16


def test_latencies_are_distinguished_by_powers_of_ten() -> None:
    counts = QuoteCounts()
    cell = cell_of(counts, quoted(book_of({}), plain()))
    for seconds in (0.0001, 0.0002, 0.001, 0.005, 0.05, 0.5, 1.0, 1.5):
        counts.answered(cell, "local", seconds)
    (row,) = counted(counts)
    assert [row[f"latency_{bound}"] for bound in ("100us", "1ms", "10ms", "100ms", "1s")] == [1, 2, 1, 1, 2]
    assert (row["quotes"], row["local"], row["latency_us"]) == (8, 8, 3_056_300)


def test_variants_of_one_value_are_distinguished() -> None:
    counts = QuoteCounts()
    arms = [{"key": key, "value": True, "weight": 1} for key in ("a", "b")]
    customers = [f"d0000000-0000-4000-8000-{place:012d}" for place in range(20)]
    rollout = {"variants": arms, "overrides": {each: "ab"[place % 2] for place, each in enumerate(customers)}}
    flag = {"key": "fee", "type": "BOOLEAN", "value": True, "is_enabled": True, "expose_in_quote": True}
    rulebook = book_of({"feature_flags": [{**flag, "rollout": rollout}]})
    for customer in customers:
        count(counts, rulebook, customer_id=customer)
    rows = [row for row in counted(counts) if not row["is_line"]]
    assert sorted((tuple(row["flags"]), row["priced"]) for row in rows) == [(("fee=a",), 10), (("fee=b",), 10)]
