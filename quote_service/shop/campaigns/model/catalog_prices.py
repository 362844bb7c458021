"""Prices of the catalog in the whole numbers that a campaign works with, and back.

Everything is in millionths of a major unit, so that no price or bound is too fine. Prices go by the digits of the
currency, or of the starting price where that is finer.

Source: docs/spec/campaigns.md#prices-of-the-catalog.
"""

from decimal import Decimal

from quote_service.platform.money.amounts import (
    AMOUNT_MAJOR_MAX,
    MICRO,
    amount_text,
    decimal_text,
    round_half_away,
    unit_price_text,
)
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, scale_decimal, written_number
from quote_service.shop.campaigns.model.campaign_price import CampaignPrice
from quote_service.shop.campaigns.model.campaigns import PricePoint
from quote_service.shop.campaigns.model.sales import CampaignSales
from quote_service.shop.campaigns.model.terms import PriceBounds

PRICE_PLACES = 6
_PRICE_MAX = (AMOUNT_MAJOR_MAX - 1) * MICRO


def bounds_of(starting: Decimal, lowest: Decimal, highest: Decimal | None, currency: str) -> PriceBounds:
    """A starting price and the bounds of the moment. A price never becomes too large to be one (10^13)."""
    starting_micro = scale_decimal(starting, PRICE_PLACES)
    step = 10 ** (PRICE_PLACES - EXPONENTS.get(currency, 2))
    while starting_micro % step:
        step //= 10
    lowest_micro = scale_decimal(lowest, PRICE_PLACES)
    highest_micro = _PRICE_MAX if highest is None else min(_PRICE_MAX, scale_decimal(highest, PRICE_PLACES))
    return PriceBounds(starting_micro, lowest_micro, max(lowest_micro, highest_micro), step)


def price_of(price_micro: int, currency: str) -> ExactNumber:
    """A price with the currency's digits, and more only where it is finer."""
    return written_number(unit_price_text(price_micro, EXPONENTS.get(currency, 2)))


def amount_of(amount_micro: int, currency: str) -> ExactNumber:
    """An amount >= 0 rounded to the currency, half away from zero."""
    exponent = EXPONENTS.get(currency, 2)
    return written_number(amount_text(round_half_away(amount_micro, 10 ** (PRICE_PLACES - exponent)), exponent))


def average_of(sales: CampaignSales, currency: str) -> ExactNumber | None:
    """What a unit was sold for on average, rounded to the currency; None where nothing was sold. In millionths."""
    if not sales.units:
        return None
    exponent = EXPONENTS.get(currency, 2)
    average = round_half_away(sales.turnover_minor, sales.units * 10 ** (PRICE_PLACES - exponent))
    return written_number(amount_text(average, exponent))


def price_point(price: CampaignPrice, starting_micro: int, currency: str) -> PricePoint:
    """What is shown of the price at an hour."""
    coefficient = price.demand_coefficient
    return PricePoint(
        hour=price.elapsed_hours,
        total_sales=price.sold,
        demand_coefficient=None
        if coefficient is None
        else written_number(decimal_text(round_half_away(coefficient.numerator * MICRO, coefficient.denominator), 6)),
        starting_price=price_of(starting_micro, currency),
        price=price_of(price.price_minor, currency),
        held_by=price.held_by,
    )
