"""What a command has done as one JSON object, with the names and the money of the API.

Source: docs/spec/campaigns.md#json.
"""

from typing import Any

import msgspec

from quote_service.platform.money.amounts import amount_text, decimal_text
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
from quote_service.shop.campaigns.scenario.text_lines import clock_text

_ENCODER = msgspec.json.Encoder()


def json_line(number: int, outcome: Outcome) -> bytes:
    """The object without an end of line; amounts have the digits of the currency: 100.00."""
    return _ENCODER.encode({"line": number, **_members(outcome)})


def _members(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case ProductInfo(code, price_minor, stock):
            return {"command": "get_product_info", "code": code, "price": _amount(price_minor), "stock": stock}
        case OrderCreated(product, quantity, price_minor):
            price = _amount(price_minor)
            return {"command": "create_order", "product": product, "quantity": quantity, "unit_price": price}
        case TimeIncreased(hour):
            return {"command": "increase_time", "time": clock_text(hour), "hours": hour}
        case ProductCreated(code, price_minor, stock):
            return {"command": "create_product", "code": code, "price": _amount(price_minor), "stock": stock}
        case CampaignCreated(name, product, duration, limit, target):
            return {
                "command": "create_campaign",
                "name": name,
                "product": product,
                "duration": duration,
                "price_manipulation_limit": msgspec.Raw(decimal_text(limit, 6).encode()),
                "target_sales_count": target,
            }
        case CampaignInfo(name, status, target, units, turnover_minor, average_minor):
            return {
                "command": "get_campaign_info",
                "name": name,
                "status": status,
                "target_sales": target,
                "total_sales": units,
                "turnover": _amount(turnover_minor),
                "average_item_price": None if average_minor is None else _amount(average_minor),
            }


def _amount(amount_minor: int) -> msgspec.Raw:
    return msgspec.Raw(amount_text(amount_minor, EXPONENT).encode())
