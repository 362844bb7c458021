"""What a command of a scenario has done: one struct a command, in whole minor units.

Source: docs/spec/campaigns.md#commands.
"""

import msgspec

from quote_service.shop.campaigns.model.terms import CampaignStatus

EXPONENT = 2  # digits of a minor unit in a scenario, which knows no currency


class ProductCreated(msgspec.Struct, frozen=True, gc=False):
    code: str
    price_minor: int
    stock: int


class ProductInfo(msgspec.Struct, frozen=True, gc=False):
    code: str
    price_minor: int
    stock: int


class OrderCreated(msgspec.Struct, frozen=True, gc=False):
    product: str
    quantity: int
    price_minor: int


class CampaignCreated(msgspec.Struct, frozen=True, gc=False):
    name: str
    product: str
    duration_hours: int
    limit_percent_micro: int
    target_sales_count: int


class CampaignInfo(msgspec.Struct, frozen=True, gc=False):
    name: str
    status: CampaignStatus
    target_sales_count: int
    units: int
    turnover_minor: int
    average_minor: int | None


class TimeIncreased(msgspec.Struct, frozen=True, gc=False):
    hour: int


Outcome = ProductCreated | ProductInfo | OrderCreated | CampaignCreated | CampaignInfo | TimeIncreased
