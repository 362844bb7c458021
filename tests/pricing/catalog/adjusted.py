"""Prices of the catalog drawn at random, with every kind of step, whatever rules there are."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from quote_service.pricing.catalog.price_adjustment import CatalogPrice, PriceAdjustment
from quote_service.pricing.quote import CheckedBasket

_BY_RULE = ("time_price", "inventory_price", "demand_price", "user_tier_price", "quantity_price")
_FINE_MICRO = 10**14
_AFTER = ("rounding", "min_price_applied", "max_price_applied")


def give_catalog_prices(checked: CheckedBasket, rules: Sequence[Any], seed: int) -> None:
    """Have the catalog know about half of a basket's lines, and price them by some of these compiled rules."""
    random = Random(seed)
    prices: list[CatalogPrice | None] = []
    for index, price_micro in enumerate(checked.unit_prices_micro):
        if random.random() < 0.5:
            prices.append(None)
            continue
        steps, left_micro = [], price_micro
        for kind in (*_BY_RULE, *_AFTER):
            if random.random() < 0.6:
                continue
            amount_micro = random.choice([-left_micro, -(left_micro // 3), 0, 1, 125_000, 10_000_000])
            if left_micro > _FINE_MICRO:  # as many digits as a binary float still holds
                amount_micro -= amount_micro % 10**6
            left_micro += amount_micro
            steps.append(_step(random, kind, amount_micro, left_micro, rules))
        prices.append(CatalogPrice(price_micro, left_micro, steps))
        checked.unit_prices_micro[index] = left_micro
    checked.catalog_prices = prices if any(prices) else None


def _step(random: Random, kind: Any, amount_micro: int, left_micro: int, rules: Sequence[Any]) -> PriceAdjustment:
    if kind in _AFTER or not rules:
        return PriceAdjustment(kind, amount_micro)
    how: dict[str, Any] = random.choice(
        [
            {"percent_micro": random.choice([-10_000_000, 12_500_000, 1, -1, 0, 100_000_000])},
            {"price_micro": left_micro},
            {},
        ]
    )
    return PriceAdjustment(kind, amount_micro, rule=random.choice(rules), **how)
