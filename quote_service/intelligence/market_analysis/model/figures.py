"""From rows of sums to what is shown: the one place that divides, and rounds once.

Source: docs/spec/market-analysis.md#the-same-answers.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from quote_service.intelligence.market_analysis.model.answers import (
    DemandCurrency,
    DemandDay,
    MarketShare,
    OwnPrice,
    ProductDistribution,
    ProductVolatility,
    RivalPrices,
    TrendCurrency,
    TrendDay,
    VolatileProduct,
)
from quote_service.platform.money.amounts import MICRO, round_half_away
from quote_service.platform.money.currencies import EXPONENTS
from quote_service.platform.money.numbers import ExactNumber, scale_decimal
from quote_service.platform.system.records import record_of
from quote_service.shop.catalog.model.prices import price_number

_PLACES: Final = 6
Row = Mapping[str, Any]


def trends_of(rows: Iterable[Row]) -> list[TrendCurrency]:
    """Days by currency, of rows in that order."""
    return [
        TrendCurrency(currency=currency, days=[_trend_day(row, currency) for row in days])
        for currency, days in groupby(rows, lambda row: str(row["currency"]))
    ]


def demand_of(rows: Iterable[Row]) -> list[DemandCurrency]:
    """What was sold by currency and day, of rows in that order."""
    found = []
    for currency, group in groupby(rows, lambda row: str(row["currency"])):
        days = list(group)
        found.append(
            DemandCurrency(
                currency=currency,
                units=sum(row["units"] for row in days),
                revenue=_amount(sum(row["revenue_minor"] for row in days), currency),
                days=[_demand_day(row, currency) for row in days],
            )
        )
    return found


def distribution_of(row: Row) -> ProductDistribution:
    """How one competitor or platform prices a product."""
    currency = row["currency"]
    return record_of(
        ProductDistribution,
        row,
        currency=currency,
        name=row["name"] or row["key"],
        low=price_number(row["low"], currency),
        lower_quartile=price_number(row["q1"], currency),
        median=price_number(row["median"], currency),
        upper_quartile=price_number(row["q3"], currency),
        high=price_number(row["high"], currency),
        mean=_mean(row["sum"], row["prices"]),
        newest=_price(row["newest"], currency),
        price_index=_ratio(row["compared"], row["ours"]),
    )


def share_of(row: Row) -> MarketShare:
    """How one competitor or platform prices the catalog."""
    compared = row["cheaper"] + row["equal"] + row["dearer"]
    return record_of(
        MarketShare,
        row,
        name=row["name"] or row["key"],
        cheaper_share=_ratio(Decimal(row["cheaper"]), Decimal(compared)),
        price_index=_ratio(row["compared"], row["ours"]),
    )


def volatility_of(row: Row) -> ProductVolatility:
    """How much one price of a product varied."""
    is_competitor = row["subject"] == "competitor"
    return ProductVolatility(
        subject=row["subject"],
        competitor_id=row["key"] if is_competitor else None,
        competitor=(row["name"] or row["key"]) if is_competitor else None,
        window_days=row["window_days"],
        **_varied(row),
    )


def volatile_product_of(row: Row) -> VolatileProduct:
    """A product in the list of those that vary most."""
    return VolatileProduct(product_id=row["product_id"], sku=row["sku"], name=row["name"], **_varied(row))


def _varied(row: Row) -> dict[str, Any]:
    currency = row["currency"]
    return {
        "currency": currency,
        "days": row["days"],
        "low": price_number(row["low"], currency),
        "high": price_number(row["high"], currency),
        "mean": _mean(row["sum"], row["days"]),
        "rises": row["rises"],
        "falls": row["falls"],
        "variation": row["variation"].normalize() if row["variation"] else Decimal(0),
    }


def _trend_day(row: Row, currency: str) -> TrendDay:
    price = rivals = None
    if row["price_low"] is not None:
        close = row["price_close"]
        price = OwnPrice(
            open=_price(row["price_open"], currency),
            close=_price(close, currency),
            low=price_number(row["price_low"], currency),
            high=price_number(row["price_high"], currency),
            moves=row["moves"],
            lowest_30_days=price_number(row["lowest_30d"], currency),
            change_7_days=_change(close, row["close_7d_ago"]),
            change_30_days=_change(close, row["close_30d_ago"]),
        )
    if row["rivals"]:
        rivals = RivalPrices(
            listings=row["rivals"],
            low=price_number(row["rival_low"], currency),
            lower_quartile=price_number(row["rival_q1"], currency),
            median=price_number(row["rival_median"], currency),
            upper_quartile=price_number(row["rival_q3"], currency),
            high=price_number(row["rival_high"], currency),
            mean=_mean(row["rival_sum"], row["rivals"]),
            cheaper=row["cheaper"],
            equal=row["equal"],
            dearer=row["dearer"],
        )
    return TrendDay(day=row["day"], price=price, competitors=rivals)


def _demand_day(row: Row, currency: str) -> DemandDay:
    revenue = _amount(row["revenue_minor"], currency)
    return record_of(
        DemandDay,
        row,
        revenue=revenue,
        price_paid=_mean(revenue, row["units"]) if row["units"] > 0 else None,
        units_7_days=row["units_7d"],
        units_28_days=row["units_28d"],
        price=_price(row["price_close"], currency),
    )


def _price(price: Decimal | None, currency: str) -> ExactNumber | None:
    return None if price is None else price_number(price, currency)


def _amount(amount_minor: int, currency: str) -> Decimal:
    return Decimal(amount_minor).scaleb(-EXPONENTS.get(currency, 2))


def _mean(total: Decimal, count: int) -> Decimal:
    return _of_millionths(round_half_away(scale_decimal(total, _PLACES), count))


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    below = scale_decimal(whole, _PLACES)
    return _of_millionths(round_half_away(scale_decimal(part, _PLACES) * MICRO, below)) if below > 0 else None


def _change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if now is None or before is None else _ratio(now - before, before)


def _of_millionths(millionths: int) -> Decimal:
    """With no digit more than it needs."""
    whole, part = divmod(millionths, MICRO)
    return Decimal(millionths).scaleb(-_PLACES).normalize() if part else Decimal(whole)
