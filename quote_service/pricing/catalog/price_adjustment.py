"""What moved the price of a unit from its list price, a step at a time; the steps add up to the difference.

Source: docs/spec/quotes.md#catalog-prices.
"""

from typing import Any, Literal

AdjustmentKind = Literal[
    "time_price",
    "inventory_price",
    "demand_price",
    "user_tier_price",
    "quantity_price",
    "rounding",
    "min_price_applied",
    "max_price_applied",
    "flash_sale",
]


class PriceAdjustment:
    """`amount_micro` is added to the price of a unit, in millionths of a major unit; negative for a lower price.

    `rule` is the compiled rule behind it, None where there is none; `sale_id` the flash sale, of that kind only.
    `percent_micro` (millionths of a percent) is set where the step is by a percentage, `price_micro` where it sets a price.
    """

    __slots__ = ("amount_micro", "kind", "percent_micro", "price_micro", "rule", "sale_id")

    def __init__(
        self,
        kind: AdjustmentKind,
        amount_micro: int,
        rule: Any = None,
        sale_id: str | None = None,
        percent_micro: int | None = None,
        price_micro: int | None = None,
    ) -> None:
        self.kind: AdjustmentKind = kind
        self.amount_micro = amount_micro
        self.rule = rule
        self.sale_id = sale_id
        self.percent_micro = percent_micro
        self.price_micro = price_micro

    @property
    def rule_id(self) -> str | None:
        """The version of the rule behind the step."""
        return None if self.rule is None else self.rule.id


class CatalogPrice:
    """What a unit of a line costs by the catalog: `list_price_micro` before the price rules, `unit_price_micro` after them.

    `list_price_micro` and the amounts of `adjustments` add up to `unit_price_micro`. `min_micro` is the product's lowest price,
    0 for none, and `cost_micro` what it costs itself, None where that is not known.
    """

    __slots__ = ("adjustments", "cost_micro", "list_price_micro", "min_micro", "unit_price_micro")

    def __init__(
        self,
        list_price_micro: int,
        unit_price_micro: int,
        adjustments: list[PriceAdjustment],
        min_micro: int = 0,
        cost_micro: int | None = None,
    ) -> None:
        self.list_price_micro = list_price_micro
        self.unit_price_micro = unit_price_micro
        self.adjustments = adjustments
        self.min_micro = min_micro
        self.cost_micro = cost_micro
