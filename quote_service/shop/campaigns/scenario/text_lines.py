"""The line that is printed for what a command has done.

Source: docs/spec/campaigns.md#commands.
"""

from collections.abc import Callable
from typing import Any

from quote_service.platform.money.amounts import decimal_text
from quote_service.shop.campaigns.scenario.outcomes import (
    EXPONENT,
    CampaignCreated,
    CampaignInfo,
    OrderCreated,
    Outcome,
    ProductCreated,
    ProductInfo,
    TimeIncreased,
)


def text_line(outcome: Outcome) -> str:
    """The line without its end. Prices have no needless zeros: 100, 100.5."""
    return _WRITERS[type(outcome)](outcome)


def clock_text(hour: int) -> str:
    """A scenario's time of day, after its day from the second one on: `23:00`, `1d 00:00`."""
    day, of_day = divmod(hour, 24)
    return f"{day}d {of_day:02d}:00" if day else f"{of_day:02d}:00"


def _price(price_minor: int) -> str:
    return decimal_text(price_minor, EXPONENT)


def _product_created(done: ProductCreated) -> str:
    return f"Product created; code {done.code}, price {_price(done.price_minor)}, stock {done.stock}"


def _product_info(done: ProductInfo) -> str:
    return f"Product {done.code} info; price {_price(done.price_minor)}, stock {done.stock}"


def _order_created(done: OrderCreated) -> str:
    return f"Order created; product {done.product}, quantity {done.quantity}"


def _campaign_created(done: CampaignCreated) -> str:
    return (
        f"Campaign created; name {done.name}, product {done.product}, duration {done.duration_hours}, "
        f"limit {decimal_text(done.limit_percent_micro, 6)}, target sales count {done.target_sales_count}"
    )


def _campaign_info(done: CampaignInfo) -> str:
    average = "-" if done.average_minor is None else _price(done.average_minor)
    return (
        f"Campaign {done.name} info; Status {done.status.capitalize()}, Target Sales {done.target_sales_count}, "
        f"Total Sales {done.units}, Turnover {_price(done.turnover_minor)}, Average Item Price {average}"
    )


def _time_increased(done: TimeIncreased) -> str:
    return f"Time is {clock_text(done.hour)}"


_WRITERS: dict[type[Outcome], Callable[[Any], str]] = {
    ProductCreated: _product_created,
    ProductInfo: _product_info,
    OrderCreated: _order_created,
    CampaignCreated: _campaign_created,
    CampaignInfo: _campaign_info,
    TimeIncreased: _time_increased,
}
