"""What was in force for some baskets at two instants each.

Source: docs/spec/analytics.md#honoured-prices.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from quote_service.pricing.basket import Basket
from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.sales.sale_price import SalePrice


class PastQuestion(NamedTuple):
    """A quote that was priced by a version at one instant, and is to be held against another instant."""

    quote_id: str
    basket: Basket
    version: int
    issued_at_us: int
    later_us: int


class PastFigures(NamedTuple):
    """Stock by item, and demand by product and number of hours."""

    stock: dict[str, int]
    demand: dict[tuple[str, int], int]


class Places(NamedTuple):
    """The categories above each category, and where sellers are."""

    parents: dict[str, str | None]
    seller_regions: dict[str, str]


class PastScene(msgspec.Struct, frozen=True, kw_only=True):
    """Of one quote: the version that counted later, catalog prices by variant or product and sales by product as they were
    then, and stock and demand at both instants. All are empty where no line has its price from the catalog, but for sales.
    """

    asked: PastQuestion
    version_later: int
    prices: Mapping[str, ProductPrice]
    sales: Mapping[str, SalePrice]
    figures_before: PastFigures
    figures_later: PastFigures
