"""What price rules are configured with, whatever their type.

Source: docs/spec/pricing-rules.md#price-rules.
"""

from quote_service.platform.money.quantities import Amount, AmountChange, PercentChange
from quote_service.pricing.rule_types.configuration import RuleConfiguration

# A price is worked out for a product and a customer, before there is a basket or a delivery.
PRICE_CONDITIONS = frozenset(
    {
        "category_ids",
        "includes_children",
        "product_ids",
        "seller_ids",
        "tags_any",
        "customer_tiers",
        "customer_segments",
        "weekdays",
        "time_of_day",
        "timezone",
        "flag",
    }
)


class Adjustment(RuleConfiguration, frozen=True, kw_only=True):
    """A change of a unit's price: exactly one of `percent`, `amount` and `price`."""

    percent: PercentChange | None = None
    """By how many percent the price changes, from -100 to 10 000; below 0 for a lower price."""
    amount: AmountChange | None = None
    """What is added to the price, in the rule's currency; below 0 for a lower price."""
    price: Amount | None = None
    """The price itself, in the rule's currency."""


class PriceFields(RuleConfiguration, frozen=True, kw_only=True):
    """What every price rule may say besides."""

    ending: Amount | None = None
    """The last digits of the price, in the rule's currency: with `0.90` the price is the nearest that ends in `.90`, with
    `9.90` the nearest that ends in `9.90`. Where several rules act, the last one that has an ending counts.
    """
    exclusive: bool = False
    """Whether the rules of the same type that come after this one do not count for what this one acts on."""
