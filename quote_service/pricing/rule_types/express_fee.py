"""EXPRESS_FEE: what an express delivery costs, in place of the delivery fee.

Source: docs/spec/pricing-rules.md#express_fee.
"""

import msgspec
from msgspec import UNSET

from quote_service.platform.money.numbers import ExactNumber, scale_decimal
from quote_service.platform.money.quantities import Amount, Factor
from quote_service.pricing.calculation_inputs import ExpressInputs
from quote_service.pricing.rule_types.configuration import RuleConfiguration, ShortText
from quote_service.pricing.rule_types.rule_type import DeclaredRuleType
from quote_service.pricing.rule_types.scaled import PLACES, amount_literal, factor_literal, optional_scaled

_ZERO = ExactNumber(0)
_ONE = ExactNumber(1)


class ExpressFee(RuleConfiguration, frozen=True, kw_only=True):
    """(base_fee + distance_factor x km) x multiplier, at most max_fee; `provider` is who delivers it."""

    base_fee: Amount
    """What every express delivery costs before distance, in the rule's currency."""
    multiplier: Factor = _ONE
    """Factor that the sum of `base_fee` and the distance charge is multiplied by; the feature flag
    `express_delivery_multiplier` takes its place where it is on for the customer.
    """
    distance_factor: Factor = _ZERO
    """Charge for each kilometre from pickup to delivery, in the rule's currency, with up to 6 decimals."""
    max_fee: Amount | None = None
    """The highest fee, in the rule's currency; null for no upper limit."""
    provider: ShortText | None = None
    """The logistics provider that the fee is for; null for any provider."""


class ExpressEffect(msgspec.Struct, frozen=True, gc=False):
    """(base + distance factor x km) x multiplier; factors in millionths; texts as for a delivery fee."""

    base_minor: int
    multiplier_micro: int
    distance_factor_micro: int
    max_minor: int | None
    provider: str | None
    description: str
    inputs: ExpressInputs


def _compile(fee: ExpressFee, exponent: int) -> ExpressEffect:
    base = amount_literal(fee.base_fee, exponent)
    return ExpressEffect(
        base_minor=scale_decimal(fee.base_fee, exponent),
        multiplier_micro=scale_decimal(fee.multiplier, PLACES),
        distance_factor_micro=scale_decimal(fee.distance_factor, PLACES),
        max_minor=optional_scaled(fee.max_fee, exponent),
        provider=fee.provider,
        description=f"express (base {base} + {factor_literal(fee.distance_factor)} a km)",
        inputs=ExpressInputs(
            base_fee=scale_decimal(fee.base_fee, exponent),
            distance_factor=scale_decimal(fee.distance_factor, PLACES),
            max_fee=scale_decimal(fee.max_fee, exponent) if fee.max_fee is not None else UNSET,
        ),
    )


RULE_TYPE = DeclaredRuleType(
    name="EXPRESS_FEE", choice="first", configuration=ExpressFee, compile=_compile, is_for_express=True
)
