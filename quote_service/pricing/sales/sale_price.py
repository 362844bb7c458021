"""The price of a product on sale, as quotes see it, and what becomes of a basket's lines by it.

Source: docs/spec/flash-sales.md#sale-prices-in-quotes.
"""

import msgspec


class SalePrice(msgspec.Struct, frozen=True, gc=False):
    """What a product costs from `starts_us` until `ends_us`, in millionths of a major unit; there is stock of it."""

    item_id: int
    sale_id: str
    currency: str
    price_micro: int
    starts_us: int
    ends_us: int


class LineSale(msgspec.Struct, frozen=True, gc=False):
    """A line that is sold at a sale's price instead of its own, both in millionths of a major unit."""

    item_id: int
    sale_id: str
    own_price_micro: int
    price_micro: int


class BasketSales(msgspec.Struct, frozen=True, gc=False):
    """What is on sale of a basket: for each line its sale, None where its own price stands.

    `until_us` is when time alone makes it otherwise; `item_ids` are the items whose price is shown, each once.
    """

    lines: list[LineSale | None]
    until_us: int
    item_ids: tuple[int, ...]
