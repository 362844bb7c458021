"""What is counted of quotes: the columns of `analytics_quotes` after the key, whose comments say what they mean.

Source: docs/spec/analytics.md#quotes.
"""

from typing import Final

QUOTE_FIGURES: Final[tuple[str, ...]] = (
    "quotes",
    "priced",
    "local",
    "redis",
    "express",
    "lines",
    "units",
    "lines_request",
    "lines_catalog",
    "lines_flash_sale",
    "gross_minor",
    "seller_discount_minor",
    "platform_discount_minor",
    "delivery_fee_minor",
    "small_basket_fee_minor",
    "exclusive_tax_minor",
    "inclusive_tax_minor",
    "total_minor",
    "commission_minor",
    "latency_us",
    "latency_100us",
    "latency_1ms",
    "latency_10ms",
    "latency_100ms",
    "latency_1s",
)
