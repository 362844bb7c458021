"""What the catalog says no with.

Source: docs/spec/quotes.md#catalog-prices.
"""

from quote_service.platform.system.errors import Invalid


class UnknownProduct(Invalid):
    code = "unknown-product"
    title = "Unknown product"
