"""Products with what everybody was asked for them before, for those who read them.

Source: docs/spec/price-reductions.md.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from msgspec import UnsetType
from msgspec.structs import replace

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import scale_decimal
from quote_service.platform.postgres.pool import Connection
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.shop.catalog.model.prices import PriceRecord
from quote_service.shop.catalog.model.products import ProductRecord
from quote_service.shop.catalog.operations.prior_prices import PriorPrices

_PLACES = 6


async def with_prior_prices(
    prior: PriorPrices, connection: Connection, records: Sequence[ProductRecord], at_us: int
) -> list[ProductRecord]:
    """Products with `lowest_price_30_days` and `reduction` of each of their prices, as they are everywhere."""
    places = [place for record in records for place in _prices_of(record)]
    found = await prior.find(connection, [_known(*place) for place in places], None, at_us)
    shown = (
        replace(price, lowest_price_30_days=asked.lowest, reduction=asked.reduction)
        for (_, _, price), asked in zip(places, found, strict=True)
    )
    return [
        replace(
            record,
            prices=[next(shown) if price.currency in EXPONENTS else price for price in record.prices],
            variants=[
                replace(each, prices=[next(shown) if price.currency in EXPONENTS else price for price in each.prices])
                for each in record.variants
            ],
        )
        for record in records
    ]


def _prices_of(record: ProductRecord) -> Iterator[tuple[ProductRecord, str | None, PriceRecord]]:
    variants = [(str(variant.id), variant.prices) for variant in record.variants]
    for variant_id, prices in [(None, record.prices), *variants]:
        for price in prices:
            if price.currency in EXPONENTS:
                yield record, variant_id, price


def _known(record: ProductRecord, variant_id: str | None, price: PriceRecord) -> ProductPrice:
    """As the rulebook knows it, which may not have heard of it yet."""
    return ProductPrice(
        str(record.id),
        variant_id,
        price.currency,
        None if record.category_id is None else str(record.category_id),
        None if record.seller_id is None else str(record.seller_id),
        tuple(record.tags),
        None,
        record.is_active,
        scale_decimal(price.current_price, _PLACES),
        _micro(price.min_price) or 0,
        _micro(price.max_price),
        None,
    )


def _micro(bound: Decimal | UnsetType | None) -> int | None:
    return scale_decimal(bound, _PLACES) if isinstance(bound, Decimal) else None
