"""The catalog held is the catalog that was told, whatever became of it on the way, in a few bytes a product."""

import sys
from random import Random
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quote_service.pricing.catalog.catalog_snapshot import READY_MAX, CatalogSnapshot
from quote_service.pricing.catalog.price_rows import PriceRowsEdit, no_price_rows
from quote_service.pricing.catalog.product_price import ProductPrice
from tests.pricing.laws import laws

PRICE_MICRO_MAX = 10**19 - 1
# Ids that differ in one byte only, first or last, and one that is found at each place of itself.
IDS = [
    *(str(UUID(int=number)) for number in range(1, 9)),
    *(str(UUID(int=number << 120)) for number in range(1, 5)),
    str(UUID(int=0)),
    str(UUID(bytes=b"\x07" * 16)),
]
CURRENCIES = ["EUR", "TRY", "JPY"]


def micro(given: int = PRICE_MICRO_MAX) -> st.SearchStrategy[int]:
    """Amounts, those at the ends of what fits among them."""
    return st.integers(0, given) | st.sampled_from([0, 1, 2**63 - 1, 2**63, given])


@st.composite
def product_prices(draw: st.DrawFn, product_id: str) -> list[ProductPrice]:
    """All prices of one product: in some currencies, of itself and of some variants."""
    shared = (
        draw(st.none() | st.sampled_from(IDS)),
        draw(st.none() | st.sampled_from(IDS)),
        tuple(draw(st.lists(st.sampled_from(["new", "sale", ""]), unique=True))),
        draw(st.none() | micro().map(lambda micro_kg: micro_kg * 1_000_000)),
        draw(st.booleans()),
    )
    places = draw(
        st.lists(
            st.tuples(st.none() | st.sampled_from(IDS), st.sampled_from(CURRENCIES)),
            unique=True,
            min_size=1,
            max_size=5,
        )
    )
    return [
        ProductPrice(
            product_id,
            variant_id,
            currency,
            *shared,
            draw(micro()),
            draw(micro()),
            draw(st.none() | micro()),
            draw(st.none() | micro()),
        )
        for variant_id, currency in places
    ]


STEPS = st.lists(
    st.lists(st.sampled_from(IDS), min_size=1, max_size=4, unique=True).flatmap(
        lambda ids: st.tuples(*(st.tuples(st.just(each), st.none() | product_prices(each)) for each in ids))
    ),
    min_size=1,
    max_size=6,
)


def shown(model: dict[str, list[ProductPrice]]) -> dict[tuple[str, str | None, str], ProductPrice]:
    """Each price of a model by what finds it."""
    return {(each.product_id, each.variant_id, each.currency): each for prices in model.values() for each in prices}


def check_all(catalog: CatalogSnapshot, model: dict[str, list[ProductPrice]]) -> None:
    """Every price that could be asked for is what the model says."""
    expected = shown(model)
    for product_id in IDS:
        assert catalog.knows(product_id) == (product_id in model)
        for variant_id in (None, *IDS):
            for currency in CURRENCIES:
                key = (product_id, variant_id, currency)
                assert catalog.find(*key) == expected.get(key), key
    assert catalog.is_empty == (not model)


@pytest.mark.long("150 catalogs, each checked whole after every step")
@laws(150)
@given(STEPS)
def test_a_catalog_is_what_it_was_reported_whatever_became_of_it_on_the_way(
    steps: list[tuple[tuple[str, list[ProductPrice] | None], ...]],
) -> None:
    model: dict[str, list[ProductPrice]] = {}
    catalog = CatalogSnapshot()
    for step in steps:
        former, former_model = catalog, dict(model)
        for product_id, prices in step:
            if prices is None:
                model.pop(product_id, None)
            else:
                model[product_id] = prices
        catalog = former.with_changes(
            [each for _, prices in step for each in prices or ()],
            [product_id for product_id, prices in step if prices is None],
        )
        check_all(catalog, model)
        check_all(former, former_model)
    check_all(CatalogSnapshot(shown(model).values()), model)


def price_of(number: int, amount: int = 1) -> ProductPrice:
    """The price of one of very many products."""
    product_id = str(UUID(int=Random(number).getrandbits(128)))
    return ProductPrice(product_id, None, "EUR", IDS[0], IDS[1], ("new",), None, True, amount, 0, None, None)


def test_prices_that_are_kept_ready_are_bounded_and_never_stale() -> None:
    prices = [price_of(number) for number in range(READY_MAX + 100)]
    catalog = CatalogSnapshot(prices)
    for price in prices:
        assert catalog.find(price.product_id, None, "EUR") == price
        assert len(catalog._ready.prices) <= READY_MAX
    first, last = prices[0], prices[-1]
    assert catalog.find(last.product_id, None, "EUR") is catalog.find(last.product_id, None, "EUR")
    moved = price_of(0, amount=2)
    changed = catalog.with_changes([moved])
    assert changed.find(first.product_id, None, "EUR") == moved
    assert catalog.find(first.product_id, None, "EUR") == first
    # What did not change is still ready.
    assert changed.find(last.product_id, None, "EUR") is catalog.find(last.product_id, None, "EUR")


def test_a_variant_that_is_ready_follows_its_product() -> None:
    product = price_of(0)
    variant = msgspec.structs.replace(product, variant_id=str(UUID(int=5)), current_micro=7)
    catalog = CatalogSnapshot([product, variant])
    assert catalog.find(product.product_id, variant.variant_id, "EUR") == variant
    moved = msgspec.structs.replace(variant, current_micro=8)
    changed = catalog.with_changes([product, moved])
    assert changed.find(product.product_id, variant.variant_id, "EUR") == moved
    gone = changed.with_changes([product])
    assert gone.find(product.product_id, variant.variant_id, "EUR") is None
    assert changed.find(product.product_id, variant.variant_id, "EUR") == moved


def test_a_price_takes_less_than_a_hundred_bytes() -> None:
    count = 50_000
    edit = PriceRowsEdit(no_price_rows())
    random = Random(7)
    for number in range(count):
        product = random.randbytes(16)
        edit.add(
            product, None, "EUR", (number, 0, None, 10**18), 500_000, IDS[number % 8], IDS[3], ("new",), is_active=True
        )
    rows = edit.rows().products
    shards = {id(shard): shard for shard in rows._shards}.values()
    held = sum(sys.getsizeof(shard) + sum(map(sys.getsizeof, shard)) for shard in shards) + sys.getsizeof(rows._shards)
    assert rows.count == count
    assert held / count < 90
    assert rows.size_bytes == pytest.approx(held, rel=0.05)


def test_a_change_copies_only_what_it_touches() -> None:
    catalog = CatalogSnapshot(price_of(number) for number in range(20_000))
    changed = catalog.with_changes([price_of(5, amount=7)])
    pairs = zip(catalog.rows.products._shards, changed.rows.products._shards, strict=True)
    assert sum(former is not latter for former, latter in pairs) == 1


def test_a_weight_too_fine_to_be_kept_is_refused_and_not_rounded() -> None:
    price = ProductPrice(IDS[0], None, "EUR", None, None, (), 1, True, 1, 0, None, None)
    with pytest.raises(ValueError, match="finer"):
        CatalogSnapshot([price])
