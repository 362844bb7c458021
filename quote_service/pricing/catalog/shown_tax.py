"""The tax on one unit of a product, as a quote of it alone would charge it.

Source: docs/spec/catalog.md#prices-that-a-customer-sees; docs/spec/pricing-rules.md#tax.
"""

from typing import NamedTuple

from quote_service.pricing.catalog.product_price import ProductPrice
from quote_service.pricing.pricing_context import allows_subtotal
from quote_service.pricing.rule_types.tax import TaxEffect
from quote_service.pricing.rulebook.applicable_rules import ApplicableRules
from quote_service.pricing.rulebook.asking import Asking


class UnitTax(NamedTuple):
    """A rate in millionths of a percent; `is_included`: prices contain the tax, and nothing is added to them."""

    rate_micro: int
    is_included: bool


def tax_of_unit(product: ProductPrice, price_minor: int, applicable: ApplicableRules, asking: Asking) -> UnitTax | None:
    """The rate for a product; None where no rule taxes it.

    Args:
        product: What the catalog knows of it.
        price_minor: What a unit costs, which rules may ask for.
        applicable: The rules where it is delivered.
        asking: The customer.
    """
    for rule in applicable.by_type.get("TAX", ()):
        if (
            (rule.line_test is None or rule.line_test(product))
            and allows_subtotal(rule, price_minor)
            and (rule.shopper_test is None or rule.shopper_test(asking))
        ):
            effect = rule.effect
            assert isinstance(effect, TaxEffect)
            category = product.category_id
            own = None if category is None else effect.category_rates_micro.get(category)
            return UnitTax(effect.rate_micro if own is None else own, effect.is_inclusive)
    return None
