"""The figures of an order out of its rows, for whoever reads these: some columns are texts of JSON.

Source: docs/spec/orders.md#frozen-figures.
"""

from collections.abc import Iterable
from typing import Any, Final, Protocol

import msgspec

from quote_service.selling.orders.model.order import LineCommission, LineDiscount, OrderFigures, OrderLine, OrderSeller

#: Columns of `order_lines` that a line takes as they are, in the order in which they are written.
LINE_COLUMNS: Final = (
    "line_id",
    "product_id",
    "variant_id",
    "seller_id",
    "quantity",
    "unit_price_micro",
    "total_minor",
    "discount_minor",
    "seller_discount_minor",
    "tax_minor",
    "is_tax_included",
)
_FIGURES: Final = tuple(name for name in OrderFigures.__struct_fields__ if name not in ("sellers", "lines"))


class Row(Protocol):
    """A row whose columns have names."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of a column."""


read_discounts = msgspec.json.Decoder(tuple[LineDiscount, ...]).decode
read_commissions = msgspec.json.Decoder(tuple[LineCommission, ...]).decode
_read_sellers = msgspec.json.Decoder(tuple[OrderSeller, ...]).decode


def figures_of(row: Row, lines: tuple[OrderLine, ...]) -> OrderFigures:
    """Those of a row of `orders` with these lines."""
    return OrderFigures(**values_of(row, _FIGURES), sellers=_read_sellers(row["sellers"]), lines=lines)


def line_of(row: Row) -> OrderLine:
    """That of a row of `order_lines`."""
    return OrderLine(
        **values_of(row, LINE_COLUMNS),
        discounts=read_discounts(row["discounts"]),
        commissions=read_commissions(row["commissions"]),
    )


def values_of(row: Row, names: Iterable[str]) -> dict[str, Any]:
    """Columns of a row by their names."""
    return {name: row[name] for name in names}
