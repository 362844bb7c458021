"""One hint: what a customer would have to do, by which rule that pays, and what it would save.

The shape on the wire is `quote_answer.py`'s.

Source: docs/spec/hints.md.
"""

from typing import Any, Literal, NamedTuple

# By the type of the rule.
HintCode = Literal["free_delivery", "small_basket_fee", "promotion", "coupon", "quantity_price", "user_tier_price"]


class Change(NamedTuple):
    """What a customer would do: one of these.

    - Add goods of `amount_minor` before discounts; with `line`, goods of that line's category, seller and tags.
    - Add `quantity` units of `line`, or of a `product_id` of the catalog that is not in the basket.
    - Be of `customer_tier`.

    `line` is a place in the basket, from 0.
    """

    amount_minor: int | None = None
    quantity: int | None = None
    line: int | None = None
    product_id: str | None = None
    customer_tier: str | None = None


class Hint:
    """Amounts are minor units; `total_minor` is the total of the basket with the change, `number` the line's, from 1."""

    __slots__ = (
        "code",
        "coupon_code",
        "customer_tier",
        "missing_amount_minor",
        "missing_quantity",
        "number",
        "product_id",
        "rule",
        "saving_minor",
        "text",
        "total_minor",
        "variant_id",
    )

    def __init__(self, code: HintCode, rule: Any, text: str, saving_minor: int, total_minor: int) -> None:
        self.code: HintCode = code
        self.rule = rule
        self.text = text
        self.saving_minor = saving_minor
        self.total_minor = total_minor
        self.missing_amount_minor: int | None = None
        self.missing_quantity: int | None = None
        self.number: int | None = None
        self.product_id: str | None = None
        self.variant_id: str | None = None
        self.customer_tier: str | None = None
        self.coupon_code: str | None = None

    @property
    def state(self) -> tuple[Any, ...]:
        """Everything that it says, as plain values."""
        reported = [self.rule.id if name == "rule" else getattr(self, name) for name in self.__slots__]
        return tuple(reported)


class Hints(NamedTuple):
    """The hints of a basket, by saving; as far as time alone decides they stay true until `until_us`."""

    entries: list[Hint]
    until_us: int
