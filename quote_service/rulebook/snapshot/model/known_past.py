"""What was known at an instant of the past, as far as one basket can see it.

Source: docs/spec/quotes.md#as-it-was-known.
"""

from collections.abc import Mapping

import msgspec

from quote_service.pricing.catalog.catalog_snapshot import CatalogSnapshot
from quote_service.pricing.rulebook.stored import RulebookChanges
from quote_service.pricing.sales.sale_price import SalePrice


class KnownPast(msgspec.Struct, frozen=True):
    """All rows of a rulebook version, the products of the basket with their prices, stock and demand, and what was on sale."""

    rows: RulebookChanges
    catalog: CatalogSnapshot
    sales: Mapping[str, SalePrice]
