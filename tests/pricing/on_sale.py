"""Sales of the products of a random request, for tests that want some."""

from __future__ import annotations

from random import Random
from typing import Any

from quote_service.platform.money.currencies import EXPONENTS
from quote_service.pricing.sales.sale_price import SalePrice
from tests.pricing.books import instant_us
from tests.pricing.rulebooks import AT

SALE_ID = "0197f2e0-0000-7000-8000-00000000005a"
_HOUR_US = 3_600_000_000


def sales_of(request: dict[str, Any], seed: int) -> dict[str, SalePrice]:
    """Prices of about half of its products: lower and higher ones, some in another currency, over or yet to begin."""
    random, at_us = Random(seed), instant_us(AT)
    prices = {}
    for place, item in enumerate(request["items"]):
        if random.random() < 0.5:
            continue
        currency = random.choice([request["currency"]] * 4 + ["XAF"])
        minor = int(item["unit_price"] * 10 ** EXPONENTS[currency] * random.choice([0, 1, 1, 30, 99, 100, 120])) // 100
        starts_us, ends_us = random.choice([(0, 1), (0, 1), (0, 1), (-1, 0), (1, 2), (-2, -1)])
        prices[item["product_id"]] = SalePrice(
            item_id=place + 1,
            sale_id=SALE_ID,
            currency=currency,
            price_micro=minor * 10 ** (6 - EXPONENTS[currency]),
            starts_us=at_us + starts_us * _HOUR_US,
            ends_us=at_us + ends_us * _HOUR_US,
        )
    return prices
