"""Which items of flash sales every process follows, for the queries that read them and those that ask whether there are any.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

from quote_service.platform.postgres.queries import load_queries

#: `:followed_items` is what stands behind FROM.
FOLLOWED_SALE_ITEMS = load_queries(__file__, "followed_sale_items")
